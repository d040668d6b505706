"""Django's name tag for the room."""

from django.apps import AppConfig


class DirectivesConfig(AppConfig):
    name = "chuangwen.directives"
    label = "directives"
    verbose_name = "上级督办件"
