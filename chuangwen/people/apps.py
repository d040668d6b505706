"""Django's name tag for the room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "chuangwen.people"
    label = "people"
    verbose_name = "单位与人员"
