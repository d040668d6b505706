"""Django's name tag for the room."""

from django.apps import AppConfig


class PublicityConfig(AppConfig):
    name = "chuangwen.publicity"
    label = "publicity"
    verbose_name = "宣传"
