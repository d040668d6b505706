"""The figures of a special campaign out of cases: targets with their baselines, weekly trend inside and outside its areas.

The cases of the chosen classes are fetched once; everything else is rules/trends.py over plain facts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, prefetch_related_objects

from chuangwen.campaigns.models import BEIJING, Campaign, CampaignTarget, midnight
from chuangwen.cases.models import Case
from chuangwen.patrols.models import Visit
from chuangwen.patrols.queries import concealed, concealed_from
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.campaigns import MEASURES, MeasureKind
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Actor
from chuangwen.rules.trends import (
    RECURS_WITHIN,
    CaseFact,
    Difference,
    Group,
    Measured,
    Weeks,
    difference_in_differences,
    measured,
    monday_of,
    weeks_around,
)

_NO_PROBLEM = [Status.REFUSED.value, Status.CANCELLED.value]
MOST_CASES = 500


@dataclass(frozen=True)
class TargetLine:
    """One target: what it was before the start, what it is now, the figure to be reached."""

    measure: str
    kind: MeasureKind
    target: float
    before: Measured
    frozen: float | None
    now: Measured

    @property
    def baseline(self) -> float | None:
        """The figure frozen at the start; of a draft what it would be if it started now."""
        return self.before.value if self.frozen is None else self.frozen

    @property
    def reached(self) -> bool | None:
        """Whether the figure of now meets the target."""
        return self.kind.reached(self.now.value, self.target)


@dataclass(frozen=True)
class Visits:
    """Finished visits in the whole weeks before and after, inside and outside: how hard was looked."""

    inside_before: int = 0
    inside_after: int = 0
    outside_before: int = 0
    outside_after: int = 0


@dataclass(frozen=True)
class SpecialFigures:
    """Everything that the page of a special campaign counts."""

    facts: Sequence[CaseFact]
    weeks: Weeks
    inside: Group
    outside: Group
    visits: Visits
    difference: Difference | None
    targets: Sequence[TargetLine]

    def week_cases(self, week: date, *, inside: bool) -> tuple[int, ...]:
        """The cases that one point of the trend counts."""
        return tuple(fact.case_id for fact in self.facts if fact.inside is inside and _week_of(fact.reported) == week)


@dataclass(frozen=True)
class _Ground:
    """Which places lie in the campaign's areas."""

    paths: tuple[str, ...]
    streets: frozenset[int]

    def holds(self, path: str, street_id: int | None) -> bool:
        return path.startswith(self.paths) or street_id in self.streets


def _ground(areas: Sequence[Unit]) -> _Ground:
    return _Ground(tuple(unit.path for unit in areas) or ("//",), frozenset(unit.pk for unit in areas))


def _week_of(moment: datetime) -> date:
    return monday_of(moment.astimezone(BEIJING).date())


def cases_between(campaign: Campaign, home: Unit, first: date, last: date) -> int:
    """How many problems of its kinds were reported in its areas, inside a branch, from the first day to the last one."""
    ground = _ground(list(campaign.areas.all()))
    rows = Case.objects.filter(_classes(campaign), _span_of_days(first, last), home__path__startswith=home.path)
    found = rows.exclude(status__in=_NO_PROBLEM).order_by().values_list("home__path", "street_id")
    return sum(ground.holds(path, street) for path, street in found)


def _span_of_days(first: date, last: date) -> Q:
    return Q(reported_at__gte=midnight(first), reported_at__lt=midnight(last + timedelta(days=1)))


def _classes(campaign: Campaign) -> Q:
    """Cases by the chosen standards, and by earlier and later wordings of the same ones."""
    same = Q(pk__in=[])
    for row in campaign.standards.all():
        same |= Q(standard__book=row.book, standard__code=row.code)
    return same


def _facts(campaign: Campaign, ground: _Ground, since: datetime) -> list[CaseFact]:
    rows = Case.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=since - RECURS_WITHIN),
        _classes(campaign),
        home__path__startswith=campaign.home.path,
    ).exclude(status__in=_NO_PROBLEM)  # fmt: skip
    columns = (
        "pk",
        "home__path",
        "street_id",
        "site_id",
        "standard__code",
        "reported_at",
        "due_at",
        "rectified_at",
        "ended_at",
    )
    return [
        CaseFact(pk, ground.holds(path, street), *facts)
        for pk, path, street, *facts in rows.order_by("reported_at", "pk").values_list(*columns)
    ]


def _group(facts: Sequence[CaseFact], sites: int, *, inside: bool) -> Group:
    return Group(Counter(_week_of(fact.reported) for fact in facts if fact.inside is inside), sites)


def _sites(campaign: Campaign, ground: _Ground) -> tuple[int, int]:
    """How many active sites lie inside and outside."""
    rows = Site.objects.filter(active=True, home__path__startswith=campaign.home.path).order_by()
    counted = [
        (ground.holds(path, street), n)
        for path, street, n in rows.values_list("home__path", "street_id").annotate(n=Count("pk"))
    ]
    return sum(n for held, n in counted if held), sum(n for held, n in counted if not held)


