"""Django's name tag for the room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "chuangwen.intake"
    label = "intake"
    verbose_name = "群众反映"
