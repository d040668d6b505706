"""Addresses of the phone pages."""

from chuangwen.web.field import (
    asking,
    cases,
    checks,
    codes,
    mocks,
    notices,
    pack,
    patrols,
    phone,
    questions,
    rechecks,
    shell,
    standards,
    summonses,
    supervision,
    surveys,
)

app_name = "field"
urlpatterns = [
    *patrols.urls, *questions.urls, *checks.urls, *cases.urls, *codes.urls, *supervision.urls, *phone.urls, *pack.urls, *rechecks.urls, *shell.urls,
    *mocks.urls,
    *notices.urls,
    *asking.urls, *standards.urls,
    *summonses.urls, *surveys.urls,
]  # fmt: skip
