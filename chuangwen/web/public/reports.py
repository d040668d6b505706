"""在这里报告问题: a form without a log-in, and where a report stands by its receipt number."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import client_address, now_of, public
from chuangwen.intake.operations import ask_again, report_at
from chuangwen.intake.queries import receipt_of
from chuangwen.places.queries import site_by_token
from chuangwen.replies.operations import judge
from chuangwen.replies.queries import replies_of, verdict_of
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.rules.residents import LONGEST_TEXT
from chuangwen.standards.queries import checklist, current_edition
from chuangwen.web.public.residents import proof_of, puzzle_context
from chuangwen.web.uploads import arriving_photos, fresh_key

LONGEST_KEY = 40


def _page(request: HttpRequest, site: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    edition = current_edition()
    context = {
        "site": site, "criteria": checklist(edition.pk, site.point_type) if edition else [], "posted": request.POST,
        "client_key": request.POST.get("client_key", "")[:LONGEST_KEY] or fresh_key(), "puzzle": puzzle_context(request), "longest": LONGEST_TEXT,
    }  # fmt: skip
    return render(request, "public/report.html", context | more, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, token: str) -> HttpResponse:
    """What is wrong here; a picture and a telephone number only if the person likes."""
    site = site_by_token(token)
    if request.method != "POST":
        return _page(request, site)
    post = request.POST
    if post.get("homepage"):  # no person sees this field; programs that fill in everything do
        return _page(request, site, status=422, objections=[_("提交没有通过检查，请重新打开这一页再填。")])
    with arriving_photos(request) as (photos, wrong):
        too_many = [_("最多附一张照片。")] if len(photos) > 1 else []
        try:
            if wrong or too_many:
                raise BadInput([*wrong, *too_many])
            made = report_at(
                site=site, text=post.get("text", ""), criterion_code=post.get("criterion", ""), phone=post.get("phone", ""),
                photos=photos, sender=client_address(request), proof=proof_of(request), now=now_of(request),
                client_key=post.get("client_key", "")[:LONGEST_KEY] or None,
            )  # fmt: skip
        except (Refused, BadInput) as refusal:
            return _page(request, site, status=422, objections=refusal.objections, photo_again=bool(request.FILES))
    return redirect("web:public:receipt", made.receipt)


def _private(response: HttpResponse) -> HttpResponse:
    """Not for search engines, and the address with the number goes to nobody else."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@public
@never_cache
@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Where a report stands, for whoever has its number."""
    return _receipt_page(request, number)


def _receipt_page(
    request: HttpRequest, number: str, *, objections: Sequence[str] = (), reason: str = "", status: int = 200
) -> HttpResponse:
    now = now_of(request)
    try:
        found = receipt_of(number, now)
    except NotFound as refusal:
        unknown = {"objections": refusal.objections, "number": number[:40]}
        return _private(render(request, "public/receipts.html", unknown, status=404))
    judged = verdict_of(found.report_id, found.round) if found.report_id else None
    context: dict[str, Any] = {
        "receipt": found, "now": now, "objections": objections, "reason": reason, "verdict": judged,
        "replies": replies_of(found.case_id), "photos": [
            {"url": reverse("web:public:photo", args=[row.photo_id]), "label": row.get_role_display()} for row in found.photos
        ],
    }  # fmt: skip
    return _private(render(request, "public/receipt.html", context, status=status))


@public
@never_cache
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    """不满意: done again, with a reason, once."""
    reason = request.POST.get("reason", "")
    try:
        ask_again(receipt=number, reason=reason, now=now_of(request))
    except NotFound:
        return _receipt_page(request, number)
    except Refused as refusal:
        return _receipt_page(request, number, objections=refusal.objections, reason=reason[:2000], status=422)
    return redirect("web:public:receipt", number)


_TAPS = {"solved": (True, True), "unsolved": (True, False), "silent": (False, False)}


@public
@never_cache
@require_POST
def verdict(request: HttpRequest, number: str) -> HttpResponse:
    """One of the two taps."""
    responded, solved = _TAPS.get(request.POST.get("tap", ""), (None, None))
    try:
        judge(
            receipt=number,
            responded=responded,
            solved=solved,
            satisfied=request.POST.get("satisfied", ""),
            now=now_of(request),
        )
    except NotFound:
        return _receipt_page(request, number)
    except Refused as refusal:
        return _receipt_page(request, number, objections=refusal.objections, status=422)
    return redirect(f"{reverse('web:public:receipt', args=[number])}#verdict")


@public
@never_cache
@require_safe
def receipts(request: HttpRequest) -> HttpResponse:
    """Type the number, see the state."""
    number = request.GET.get("number", "").strip()
    if not number:
        return render(request, "public/receipts.html", {})
    try:
        return redirect("web:public:receipt", receipt_of(number).number)
    except NotFound as refusal:
        context = {"objections": refusal.objections, "number": number[:40]}
        return _private(render(request, "public/receipts.html", context, status=404))


urls = [
    path("q/<str:token>/report/", report, name="site-report"),
    path("receipts/", receipts, name="receipts"),
    path("receipts/<str:number>/", receipt, name="receipt"),
    path("receipts/<str:number>/again/", again, name="receipt-again"),
    path("receipts/<str:number>/verdict/", verdict, name="receipt-verdict"),
]
