"""What a phone takes along for one person: small parts, each with a version, so that only what changed travels again."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chuangwen.cases.packing import photos_of_all, reported_and_open
from chuangwen.cases.queries import to_do
from chuangwen.http import actor_of, door, now_of
from chuangwen.journal.queries import last_events_of
from chuangwen.patrols.packing import findings_at, own_visits, stops_of_all
from chuangwen.patrols.queries import open_patrols_of
from chuangwen.places.queries import sites_in_scope
from chuangwen.places.reach import district_box
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.permissions import Actor, Permission, Role, may
from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.standards.checklists import all_extras
from chuangwen.standards.queries import checklists
from chuangwen.web.field.asking import answers_of, asked_part, packed_criterion, pictures_for
from chuangwen.web.field.rechecks import recheck_parts
from chuangwen.web.field.standards import packed_standards
from chuangwen.web.field.tasks import tasks_of
from chuangwen.web.frame import FIELD
from chuangwen.web.wording import BEIJING

MOST_PATROLS, MOST_CASES, MOST_SITES = 20, 40, 600
_RUNNING = {status.value for status in RUNNING}
Parts = dict[str, Any]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _stop(stop: Any, visit: Any) -> dict[str, Any]:
    site = stop.site
    return {
        "site": site.pk, "name": site.name, "address": site.address, "type": site.point_type,
        "contact": site.contact_name, "phone": site.contact_phone, "begun": visit is not None,
        "finished": _iso(visit.finished_at) if visit else "", "findings": {},
        **({"planned": _iso(stop.planned_at.astimezone(BEIJING)), "position": stop.position} if stop.planned_at else {}),
    }  # fmt: skip


def _finding(finding: Any) -> dict[str, Any]:
    case = finding.case
    known = {"verdict": finding.verdict, "note": finding.note, "case": case.number if case else ""}
    return known | ({"case_id": case.pk, "unit": str(case.unit or "")} if case else {})


def _patrols(actor: Actor, now: datetime) -> Parts:
    if Role.INSPECTOR not in actor.roles or actor.user_id is None:
        return {}
    patrols = list(open_patrols_of(actor.user_id, now)[:MOST_PATROLS])
    stops, visits = stops_of_all(patrols), own_visits(patrols, actor.user_id)
    judged: dict[int, dict[str, Any]] = {visit.pk: {} for visit in visits.values()}
    for finding in findings_at(list(visits.values())):
        judged[finding.visit_id][finding.criterion.code] = _finding(finding)
    parts: Parts = {}
    for patrol in patrols:
        rows = []
        for stop in stops[patrol.pk]:
            visit = visits.get((patrol.pk, stop.site_id))
            rows.append(_stop(stop, visit) | ({"findings": judged[visit.pk], **answers_of(visit)} if visit else {}))
        parts[f"patrol:{patrol.pk}"] = {
            "id": patrol.pk, "title": patrol.title, "edition": patrol.edition_id, "stops": rows,
            "starts": _iso(patrol.starts_at), "ends": _iso(patrol.ends_at),
        }  # fmt: skip
    return parts | _checklists(parts)


def _checklists(patrols: Parts) -> Parts:
    wanted = {(patrol["edition"], stop["type"]) for patrol in patrols.values() for stop in patrol["stops"]}
    if not wanted:
        return {}
    editions = {edition for edition, _type in wanted}
    found, extras = checklists(editions), all_extras(editions)
    pictures = pictures_for([row for rows in found.values() for row in rows], extras.values())
    parts: Parts = {}
    for key in sorted(wanted):
        rows, name = found.get(key, ()), f"{key[0]}/{key[1]}"
        parts[f"list:{name}"] = [packed_criterion(row, pictures) for row in rows]
        if asked := asked_part(rows, *extras.get(key, ((), ())), pictures):
            parts[f"ask:{name}"] = asked
    return parts


def _case(case: Any) -> dict[str, Any]:
    return {
        "id": case.pk, "number": case.number, "title": hidden_numbers(case.title), "place": case.place,
        "text": hidden_numbers(case.text),
        "status": case.status, "said_status": case.flow_status.label, "version": case.version,
        "unit": str(case.unit or ""), "due": _iso(case.act_by),
    }  # fmt: skip


def _pictures(case: Any, rows: Sequence[Any]) -> dict[str, list[str]]:
    base = reverse("web:desk:case-photo", args=[case.pk, 0])
    latest = max((row.round for row in rows if row.role == "after"), default=0)
    urls: dict[str, list[str]] = {"before": [], "after": []}
    for row in rows:
        if row.role == "before" or (row.role == "after" and row.round == latest):
            urls[row.role].append(base.replace("/photos/0/", f"/photos/{row.photo_id}/"))
    return urls


def _cases(actor: Actor) -> Parts:
    """Fixes to check, and what the person's own unit must put right, each with pictures and the last words."""
    waiting = to_do(actor).defer(None).select_related("site", "street", "unit", "home", "standard")
    checks = list(waiting.filter(status=Status.RECTIFIED.value)[:MOST_CASES])
    mine = list(waiting.filter(status__in=_RUNNING)[:MOST_CASES])
    photos = photos_of_all([*checks, *mine])
    said = last_events_of("case", [case.pk for case in checks], "case.rectify")
    back = last_events_of("case", [case.pk for case in mine], "case.reject")
    reported = reported_and_open(actor)[:MOST_CASES]

    def packed(case: Any, words: dict[int, Any]) -> dict[str, Any]:
        event = words.get(case.pk)
        more = {"said": event.note if event else "", "closes_when": case.standard.closes_when if case.standard else ""}
        return _case(case) | _pictures(case, photos[case.pk]) | more

    return {
        "checks": [packed(case, said) for case in checks],
        "mine": [packed(case, back) for case in mine],
        "reported": [_case(case) for case in reported],
    }


