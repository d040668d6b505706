"""Django's name tag for the room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "chuangwen.evidence"
    label = "evidence"
    verbose_name = "佐证"
