"""Django's name tag for the room."""

from django.apps import AppConfig


class MocksConfig(AppConfig):
    name = "chuangwen.mocks"
    label = "mocks"
    verbose_name = "模拟测评"
