"""Django's name tag for the room."""

from django.apps import AppConfig


class PatrolsConfig(AppConfig):
    name = "chuangwen.patrols"
    label = "patrols"
    verbose_name = "巡查"
