"""派单异议: a unit says that a case is not its own, the office decides. The first receiver stays responsible meanwhile.

Status and clock of the case are not touched by asking, nor by a rejection. An upheld objection returns the case and
dispatches it anew, through the same operations as people use, in one transaction; the clock: rules/dispatch_objections.py.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.moving import locked, refuse_unseen
from chuangwen.cases.operations import dispatch, return_back
from chuangwen.journal.models import Event, timestamp
from chuangwen.journal.once import once, taken_before
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.routing.held import forget_held, terms_at
from chuangwen.routing.models import Objection, ObjectionTerms
from chuangwen.rules.dispatch_objections import (
    Decision,
    Dispatched,
    Outcome,
    asking_objections,
    decide_until,
    deciding_objections,
    objecting_objections,
    read_terms,
    still_stands,
)
from chuangwen.rules.permissions import SYSTEM, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.standards.queries import work_calendar


def assigned_down(case_id: int) -> bool:
    """Whether the case was passed down since it was dispatched last."""
    way = Event.objects.filter(subject_kind="case", subject_id=case_id, kind__in=["case.dispatch", "case.assign"])
    return way.order_by("-id").values_list("kind", flat=True).first() == "case.assign"


def dispatched_facts(case: Case, earlier: Sequence[Objection], *, passed_down: bool) -> Dispatched:
    """A case as the rule of objections sees it."""
    return Dispatched(
        status=case.flow_status, unit=case.unit.code if case.unit else "", dispatched_at=case.dispatched_at,
        assigned_down=passed_down, objected_before=any(row.unit_id == case.unit_id for row in earlier),
        pending=any(row.result is Outcome.OPEN for row in earlier), in_parts=case.parts_open > 0,
    )  # fmt: skip


def _wanted(unit_id: int | None, case: Case, said: list[str]) -> Unit | None:
    if unit_id is None:
        return None
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        said.append("建议的单位不存在或已停用，请重新选择。")
    elif unit.pk == case.unit_id:
        said.append("建议的单位就是本单位，请写别的单位，或者不写。")
    return unit


@transaction.atomic
def object_to_dispatch(
    *,
    case_id: int,
    ground: str,
    words: str,
    wanted_id: int | None = None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Objection | None:
    """The unit that has the case says it is not its own. Returns None when the same submission was already taken."""
    case = locked(case_id)
    refuse_unseen(case, by)
    if taken_before(client_key, "case", case_id):
        return None
    earlier = list(Objection.objects.filter(case=case))
    terms, calendar = terms_at(case.home.path), work_calendar()
    facts = dispatched_facts(case, earlier, passed_down=assigned_down(case_id))
    said = [*objecting_objections(facts, terms=terms, calendar=calendar, now=now)]
    if not may(by, Permission.OBJECTION_RAISE, case.thing()):
        said.insert(0, "派单异议由收到派遣的单位提出。")
    said += asking_objections(ground=ground, words=words, terms=terms)
    wanted = _wanted(wanted_id, case, said)
    if said or case.unit is None:
        raise Refused(said)
    made = Objection.objects.create(
        case=case, unit=case.unit, ground=ground.strip(), words=words.strip(), wanted=wanted, asked_by_id=by.user_id,
        asked_at=now, decide_by=decide_until(now, terms, calendar),
    )  # fmt: skip
    record(
        kind="case.objected", subject_kind="case", subject_id=case.pk, by=by, now=now, client_key=client_key,
        note=made.words, objection=made.pk, ground=made.ground, unit=case.unit.code,
        wanted=wanted.code if wanted else "", wanted_name=wanted.name if wanted else "",
        decide_by=timestamp(made.decide_by),
    )  # fmt: skip
    return made


@transaction.atomic
def decide_objection(
    *,
    case_id: int,
    upheld: bool,
    unit_id: int | None = None,
    reason: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Objection | None:
    """The office decides the open objection. Upheld: another unit gets the case and the full limit. Rejected: nothing
    changes for the case. Returns None when the same submission was already taken.
    """
    case = locked(case_id)
    refuse_unseen(case, by)
    if taken_before(client_key, "case", case_id):
        return None
    found = Objection.objects.select_related("unit").filter(case=case, outcome="").first()
    new = Unit.objects.filter(pk=unit_id, active=True).first() if upheld and unit_id is not None else None
    said = [] if may(by, Permission.OBJECTION_DECIDE, case.thing()) else ["派单异议由区文明办裁定。"]
    if found is None:
        raise Refused([*said, "这件案件没有待裁定的派单异议，可能已由他人裁定。"])
    if not still_stands(status=case.flow_status, unit=case.unit.code if case.unit else "", objector=found.unit.code):
        said.append(f"案件现在是“{case.flow_status.label}”，不再需要裁定。")
    said += deciding_objections(
        Decision(
            upheld=upheld, reason=reason, decider=by.user_id, objector=found.asked_by_id,
            decider_units=by.unit_paths(*UNIT, Role.GRID_WORKER), old_path=found.unit.path,
            new_path=new.path if new else None,
        )
    )  # fmt: skip
    if said:
        raise Refused(said)
    _settle(found, Outcome.UPHELD if upheld else Outcome.REJECTED, reason, new, by=by, now=now, client_key=client_key)
    if new is not None:
        return_back(case_id=case_id, reason=f"派单异议成立：{found.ground}", by=SYSTEM, now=now)
        note = f"派单异议成立，由{found.unit.name}改派。{reason.strip()}"
        dispatch(case_id=case_id, unit_id=new.pk, note=note[:500], by=by, now=now)
    return found


def _settle(
    found: Objection,
    outcome: Outcome,
    reason: str,
    new: Unit | None,
    *,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> None:
    found.outcome, found.decided_by_id, found.decided_at = outcome.value, by.user_id, now
    found.decision, found.given_to = reason.strip()[:500], new
    found.save(update_fields=["outcome", "decided_by", "decided_at", "decision", "given_to"])
    record(
        kind=f"case.objection_{outcome.value}", subject_kind="case", subject_id=found.case_id, by=by, now=now,
        client_key=client_key, note=found.decision, objection=found.pk, late=now > found.decide_by,
    )  # fmt: skip


@transaction.atomic
def lapse_objection(*, case_id: int, now: datetime) -> bool:
    """Something else settled the matter (handed in, returned, suspended, ended, passed down): nothing is left to decide."""
    if not Objection.objects.filter(case_id=case_id, outcome="").exists():
        return False
    case = locked(case_id)
    found = Objection.objects.select_related("unit").filter(case=case, outcome="").first()
    unit = case.unit.code if case.unit else ""
    if found is None or still_stands(status=case.flow_status, unit=unit, objector=found.unit.code):
        return False
    reason = f"案件已转为“{case.flow_status.label}”，异议不再需要裁定。"
    _settle(found, Outcome.LAPSED, reason, None, by=SYSTEM, now=now)
    return True


def branch_of_office(by: Actor, *roles: Role) -> str:
    """The branch for which somebody of the office decides; refuses who has none."""
    scopes = by.scopes(*roles)
    if not scopes:
        raise Refused("这件事由区文明办办理。")
    return min(scopes, key=lambda scope: (len(scope), scope))


@transaction.atomic
def set_terms(
    *, object_within: str, decide_within: str, grounds: str, by: Actor, now: datetime, client_key: str | None = None
) -> ObjectionTerms:
    """Limits and grounds for the chief's branch from now on; objections under way keep their deadline."""

    def make() -> ObjectionTerms:
        said = [] if may(by, Permission.ROUTING_FORCE) else ["派单异议的时限和理由由文明办主任设定。"]
        try:
            terms = read_terms(object_within=object_within, decide_within=decide_within, grounds=grounds)
        except BadInput as refusal:
            raise Refused([*said, *refusal.objections]) from refusal
        if said:
            raise Refused(said)
        row = ObjectionTerms.objects.create(
            home=Unit.objects.get(path=branch_of_office(by, Role.OFFICE_CHIEF)),
            object_within=terms.object_within.label, decide_within=terms.decide_within.label,
            grounds=list(terms.grounds), set_at=now, set_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        record(
            kind="objection_terms.set", subject_kind="objection_terms", subject_id=row.pk, by=by, now=now,
            object_within=row.object_within, decide_within=row.decide_within, grounds=row.grounds,
        )  # fmt: skip
        return row

    row = once(lambda: ObjectionTerms.objects.filter(client_key=client_key).first() if client_key else None, make)
    forget_held()
    return row
