"""Django's name tag for the room."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "chuangwen.planning"
    label = "planning"
    verbose_name = "路线安排"
