"""`servicerequestupdates`: what happened to requests, and a further word of a resident (the extension of mySociety).

https://wiki.open311.org/GeoReport_v2/Servicerequest_updates_extension
"""

from datetime import timedelta

from django.http import HttpRequest

from chuangwen.api.open311.answers import Answer, key_given, open311
from chuangwen.http import now_of
from chuangwen.opendata.operations import pass_on_word
from chuangwen.opendata.queries import read_case_number, updates
from chuangwen.rules.open311 import KNOWN_STATUSES
from chuangwen.rules.open_queries import read_moment
from chuangwen.rules.refusals import BadInput, Refused

LONGEST = timedelta(days=31)


@open311("GET", "HEAD", "POST")
def request_updates(request: HttpRequest, form: str) -> Answer:  # noqa: ARG001
    """The list (GET), or a further word (POST)."""
    return _post(request) if request.method == "POST" else _list(request)


def _list(request: HttpRequest) -> Answer:
    asked, now = request.GET, now_of(request)
    until = read_moment(asked["end_date"], "end_date", end=True) if asked.get("end_date") else now
    since = read_moment(asked["start_date"], "start_date") if asked.get("start_date") else until - timedelta(days=1)
    if since > until:
        raise BadInput("start_date 晚于 end_date。")
    if until - since > LONGEST:
        raise BadInput(f"一次最多取 {LONGEST.days} 天，请分几次取。")
    key = key_given(request, needed=False)
    rows = updates(since, until, key=key, number=asked.get("service_request_id", ""))
    return "service_request_updates", [
        {
            "update_id": str(row.pk), "service_request_id": row.number, "status": row.status, "description": row.words,
            "updated_datetime": row.at.astimezone().isoformat(timespec="seconds"), "media_url": "",
        }
        for row in rows
    ]  # fmt: skip


def _post(request: HttpRequest) -> Answer:
    key = key_given(request, needed=True)
    assert key is not None  # `needed` says so
    post = request.POST
    number, status = post.get("service_request_id", "").strip(), post.get("status", "OPEN").strip().upper() or "OPEN"
    found = [] if number else ["请给出 service_request_id。"]
    found += [] if status in KNOWN_STATUSES else [f"status 应是其中之一：{'、'.join(sorted(KNOWN_STATUSES))}。"]
    found += [f"{name} 里有不能保存的控制字符。" for name, value in post.items() if "\0" in value]
    if found:
        raise Refused(found)
    update = post.get("update_id", "").strip()[:200]
    pass_on_word(
        key=key, case_id=read_case_number(number), text=post.get("description", ""), again=status == "REOPEN", now=now_of(request),
        client_key=f"{number}/{update}" if update else "",
    )  # fmt: skip
    return "service_request_updates", [{"update_id": update, "service_request_id": number}]
