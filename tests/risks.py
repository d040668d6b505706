"""Made-up inspections whose truth is known: places with and without a kitchen, mild and strict inspectors."""

import datetime as dt

import numpy as np

from chuangwen.rules.risk_table import Names, RiskTable, table_of_columns

NAMES = Names("failed", "date", "inspector")
FIRST = dt.date(2020, 1, 1)
STRICT = {"甲": -1.5, "乙": 0.0, "丙": 1.5}


def inspections(*, seed: int, count: int, start: int = 0, days: int = 120, effect: float = 1.0) -> dict[str, list[str]]:
    """Columns of `count` inspections from `start` days on; kitchens fail more (`effect`), the age says nothing.

    Strict inspectors visit the market more often than others, which has nothing wrong with it.
    """
    rng = np.random.default_rng(seed)
    kitchen, age = rng.random(count) < 0.4, rng.normal(5, 2, count)
    who = rng.choice(list(STRICT), count)
    market = rng.random(count) < np.where(who == "丙", 0.7, 0.2)
    odds = -1.5 + effect * (kitchen - 0.4) + np.array([STRICT[name] for name in who])
    failed = rng.random(count) < 1 / (1 + np.exp(-odds))
    day = np.sort(rng.integers(start, start + days, count))
    return {
        "failed": [str(int(value)) for value in failed],
        "date": [(FIRST + dt.timedelta(days=int(value))).isoformat() for value in day],
        "inspector": who.tolist(),
        "kitchen": ["是" if value else "否" for value in kitchen],
        "kind": ["市场" if value else "门店" for value in market],
        "age": [f"{value:.2f}" if value > 2 else "" for value in age],
        "place_id": [f"P{place}" for place in rng.integers(0, max(count // 3, 60), count)],
        "found_count": [str(int(value) + 2 * int(extra)) for value, extra in zip(failed, rng.random(count) < 0.1, strict=True)],
        "last_found": [str(value) for value in rng.integers(0, 2, count)],
        "rain": [f"{(int(value) * 37) % 11}" for value in day],
        "district": ["城区"] * count,
    }  # fmt: skip


def risk_table(columns: dict[str, list[str]]) -> RiskTable:
    """The same as a table."""
    return table_of_columns(columns, NAMES)


def as_csv(columns: dict[str, list[str]]) -> str:
    """The same as a file."""
    lines = [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]
    return "\n".join(lines) + "\n"
