"""Reading objections, sets of rules and replays; which unit a case should go to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from chuangwen.cases.models import Case
from chuangwen.routing.facts import facts_of
from chuangwen.routing.held import Ground, ground, in_force, terms_at
from chuangwen.routing.models import Objection, ObjectionTerms, Replay, ReplayLine, RuleSet
from chuangwen.routing.objections import dispatched_facts
from chuangwen.rules.case_flow import FINISHED, RUNNING, Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.dispatch_objections import Outcome, Terms, object_until, objecting_objections
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import BadInput, NotFound
from chuangwen.rules.routing import PastCount, Suggestion, from_the_past, suggest, warnings
from chuangwen.rules.routing_files import coded
from chuangwen.standards.queries import work_calendar

__all__ = ["Objection", "ObjectionTerms", "Replay", "ReplayLine", "RuleSet", "ground", "in_force", "terms_at"]

PAST = timedelta(days=365)
_RUNNING = sorted(status.value for status in RUNNING)
_CLOSED = sorted(status.value for status in FINISHED - {Status.FORCE_CLOSED})


# --- which unit ---


@dataclass(frozen=True)
class Offered:
    """A unit to which a case could go, and why; `place`: the rule that says so, 0 where the past does."""

    unit_id: int
    unit_name: str
    why: str
    place: int
    passed: tuple[str, ...] = ()


def suggestion_for(case: Case, now: datetime, *, not_present_unit: bool = False) -> Offered | None:
    """Where a case should go by the rules in force, else by what became of such cases; never sent there by itself.

    A unit that just returned the case is passed over; with `not_present_unit` the one that has it, too.
    No statement while the held ground is fresh and a rule decides; one for the past.
    """
    away = case.unit is not None and (not_present_unit or case.flow_status is Status.RETURNED)
    barred = {case.unit.code} if case.unit is not None and away else set()
    rules = in_force(case.home.path, now.astimezone(SHANGHAI).date())
    if rules is not None:
        known = ground()
        if found := suggest(rules.rules, facts_of(case, known), known.atlas, barred):
            return _offered(found, known)
    past = by_the_past(case, now)
    if past is not None and past.unit in barred:
        return None
    return _offered(past, ground()) if past else None


def _offered(found: Suggestion, known: Ground) -> Offered | None:
    unit = known.atlas.units.get(found.unit)
    if unit is None or not unit.active:
        return None
    return Offered(known.unit_ids[unit.code], unit.name, found.why, found.place, found.passed)


def by_the_past(case: Case, now: datetime) -> Suggestion | None:
    """The unit that closed most cases of the same class in the same street within a year; counted in SQL."""
    if case.standard is None:
        return None
    where = Q(street_id=case.street_id) if case.street_id else Q(home_id=case.home_id)
    rows = (
        Case.objects.filter(
            where, status__in=_CLOSED, standard__class_name=case.standard.class_name, reported_at__gte=now - PAST,
            unit__isnull=False, unit__active=True,
        )
        .exclude(pk=case.pk)
        .order_by()
        .values("unit__code", "unit__name")
        .annotate(closed=Count("pk"))
    )  # fmt: skip
    name = case.street.name if case.street else case.home.name
    counted = [PastCount(row["unit__code"], row["unit__name"], row["closed"]) for row in rows]
    return from_the_past(counted, such=f"近一年{name}“{case.standard.class_name}”")


def unit_meant(text: str) -> int:
    """The row of the one unit of any branch that a text names: code, whole name, name（code）, or a part of one name.

    Raises BadInput with a sentence when none or several fit. No statement while the held ground is fresh.
    """
    known = ground()
    atwork = {code: unit.name for code, unit in known.atlas.units.items() if unit.active}
    code = coded(text.strip(), atwork)
    if code is None:
        parts = [code for code, name in atwork.items() if text.strip() in name]
        if len(parts) != 1:
            more = "、".join(f"{atwork[part]}（{part}）" for part in parts[:3])
            why = f"对应不止一个单位：{more}{'等' if len(parts) > 3 else ''}" if parts else "没有找到"
            raise BadInput(f"单位“{text.strip()}”{why}，请从列表里选，或写编码。")
        code = parts[0]
    return known.unit_ids[code]


def common_units() -> Sequence[tuple[str, str]]:
    """(code, name) of streets, departments and regulators, for typing boxes that go beyond one's own branch."""
    kinds = {"street", "department", "regulator"}
    return [(unit.code, unit.name) for unit in ground().atlas.units.values() if unit.active and unit.kind in kinds][
        :300
    ]


