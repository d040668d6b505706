"""What may speak for a risk: which columns are used, and how a row becomes numbers.

Left out are the results of the inspection itself (they are not known before it), numbers that only name something,
everything that tells who inspected or what day it was (the order hands out other days), and what never changes. What
cannot be seen in a file, whether a column was known before the inspection, stays with the person who hands it in: the
columns used are always listed.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.risk_table import Array, RiskTable

NUMBER, LEVEL, MISSING, HISTORY = "number", "level", "missing", "history"
FARTHEST: Final = 4.0  # standard deviations: beyond, a value counts as this far
_MOST_LEVELS, _LEAST_ROWS, _PER_GROUP = 50, 20, 5
_SAME_VISIT: Final = 0.5
_LITTLE_HISTORY: Final = 1.0  # in units of variance: about seven inspections at a rate of one in six
_NAME_OF_THING: Final = re.compile(
    r"(^|[_\W])id$|[a-z]ID$|编号|代码|证号|^licen[cs]e$|[_\W](number|no)$", re.IGNORECASE
)
_PERSON: Final = re.compile(r"inspector|sanitarian|巡查员|检查员|检查人|执法人员|采集员", re.IGNORECASE)
_EARLIER: Final = re.compile(r"^(?:past|previous|prev|prior|last|上次|以往|历史)[_\s]*(.+)$", re.IGNORECASE)
_WORDS: Final = {"true": 1.0, "是": 1.0, "yes": 1.0, "false": 0.0, "否": 0.0, "no": 0.0}


@dataclass(frozen=True)
class Feature:
    """One number of a row: the value of a column, whether it is a level, whether it is empty, or the site's history."""

    column: str
    kind: str
    level: str = ""
    middle: float = 0.0
    spread: float = 1.0
    yes_no: bool = False


@dataclass(frozen=True)
class Choice:
    """The columns used; those left out with the reason in words; the column that names the site ("": none does)."""

    columns: tuple[str, ...]
    left_out: dict[str, str]
    site: str
    warnings: tuple[str, ...] = ()


def choose(train: RiskTable, *, known: Sequence[str], leave_out: Sequence[str] = ()) -> Choice:
    """Which columns of `train` may be used when those in `known` are there at the time of the prediction."""
    numbers = {name: values for name, texts in train.columns.items() if (values := number_column(texts)) is not None}
    reasons = dict.fromkeys(leave_out, "按要求不用")
    reasons |= {name: "两个文件不都有" for name in train.columns if name not in known and name not in reasons}
    reasons |= {name: "两个文件不都有" for name in known if name not in train.columns and name not in reasons}
    reasons |= {name: "检查的当场结果，检查以前不知道" for name in _results(train, numbers) if name not in reasons}
    codes = _codes(train.inspector)
    for name, texts in train.columns.items():
        reason = "" if name in reasons else _reason(name, texts, name in numbers, (codes, train.day))
        if reason:
            reasons[name] = reason
    used = tuple(name for name in train.columns if name not in reasons)
    things = [name for name, reason in reasons.items() if reason == _THING and name in known]
    warnings = tuple(_too_good(train, used, numbers))
    return Choice(used, reasons, _site(train, things), warnings)


_THING: Final = "只是编号"


def _reason(name: str, texts: Sequence[str], is_number: bool, groups: tuple[NDArray[np.int64], ...]) -> str:
    levels = set(texts)
    inspector, day = groups
    if len(levels) < 2:
        return "只有一个值"
    if _PERSON.search(name) or _tells(texts, inspector):
        return "说的是谁检查的"
    if _tells(texts, day):
        return "说的是那一天，不是那个地方；换了日子就变"
    many = len(levels) > _MOST_LEVELS
    if many and (_NAME_OF_THING.search(name) or not is_number):
        return _THING
    return ""


def _tells(texts: Sequence[str], groups: NDArray[np.int64]) -> bool:
    """Is the column one and the same within every inspector (or day), so that it stands for them?"""
    count = len(set(groups.tolist()))
    if count < 2 or len(texts) < count * _PER_GROUP:
        return False
    return len(set(zip(groups.tolist(), texts, strict=True))) == count


def _results(train: RiskTable, numbers: Mapping[str, Array]) -> list[str]:
    """Columns that hold what the inspection found: one that an earlier value is kept of ("pastFail" of "fail_flag"),
    and every column that goes closely with such a one.
    """
    stems = [found[1].lower() for name in train.columns if (found := _EARLIER.match(name)) and len(found[1]) > 1]
    earlier = {name for name in train.columns if _EARLIER.match(name)}
    twins = {name for name in train.columns if name not in earlier and name.lower().startswith(tuple(stems))}
    scaled = {name: _scaled(values) for name, values in numbers.items() if name not in earlier}
    close = {
        name for name, values in scaled.items() for twin in twins & scaled.keys()
        if abs(float(values @ scaled[twin])) / len(train) > _SAME_VISIT
    }  # fmt: skip
    return [name for name in train.columns if name in twins | close]


def _too_good(train: RiskTable, used: Sequence[str], numbers: Mapping[str, Array]) -> list[str]:
    """A column that follows the outcome nearly everywhere is more often a result than a reason."""
    failed = _scaled(train.failed)
    found = []
    for name in used:
        if name in numbers and abs(float(_scaled(numbers[name]) @ failed)) / len(train) > 0.7:
            found.append(f"“{name}”几乎单独决定结果。请确认它在检查以前就知道，否则用 --leave-out {name} 去掉。")
    return found


def _scaled(values: Array) -> Array:
    filled = np.where(np.isnan(values), np.nanmean(values), values)
    spread = float(filled.std())
    out: Array = (filled - filled.mean()) / spread if spread > 1e-12 else filled * 0
    return out


