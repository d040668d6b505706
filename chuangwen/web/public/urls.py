"""Addresses of the public pages."""

from chuangwen.web.public import campaigns, draws, pages, photos, reports, trace

app_name = "public"
urlpatterns = [*pages.urls, *reports.urls, *photos.urls, *draws.urls, *campaigns.urls, *trace.urls]
