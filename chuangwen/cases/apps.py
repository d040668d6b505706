"""Django's name tag for the room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "chuangwen.cases"
    label = "cases"
    verbose_name = "案件"
