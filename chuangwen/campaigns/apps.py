"""Django's name tag for the room."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "chuangwen.campaigns"
    label = "campaigns"
    verbose_name = "排查与专项"
