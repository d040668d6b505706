"""Service requests: a page of them, one, a new one, and the number behind a token."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from chuangwen.api.open311.answers import Answer, key_given, open311
from chuangwen.api.open311.media import media
from chuangwen.api.open311.services import CRITERION
from chuangwen.http import now_of
from chuangwen.opendata.finding import Filing
from chuangwen.opendata.operations import file_report
from chuangwen.opendata.queries import (
    PublicCase,
    Wanted,
    read_case_number,
    report_by_token,
    request_for,
    requests_page,
)
from chuangwen.rules.open_queries import read_box, read_list, read_moment, read_number
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.rules.residents import said_of

PAGE_SIZE, MOST_ON_A_PAGE, MOST_PAGES = 50, 1000, 200
DAYS = timedelta(days=90)  # what a list without times goes back, and the longest stretch without a list of numbers


@open311("GET", "HEAD", "POST")
def requests(request: HttpRequest, form: str) -> Answer:  # noqa: ARG001
    """The list (GET), or a new one (POST)."""
    return _file(request) if request.method == "POST" else _listed(request)


def _listed(request: HttpRequest) -> Answer:
    key, asked = key_given(request, needed=False), request.GET
    page = read_number(asked.get("page", "1") or "1", "page", least=1, most=10**9)
    size = read_number(asked.get("page_size", "") or str(PAGE_SIZE), "page_size", least=1, most=MOST_ON_A_PAGE)
    if page > MOST_PAGES:
        raise BadInput(f"最多翻到第 {MOST_PAGES} 页，请用 start_date 和 end_date 缩小范围。")
    rows = requests_page(_wanted(request), key=key, offset=(page - 1) * size, size=size)[:size]
    more = asked.get("extensions") == "true"
    return "service_requests", [_spelt(request, row, extended=more) for row in rows]


def _wanted(request: HttpRequest) -> Wanted:
    """The filters. Numbers win over everything else, as the standard says."""
    asked, now = request.GET, now_of(request)
    if ids := read_list(asked.get("service_request_id", "")):
        return Wanted(ids=tuple(_row_of(number) for number in ids[:MOST_ON_A_PAGE]))
    states = frozenset(word.lower() for word in read_list(asked.get("status", "")))
    if states - {"open", "closed"}:
        raise BadInput("status 应是 open 或 closed，两个都要用逗号隔开。")
    until = read_moment(asked["end_date"], "end_date", end=True) if asked.get("end_date") else None
    since = read_moment(asked["start_date"], "start_date") if asked.get("start_date") else None
    if since and until and since > until:
        raise BadInput("start_date 晚于 end_date。")
    if since is None:
        since = (until or now) - DAYS
    elif (until or now) - since > DAYS:
        until = since + DAYS
    box = read_box(asked["bbox"]) if asked.get("bbox") else None
    return Wanted(
        point_types=read_list(asked.get("service_code", "")), since=since, until=until, states=states, box=box
    )


def _row_of(number: str) -> int:
    try:
        return read_case_number(number) if len(number) <= 24 else 0
    except NotFound:
        return 0


def _moment(moment: Any) -> str | None:
    return moment.astimezone().isoformat(timespec="seconds") if moment else None


def _spelt(request: HttpRequest, row: PublicCase, *, extended: bool) -> dict[str, Any]:
    """One request in the fields of the standard; with `extensions=true` also photos and further attributes."""
    photos = [(request.build_absolute_uri(reverse("web:public:photo", args=[pk])), label) for pk, label in row.photos]
    found: dict[str, Any] = {
        "service_request_id": row.number, "status": row.state, "status_notes": row.reply or said_of(row.status),
        "service_name": row.point_type_name, "service_code": row.point_type,
        "description": row.text or row.words, "agency_responsible": row.unit, "service_notice": "",
        "requested_datetime": _moment(row.reported_at), "updated_datetime": _moment(row.updated_at),
        "expected_datetime": _moment(row.due_at), "address": _address(row),
        "address_id": row.site.code if row.site else "", "zipcode": "",
        "lat": float(row.site.lat) if row.site else None, "long": float(row.site.lng) if row.site else None,
        "media_url": photos[0][0] if photos else None,
    }  # fmt: skip
    if extended:
        found["extended_attributes"] = {"street": row.street, "requirement": row.words, "stage": row.status.label}
        found["photos"] = [{"media_url": url, "title": label} for url, label in photos]
    return found


def _address(row: PublicCase) -> str:
    return " ".join(filter(None, (row.site.name, row.site.address))) if row.site else row.street


@open311("GET", "HEAD")
def one(request: HttpRequest, number: str, form: str) -> Answer:  # noqa: ARG001
    """One request; always a list of one, as the standard says."""
    row = request_for(number, key=key_given(request, needed=False))
    return "service_requests", [_spelt(request, row, extended=request.GET.get("extensions") == "true")]


@open311("GET", "HEAD")
def token(_request: HttpRequest, word: str, form: str) -> Answer:  # noqa: ARG001
    """The number of the request with this receipt."""
    return "service_requests", [{"service_request_id": report_by_token(word), "token": word}]


def _file(request: HttpRequest) -> Answer:
    key = key_given(request, needed=True)
    assert key is not None  # `needed` says so
    filing = _filing(request)
    with media(request) as photos:
        filed = file_report(
            key=key, filing=filing, photos=photos, now=now_of(request),
            client_key=request.headers.get("Idempotency-Key", "")[:200],
        )  # fmt: skip
    follow = f"{settings.SITE_URL.rstrip('/')}{reverse('web:public:receipt', args=[filed.receipt])}"
    known = "已经有人反映过，记为“我也遇到”。" if filed.joined else ""
    notice = f"{known}回执号 {filed.receipt}，请交给反映人，凭它在 {follow} 查看办理情况。"
    return "service_requests", [{"service_request_id": filed.number, "service_notice": notice, "account_id": ""}]


_POSTED = {
    "service_code": 20, "description": 4000, "address_id": 32, "address_string": 200, "phone": 40, "media_url": 400,
}  # fmt: skip


def _filing(request: HttpRequest) -> Filing:
    """What the form says; every objection at once."""
    post = request.POST
    words = {name: post.get(name, "").strip() for name in _POSTED}
    found = [f"{name} 最多 {most} 字。" for name, most in _POSTED.items() if len(words[name]) > most]
    found += [f"{name} 里有不能保存的控制字符。" for name, value in post.items() if "\0" in value]
    found += [] if words["service_code"] else ["请给出 service_code，可用的见 services。"]
    if words["media_url"] and not re.fullmatch(r"https?://[^\s<>\"]+", words["media_url"]):
        found.append("media_url 应是 http 或 https 开头的网址；也可以用 media 直接上传图片。")
    lat, long = (_degrees(post.get(name, ""), name, most, found) for name, most in (("lat", 90), ("long", 180)))
    found += ["lat 和 long 须一起给出。"] if (lat is None) != (long is None) and not found else []
    if found:
        raise Refused(found)
    return Filing(
        service_code=words["service_code"], text=words["description"], criterion=post.get(f"attribute[{CRITERION}]", "")[:20],
        address_id=words["address_id"], address=words["address_string"], lng=long, lat=lat, phone=words["phone"],
        person=(post.get("device_id") or post.get("account_id") or post.get("email") or "")[:100], media_url=words["media_url"],
    )  # fmt: skip


def _degrees(text: str, name: str, most: int, found: list[str]) -> float | None:
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) <= most:
        found.append(f"{name} 应是 -{most} 至 {most} 的数。")
        return None
    return number
