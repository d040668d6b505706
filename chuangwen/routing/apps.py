"""Django's name tag for the room."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "chuangwen.routing"
    label = "routing"
    verbose_name = "派单"
