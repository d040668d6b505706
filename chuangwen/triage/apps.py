"""Django's name tag for the room."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "chuangwen.triage"
    label = "triage"
    verbose_name = "研判"
