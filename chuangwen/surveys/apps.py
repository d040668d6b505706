"""Django's name tag for the room."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "chuangwen.surveys"
    label = "surveys"
    verbose_name = "问卷调查"
