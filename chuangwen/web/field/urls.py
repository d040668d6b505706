"""Addresses of the phone pages."""

from chuangwen.web.field import cases, checks, codes, pack, patrols, phone, questions, rechecks, shell, supervision

app_name = "field"
urlpatterns = [
    *patrols.urls, *questions.urls, *checks.urls, *cases.urls, *codes.urls, *supervision.urls, *phone.urls, *pack.urls, *rechecks.urls, *shell.urls,
]  # fmt: skip
