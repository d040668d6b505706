"""Django's name tag for the room."""

from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "chuangwen.accountability"
    label = "accountability"
    verbose_name = "问责"
