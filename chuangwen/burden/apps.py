"""Django's name tag for the room."""

from django.apps import AppConfig


class BurdenConfig(AppConfig):
    name = "chuangwen.burden"
    label = "burden"
    verbose_name = "工作量"
