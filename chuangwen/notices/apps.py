"""Django's name tag for the room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "chuangwen.notices"
    label = "notices"
    verbose_name = "通知"
