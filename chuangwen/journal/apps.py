"""Django's name tag for the room."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "chuangwen.journal"
    label = "journal"
    verbose_name = "留痕"
