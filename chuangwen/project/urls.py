"""Every address."""

from django.urls import include, path

urlpatterns = [
    path("", include("chuangwen.web.urls")),
]
