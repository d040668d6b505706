"""Districts whose truth is known, their observations, and the examination that then really takes place."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from chuangwen.rules.editions import ContentRow, CriterionRow, EditionSheet, ItemRow, MethodRow, PointTypeRow
from chuangwen.rules.forecast_observations import Seen
from chuangwen.rules.forecast_plan import ExamPlan, MethodScore, Strictness

DAY = date(2026, 12, 1)


@dataclass(frozen=True)
class Examined:
    """What was known before (`edition`, `seen`, `plan`) and the total that came out."""

    edition: EditionSheet
    seen: tuple[Seen, ...]
    plan: ExamPlan
    total: float


def an_edition(types: int, criteria: int, weights: Any = None) -> EditionSheet:
    """An edition with so many types of so many field criteria; field 60, material 30, questionnaire 10."""
    worth = weights if weights is not None else np.ones(types * criteria)
    return EditionSheet(
        name="模拟标准", code="SIM", version="1", source="",
        methods=(MethodRow("field", Decimal(60)), MethodRow("material", Decimal(30)), MethodRow("questionnaire", Decimal(10))),
        point_types=tuple(PointTypeRow(f"T{at}", f"第{at}类", at) for at in range(types)),
        items=(ItemRow("I", "项目"),), contents=(ContentRow("C", "I", "内容"),),
        criteria=tuple(
            CriterionRow(f"T{at // criteria}-{at % criteria}", "C", f"T{at // criteria}", f"第{at}条", ("look",), "", False,
                         "B", "field", Decimal(str(worth[at])))
            for at in range(types * criteria)
        ),
    )  # fmt: skip


class _Truth:
    """The effects of one district, in log-odds; their spreads differ from district to district."""

    def __init__(self, rng: Any, types: int, criteria: int, streets: int, sites: int, inspectors: int) -> None:
        def effects(low: float, high: float, count: int) -> Any:
            return rng.normal(0, rng.uniform(low, high), count)

        self.rng, self.per = rng, criteria
        self.type = np.repeat(np.arange(types), sites)
        self.street = rng.integers(0, streets, types * sites)
        self.constant = rng.normal(1.4, 0.4)
        self.criterion = effects(0.6, 1.0, types * criteria) + np.repeat(effects(0.2, 0.5, types), criteria)
        self.site = effects(0.15, 0.35, streets)[self.street] + effects(0.25, 0.6, types * sites)
        self.inspector = effects(0.15, 0.45, inspectors)
        self.visit_sd, self.period_sd = rng.uniform(0.2, 0.5), rng.uniform(0.03, 0.15)

    def judged(self, site: int, shift: float) -> Any:
        """All criteria of one place on one day."""
        own = slice(self.type[site] * self.per, (self.type[site] + 1) * self.per)
        odds = self.constant + self.criterion[own] + self.site[site] + self.rng.normal(0, self.visit_sd) + shift
        return self.rng.random(self.per) < 1 / (1 + np.exp(-odds))


def examined(
    seed: int, *, types: int = 5, criteria: int = 10, streets: int = 6, sites: int = 24, drawn: int = 12,
    visits: int = 150, official: int = 12, prior: Strictness | None = None,
) -> Examined:  # fmt: skip
    """Patrols over half a year, `official` places seen by examiners a year's half ago, then the examination."""
    rng: Any = np.random.default_rng(seed)
    prior = prior or Strictness(-0.15, 0.25, 0.1)
    worth = rng.choice([1.0, 1.0, 2.0], types * criteria)
    edition = an_edition(types, criteria, worth)
    truth = _Truth(rng, types, criteria, streets, sites, 6)
    strict = rng.normal(prior.mean, prior.sd)
    months = rng.normal(0, truth.period_sd, 7)
    seen: list[Seen] = []

    def note(site: int, days: int, source: str, who: int, shift: float) -> None:
        day, kind = DAY - timedelta(days=days), truth.type[site]
        visit = len(seen) // criteria
        moment = f"{day}T{8 + visit // 60 % 10:02}:{visit % 60:02}:{visit // 600 % 60:02}"
        for at, passed in enumerate(truth.judged(site, shift + months[days // 31])):
            seen.append(Seen(len(seen) + 2, f"点位{site}", f"T{kind}", f"街道{truth.street[site]}", f"T{kind}-{at}",
                             moment, day, bool(passed), source, f"巡查员{who}" if who >= 0 else ""))  # fmt: skip

    for site in [*rng.permutation(types * sites), *rng.integers(0, types * sites, max(0, visits - types * sites))][
        :visits
    ]:
        who = int(rng.integers(0, 6))
        note(int(site), int(rng.integers(1, 186)), "patrol", who, truth.inspector[who])
    then = rng.normal(0, prior.round_sd)
    for site in rng.permutation(types * sites)[:official]:
        note(int(site), 170, "official", -1, strict + then)
    now = rng.normal(0, truth.period_sd) + rng.normal(0, prior.round_sd) + strict
    got = full = 0.0
    for kind in range(types):
        own = worth[kind * criteria : (kind + 1) * criteria]
        for site in kind * sites + rng.permutation(sites)[:drawn]:
            got += float(truth.judged(int(site), now) @ own)
            full += float(own.sum())
    material, asked = rng.normal(85, 4), float(rng.uniform(70, 95))
    n = 400
    people = 100 * rng.binomial(n, asked / 100) / n
    methods = {
        "material": MethodScore(material, 2.0),
        "questionnaire": MethodScore(asked, float(np.sqrt(asked * (100 - asked) / n))),
    }
    total = 60 * got / full + 0.3 * float(np.clip(rng.normal(material, 2.0), 0, 100)) + 0.1 * people
    known = {f"T{kind}": sites for kind in range(types)}
    plan = ExamPlan(DAY, 80.0, {f"T{kind}": drawn for kind in range(types)}, known, 365.0, prior, {}, methods)
    return Examined(edition, tuple(seen), plan, total)
