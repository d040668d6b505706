"""Django's name tag for the room."""

from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "chuangwen.opendata"
    label = "opendata"
    verbose_name = "开放数据"
