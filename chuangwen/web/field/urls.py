"""Addresses of the phone pages."""

from chuangwen.web.field import checks, codes, patrols

app_name = "field"
urlpatterns = [*patrols.urls, *checks.urls, *codes.urls]
