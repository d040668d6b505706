"""开放数据: what programs can read here, the data package, the feeds."""

from datetime import datetime

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.bulletins.queries import released_papers
from chuangwen.http import now_of, public
from chuangwen.opendata.packages import open_package
from chuangwen.opendata.queries import Wanted, newest_package, package_for, requests_page
from chuangwen.publicity.queries import public_briefs
from chuangwen.rules.data_package import TABLES
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.residents import said_of
from chuangwen.web.public.pages import briefly_kept

IN_A_FEED = 50
ATOM = "application/atom+xml; charset=utf-8"


@public
@require_safe
@briefly_kept
def open_data(request: HttpRequest) -> HttpResponse:
    """Every door for programs, and the package with its size and day."""
    found = newest_package()
    tables = [(title, found.rows.get(name, 0)) for name, (title, _columns) in TABLES.items()] if found else []
    addresses = {
        name: request.build_absolute_uri(reverse(route))
        for name, route in (("ogc", "ogc:landing"), ("open311", "open311:base"))
    }
    feeds = [(_("新闻和通报"), reverse("web:public:feed-news")), (_("案件办理"), reverse("web:public:feed-cases"))]
    collections = [
        (title, reverse("ogc:items", args=[name])) for name, title in (("cases", _("案件")), ("sites", _("点位")))
    ]
    context = {
        "package": found, "tables": tables, "addresses": addresses, "feeds": feeds, "collections": collections,
        "now": now_of(request),
    }  # fmt: skip
    return render(request, "public/open_data.html", context)


@public
@require_safe
def package(_request: HttpRequest, package_id: int) -> HttpResponseBase:
    """The zip itself."""
    found = package_for(package_id)
    try:
        file = open_package(found)
    except FileNotFoundError as error:
        raise NotFound(_("数据包文件不在了，请明天再来。")) from error
    name = found.path.rpartition("/")[2]
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _feed(request: HttpRequest, title: str, subtitle: str) -> Atom1Feed:
    here = request.build_absolute_uri(request.path)
    return Atom1Feed(
        title=title, link=request.build_absolute_uri("/"), description=subtitle, language="zh-Hans", feed_url=here,
        subtitle=subtitle, feed_guid=here,
    )  # fmt: skip


def _sent(feed: Atom1Feed) -> HttpResponse:
    response = HttpResponse(feed.writeString("utf-8"), content_type=ATOM)
    response["Cache-Control"] = "public, max-age=300"
    return response


@public
@require_safe
def news_feed(request: HttpRequest) -> HttpResponse:
    """Published news and released papers, newest first."""
    rows: list[tuple[datetime, str, str, str]] = [
        (row.published_at, row.title, reverse("web:public:news-item", args=[row.pk]), row.body)
        for row in public_briefs()[:IN_A_FEED]
        if row.published_at
    ]
    rows += [
        (row.released_at, row.title, reverse("web:public:paper", args=[row.pk]), row.number)
        for row in released_papers()[:IN_A_FEED]
        if row.released_at
    ]
    feed = _feed(request, _("文明创建：新闻和通报"), _("发布的新闻简讯和通报"))
    for moment, title, address, words in sorted(rows, reverse=True)[:IN_A_FEED]:
        _add(feed, request, title=title, address=address, words=words, moment=moment)
    return _sent(feed)


def _add(feed: Atom1Feed, request: HttpRequest, *, title: str, address: str, words: str, moment: datetime) -> None:
    whole = request.build_absolute_uri(address)
    feed.add_item(
        title=title,
        link=whole,
        unique_id=whole,
        description=words,
        pubdate=moment,
        updateddate=moment,
        author_name=_("文明办"),
    )


@public
@require_safe
def cases_feed(request: HttpRequest) -> HttpResponse:
    """The newest public cases, of one street when the address names its code (`?street=`)."""
    street = request.GET.get("street", "")[:32]
    feed = _feed(request, _("文明创建：案件办理"), _("已受理的案件，按上报时间从新到旧"))
    for row in requests_page(Wanted(street=street), size=IN_A_FEED)[:IN_A_FEED]:
        title = f"{row.site.name if row.site else row.street}：{row.words}"
        address = reverse("ogc:item", args=["cases", row.number])
        _add(feed, request, title=title, address=address, words=said_of(row.status), moment=row.updated_at)
    return _sent(feed)


urls = [
    path("open-data/", open_data, name="open-data"),
    path("open-data/<int:package_id>/chuangwen-open-data.zip", package, name="open-data-package"),
    path("feeds/news.atom", news_feed, name="feed-news"),
    path("feeds/cases.atom", cases_feed, name="feed-cases"),
]
