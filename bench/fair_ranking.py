"""Does the adjusted ranking earn its name? Simulated districts, real inspections, and how long a million checks take."""

import csv
import gzip
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from chuangwen.rules import strictness  # noqa: E402
from chuangwen.rules.check_tables import read_checks  # noqa: E402
from chuangwen.rules.fair_ranking import fair_ranking  # noqa: E402
from tests.districts import simulated, wrong_pairs  # noqa: E402

DISTRICTS = 40
CHICAGO = ROOT.parent / "shared" / "data" / "inspections_chicago_train.csv.gz"


def simulation() -> None:
    """20 streets, 6 inspectors: wrong pairs raw and adjusted, how often the intervals hold the truth."""
    print(
        f"模拟城区（20 街道、6 巡查员，每次走访 14 条，各 {DISTRICTS} 个；宽严的离散 0.7，街道 0.35，点位 0.3，对数几率）"
    )
    print(
        "| 走访 | 排错的对：原始 | 调整后 | 之比 | 若宽严本来一样 | 合格率区间含真值 | 名次区间含真名次 | 区间平均宽（名次） |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for visits in (400, 1200, 4000):
        figures = np.mean([_one(visits * 1000 + seed, visits) for seed in range(DISTRICTS)], axis=0)
        raw, adjusted, rate, place, width, least = figures
        print(
            f"| {visits} | {raw:.3f} | {adjusted:.3f} | {adjusted / raw:.2f} | {least:.3f} | {rate:.1%} | {place:.1%} | {width:.1f} |"
        )


def _one(seed: int, visits: int) -> tuple[float, ...]:
    district = simulated(seed=seed, visits=visits)
    found = {row.unit: row for row in fair_ranking(district.table).units}
    rows = [found[name] for name in district.table.names["unit"]]
    adjusted = np.array([row.adjusted for row in rows])
    half = np.array([(row.high - row.low) / 2 for row in rows])
    off = np.abs((adjusted - adjusted.mean()) - (district.rates - district.rates.mean()))
    places = [1 + int((district.rates > rate).sum()) for rate in district.rates]
    held = [row.best <= place <= row.worst for row, place in zip(rows, places, strict=True)]
    return (
        wrong_pairs([row.raw for row in rows], district.quality), wrong_pairs(adjusted, district.quality),
        float(np.mean(off <= half)), float(np.mean(held)), float(np.mean([row.worst - row.best for row in rows])),
        _least(seed, visits),
    )  # fmt: skip


def _least(seed: int, visits: int) -> float:
    """Pairs in the wrong order by chance alone: the same district when all inspectors are equally strict."""
    equal = simulated(seed=seed, visits=visits, strictness=0.0)
    found = {row.unit: row.raw for row in fair_ranking(equal.table).units}
    return wrong_pairs([found[name] for name in equal.table.names["unit"]], equal.quality)


def chicago() -> None:
    """Fit on the earlier 80 % of real food inspections, predict the later 20 %: with and without the inspector."""
    if not CHICAGO.exists():
        print(f"没有 {CHICAGO}，这一项没有量。", file=sys.stderr)
        return
    with gzip.open(CHICAGO, "rt", encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["Inspection_Date"])
    cut = int(len(rows) * 0.8)
    checks = _checks(rows)
    early, late = checks.some(slice(0, cut)), checks.some(slice(cut, None))
    sizes = {name: checks.size(name) for name in (*strictness.FACETS, strictness.SITE)}
    blind = {name: codes * 0 if name == strictness.INSPECTOR else codes for name, codes in early.facets.items()}
    raw = strictness.fit(
        strictness.Checks(blind, early.site, early.covariates, early.passed, early.weight), sizes=sizes
    )
    adjusted = strictness.fit(early, sizes=sizes)
    base = np.full(len(late.passed), early.passed.mean())
    losses = {
        "总平均": _loss(base, late.passed),
        "原始（单位、点位）": _loss(strictness.predicted(raw, late, with_inspector=False), late.passed),
        "调整（加巡查员）": _loss(strictness.predicted(adjusted, late), late.passed),
    }
    print(f"\n芝加哥食品检查：前 {cut} 次拟合，后 {len(rows) - cut} 次检验；结果＝没有严重问题")
    print("| 模型 | 对数损失 |\n|---|---:|")
    for name, loss in losses.items():
        print(f"| {name} | {loss.mean():.4f} |")
    gain = losses["原始（单位、点位）"] - losses["调整（加巡查员）"]
    rng = np.random.default_rng(1)
    means = [gain[rng.integers(0, len(gain), len(gain))].mean() for _draw in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    print(f"加上巡查员少 {gain.mean():.4f}，95% 自助区间 [{low:.4f}, {high:.4f}]")
    spread = {name: float(np.sqrt(value)) for name, value in adjusted.variances.items()}
    said = "，".join(f"{name} {value:.2f}" for name, value in spread.items())
    print(f"离散（对数几率的标准差）：{said}")


def _codes(values: list[str]) -> Any:
    index = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return np.array([index[value] for value in values])


def _checks(rows: list[dict[str, str]]) -> strictness.Checks:
    """Unit: the kind of establishment; site: the establishment; the only criterion: no critical violation."""
    facets = {
        strictness.UNIT: _codes([row["Facility_Type"] for row in rows]),
        strictness.INSPECTOR: _codes([row["Inspector_Assigned"] for row in rows]),
        strictness.CRITERION: np.zeros(len(rows), dtype=np.int64),
    }
    passed = np.array([1.0 - float(row["criticalFound"]) for row in rows])
    names = ("pastCritical", "pastSerious", "timeSinceLast", "ageAtInspection")
    columns = np.array([[float(row[name]) for name in names] for row in rows])
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    return strictness.Checks(facets, _codes([row["License"] for row in rows]), columns, passed, np.ones(len(rows)))


def _loss(chance: Any, passed: Any) -> Any:
    clipped = np.clip(chance, 1e-6, 1 - 1e-6)
    return -(passed * np.log(clipped) + (1 - passed) * np.log(1 - clipped))


def speed() -> None:
    """A million checks from CSV to places."""
    rng = np.random.default_rng(1)
    number = 1_000_000
    unit = rng.integers(0, 120, number)
    columns = (
        unit, (unit * 7 + rng.integers(0, 60, number)) % 300, unit * 40 + rng.integers(0, 40, number),
        rng.integers(0, 200, number), rng.integers(1, 29, number), rng.integers(8, 18, number), rng.integers(0, 2, number),
    )  # fmt: skip
    lines = ["unit,inspector,site,criterion,observed_at,passed"]
    lines += [f"u{u},i{i},s{s},c{c},2020-06-{d:02}T{h:02}:00,{p}" for u, i, s, c, d, h, p in zip(*columns, strict=True)]
    data = "\n".join(lines).encode()
    start = time.perf_counter()
    table = read_checks(data)
    read = time.perf_counter()
    fair_ranking(table)
    done = time.perf_counter()
    print(
        f"\n一百万条（120 单位、300 巡查员、4,800 点位、200 条目）：读 {read - start:.1f} 秒，算 {done - read:.1f} 秒"
    )


if __name__ == "__main__":
    simulation()
    chicago()
    speed()