def _span(weeks: Sequence[date], moment: str) -> Q:
    if not weeks:
        return Q(pk__in=[])
    first, last = midnight(weeks[0]), midnight(weeks[-1] + timedelta(days=7))
    return Q(**{f"{moment}__gte": first, f"{moment}__lt": last})


def _visits(actor: Actor, campaign: Campaign, ground: _Ground, weeks: Weeks, *, hide_secret: bool) -> Visits:
    hidden = concealed() if hide_secret else concealed_from(actor)
    before, after = _span(weeks.before, "finished_at"), _span(weeks.after, "finished_at")
    rows = Visit.objects.filter(before | after, site__home__path__startswith=campaign.home.path)
    rows = rows.exclude(patrol__in=hidden.values("pk")).order_by()
    found: Counter[str] = Counter()
    for path, street, early, late in rows.values_list("site__home__path", "site__street_id").annotate(
        early=Count("pk", filter=before), late=Count("pk", filter=after)
    ):
        where = "inside" if ground.holds(path, street) else "outside"
        found[f"{where}_before"] += early
        found[f"{where}_after"] += late
    return Visits(**found)


def campaign_weeks(campaign: Campaign, now: datetime) -> Weeks:
    """The weeks that are compared: whole ones, up to yesterday or to the end of the campaign."""
    last = min(campaign.ends_on, now.astimezone(BEIJING).date() - timedelta(days=1))
    if campaign.ended_at is not None:
        last = min(last, campaign.ended_at.astimezone(BEIJING).date() - timedelta(days=1))
    return weeks_around(campaign.starts_on, until=last, before=campaign.baseline_weeks)


def figures_of(actor: Actor, campaign: Campaign, *, now: datetime, hide_secret: bool = False) -> SpecialFigures:
    """Targets and trend at this moment; the counts are of whole areas, whoever asks."""
    prefetch_related_objects([campaign], "areas", "standards")
    ground, weeks = _ground(list(campaign.areas.all())), campaign_weeks(campaign, now)
    facts = _facts(campaign, ground, _first_moment(campaign))
    sites_inside, sites_outside = _sites(campaign, ground)
    inside, outside = _group(facts, sites_inside, inside=True), _group(facts, sites_outside, inside=False)
    return SpecialFigures(
        facts=facts, weeks=weeks, inside=inside, outside=outside,
        visits=_visits(actor, campaign, ground, weeks, hide_secret=hide_secret),
        difference=difference_in_differences(inside, outside, weeks), targets=_targets(campaign, facts, now),
    )  # fmt: skip


def _first_moment(campaign: Campaign) -> datetime:
    return midnight(monday_of(campaign.starts_on) - timedelta(weeks=campaign.baseline_weeks))


def _targets(campaign: Campaign, facts: Sequence[CaseFact], now: datetime) -> list[TargetLine]:
    since = campaign.opens_at - timedelta(weeks=campaign.baseline_weeks)
    until = max(campaign.opens_at, min(now, campaign.closes_at))
    return [
        TargetLine(
            target.measure, MEASURES[target.measure], float(target.value),
            before=measured(target.measure, facts, since, campaign.opens_at), frozen=_frozen(target),
            now=measured(target.measure, facts, campaign.opens_at, until),
        )
        for target in campaign.targets.all()
    ]  # fmt: skip


def _frozen(target: CampaignTarget) -> float | None:
    if target.baseline_part is None or target.baseline_whole is None:
        return None
    if not MEASURES[target.measure].is_share:
        return float(target.baseline_part)
    return 100 * target.baseline_part / target.baseline_whole if target.baseline_whole else None


def freeze_baselines(campaign: Campaign, *, now: datetime) -> Mapping[str, Sequence[int]]:
    """Keep what each target was before the start: [part, whole] by measure. Called by the step that starts a campaign."""
    ground = _ground(list(campaign.areas.all()))
    lines = _targets(campaign, _facts(campaign, ground, _first_moment(campaign)), now)
    found: dict[str, Sequence[int]] = {}
    for line in lines:
        part, whole = len(line.before.part), len(line.before.whole)
        rows = campaign.targets.filter(measure=line.measure)
        rows.update(baseline_part=part, baseline_whole=whole)
        found[line.measure] = [part, whole]
    return found


def cases_shown(actor: Actor, case_ids: Sequence[int]) -> Sequence[Case]:
    """Those of the counted cases that this person may see, the newest first, as many as a page bears."""
    rows = Case.objects.visible_to(actor).filter(pk__in=list(case_ids)[:20_000])
    return list(
        rows.select_related("site", "street", "unit").defer("text", "reply").order_by("-reported_at")[:MOST_CASES]
    )
