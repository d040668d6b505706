"""Patrols: what is mine, a round with its stops, the checklist of a stop, findings, finishing."""

from django.http import HttpRequest
from ninja import Query, Router, Status

from chuangwen.api.errors import answers
from chuangwen.api.paging import MOST_ON_A_PAGE, known_only, next_address
from chuangwen.api.schemas.common import RowId
from chuangwen.api.schemas.patrols import (
    FindingIn,
    FindingOut,
    FinishIn,
    FinishOut,
    PatrolDetail,
    PatrolPage,
    PatrolQuery,
    PatrolRow,
    StopDetail,
)
from chuangwen.http import actor_of, now_of
from chuangwen.patrols import operations
from chuangwen.patrols.queries import (
    findings_of,
    open_patrols_of,
    patrol_for,
    patrol_thing,
    patrols_for,
    stops_of,
    visit_of,
    visits_of,
    with_progress,
)
from chuangwen.rules.permissions import Permission, Thing, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.text import mask_phone
from chuangwen.standards.queries import checklist

router = Router(tags=["巡查"])


@router.get("", response=answers(PatrolPage), summary="巡查列表")
def list_patrols(request: HttpRequest, wanted: Query[PatrolQuery]) -> object:
    """The rounds that this person may see, the latest planned first, a page by key."""
    known_only(request, PatrolQuery)
    size = min(wanted.size, MOST_ON_A_PAGE)
    patrols = with_progress(patrols_for(actor_of(request))).select_related("edition").order_by("-id")
    rows = list((patrols.filter(pk__lt=wanted.after) if wanted.after else patrols)[: size + 1])
    key = str(rows[size - 1].pk) if len(rows) > size else ""
    return {"items": rows[:size], "next_key": key, "next": next_address(request, key)}


@router.get("/mine", response=answers(list[PatrolRow]), summary="我要走的巡查")
def my_patrols(request: HttpRequest) -> object:
    """What an inspector has to walk now or soon, the earliest first; empty for everybody else."""
    actor = actor_of(request)
    if actor.user_id is None or not may(actor, Permission.PATROL_WALK, Thing(assigned=frozenset({actor.user_id}))):
        return []
    return with_progress(open_patrols_of(actor.user_id, now_of(request)))


@router.get("/{patrol_id}", response=answers(PatrolDetail), summary="巡查详情")
def show_patrol(request: HttpRequest, patrol_id: RowId) -> object:
    """A round with its stops in order and the visits at each."""
    patrol = patrol_for(actor_of(request), patrol_id)
    visits = visits_of(patrol)
    stops = [
        {
            "position": stop.position,
            "site": stop.site,
            "visits": [visit for visit in visits if visit.site_id == stop.site_id],
        }
        for stop in stops_of(patrol)
    ]
    return {"patrol": patrol, "stops": stops}


@router.get("/{patrol_id}/stops/{site_id}", response=answers(StopDetail), summary="点位检查单")
def show_stop(request: HttpRequest, patrol_id: RowId, site_id: RowId) -> object:
    """What to look at in one place of the round, and what this person has judged there."""
    actor = actor_of(request)
    patrol = patrol_for(actor, patrol_id)
    stop = next((stop for stop in stops_of(patrol) if stop.site_id == site_id), None)
    if stop is None:
        raise NotFound("这个点位不在本次巡查里。")
    visit = visit_of(patrol_id, site_id, actor.user_id) if actor.user_id is not None else None
    whole = may(actor, Permission.PLACES_MANAGE) or may(actor, Permission.PATROL_WALK, patrol_thing(patrol))
    return {
        "position": stop.position,
        "site": stop.site,
        "contact_name": stop.site.contact_name,
        "contact_phone": stop.site.contact_phone if whole else mask_phone(stop.site.contact_phone),
        "checklist": checklist(patrol.edition_id, stop.site.point_type),
        "visit": visit,
        "findings": findings_of(visit) if visit else [],
    }


@router.post("/{patrol_id}/findings", response=answers(FindingOut, 201), summary="记录判定")
def record_finding(request: HttpRequest, patrol_id: RowId, body: FindingIn) -> object:
    """Judge one criterion; a failed one opens a case. The same client key again changes nothing."""
    finding = operations.record_finding(
        patrol_id=patrol_id, **body.model_dump(), by=actor_of(request), now=now_of(request)
    )
    return Status(201, finding)


@router.post("/{patrol_id}/stops/{site_id}/finish", response=answers(FinishOut), summary="完成点位")
def finish_stop(request: HttpRequest, patrol_id: RowId, site_id: RowId, body: FinishIn) -> object:
    """Done with this place."""
    return operations.finish_visit(
        patrol_id=patrol_id, site_id=site_id, rest_passes=body.rest_passes, by=actor_of(request), now=now_of(request)
    )