def _frame(actor: Actor) -> dict[str, Any]:
    nav = [reverse(place.route) for place in FIELD if place.permission is None or may(actor, place.permission)]
    return {"box": district_box(), "inspector": Role.INSPECTOR in actor.roles, "nav": nav}


def _report(actor: Actor) -> Parts:
    sites = sites_in_scope(actor).filter(active=True).order_by("name").values_list("name", flat=True)
    return {
        "sites": list(sites[:MOST_SITES]),
        "standards": packed_standards(),
        "frame": _frame(actor),
    }


def parts_for(actor: Actor, now: datetime) -> Parts:
    """Everything one person takes along, by the name of the part."""
    tasks = {"tasks": tasks_of(actor, now), **recheck_parts(actor)}
    return {**_patrols(actor, now), **_cases(actor), **_report(actor), **tasks}


def version_of(part: Any) -> str:
    """A short word that changes with the content."""
    return hashlib.sha256(json.dumps(part, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:10]


@door(Permission.FIELD_OPEN)
@never_cache
@require_safe
def pack(request: HttpRequest) -> HttpResponse:
    """All parts of this person, without those that the phone names in `have` (name@version, comma-separated)."""
    actor, now = actor_of(request), now_of(request)
    parts = parts_for(actor, now)
    versions = {name: version_of(part) for name, part in parts.items()}
    have = set(request.GET.get("have", "").split(","))
    new = {name: part for name, part in parts.items() if f"{name}@{versions[name]}" not in have}
    person = {"id": actor.user_id, "name": actor.name}
    answer = {"person": person, "at": _iso(now), "versions": versions, "parts": new}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


@door(Permission.FIELD_OPEN)
@never_cache
@require_safe
def who(request: HttpRequest) -> HttpResponse:
    """Who is logged in on this phone, the word that its next submissions carry, and the server's time."""
    actor = actor_of(request)
    known = {"id": actor.user_id, "name": actor.name, "token": get_token(request), "at": _iso(now_of(request))}
    return JsonResponse(known, json_dumps_params={"ensure_ascii": False})


urls = [path("pack/", pack, name="pack"), path("who/", who, name="who")]
