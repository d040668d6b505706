"""订阅: news of an area, a kind of place or one's own report as Atom, by e-mail or to this browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import client_address, now_of, public
from chuangwen.intake.places import grounds
from chuangwen.intake.subscriptions import (
    confirm,
    news,
    subscribe,
    subscription_by,
    topic_of,
    topic_words,
    unsubscribe,
)
from chuangwen.notices.channels import live
from chuangwen.rules.notices import Channel
from chuangwen.rules.refusals import Refused
from chuangwen.standards.queries import point_types
from chuangwen.web.public.residents import proof_of, puzzle_context

KEPT = 300  # seconds


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    asked = request.POST or request.GET
    ways = live()
    context = {
        "asked": asked, "grounds": grounds(), "types": point_types(), "receipt": asked.get("receipt", "")[:20],
        "by_mail": Channel.EMAIL in ways, "push_key": settings.VAPID_PUBLIC_KEY if Channel.PUSH in ways else "",
        "puzzle": puzzle_context(request),
    }  # fmt: skip
    return render(request, "public/subscribe.html", context | more, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Choose what about and which way."""
    if request.method != "POST":
        return _page(request)
    post = request.POST
    try:
        topic = topic_of(
            area=post.get("area", ""), point_type=post.get("type", "")[:10], receipt=post.get("receipt", "")
        )
        if post.get("way") == "atom":
            query = "&".join(f"{name}={post[name]}" for name in ("area", "type") if post.get(name))
            return redirect(f"{reverse('web:public:atom')}?{query}")
        row = subscribe(
            topic=topic, email=post.get("email", "")[:254], endpoint=post.get("endpoint", "")[:601],
            p256dh=post.get("p256dh", "")[:120], auth=post.get("auth", "")[:40], sender=client_address(request),
            proof=proof_of(request), now=now_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, status=422, objections=refusal.objections)
    if row.endpoint:
        return redirect("web:public:subscription", row.token)
    return render(request, "public/subscribed.html", {"sent": True, "topic": topic.words})


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a letter: confirm, or see what one has. Looking confirms nothing, so no mail scanner does."""
    row = confirm(token=token, now=now_of(request)) if request.method == "POST" else subscription_by(token)
    return render(request, "public/subscribed.html", {"row": row, "topic": topic_words(row)})


@public
@never_cache
@csrf_exempt  # RFC 8058: the mail program posts here, knowing only this address, which is the secret
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """One click ends it; opened in a browser it asks by a button, so that no mail scanner ends it."""
    if request.method == "POST":
        unsubscribe(token=token)
        return render(request, "public/subscribed.html", {"stopped": True})
    row = subscription_by(token)
    return render(request, "public/subscribed.html", {"row": row, "topic": topic_words(row), "stopping": True})


@public
@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """RFC 4287: what was taken up and settled, of the whole district or an area or a kind of place."""
    topic = topic_of(area=request.GET.get("area", ""), point_type=request.GET.get("type", "")[:10])
    base = settings.SITE_URL.rstrip("/")
    here = base + request.get_full_path()
    feed = Atom1Feed(
        title=_("创文办理消息：%(topic)s") % {"topic": topic.words}, link=base + reverse("web:public:home"),
        description="", language="zh-hans", feed_url=here, feed_guid=here,
    )  # fmt: skip
    for item in news(topic):
        feed.add_item(
            title=f"{item.where}：{item.what}", link=base + reverse("web:public:home"), description=item.line,
            unique_id=f"{base}/news/{item.case_id}", pubdate=item.opened_at, updateddate=item.at, author_name=item.unit or _("文明办"),
        )  # fmt: skip
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    patch_cache_control(response, public=True, max_age=KEPT)
    return response


urls = [
    path("subscribe/", ask, name="subscribe"),
    path("subscribe/<str:token>/", subscription, name="subscription"),
    path("subscribe/<str:token>/stop/", stop, name="subscription-stop"),
    path("news.atom", atom, name="atom"),
]
