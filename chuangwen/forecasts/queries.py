"""Looking at forecasts: the newest, how it came about, what it rests on, where a visit is worth most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from chuangwen.burden.queries import home_of
from chuangwen.cases.models import Case
from chuangwen.forecasts import elsewhere
from chuangwen.forecasts.inputs import HALF_LIVES, LONGEST, pairs_of
from chuangwen.forecasts.models import ExamSetting, PastExam, Run, RunLever
from chuangwen.patrols.models import Finding, Verdict
from chuangwen.patrols.queries import concealed_from
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import OPEN
from chuangwen.rules.forecast_parts import strictness_from
from chuangwen.rules.forecast_plan import ExamPlan, Strictness, read_plan
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound
from chuangwen.scores.observations import findings_within
from chuangwen.scores.reach import everything_in
from chuangwen.standards.models import Severity, VetoItem

__all__ = [
    "Behind",
    "ExamSetting",
    "Forecast",
    "Lever",
    "Run",
    "RunLever",
    "VetoWatch",
    "behind",
    "first_levers",
    "home_of",
    "latest",
    "lever_for",
    "lever_streets",
    "lever_types",
    "levers_of",
    "materials",
    "mock_results",
    "newest_runs",
    "newest_setting",
    "past_exams",
    "places_by_type",
    "plan_of",
    "questionnaires",
    "run_for",
    "runs_of",
    "settings_of",
    "site_values",
    "strictness_of",
    "veto_watch",
]
MOST_LEVERS, MOST_BEHIND = 10, 200
_OPEN = [status.value for status in OPEN]


@dataclass(frozen=True)
class Lever:
    """Where an hour goes far, in plain words."""

    criterion: str
    type: str
    street: str
    gain_per_fix: float
    value_of_a_look: float
    why: str


@dataclass(frozen=True)
class Forecast:
    """The newest forecast as other rooms read it; `levers` are the ten with the largest gain."""

    mean: float
    q05: float
    q50: float
    q95: float
    p_pass: float
    line: float
    made_at: datetime
    levers: tuple[Lever, ...]


def _finished(home_id: int | None = None) -> QuerySet[Run]:
    rows = Run.objects.filter(result__isnull=False)
    return rows if home_id is None else rows.filter(home=home_id)


def latest(home_id: int | None = None) -> Forecast | None:
    """The newest finished forecast, of one branch or of any. Two statements."""
    run = _finished(home_id).first()
    if run is None:
        return None
    total = run.result["total"]
    levers = tuple(
        Lever(one.criterion.code, one.point_type_id, one.street.name if one.street else "", one.gain, one.look, one.why)
        for one in levers_of(run)[:MOST_LEVERS]
    )
    return Forecast(
        total["mean"], total["q05"], total["q50"], total["q95"], run.result["p_pass"], run.result["line"],
        run.finished_at or run.asked_at, levers,
    )  # fmt: skip


def site_values(now: datetime) -> dict[int, float]:
    """What a visit to each place is worth, in points of the total (0 or more), by the newest forecast of each branch that
    was asked for by this moment. Empty before the first one.
    """
    found: dict[int, float] = {}
    rows = _finished().filter(asked_at__lte=now)
    for home_id in sorted(rows.order_by().values_list("home_id", flat=True).distinct()):
        run = rows.filter(home=home_id).only("site_values").first()
        found |= {int(pk): max(float(value), 0.0) for pk, value in (run.site_values if run else {}).items()}
    return found


def newest_setting(home_id: int) -> ExamSetting | None:
    """What examination is expected now."""
    rows = ExamSetting.objects.filter(home=home_id).select_related("edition", "home")
    return rows.order_by("-version").first()


def plan_of(setting: ExamSetting) -> ExamPlan:
    """The setting as the rules read it."""
    return read_plan(setting.toml.encode())


def settings_of(home_id: int) -> Sequence[ExamSetting]:
    """Every version, the newest first."""
    return list(ExamSetting.objects.filter(home=home_id).select_related("edition").order_by("-version")[:50])


def past_exams(home_id: int) -> Sequence[PastExam]:
    """Every past examination that was entered, the withdrawn ones too, newest first."""
    return list(PastExam.objects.filter(home=home_id))


def strictness_of(home_id: int) -> Strictness | None:
    """How strict the examiners were, by the past examinations entered."""
    return strictness_from(pairs_of(home_id))


def places_by_type(home: Unit) -> dict[str, int]:
    """How many places in use there are of each type. One statement."""
    rows = Site.objects.filter(home__path__startswith=home.path, active=True).order_by().values_list("point_type")
    return dict(rows.annotate(count=Count("pk")))


# --- forecasts ---


def runs_of(actor: Actor) -> QuerySet[Run]:
    """The forecasts of the actor's district, newest first."""
    home = home_of(actor)
    rows = Run.objects.filter(home=home) if home else Run.objects.none()
    return rows.select_related("setting__edition", "compared_with").order_by("-id")


def run_for(actor: Actor, run_id: int) -> Run:
    """The door: a forecast of the actor's own district."""
    run = runs_of(actor).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def newest_runs(home_id: int) -> tuple[Run | None, Run | None]:
    """The newest forecast with figures, and one that came after it: under way, or refused. Two statements."""
    rows = Run.objects.filter(home=home_id).select_related("setting__edition", "compared_with").order_by("-id")
    done = rows.filter(result__isnull=False).first()
    last = (
        rows.select_related(None)
        .only("id", "asked_at", "asked_by", "progress", "step", "refused", "finished_at", "setting")
        .first()
    )
    return done, last if last is not None and (done is None or last.pk > done.pk) else None


