"""Every address."""

from django.urls import include, path

from chuangwen.api.main import api

urlpatterns = [
    path("api/", api.urls),
    path("openrosa/", include("chuangwen.api.openrosa.urls")),
    path("", include("chuangwen.web.urls")),
]
