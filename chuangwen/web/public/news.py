"""新闻简讯 as residents read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from chuangwen.http import now_of, public
from chuangwen.publicity.queries import pictures_of, public_brief, public_briefs
from chuangwen.web.desk.lists import list_page
from chuangwen.web.public.pages import briefly_kept


@public
@require_safe
@briefly_kept
def news(request: HttpRequest) -> HttpResponse:
    """What was published, newest first."""
    context = {"page": list_page(request, public_briefs(), size=20), "now": now_of(request)}
    return render(request, "public/news.html", context)


@public
@require_safe
@briefly_kept
def item(request: HttpRequest, brief_id: int) -> HttpResponse:
    """One piece with its pictures."""
    found = public_brief(brief_id)
    context = {"brief": found, "pictures": [row for row in pictures_of(found) if row.copy], "now": now_of(request)}
    return render(request, "public/news_item.html", context)


urls = [
    path("news/", news, name="news"),
    path("news/<int:brief_id>/", item, name="news-item"),
]
