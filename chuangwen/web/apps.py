"""Django's name tag for the room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "chuangwen.web"
    label = "web"
    verbose_name = "页面"
