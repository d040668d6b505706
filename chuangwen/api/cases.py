"""Cases: list, detail, report, notes, extensions. The moves are in case_moves."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from chuangwen.api.errors import answers
from chuangwen.api.paging import known_only, next_address
from chuangwen.api.schemas.case_bodies import CaseReport, ExtensionAsk, ExtensionDecision, NoteIn
from chuangwen.api.schemas.cases import CaseDetail, CasePage, CaseQuery, CaseStanding
from chuangwen.api.schemas.common import RowId
from chuangwen.cases import extensions, operations
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.queries import case_for, may_ask_extension, moves_for, open_extension, photos_of
from chuangwen.http import actor_of, now_of
from chuangwen.journal.queries import events_of
from chuangwen.people.queries import unit_by_code
from chuangwen.places.queries import grid_at, site_for, street_of
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput, NotFound
from chuangwen.standards.queries import standard_for

router = Router(tags=["案件"])


@router.get("", response=answers(CasePage), summary="案件列表")
def list_cases(request: HttpRequest, wanted: Query[CaseQuery]) -> object:
    """The visible cases that the filters leave, a page by key."""
    known_only(request, CaseQuery)
    filters = CaseFilter.read(wanted.model_dump(exclude={"after", "size"}))
    page = page_of(actor_of(request), filters, now=now_of(request), after=wanted.after, size=wanted.size)
    return {
        "items": page.rows,
        "next_key": page.next_key,
        "next": next_address(request, page.next_key),
        "total": page.total,
        "capped": page.capped,
    }


@router.get("/{case_id}", response=answers(CaseDetail), summary="案件详情")
def show_case(request: HttpRequest, case_id: RowId) -> object:
    """One case with its history, its photos and the moves that this person can make."""
    actor = actor_of(request)
    case = case_for(actor, case_id)
    asked = open_extension(case)
    return {
        "case": case,
        "moves": moves_for(actor, case),
        "photos": photos_of(case),
        "history": events_of("case", case.pk),
        "extension": asked,
        "may_ask_extension": may_ask_extension(actor, case, pending=asked is not None, now=now_of(request)),
    }


@router.post("", response=answers(CaseStanding, 201), summary="上报案件")
def report_case(request: HttpRequest, body: CaseReport) -> object:
    """A new case; the same client key again gives the case that it made the first time."""
    actor = actor_of(request)
    case = operations.open_case(
        title=body.title, text=body.text, severity=body.severity, criterion_code=body.criterion_code,
        place=body.place, standard=_standard(body.standard), photo_ids=body.photo_ids, client_key=body.client_key,
        origin_kind="report", **_where(actor, body), by=actor, now=now_of(request),
    )  # fmt: skip
    return Status(201, case)


def _standard(code: str) -> Any:
    found = standard_for(code)
    if code and found is None:
        raise BadInput(f"没有编码为“{code}”的立案标准，或者它已停用。")
    return found


def _where(actor: Actor, body: CaseReport) -> dict[str, Any]:
    if (body.lng is None) != (body.lat is None):
        raise BadInput("经度和纬度须一起给出。")
    position = {"lng": body.lng, "lat": body.lat}
    if body.site_id is not None:
        return {**_at_site(actor, body.site_id), **(position if body.lng is not None else {})}
    if body.home:
        home = _unit(body.home)
    elif body.lng is not None and body.lat is not None:
        grid = grid_at(body.lng, body.lat)
        if grid is None:
            raise BadInput("这个位置不在任何网格内，请写明点位或属地单位。")
        home = grid.unit
    else:
        raise BadInput("请写明点位（site_id）、位置（lng 和 lat）或属地单位（home）。")
    return {"home": home, "street": street_of(home), **position}


def _at_site(actor: Actor, site_id: int) -> dict[str, Any]:
    try:
        site = site_for(actor, site_id)
    except NotFound as refusal:
        raise BadInput(f"没有编号为 {site_id} 的点位，或者您无权查看。") from refusal
    if not site.active:
        raise BadInput(f"点位“{site.name}”已停用。")
    return {"site": site, "home": site.home, "street": site.street, "lng": site.lng, "lat": site.lat}


def _unit(code: str) -> Any:
    try:
        return unit_by_code(code)
    except NotFound as refusal:
        raise BadInput(refusal.objections) from refusal


@router.post("/{case_id}/notes", response=answers(CaseStanding), summary="备注")
def add_note(request: HttpRequest, case_id: RowId, body: NoteIn) -> object:
    """A word for everybody who sees the case."""
    return operations.add_note(case_id=case_id, **body.model_dump(), by=actor_of(request), now=now_of(request))


@router.post("/{case_id}/extensions", response=answers(CaseStanding), summary="申请延期")
def ask_extension(request: HttpRequest, case_id: RowId, body: ExtensionAsk) -> object:
    """The unit asks for one more limit."""
    actor = actor_of(request)
    extensions.ask_extension(case_id=case_id, **body.model_dump(), by=actor, now=now_of(request))
    return case_for(actor, case_id)


@router.post("/{case_id}/extensions/decision", response=answers(CaseStanding), summary="批复延期")
def decide_extension(request: HttpRequest, case_id: RowId, body: ExtensionDecision) -> object:
    """The office decides the request that waits."""
    actor = actor_of(request)
    extensions.decide_extension(case_id=case_id, **body.model_dump(), by=actor, now=now_of(request))
    return case_for(actor, case_id)
