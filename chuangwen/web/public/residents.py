"""我要反映: where it is, what is already known there, then the report; and 我也遇到. Nothing here needs a script."""

import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import client_address, now_of, public
from chuangwen.intake.operations import add_voice, report_from
from chuangwen.intake.places import Where, find_places, ground_shapes, grounds, near, where_is
from chuangwen.intake.proofs import Proof, puzzle_for
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.rules.residents import LONGEST_TEXT
from chuangwen.standards.queries import current_checklist, point_types
from chuangwen.web.uploads import arriving_photos, fresh_key

BROWSER, BROWSER_KEPT = "cw_browser", 365 * 24 * 3600  # tells one browser from another for 我也遇到, nothing else
LONGEST_KEY, MOST_RESIDENT_PHOTOS = 40, 3


def proof_of(request: HttpRequest) -> Proof:
    """What the form brought back of a puzzle."""
    post = request.POST
    return Proof(post.get("task", "")[:400], post.get("number", "")[:12], post.get("answer", "")[:20])


def puzzle_context(request: HttpRequest) -> Any:
    """A fresh puzzle where one is needed now, else None."""
    return puzzle_for(client_address(request), now_of(request))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _position(values: Mapping[str, str]) -> tuple[Decimal | None, Decimal | None]:
    try:
        lng, lat = (Decimal(values.get(name, "")[:20]).quantize(Decimal("0.000001")) for name in ("lng", "lat"))
    except InvalidOperation:
        return None, None
    sound = lng.is_finite() and lat.is_finite() and abs(lng) <= 180 and abs(lat) <= 90
    return (lng, lat) if sound else (None, None)


def _chosen(values: Mapping[str, str]) -> Where:
    lng, lat = _position(values)
    site_id, unit_id = _number(values.get("site", "")), _number(values.get("unit", ""))
    return where_is(site_id=site_id, unit_id=unit_id, lng=lng, lat=lat, words=values.get("words", ""))


@public
@never_cache
@require_safe
def choose_place(request: HttpRequest) -> HttpResponse:
    """Step one: from the phone's position, a point on the map, or words."""
    return _place_page(request)


def _place_page(request: HttpRequest, objections: Any = (), status: int = 200) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:60]
    kinds = {row.code: row.name for row in point_types()}
    context = {
        "q": q, "found": find_places(q, kinds) if q else (), "grounds": grounds(), "objections": objections,
        "shapes": {"areas": list(ground_shapes())}, "asked": request.GET, "words": request.GET.get("words", "")[:120],
    }  # fmt: skip
    return render(request, "public/report_place.html", context, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_here(request: HttpRequest) -> HttpResponse:
    """Step two: what is open near there, and the form."""
    try:
        where = _chosen(request.GET)
    except Refused as refusal:
        return _place_page(request, refusal.objections, status=422)
    if request.method != "POST":
        return _form(request, where)
    post = request.POST
    if post.get("homepage"):  # no person sees this field; programs that fill in everything do
        return _form(request, where, status=422, objections=[_("提交没有通过检查，请重新打开这一页再填。")])
    with arriving_photos(request) as (photos, wrong):
        too_many = [_("最多附三张照片。")] if len(photos) > MOST_RESIDENT_PHOTOS else []
        try:
            if wrong or too_many:
                raise BadInput([*wrong, *too_many])
            made = report_from(
                where=where, text=post.get("text", ""), criterion_code=post.get("criterion", ""),
                phone=post.get("phone", ""), photos=photos, sender=client_address(request), proof=proof_of(request),
                now=now_of(request), client_key=post.get("client_key", "")[:LONGEST_KEY] or None,
            )  # fmt: skip
        except (Refused, BadInput) as refusal:
            return _form(request, where, status=422, objections=refusal.objections, photo_again=bool(request.FILES))
    return redirect("web:public:receipt", made.receipt)


def _form(request: HttpRequest, where: Where, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "where": where, "near": near(where), "query": urlencode(request.GET), "posted": request.POST, "now": now_of(request),
        "criteria": current_checklist(where.site.point_type) if where.site else (), "longest": LONGEST_TEXT,
        "client_key": request.POST.get("client_key", "")[:LONGEST_KEY] or fresh_key(), "puzzle": puzzle_context(request),
    }  # fmt: skip
    return render(request, "public/report_here.html", context | more, status=status)


@public
@never_cache
@require_POST
def voice(request: HttpRequest, case_id: int) -> HttpResponse:
    """我也遇到: once a browser; leads to a receipt of its own."""
    browser = request.get_signed_cookie(BROWSER, default="") or secrets.token_hex(16)
    back = request.POST.get("back", "")[:400]
    try:
        made = add_voice(
            case_id=case_id,
            browser=browser,
            sender=client_address(request),
            proof=proof_of(request),
            now=now_of(request),
        )
    except NotFound:
        raise
    except Refused as refusal:
        context = {
            "objections": refusal.objections,
            "case_id": case_id,
            "back": back,
            "puzzle": puzzle_context(request),
        }
        return render(request, "public/voice.html", context, status=422)
    response = redirect("web:public:receipt", made.receipt)
    response.set_signed_cookie(
        BROWSER, browser, max_age=BROWSER_KEPT, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def report_url(site_id: int) -> str:
    """Where something at a known place is reported."""
    return f"{reverse('web:public:report-here')}?site={site_id}"


urls = [
    path("report/", choose_place, name="report"),
    path("report/here/", report_here, name="report-here"),
    path("report/voice/<int:case_id>/", voice, name="voice"),
]
