"""Django's name tag for the room."""

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "chuangwen.standards"
    label = "standards"
    verbose_name = "标准"
