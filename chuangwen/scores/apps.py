"""Django's name tag for the room."""

from django.apps import AppConfig


class ScoresConfig(AppConfig):
    name = "chuangwen.scores"
    label = "scores"
    verbose_name = "计分"