def _site(train: RiskTable, things: Sequence[str]) -> str:
    """The naming column whose values come back most often; none when hardly any does."""
    levels = {name: len(set(train.columns[name])) for name in things}
    again = [name for name, count in levels.items() if len(train) >= 1.2 * count]
    return min(again, key=lambda name: levels[name]) if again else ""


def _codes(values: Sequence[str]) -> NDArray[np.int64]:
    index = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return np.array([index[value] for value in values], dtype=np.int64)


def number_column(texts: Sequence[str]) -> Array | None:
    """The values (nan where empty); None when there is a text among them or nothing at all."""
    known: dict[str, float] = {}
    for text in set(texts):
        try:
            known[text] = number_of(text)
        except ValueError:
            return None
    values = np.array([known[text] for text in texts])
    return None if bool(np.isnan(values).all()) else values


def number_of(text: str) -> float:
    """A number, yes or no; nan for an empty cell. Raises ValueError for other texts."""
    plain = text.strip().lower()
    if plain in ("", "na", "nan", "null", "none"):
        return float("nan")
    value = _WORDS[plain] if plain in _WORDS else float(plain)
    if np.isinf(value):
        raise ValueError(text)
    return value


def features_of(train: RiskTable, columns: Sequence[str]) -> tuple[Feature, ...]:
    """The numbers that the columns give; rare levels and columns without spread give none."""
    found: list[Feature] = []
    for name in columns:
        texts = train.columns[name]
        values = number_column(texts)
        found += _of_levels(name, texts) if values is None else _of_number(name, values)
    return tuple(feature for feature in found if feature.spread > 1e-12)


def _of_number(name: str, values: Array) -> list[Feature]:
    there = values[~np.isnan(values)]
    yes_no = bool(np.isin(there, (0.0, 1.0)).all())
    found = [Feature(name, NUMBER, "", float(there.mean()), float(there.std()), yes_no)]
    return found + _share(name, MISSING, "", np.isnan(values))


def _of_levels(name: str, texts: Sequence[str]) -> list[Feature]:
    counts: dict[str, int] = defaultdict(int)
    for text in texts:
        counts[text] += 1
    least = min(_LEAST_ROWS, max(2, len(texts) // 20))
    return [
        feature
        for level, count in sorted(counts.items())
        if count >= least
        for feature in _share(name, LEVEL if level else MISSING, level, np.array([text == level for text in texts]))
    ]


def _share(name: str, kind: str, level: str, holds: NDArray[np.bool_]) -> list[Feature]:
    rate = float(holds.mean())
    return [Feature(name, kind, level, rate, (rate * (1 - rate)) ** 0.5, yes_no=True)] if 0 < rate < 1 else []


def raw_values(feature: Feature, texts: Sequence[str]) -> Array:
    """The feature of each text before scaling; an unknown number counts as the middle."""
    if feature.kind == LEVEL:
        return np.array([float(text == feature.level) for text in texts])
    if feature.kind == MISSING:
        return np.array([float(not text.strip() or _is_nan(text)) for text in texts])
    known = {text: _number_or_nan(text) for text in set(texts)}
    values = np.array([known[text] for text in texts])
    return np.where(np.isnan(values), feature.middle, values)


def _number_or_nan(text: str) -> float:
    try:
        return number_of(text)
    except ValueError:
        return float("nan")


def _is_nan(text: str) -> bool:
    return text.strip().lower() in ("na", "nan", "null", "none")


def encode(features: Sequence[Feature], columns: Mapping[str, Sequence[str]], history: Array) -> Array:
    """Rows x features, in standard deviations from the middle, at most `FARTHEST` away."""
    empty = ("",) * len(history)
    raw = [
        history if feature.kind == HISTORY else raw_values(feature, columns.get(feature.column, empty))
        for feature in features
    ]
    scaled = [(values - feature.middle) / feature.spread for values, feature in zip(raw, features, strict=True)]
    return np.clip(np.column_stack(scaled) if scaled else np.zeros((len(history), 0)), -FARTHEST, FARTHEST)


@dataclass(frozen=True)
class History:
    """Per site what earlier inspections found beyond what was expected, and the variance of that: (sum, variance)."""

    sites: dict[str, tuple[float, float]]

    def of(self, sites: Sequence[str]) -> Array:
        """The shrunken surplus of each site; 0 for one never seen."""
        return np.array([surplus(*self.sites.get(site, (0.0, 0.0))) if site else 0.0 for site in sites])


def surplus(total: float, variance: float) -> float:
    """Sum of residuals over its variance, drawn to 0 where little is known."""
    return total / (variance + _LITTLE_HISTORY)


def history_of(train: RiskTable, site: str, expected: Array) -> tuple[History, Array]:
    """The history of every site after the whole table, and before each row (inspections of earlier days only)."""
    if not site:
        return History({}), np.zeros(len(train))
    sums: dict[str, tuple[float, float]] = {}
    before = np.zeros(len(train))
    waiting: list[tuple[str, float, float]] = []
    for row, name in enumerate(train.columns[site]):
        if row and train.day[row] != train.day[row - 1]:
            _add(sums, waiting)
            waiting = []
        before[row] = surplus(*sums.get(name, (0.0, 0.0)))
        chance = float(expected[row])
        if name:
            waiting.append((name, float(train.failed[row]) - chance, chance * (1 - chance)))
    _add(sums, waiting)
    return History(sums), before


def _add(sums: dict[str, tuple[float, float]], found: Sequence[tuple[str, float, float]]) -> None:
    for name, residual, variance in found:
        total, spread = sums.get(name, (0.0, 0.0))
        sums[name] = (total + residual, spread + variance)
