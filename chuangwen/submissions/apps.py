"""Django's name tag for the room."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "chuangwen.submissions"
    label = "submissions"
    verbose_name = "表单记录"
