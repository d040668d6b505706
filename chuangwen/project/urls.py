"""Every address."""

from django.urls import include, path

from chuangwen.api.main import api

urlpatterns = [
    path("api/", api.urls),
    path("openrosa/", include("chuangwen.api.openrosa.urls")),
    path("open311/v2/", include("chuangwen.api.open311.urls")),
    path("ogc/", include("chuangwen.api.ogc.urls")),
    path("", include("chuangwen.web.urls")),
]
