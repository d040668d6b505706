"""Django's name tag for the room."""

from django.apps import AppConfig


class WhistlesConfig(AppConfig):
    name = "chuangwen.whistles"
    label = "whistles"
    verbose_name = "吹哨报到"
