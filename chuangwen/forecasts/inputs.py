"""What a forecast rests on, gathered from the district's own records as they stood when it was asked for.

What cannot be used is left out and named: nothing disappears silently. Secret rounds stay out until they are disclosed,
and what a granted appeal took out stays out, as everywhere else.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max

from chuangwen.forecasts.elsewhere import completeness, mock_observations, mock_results, questionnaire_rates
from chuangwen.forecasts.models import ExamSetting, PastExam
from chuangwen.patrols.models import Finding, Verdict
from chuangwen.places.models import Site
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.edition_fields import MethodKind
from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.forecast import Place
from chuangwen.rules.forecast_observations import Seen
from chuangwen.rules.forecast_parts import Pair, material_score, questionnaire_score, strictness_from
from chuangwen.rules.forecast_plan import ExamPlan, MethodScore, read_plan
from chuangwen.scores.observations import findings_within
from chuangwen.scores.reach import everything_in
from chuangwen.standards.edition_rows import edition_sheet_of

PATROL, MOCK = "patrol", "mock"
NO_STREET: Final = "（不在街道）"
HALF_LIVES, LONGEST = 3, timedelta(days=1100)
MOST_FINDINGS: Final = 300_000


@dataclass(frozen=True)
class Inputs:
    """Everything a forecast is computed from; `notes` say what was left out or assumed, `mark` is the newest finding."""

    sheet: EditionSheet
    plan: ExamPlan
    seen: tuple[Seen, ...]
    register: tuple[Place, ...]
    site_ids: dict[str, int]
    streets: dict[str, int]
    notes: tuple[str, ...]
    counts: dict[str, Any]
    mark: int
    numbers: tuple[int, ...]  # of the finding behind each observation; 0 for one of a mock examination

    @property
    def digest(self) -> str:
        """SHA-256 over edition, plan, observations and places."""
        parts = [repr(self.sheet), repr(self.plan), repr(self.seen), repr(self.register)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def known_then(self, mark: int, moment: datetime) -> tuple[Seen, ...]:
        """The observations that an earlier forecast could know of, as far as they still count."""
        stamp = moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
        return tuple(
            one
            for one, number in zip(self.seen, self.numbers, strict=True)
            if (number <= mark if number else one.moment <= stamp)
        )


@dataclass(frozen=True)
class _Row:
    number: int
    site: int
    criterion: str
    at: datetime
    passed: bool
    source: str
    who: str


def gather(setting: ExamSetting, *, now: datetime) -> Inputs:
    """The inputs as of this moment."""
    sheet, plan = edition_sheet_of(setting.edition), read_plan(setting.toml.encode())
    sites = _sites(setting.home.path, sheet)
    rows, mark, notes = _rows(setting, plan, sites, now)
    kept, said = _usable(rows, sheet, plan, sites, now)
    notes += said
    plan, said, counts = _completed(setting, plan, sites, now)
    labels = {pk: place.name for pk, (place, _street) in sites.items()}
    seen = tuple(_seen(one, sites[one.site][0]) for one in kept)
    sources = Counter(one.source for one in kept)
    counts |= {"patrol": sources[PATROL], "mock": sources[MOCK], "sites": len(sites),
               "seen_sites": len({one.site for one in kept}), "mocks": _mocks(now)}  # fmt: skip
    return Inputs(
        sheet, plan, seen, tuple(place for place, _ in sites.values()), {name: pk for pk, name in labels.items()},
        {place.street: street for place, street in sites.values() if street}, tuple(notes + said), counts, mark,
        tuple(one.number for one in kept),
    )  # fmt: skip


def _sites(path: str, sheet: EditionSheet) -> dict[int, tuple[Place, int]]:
    """The places in use with types of the edition, by number, with the number of their street; names made unique."""
    types = [kind.code for kind in sheet.point_types]
    rows = list(
        Site.objects.filter(home__path__startswith=path, active=True, point_type__in=types)
        .order_by("code")
        .values_list("pk", "code", "name", "point_type", "street__name", "street_id")
    )
    names = Counter(name for _, _, name, *_ in rows)
    return {
        pk: (Place(name if names[name] == 1 else f"{name}（{code}）", kind, street or NO_STREET), street_id or 0)
        for pk, code, name, kind, street, street_id in rows
    }


def _rows(
    setting: ExamSetting, plan: ExamPlan, sites: dict[int, Any], now: datetime
) -> tuple[list[_Row], int, list[str]]:
    """Findings and mock observations of three half-lives, the newest finding, and what the window leaves out."""
    back = min(timedelta(days=HALF_LIVES * plan.half_life_days), LONGEST)
    today = now.astimezone(SHANGHAI).date()
    found = findings_within(everything_in(setting.home), today - back, today, known_at=now)
    found = found.filter(found_at__lte=now).exclude(verdict=Verdict.NA)
    newest = Finding.objects.filter(found_at__lte=now).aggregate(newest=Max("pk"))["newest"] or 0
    taken = found.order_by("-found_at", "-pk").values_list(
        "pk", "visit__site_id", "criterion__code", "found_at", "verdict", "visit__inspector_id"
    )[: MOST_FINDINGS + 1]
    rows = [
        _Row(pk, site, code, at, verdict == Verdict.PASS, PATROL, str(who))
        for pk, site, code, at, verdict, who in taken
    ]
    notes = [] if len(rows) <= MOST_FINDINGS else [f"判定超过 {MOST_FINDINGS:,} 条，只用了最近的这些。"]
    rows = rows[:MOST_FINDINGS][::-1]
    mocks = mock_observations(setting.edition_id)
    if mocks is None:
        notes.append("没有模拟测评的数据：本系统没有装模拟测评，观测只有巡查判定。")
        return rows, newest, notes
    numbers = dict(Site.objects.filter(pk__in=sites).values_list("code", "pk"))
    known = [one for one in mocks if one.observed_at <= now]
    rows += [
        _Row(
            0,
            numbers.get(one.site_code, 0),
            one.criterion,
            one.observed_at,
            one.passed,
            MOCK,
            f"m{one.inspector_id}" if one.inspector_id else "",
        )
        for one in known
    ]
    return rows, newest, notes


def _usable(
    rows: Iterable[_Row], sheet: EditionSheet, plan: ExamPlan, sites: dict[int, tuple[Place, int]], now: datetime
) -> tuple[list[_Row], list[str]]:
    """The observations that the model can take, and a sentence for every kind that it cannot."""
    kinds = {row.code: row.point_type for row in sheet.criteria if row.method == MethodKind.FIELD}
    tests: tuple[tuple[str, Callable[[_Row], bool]], ...] = (
        ("点位已停用、不在本区，或类型不在这套测评标准里", lambda one: one.site not in sites),
        ("标准不在这套测评标准的实地考察里", lambda one: one.criterion not in kinds),
        (
            "标准不是在这类点位查的",
            lambda one: kinds[one.criterion] not in ("", sites[one.site][0].type),
        ),
        ("时间晚于现在", lambda one: one.at > now),
        ("时间晚于测评日期", lambda one: one.at.astimezone(SHANGHAI).date() > plan.day),
    )
    kept, out = [], Counter[str]()
    for one in rows:
        why = next((words for words, fails in tests if fails(one)), "")
        if why:
            out[why] += 1
        else:
            kept.append(one)
    contradicted = _contradicted(kept)
    if contradicted:
        out["同一人同一时间对同一处同一条判得相反"] = len([one for one in kept if _key(one) in contradicted])
        kept = [one for one in kept if _key(one) not in contradicted]
    return kept, [f"有 {count:,} 条观测没有用：{why}。" for why, count in out.items()]


def _key(one: _Row) -> tuple[Any, ...]:
    return one.site, one.criterion, one.at.replace(microsecond=0), one.source, one.who


def _contradicted(rows: Iterable[_Row]) -> set[tuple[Any, ...]]:
    first: dict[tuple[Any, ...], bool] = {}
    return {_key(one) for one in rows if first.setdefault(_key(one), one.passed) != one.passed}


def _seen(one: _Row, place: Place) -> Seen:
    moment = one.at.astimezone(SHANGHAI)
    return Seen(
        one.number, place.name, place.type, place.street, one.criterion, moment.isoformat(timespec="seconds"),
        moment.date(), one.passed, one.source, one.who,
    )  # fmt: skip


# --- what the plan leaves to the records ---


def _completed(
    setting: ExamSetting, plan: ExamPlan, sites: dict[int, tuple[Place, int]], now: datetime
) -> tuple[ExamPlan, list[str], dict[str, Any]]:
    """The plan with places, strictness, material and questionnaire from the records where it does not state them."""
    said: list[str] = []
    counts: dict[str, Any] = {}
    there = Counter(place.type for place, _ in sites.values())
    names = dict(setting.edition.criteria.values_list("point_type__name", "point_type_id"))
    stated = {names.get(kind, kind): count for kind, count in plan.known.items()}
    known = {kind: max(stated.get(kind, 0), there[kind]) for kind in {*there, *stated}}
    for kind, count in stated.items():
        if count < there[kind]:
            said.append(f"设想里说 {kind} 共 {count} 处，点位库里有 {there[kind]} 处，按点位库计算。")
    strict = plan.strictness
    pairs = pairs_of(setting.home_id)
    if strict is None and pairs:
        strict = strictness_from(pairs)
        said.append(
            f"测评员的宽严由 {len(pairs)} 次以往测评推得：{strict.mean:+.2f}，标准差 {strict.sd:.2f}（对数几率）。"
            if strict
            else ""
        )
    counts["pairs"] = len(pairs)
    methods = dict(plan.methods)
    for kind, found in ((MethodKind.MATERIAL.value, _material), (MethodKind.QUESTIONNAIRE.value, _questionnaire)):
        score, facts, sentences = found(setting.edition_id, now)
        counts[kind] = facts
        if kind in methods:
            counts[kind] = {**facts, "stated": True}
        elif score is not None:
            methods[kind] = score
        elif _weighs(setting, plan, kind):
            said += sentences
    return replace(plan, known=known, strictness=strict, methods=methods), [one for one in said if one], counts


def _mocks(now: datetime) -> list[dict[str, Any]]:
    """The last finished mock examinations, as they stood."""
    found = [one for one in mock_results() or () if one.finished_at and one.finished_at <= now]
    newest = sorted(found, key=lambda one: one.finished_at, reverse=True)[:3]
    return [
        {"name": one.name, "day": one.finished_at.astimezone(SHANGHAI).date().isoformat(), "rate": one.rate,
         "low": one.low, "high": one.high}
        for one in newest
    ]  # fmt: skip


def _weighs(setting: ExamSetting, plan: ExamPlan, kind: str) -> bool:
    if plan.weights:
        return plan.weights.get(kind, 0) > 0
    return setting.edition.methods.filter(kind=kind, weight__gt=0).exists()


Found = tuple[MethodScore | None, dict[str, Any], list[str]]


def _material(edition_id: int, now: datetime) -> Found:
    found = completeness(edition_id, now=now)
    if found is None:
        return None, {}, ["没有网上申报的数据：本系统没有装网上申报。"]
    facts = {name: getattr(found, name) for name in ("required", "accepted", "in_review", "returned", "missing")}
    score = material_score(required=found.required, accepted=found.accepted, in_review=found.in_review)
    return score, facts, ["网上申报还没有列出要求，材料没有数。"]


def _questionnaire(edition_id: int, now: datetime) -> Found:
    found = questionnaire_rates(edition_id, now=now)
    if found is None:
        return None, {}, ["没有问卷的数据：本系统没有装问卷调查。"]
    answered = [one for one in found if one.respondents]
    facts = {"questions": len(answered), "respondents": max((one.respondents for one in answered), default=0)}
    return questionnaire_score([(one.rate, one.low, one.high) for one in answered]), facts, ["问卷还没有人答。"]


def pairs_of(home_id: int) -> Sequence[Pair]:
    """The past examinations of a branch that were not withdrawn."""
    rows = PastExam.objects.filter(home=home_id, withdrawn_at=None)
    return [Pair(float(row.our_rate), row.our_checks, float(row.their_rate), row.their_checks) for row in rows]
