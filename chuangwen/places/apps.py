"""Django's name tag for the room."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "chuangwen.places"
    label = "places"
    verbose_name = "区域与点位"
