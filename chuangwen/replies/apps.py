"""Django's name tag for the room."""

from django.apps import AppConfig


class RepliesConfig(AppConfig):
    name = "chuangwen.replies"
    label = "replies"
    verbose_name = "答复与评价"
