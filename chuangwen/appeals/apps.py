"""Django's name tag for the room."""

from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "chuangwen.appeals"
    label = "appeals"
    verbose_name = "申诉"
