"""Django's name tag for the room."""

from django.apps import AppConfig


class RechecksConfig(AppConfig):
    name = "chuangwen.rechecks"
    label = "rechecks"
    verbose_name = "抽查复核"