def levers_of(run: Run, *, by: str = "gain") -> QuerySet[RunLever]:
    """The levers of a forecast by what one fix (`gain`) or one more look (`look`) is worth."""
    rows = RunLever.objects.filter(run=run).select_related("criterion", "point_type", "street", "look_at")
    return rows.order_by("-look", "place") if by == "look" else rows.order_by("place")


def first_levers(run: Run, count: int) -> Sequence[RunLever]:
    """Where putting right what was last seen failing adds most: gain per fix times places failing, as `whole`."""
    rows = levers_of(run).filter(failing__gt=0).annotate(whole=F("gain") * F("failing"))
    return list(rows.order_by("-whole", "place")[:count])


def lever_for(actor: Actor, lever_id: int) -> RunLever:
    """One lever of a forecast of the actor's district."""
    home = home_of(actor)
    rows = RunLever.objects.filter(pk=lever_id, run__home=home) if home else RunLever.objects.none()
    lever = rows.select_related(
        "run__home", "run__setting__edition", "criterion", "point_type", "street", "look_at"
    ).first()
    if lever is None:
        raise NotFound
    return lever


@dataclass(frozen=True)
class Behind:
    """What a lever rests on: for each place its newest finding on this criterion, failing ones first."""

    findings: Sequence[Finding]
    checks: int
    failed: int
    capped: bool


def behind(actor: Actor, lever: RunLever) -> Behind:
    """The findings that the forecast could know of, on this criterion in this street and type. Three statements."""
    run = lever.run
    back = min(timedelta(days=HALF_LIVES * plan_of(run.setting).half_life_days), LONGEST)
    rows = findings_within(
        everything_in(run.home), (run.asked_at - back).date(), run.asked_at.date(), known_at=run.asked_at
    )
    rows = rows.exclude(visit__patrol__in=concealed_from(actor).values("pk")).filter(
        pk__lte=run.mark, found_at__lte=run.asked_at, criterion__code=lever.criterion.code,
        visit__site__point_type=lever.point_type_id, visit__site__street=lever.street,
    ).exclude(verdict=Verdict.NA)  # fmt: skip
    sums = rows.aggregate(checks=Count("pk"), failed=Count("pk", filter=Q(verdict=Verdict.FAIL)))
    newest: dict[int, Finding] = {}
    taken = rows.select_related("visit__site", "visit__patrol", "case").order_by("-found_at", "-pk")
    for finding in taken[: 5 * MOST_BEHIND]:
        newest.setdefault(finding.visit.site_id, finding)
    shown = sorted(newest.values(), key=lambda one: (one.verdict != Verdict.FAIL, one.found_at), reverse=False)
    return Behind(shown[:MOST_BEHIND], sums["checks"], sums["failed"], len(shown) > MOST_BEHIND)


# --- beside the forecast ---


@dataclass(frozen=True)
class VetoWatch:
    """What could cost everything: the red lines, and cases and findings of the veto class that are still open."""

    items: Sequence[VetoItem]
    cases: Sequence[Case]
    open_cases: int
    findings: Sequence[Finding]

    @property
    def quiet(self) -> bool:
        """Nothing of the veto class is open."""
        return not self.open_cases and not self.findings


def veto_watch(actor: Actor, home: Unit, edition_id: int, now: datetime) -> VetoWatch:
    """Open cases of the veto class, and findings of a month that failed on it and opened no case. Four statements."""
    cases = Case.objects.visible_to(actor).filter(
        severity=Severity.VETO, status__in=_OPEN, home__path__startswith=home.path
    )
    month = now - timedelta(days=30)
    failed = findings_within(everything_in(home), month.date(), now.date(), known_at=now).filter(
        verdict=Verdict.FAIL, case=None, criterion__severity=Severity.VETO, found_at__lte=now
    )
    failed = failed.exclude(visit__patrol__in=concealed_from(actor).values("pk"))
    shown = cases.select_related("site", "unit").order_by("due_at", "id")[:5]
    return VetoWatch(
        list(VetoItem.objects.filter(edition=edition_id)), list(shown), cases.count(),
        list(failed.select_related("visit__site", "criterion").order_by("-found_at")[:5]),
    )  # fmt: skip


def materials(edition_id: int, now: datetime) -> Any:
    """How complete the material is; None where that room is not part of the installation."""
    return elsewhere.completeness(edition_id, now=now)


def mock_results() -> Sequence[Any] | None:
    """Finished mock examinations; None where that room is not part of the installation."""
    return elsewhere.mock_results()


def questionnaires(edition_id: int, now: datetime) -> Sequence[Any] | None:
    """Questionnaire rates; None where that room is not part of the installation."""
    return elsewhere.questionnaire_rates(edition_id, now=now)


def lever_streets(run: Run) -> Sequence[tuple[int, str]]:
    """The streets that a forecast has levers in. One statement."""
    rows = RunLever.objects.filter(run=run, street__isnull=False).order_by("street__code")
    return list(rows.values_list("street_id", "street__name").distinct())


def lever_types(run: Run) -> Sequence[tuple[str, str]]:
    """The point types that a forecast has levers for. One statement."""
    rows = RunLever.objects.filter(run=run).order_by("point_type__position", "point_type__code")
    return list(rows.values_list("point_type_id", "point_type__name").distinct())
