"""Addresses of all pages, by audience."""

from django.urls import include, path

from chuangwen.web import account

app_name = "web"
urlpatterns = [
    path("", include("chuangwen.web.public.urls", namespace="public")),
    path("desk/", include("chuangwen.web.desk.urls", namespace="desk")),
    path("field/", include("chuangwen.web.field.urls", namespace="field")),
    path("login/", account.log_in, name="login"),
    path("logout/", account.log_out, name="logout"),
    path("password/", account.change_password, name="password-change"),
    path("language/", account.set_language, name="language"),
]
