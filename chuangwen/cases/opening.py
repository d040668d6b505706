"""How a case comes into being."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from chuangwen.cases.clock import set_act_by
from chuangwen.cases.models import Case, PhotoRole
from chuangwen.cases.moving import Change, attach, hand_to, record_step
from chuangwen.cases.parts import NewPart, join, stored
from chuangwen.cases.search import index_cases
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.models import Photo
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import Move, Status, step
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.queries import work_calendar


@dataclass(frozen=True)
class NewCase:
    """What is known of a case when it is reported."""

    title: str
    home: Unit
    street: Unit | None
    origin_kind: str
    origin_id: int | None = None
    text: str = ""
    site: Site | None = None
    standard: CaseStandard | None = None
    severity: str = "B"
    criterion_code: str = ""
    place: str = ""
    lng: Decimal | None = None
    lat: Decimal | None = None
    photo_ids: Iterable[int | Arriving] = ()
    evidence: Sequence[Photo] = ()  # what colleagues brought, for which the calling room answers
    client_key: str | None = None

    def row(self, *, by: Actor, now: datetime) -> Case:
        """The case as it begins, not stored yet."""
        site = self.site
        return Case(
            status=Status.REPORTED.value, origin_kind=self.origin_kind, origin_id=self.origin_id,
            client_key=self.client_key or None, title=self.title.strip()[:200], text=self.text.strip(),
            severity=self.severity, criterion_code=self.criterion_code, point_type=site.point_type if site else "",
            standard=self.standard, site=site, home=self.home, street=self.street, lng=self.lng, lat=self.lat,
            place=(self.place or (site.address if site else ""))[:200], reported_by_id=by.user_id, reported_at=now,
            act_by=now,
        )  # fmt: skip


@transaction.atomic
def open_case(*, by: Actor, now: datetime, **known: Any) -> Case:
    """A new case, reported; `known` are the fields of NewCase. The same origin or client key again gives the case
    that already exists.
    """
    new = NewCase(**known)

    def make() -> Case:
        _refuse_unsound(new, by)
        case = new.row(by=by, now=now)
        set_act_by(case, work_calendar(), now)
        _store(case, new, by=by, now=now)
        return case

    return _seen(once(lambda: _already_open(new), make), by)


@transaction.atomic
def open_dispatched(
    *, unit: Unit, note: str, parts: Sequence[NewPart] = (), by: Actor, now: datetime, **known: Any
) -> Case:
    """A new case whose standard and unit are known beforehand: reported by `by`, accepted and dispatched by the
    house in the same stroke, with one event for each of the three steps. `parts`: what other units do in it.
    """
    new = NewCase(**known)

    def make() -> Case:
        _refuse_unsound(new, by)
        doing = Change(new.row(by=by, now=now), work_calendar(), SYSTEM, now, {"note": note})
        case, steps = doing.case, []
        for move in (Move.ACCEPT, Move.DISPATCH):
            steps.append(step(case.flow_status, move))
            case.status = steps[-1].target.value
        hand_to(unit)(doing)
        set_act_by(case, doing.calendar, now)
        if parts:
            join(case, parts)
            doing.facts["part_units"] = "、".join(part.unit.name for part in parts)
        _store(case, new, by=by, now=now)
        stored(case, parts, now)
        for arrow, facts in zip(steps, ({}, doing.facts), strict=True):
            record_step(case, arrow.move, arrow.source, arrow.target, by=SYSTEM, now=now, facts=facts)
        return case

    return _seen(once(lambda: _already_open(new), make), by)


def _seen(case: Case, by: Actor) -> Case:
    if not may(by, Permission.CASE_SEE, case.thing()):
        raise Refused(KEY_TAKEN)
    return case


def _refuse_unsound(new: NewCase, by: Actor) -> None:
    objections = [] if new.title.strip() else ["请用一句话写明问题。"]
    if not may(by, Permission.CASE_REPORT, Thing(home=new.home.path)):
        objections.append("您只能上报本辖区的问题。")
    if objections:
        raise Refused(objections)


def _store(case: Case, new: NewCase, *, by: Actor, now: datetime) -> None:
    photos = [*new.evidence, *stored_photos(photos=new.photo_ids, by=by, now=now)]
    case.save(force_insert=True)
    attach(case, photos, PhotoRole.BEFORE)
    index_cases([(case.pk, f"{case.title} {case.text} {case.place} {case.site.name if case.site else ''}")])
    record(
        kind="case.report", subject_kind="case", subject_id=case.pk, by=by, now=now,
        origin=case.origin_kind, origin_id=case.origin_id, to=Status.REPORTED.value,
    )  # fmt: skip


def _already_open(new: NewCase) -> Case | None:
    if not new.client_key and new.origin_id is None:
        return None
    same = Q(client_key=new.client_key) if new.client_key else Q(pk__in=[])
    if new.origin_id is not None:
        same |= Q(origin_kind=new.origin_kind, origin_id=new.origin_id)
    found = Case.objects.filter(same).values_list("pk", flat=True).first()
    return Case.objects.select_related("home", "unit").get(pk=found) if found else None
