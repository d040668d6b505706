"""Addresses of the public pages."""

from chuangwen.web.public import (
    campaigns,
    draws,
    news,
    open_data,
    pages,
    photos,
    reports,
    residents,
    standards,
    subscriptions,
    surveys,
    trace,
)

app_name = "public"
urlpatterns = [
    *pages.urls,
    *reports.urls,
    *residents.urls,
    *subscriptions.urls,
    *standards.urls,
    *photos.urls,
    *draws.urls,
    *campaigns.urls,
    *trace.urls,
    *surveys.urls,
    *open_data.urls,
    *news.urls,
]
