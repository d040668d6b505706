"""Would we pass today, and what should be fixed first: from observations to the distribution of the total.

The total is the sum over methods of weight times score rate, 0 to 100. The field's rate is the weight of the criteria
passed over the weight of all that are judged, over all places drawn together (one rate over all observations, as the
mock run of Jiaozuo 2019 published it: 78 places, 328 criteria, 1,166 observations). Material and questionnaire come as
the plan states them. Red lines are scenarios with a stated probability.

`forecast_model` estimates, `forecast_exam` simulates, `forecast_levers` says where an hour helps.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from chuangwen.rules import forecast_model as model
from chuangwen.rules.edition_fields import MethodKind, word_of
from chuangwen.rules.editions import CriterionRow, EditionSheet
from chuangwen.rules.forecast_exam import Outlook, Single, Spread, Stop, outlook, simulate
from chuangwen.rules.forecast_levers import Lever, Words, levers
from chuangwen.rules.forecast_model import Fit
from chuangwen.rules.forecast_observations import Seen, named_by_code, objections
from chuangwen.rules.forecast_plan import ExamPlan, MethodScore, Strictness
from chuangwen.rules.forecast_visits import VisitValue, visit_values
from chuangwen.rules.refusals import BadInput

_UNKNOWN_SE: Final = 10.0
_FEW_PLACES: Final = 3


@dataclass(frozen=True)
class Band:
    """A distribution in five figures."""

    mean: float
    sd: float
    q05: float
    q50: float
    q95: float


@dataclass(frozen=True)
class Share:
    """A part of the total with its weight; rates are 0 to 100."""

    weight: float
    band: Band


@dataclass(frozen=True)
class Place:
    """A place that exists, whether anybody looked at it or not."""

    name: str
    type: str
    street: str


@dataclass(frozen=True)
class Forecast:
    """What the examination would give. `drivers`: share of the total's variance by cause (first-order, in percent).

    `totals` are the simulated totals themselves, in the order of the runs; `visits` what a visit to each place is worth.
    """

    total: Band
    p_pass: float
    p_pass_without_vetoes: float
    methods: Mapping[str, Share]
    by_type: Mapping[str, Band]
    drivers: Mapping[str, float]
    spreads: Mapping[str, float]
    levers: tuple[Lever, ...]
    warnings: tuple[str, ...]
    totals: Single
    visits: Mapping[str, VisitValue]


def forecast(
    edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan, *, runs: int = 100_000, seed: int = 7,
    register: Sequence[Place] = (),
) -> Forecast:  # fmt: skip
    """The forecast; the same input and seed give the same figures. Raises BadInput with everything that forbids one.

    `register`: places that exist, so that those nobody has looked at stand in their own streets; types as codes.
    """
    rows, plan = named_by_code(edition, seen, plan)
    if said := objections(edition, rows, plan):
        raise BadInput(said)
    asked = _Asked(edition, rows, plan, register)
    fit = model.fit(asked.sightings(), asked.strict)
    stops = asked.stops()
    spread = Spread(fit.spread(model.VISIT), fit.spread(model.PERIOD), asked.strict.round_sd)
    field, parts = simulate(fit, stops, spread, runs=runs, seed=seed)
    rng = np.random.default_rng([seed, 1])
    scores = {MethodKind.FIELD.value: 100 * field} | asked.others(float(field.mean()), runs, rng)
    exact = sum(np.float32(asked.weights[kind] / 100) * score for kind, score in scores.items())
    before = np.asarray(exact, dtype=np.float32)
    totals, failed = _with_vetoes(before, plan, rng)
    ahead = outlook(fit, stops, spread.visit**2)
    points, words = asked.weights.get(MethodKind.FIELD, 0.0), asked.words()
    worth: dict[str, Any] = {"ahead": ahead, "extra": spread.visit**2, "points": points, "sd": float(totals.std())}
    return Forecast(
        total=_band(totals),
        p_pass=float(((totals >= plan.line) & ~failed).mean()),
        p_pass_without_vetoes=float((before >= plan.line).mean()),
        methods={kind: Share(asked.weights[kind], _band(score)) for kind, score in scores.items()},
        by_type={asked.types[stop.type]: _band(100 * part) for stop, part in zip(stops, parts, strict=True)},
        drivers=_drivers(fit, spread, ahead, scores, asked.weights, totals - before),
        spreads={name: fit.spread(name) for name in fit.variances},
        levers=levers(fit, stops, words, **worth),
        warnings=tuple(asked.warnings(fit)),
        totals=totals,
        visits=visit_values(fit, stops, words.sites, words.last, **worth),
    )


def _band(values: Single) -> Band:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return Band(float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64)), float(low), float(middle),
                float(high))  # fmt: skip


def _with_vetoes(totals: Single, plan: ExamPlan, rng: Any) -> tuple[Single, Any]:
    failed = np.zeros(len(totals), dtype=bool)
    found = totals.copy()
    for veto in plan.vetoes:
        struck = rng.random(len(totals), dtype=np.float32) < veto.probability
        found -= struck * np.float32(veto.points)
        failed |= struck & veto.fails
    return np.maximum(found, 0), failed


def _drivers(
    fit: Fit, spread: Spread, ahead: Outlook, scores: Mapping[str, Single],
    weights: Mapping[str, float], vetoes: Single,
) -> dict[str, float]:  # fmt: skip
    """Share of the variance of the total by cause, in percent."""
    points = weights[MethodKind.FIELD]
    gradient = ahead.dense - fit.lean.T @ ahead.site
    steep = float(ahead.dense[fit.at[model.CONSTANT]][0])
    known = float(gradient @ fit.covariance @ gradient)
    reach = (gradient @ fit.covariance)[fit.at[model.EXAMINERS]][0]
    judged = float(reach * gradient[fit.at[model.EXAMINERS]][0])
    found = {
        "examiners": points**2 * (max(judged, 0.0) + (steep * spread.round) ** 2),
        "period": points**2 * (steep * spread.period) ** 2,
        "estimates": points**2 * max(known - max(judged, 0.0), 0.0),
    }
    rest = float((scores[MethodKind.FIELD] * np.float32(points / 100)).var(dtype=np.float64)) - sum(found.values())
    found["draw_and_day"] = max(rest, 0.0)
    for kind, score in scores.items():
        if kind != MethodKind.FIELD:
            found[kind] = float((score * np.float32(weights[kind] / 100)).var(dtype=np.float64))
    found["veto"] = float(vetoes.var(dtype=np.float64))
    whole = sum(found.values()) or 1.0
    return {name: 100 * value / whole for name, value in found.items()}


class _Asked:
    """Edition, observations and plan as numbers."""

    def __init__(
        self, edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan, register: Sequence[Place] = ()
    ) -> None:
        self.edition, self.plan = edition, plan
        field = [row for row in edition.criteria if row.method == MethodKind.FIELD and row.point_type]
        self.rows: dict[str, CriterionRow] = {row.code: row for row in field}
        self.criteria = list(self.rows)
        self.types = [kind.code for kind in edition.point_types]
        once = _once(seen)
        self.seen = [one for one in once if one.criterion in self.rows]
        self.doubles, self.elsewhere = len(seen) - len(once), len(once) - len(self.seen)
        self.weights = dict(plan.weights) or {row.kind: float(row.weight) for row in edition.methods}
        self.weights = {MethodKind.FIELD.value: 0.0} | {str(kind): weight for kind, weight in self.weights.items()}
        given = plan.strictness or Strictness()
        self.strict = model.Strict(given.mean, given.sd, given.round_sd)
        self.streets = list(dict.fromkeys([*(one.street for one in seen), *(one.street for one in register)])) or [""]
        self.sites: list[tuple[str, int, int]] = []  # name, type, street
        self._list_sites(seen, register)

    def _list_sites(self, seen: Sequence[Seen], register: Sequence[Place]) -> None:
        """Places seen, then those of the register, then those the plan says exist: nameless, spread over the streets as
        the others are.
        """
        types = {kind: at for at, kind in enumerate(self.types)}
        streets = {street: at for at, street in enumerate(self.streets)}
        homes = {one.name: (types[one.type], streets[one.street]) for one in register if one.type in types}
        homes |= {one.site: (types[one.type], streets[one.street]) for one in seen}
        self.sites = [(name, *home) for name, home in homes.items()]
        for number, kind in enumerate(self.types):
            own = [street for _, at, street in self.sites if at == number] or list(range(len(self.streets)))
            there = sum(at == number for _, at, _ in self.sites)
            for more in range(self.plan.known.get(kind, 0) - there):
                self.sites.append((f"没有查过的{kind}点位", number, own[more % len(own)]))

    def sightings(self) -> model.Sightings:
        """The observations for the fit."""
        number = {code: at for at, code in enumerate(self.criteria)}
        place = {name: at for at, (name, _, _) in enumerate(self.sites)}
        keys, visit = model.codes_of([(one.site, one.day, one.source, one.inspector) for one in self.seen])
        visits = list(keys)
        site = np.array([place[key[0]] for key in visits], dtype=np.int64)
        official = np.array([key[2] in self.plan.official for key in visits], dtype=bool)
        periods, period = model.codes_of([(key[1].year, key[1].month) for key in visits])
        people, who = model.codes_of([key[3] or key[2] for key in visits])
        rounds, which = model.codes_of([(key[2], key[1].year, key[1].month) for key in visits])
        where = np.array([self.sites[at][1:] for at in site], dtype=np.int64).reshape(-1, 2)
        levels = {
            model.TYPE: where[:, 0], model.STREET: where[:, 1], model.PERIOD: period,
            model.INSPECTOR: np.where(official, -1, who), model.ROUND: np.where(official, which, -1),
        }  # fmt: skip
        sizes = {
            model.TYPE: len(self.types), model.STREET: len(self.streets), model.PERIOD: len(periods),
            model.INSPECTOR: len(people), model.ROUND: len(rounds), model.CRITERION: len(self.criteria),
            model.SITE: len(self.sites),
        }  # fmt: skip
        age = np.array([(self.plan.day - one.day).days for one in self.seen], dtype=np.float64)
        return model.Sightings(
            visit, np.array([number[one.criterion] for one in self.seen], dtype=np.int64),
            np.array([float(one.passed) for one in self.seen]), 0.5 ** (age / self.plan.half_life_days), site, official,
            levels, sizes,
        )  # fmt: skip

    def stops(self) -> list[Stop]:
        """The types the plan draws."""
        found = []
        for kind, count in self.plan.places.items():
            number = self.types.index(kind)
            sites = np.array([at for at, (_, own, _) in enumerate(self.sites) if own == number], dtype=np.int64)
            streets = np.array([self.sites[at][2] for at in sites], dtype=np.int64)
            judged = [
                at for at, code in enumerate(self.criteria)
                if self.rows[code].point_type == kind and self.rows[code].weight
            ]  # fmt: skip
            weights = np.array([float(self.rows[self.criteria[at]].weight) for at in judged])
            found.append(Stop(number, count, sites, streets, np.array(judged, dtype=np.int64), weights))
        return found

    def others(self, rate: float, runs: int, rng: Any) -> dict[str, Single]:
        """Scores of material and questionnaire in every run, as far as they have a weight."""
        found = {}
        for kind in (MethodKind.MATERIAL.value, MethodKind.QUESTIONNAIRE.value):
            if self.weights.get(kind):
                known = self.plan.methods.get(kind, MethodScore(100 * rate, _UNKNOWN_SE))
                drawn = np.float32(known.value) + np.float32(known.se) * rng.standard_normal(runs, dtype=np.float32)
                found[kind] = np.clip(drawn, 0, 100)
        return found

    def words(self) -> Words:
        """Names for the levers, and what was last seen where."""
        number = {code: at for at, code in enumerate(self.criteria)}
        place = {name: at for at, (name, _, _) in enumerate(self.sites)}
        last = {
            (place[one.site], number[one.criterion]): one.passed
            for one in sorted(self.seen, key=lambda one: (one.day, one.moment))
        }
        return Words(
            self.types, [kind.name for kind in self.edition.point_types], self.streets, self.criteria,
            [self.rows[code].text for code in self.criteria], [name for name, _, _ in self.sites], last,
        )  # fmt: skip

    def warnings(self, fit: Fit) -> list[str]:
        """What the figures rest on where the observations say little, and what was done instead."""
        seen = Counter(one.criterion for one in self.seen)
        drawn = [code for code in self.criteria if self.rows[code].point_type in self.plan.places]
        return [
            *_list("没有观测的标准，取同类标准的合并估计（误差相应放大）", [code for code in drawn if not seen[code]]),
            *_list("只有一条观测的标准，主要取同类标准的合并估计", [code for code in drawn if seen[code] == 1]),
            *self._about_places(fit),
            *self._about_assumptions(),
            *self._about_rows(),
        ]

    def _about_places(self, fit: Fit) -> list[str]:
        said = []
        visited = Counter(self.types.index(kind) for kind in {one.site: one.type for one in self.seen}.values())
        for kind in self.plan.places:
            number = visited[self.types.index(kind)]
            if more := self.plan.known.get(kind, 0) - number:
                if more > 0:
                    said.append(f"{kind} 有 {more} 处没有查过，按同类点位的平均水平和差别估计。")
            elif number < _FEW_PLACES:
                said.append(f"{kind} 只查过 {number} 处，这类点位的差别取自其他类型。")
        if not fit.repeated:
            said.append("没有一处查过两次，分不清差别是点位长期的还是当天的，各按一半计。")
        return said

    def _about_assumptions(self) -> list[str]:
        said = []
        official = any(one.source in self.plan.official for one in self.seen)
        if self.plan.strictness is None:
            what = "用以往测评的观测估计，先验按" if official else "没有以往测评的观测，按"
            said.append(f"计划没有写测评员的宽严：{what}与我们一样宽严、标准差 {self.strict.sd:g}（对数几率）计算。")
        for kind, weight in self.weights.items():
            if weight and kind != MethodKind.FIELD and kind not in self.plan.methods:
                said.append(
                    f"计划没有写{word_of(kind)}的现有得分：按与实地考察同样的得分率、误差 {_UNKNOWN_SE:g} 分计算。"
                )
            elif weight and kind != MethodKind.FIELD and not self.plan.methods[kind].se:
                said.append(f"{word_of(kind)}的误差（se 或 n）没有写，按没有误差计算，总分的区间会偏窄。")
        if not self.weights[MethodKind.FIELD]:
            said.append("实地考察没有权重，观测不影响总分。")
        return said

    def _about_rows(self) -> list[str]:
        said = []
        if self.doubles:
            said.append(f"有 {self.doubles} 条观测与别的完全相同，只计一次。")
        if self.elsewhere:
            said.append(f"有 {self.elsewhere} 条观测的标准不是实地考察的，没有用。")
        told: dict[tuple[str, str, str], set[bool]] = {}
        for one in self.seen:
            told.setdefault((one.site, one.criterion, one.moment), set()).add(one.passed)
        if apart := sum(len(results) > 1 for results in told.values()):
            said.append(f"有 {apart} 处同一时间不同的人判得不同，两边都计，差别算作巡查员的宽严和当天的波动。")
        return said


def _once(seen: Sequence[Seen]) -> list[Seen]:
    keys = ((one.site, one.criterion, one.moment, one.source, one.inspector) for one in seen)
    return list(dict(zip(keys, seen, strict=True)).values())


def _list(what: str, codes: Sequence[str], most: int = 20) -> list[str]:
    named = "、".join(codes[:most]) + ("等" if len(codes) > most else "")
    return [f"{what}：{named}（共 {len(codes)} 条）。"] if codes else []
