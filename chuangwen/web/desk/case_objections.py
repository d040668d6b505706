"""派单异议 on the page of a case: what was objected, what was decided, and the forms of who may do either."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chuangwen.cases.worklist import Case
from chuangwen.http import Context
from chuangwen.routing.queries import (
    Objection,
    common_units,
    may_object,
    object_until_of,
    objections_of,
    suggestion_for,
)
from chuangwen.rules.dispatch_objections import Outcome, still_stands
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.web.desk.unit_choice import UnitChoices
from chuangwen.web.wording import when

Build = Callable[..., Any]  # case_page._offer for this case: name, label, choices


def _passed_down(events: Sequence[Any]) -> bool:
    kinds = [event.kind for event in events if event.kind in {"case.dispatch", "case.assign"}]
    return bool(kinds) and kinds[-1] == "case.assign"


def _units(case: Case, found: Objection, now: datetime) -> UnitChoices:
    """The unit that was named first, then the one by the rules; never the one that objected."""
    suggested: dict[int, str] = {}
    if found.wanted is not None and found.wanted.active:
        suggested[found.wanted.pk] = f"{found.wanted.name}（{_('提出单位建议')}）"
    offered = suggestion_for(case, now, not_present_unit=True)
    if offered is not None:
        suggested.setdefault(offered.unit_id, f"{offered.unit_name}（{offered.why}）")
    return UnitChoices(list(suggested.items()), next(iter(suggested), None), ())


def _object_offer(actor: Actor, case: Case, earlier: Sequence[Objection], events: Sequence[Any], now: datetime, build: Build) -> Any:  # fmt: skip
    terms = may_object(actor, case, earlier, passed_down=_passed_down(events), now=now)
    if terms is None:
        return None
    offer = build("object", _("提派单异议"), choices=UnitChoices())
    offer.form.fields["ground"].widget.choices = [(ground, ground) for ground in terms.grounds]
    return offer


def objection_context(actor: Actor, case: Case, events: Sequence[Any], now: datetime, build: Build) -> Context:
    """One statement where there was an objection in this case, none where there was not (the journal tells)."""
    earlier = objections_of(case) if any(event.kind == "case.objected" for event in events) else []
    found = earlier[-1] if earlier else None
    asks = _object_offer(actor, case, earlier, events, now, build)
    return {
        "objection": found if found and _shown(found, case) else None,
        "objection_open": bool(found and _open(found, case)),
        "settle_offer": _settle_offer(actor, case, found, now, build) if found and _open(found, case) else None,
        "object_offer": asks,
        "object_until": when(object_until_of(case), now) if asks else "",
        "all_units": common_units() if asks else (),
    }


def _open(found: Objection, case: Case) -> bool:
    unit = case.unit.code if case.unit else ""
    return found.result is Outcome.OPEN and still_stands(status=case.flow_status, unit=unit, objector=found.unit.code)


def _shown(found: Objection, case: Case) -> bool:
    """A rejected one stays in sight while the same unit still has the case; everything else is in the history."""
    return _open(found, case) or (found.result is Outcome.REJECTED and found.unit_id == case.unit_id)


def _settle_offer(actor: Actor, case: Case, found: Objection, now: datetime, build: Build) -> Any:
    if not may(actor, Permission.OBJECTION_DECIDE, case.thing()) or found.asked_by_id == actor.user_id:
        return None
    return build("decide_objection", _("裁定派单异议"), choices=_units(case, found, now))
