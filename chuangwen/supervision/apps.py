"""Django's name tag for the room."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "chuangwen.supervision"
    label = "supervision"
    verbose_name = "督查"