# --- objections ---


def objections_for(actor: Actor) -> QuerySet[Objection]:
    """The objections that somebody may see: the office and leaders in their branch, units their own; newest first."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(case__home__path__startswith=scope)
    for path in set(actor.unit_paths(*UNIT)):
        reach |= Q(unit__path__startswith=path)
    rows = Objection.objects.filter(reach)
    if actor.blind_sites:
        rows = rows.exclude(case__site_id__isnull=False, case__site_id__in=actor.blind_sites)
    return rows.select_related("case", "unit", "wanted", "given_to", "asked_by", "decided_by").order_by("-id")


def standing(rows: QuerySet[Objection]) -> QuerySet[Objection]:
    """Those with something left to decide, the most urgent first."""
    still = rows.filter(outcome=Outcome.OPEN.value, case__status__in=_RUNNING, case__unit_id=F("unit_id"))
    return still.order_by("decide_by", "id")


def objections_to_decide(actor: Actor) -> QuerySet[Objection]:
    """What waits for this person: open objections in the branch of their office, not their own."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        reach |= Q(case__home__path__startswith=scope)
    rows = Objection.objects.filter(reach).exclude(asked_by_id=actor.user_id or 0)
    return standing(rows).select_related("case__site", "unit", "wanted", "asked_by")


def objections_of(case: Case) -> Sequence[Objection]:
    """All objections in a case, oldest first."""
    rows = Objection.objects.filter(case=case).select_related("unit", "wanted", "given_to", "asked_by", "decided_by")
    return list(rows.order_by("id"))


def may_object(
    actor: Actor, case: Case, earlier: Sequence[Objection], *, passed_down: bool, now: datetime
) -> Terms | None:
    """The terms under which this person could object to the dispatch now; None when they could not."""
    if case.flow_status is not Status.DISPATCHED or not may(actor, Permission.OBJECTION_RAISE, case.thing()):
        return None
    terms = terms_at(case.home.path)
    facts = dispatched_facts(case, earlier, passed_down=passed_down)
    return None if objecting_objections(facts, terms=terms, calendar=work_calendar(), now=now) else terms


def object_until_of(case: Case) -> datetime | None:
    """The last moment at which an objection to this dispatch is in time."""
    if case.dispatched_at is None:
        return None
    return object_until(case.dispatched_at, terms_at(case.home.path), work_calendar())


# --- sets and replays ---


def rule_sets_for(actor: Actor) -> QuerySet[RuleSet]:
    """The sets of the branches that the office or a leader reaches, newest first."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(home__path__startswith=scope)
    return RuleSet.objects.filter(reach).select_related("home").order_by("-id")


def rule_set_for(actor: Actor, set_id: int) -> RuleSet:
    """The set, when the actor may see it."""
    row = rule_sets_for(actor).filter(pk=set_id).first() if may(actor, Permission.ROUTING_SEE) else None
    if row is None:
        raise NotFound
    return row


def warnings_of(row: RuleSet) -> tuple[str, ...]:
    """Rules of a set that are never reached."""
    return warnings(row.listed(), ground().atlas)


def replays_of(row: RuleSet) -> Sequence[Replay]:
    """The replays of a set, newest first."""
    return list(Replay.objects.filter(rule_set=row).select_related("against").order_by("-id")[:20])


def replay_for(actor: Actor, set_id: int, replay_id: int) -> Replay:
    """The replay of a set, when the actor may see the set."""
    row = rule_set_for(actor, set_id)
    found = Replay.objects.select_related("against").filter(rule_set=row, pk=replay_id).first()
    if found is None:
        raise NotFound
    found.rule_set = row
    return found


def lines_of(replay: Replay, *, actor: Actor, which: str, unit: str = "") -> QuerySet[ReplayLine]:
    """The cases that would go elsewhere (`moved`) or really went elsewhere (`differs`), of one unit when it is named."""
    rows = ReplayLine.objects.filter(replay=replay, **{which: True})
    if unit:
        rows = rows.filter(Q(draft=unit) | (Q(now=unit) if which == "moved" else Q(real=unit)))
    if actor.blind_sites:
        rows = rows.exclude(case__site_id__isnull=False, case__site_id__in=actor.blind_sites)
    return rows.select_related("case__site").order_by("id")


def unit_names(codes: Sequence[str]) -> Mapping[str, str]:
    """What units are called, by code."""
    atlas = ground().atlas
    return {code: atlas.name_of(code) for code in codes}


def last_month(today: date) -> tuple[date, date]:
    """The first and the last day of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
