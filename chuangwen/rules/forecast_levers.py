"""Where the next hour goes: what one fix and one more look are worth, by criterion, type and street.

A fix turns one place that would fail into one that passes. It counts as far as the place is drawn (count drawn over
places known) and would not have passed anyhow; where places were last seen failing, it is those that are meant. A look
is worth what it is expected to take off the standard deviation of the total; its place is the one known least.
Both are first-order figures around the estimate: they order the work and are no promise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chuangwen.rules.forecast_exam import Outlook, Stop, chances, design_rows
from chuangwen.rules.forecast_model import CRITERION, EXAMINERS, INSPECTOR, VISIT, Array, Codes, Fit


@dataclass(frozen=True)
class Lever:
    """One criterion of a type in a street. Gains are points of the total; `why` says it in a sentence.

    `failing` places were last seen failing of `places`; `rate` is the expected chance of passing; `look_at` is the
    place where a look says most.
    """

    criterion: str
    type: str
    street: str
    gain_per_fix: float
    value_of_a_look: float
    why: str
    rate: float
    places: int
    failing: int
    look_at: str


@dataclass(frozen=True)
class Words:
    """What levers are called: codes and names by number, and the last seen state, place number x criterion number."""

    types: Sequence[str]
    type_names: Sequence[str]
    streets: Sequence[str]
    criteria: Sequence[str]
    texts: Sequence[str]
    sites: Sequence[str]
    last: Mapping[tuple[int, int], bool]


def levers(
    fit: Fit, stops: Sequence[Stop], words: Words, *, ahead: Outlook, extra: float, points: float, sd: float
) -> tuple[Lever, ...]:
    """All levers, the largest gain per fix first. `points` is the field's share of the total, `sd` that of the total."""
    found = []
    full = sum(stop.full for stop in stops)
    gradient = fit.covariance @ (ahead.dense - fit.lean.T @ ahead.site)
    for stop in stops:
        chance = chances(fit, stop, extra)
        each = points * stop.count / len(stop.sites) * stop.weights / full
        for street in np.unique(stop.streets):
            members = np.flatnonzero(stop.streets == street)
            looked, values = _looks(fit, stop, members, chance, gradient, ahead.site, points=points, sd=sd)
            for at in range(len(stop.criteria)):
                criterion = int(stop.criteria[at])
                failing = [m for m in members if words.last.get((int(stop.sites[m]), criterion)) is False]
                gain = float(each[at] * (1 - chance[failing or members, at].mean()))
                rate = float(chance[members, at].mean())
                found.append(
                    _lever(words, stop, int(street), criterion, gain, float(values[at]), rate, len(members),
                           len(failing), words.sites[int(stop.sites[looked])])
                )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.gain_per_fix, -one.failing, one.criterion, one.street)))


def _looks(
    fit: Fit, stop: Stop, members: Codes, chance: Array, gradient: Array, steep: Array, *, points: float, sd: float
) -> tuple[int, Array]:
    """The place known least, and by how much one look at each criterion there is expected to lower the sd.

    With normal effects, an observation with information w on log-odds a'x lowers the variance of g'x by
    (g'S a)^2 / (1/w + a'S a), S being the covariance of x.
    """
    place = int(members[int(np.argmax(fit.site_variance[stop.sites[members]]))])
    site = int(stop.sites[place])
    row = design_rows(fit, stop.type, stop.streets[place : place + 1])[0] - fit.lean[site]
    row[fit.at[EXAMINERS]] = -fit.lean[site][fit.at[EXAMINERS]]
    start = fit.at[CRITERION].start
    spread_row = fit.covariance @ row
    columns = start + stop.criteria
    common = float(row @ gradient) + steep[site] * fit.site_variance[site]
    shared = common + gradient[columns]
    own = float(row @ spread_row) + 2 * spread_row[columns] + np.diag(fit.covariance)[columns] + fit.site_variance[site]
    own = own + fit.variances[VISIT] + fit.variances[INSPECTOR]
    information = np.maximum(chance[place] * (1 - chance[place]), 1e-6)
    less = points**2 * shared**2 / (1 / information + own)
    values: Array = sd - np.sqrt(np.maximum(sd**2 - less, 0))
    return place, values


def _lever(
    words: Words, stop: Stop, street: int, criterion: int, gain: float, look: float, rate: float, places: int,
    failing: int, look_at: str,
) -> Lever:  # fmt: skip
    where = f"{words.streets[street]}的{words.type_names[stop.type]}"
    facts = Facts(where, words.texts[criterion], rate, places, failing, gain, look, look_at)
    return Lever(
        words.criteria[criterion], words.types[stop.type], words.streets[street], gain, look, sentence(facts), rate,
        places, failing, look_at,
    )  # fmt: skip


class Facts(NamedTuple):
    """What the sentence of a lever is made of."""

    where: str
    text: str
    rate: float
    places: int
    failing: int
    gain: float
    look: float
    look_at: str


def sentence(facts: Facts) -> str:
    """A lever in one sentence."""
    seen = f"最近查到 {facts.failing} 处不合格" if facts.failing else "最近没有查到不合格的"
    return (
        f"{facts.where}“{facts.text}”估计合格率 {facts.rate:.0%}（{facts.places} 处，{seen}），"
        f"整改一处预计总分多 {facts.gain:.3f} 分；到“{facts.look_at}”再查一次，总分的误差预计小 {facts.look:.4f} 分。"
    )
