"""Addresses of the public pages."""

from chuangwen.web.public import pages

app_name = "public"
urlpatterns = [*pages.urls]
