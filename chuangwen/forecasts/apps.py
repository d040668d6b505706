"""Django's name tag for the room."""

from django.apps import AppConfig


class ForecastsConfig(AppConfig):
    name = "chuangwen.forecasts"
    label = "forecasts"
    verbose_name = "测评预测"
