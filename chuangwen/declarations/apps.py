"""Django's name tag for the room."""

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "chuangwen.declarations"
    label = "declarations"
    verbose_name = "网上申报"
