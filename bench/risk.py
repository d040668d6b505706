"""Does an order by risk find faults earlier, and because of what? Real food inspections, several periods one after another."""

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from chuangwen.rules.risk import fit_risk, penalised  # noqa: E402
from chuangwen.rules.risk_features import Choice, choose  # noqa: E402
from chuangwen.rules.risk_order import (  # noqa: E402
    auc,
    auc_same_inspector,
    days_earlier,
    first_half_share,
    logloss,
    predicted,
)
from chuangwen.rules.risk_table import Names, RiskTable, read_risk_table  # noqa: E402

CHICAGO = ROOT.parent / "shared" / "data" / "inspections_chicago_train.csv.gz"
NAMES = Names("criticalFound", "Inspection_Date", "Inspector_Assigned")
STARTS = [(2012, 9), (2012, 11), (2013, 1), (2013, 3), (2013, 5), (2013, 7), (2013, 9), (2013, 11), (2014, 1)]
MONTHS, DRAWS = 2, 1000
WAYS = {
    "true": "原来的先后", "published": "芝加哥公布的特征，不用检查人", "without_inspector": "不用检查人",
    "strictness_removed": "扣除检查人宽严", "with_inspector": "用检查人",
}  # fmt: skip
PUBLISHED = (
    "pastSerious", "pastCritical", "timeSinceLast", "ageAtInspection", "consumption_on_premises_incidental_activity",
    "tobacco_retail_over_counter", "temperatureMax", "heat_burglary", "heat_sanitation", "heat_garbage",
)  # fmt: skip


def periods(table: RiskTable, gap: int) -> list[tuple[RiskTable, RiskTable]]:
    """(what was known `gap` days before, the next two months) for every start."""
    found = []
    for year, month in STARTS:
        first = dt.date(year, month, 1).toordinal()
        end = dt.date(year + (month + MONTHS > 12), (month + MONTHS - 1) % 12 + 1, 1).toordinal()
        known = np.flatnonzero(table.day < first - gap)
        found.append((table.some(known), table.some(np.flatnonzero((table.day >= first) & (table.day < end)))))
    return found


def measured(risk: Any, test: RiskTable) -> list[float]:
    """Days earlier, share in the first half, AUC, AUC within inspectors, logloss."""
    same = auc_same_inspector(risk, test.failed, test.inspector)
    return [
        days_earlier(risk, test.failed, test.day), first_half_share(risk, test.failed), auc(risk, test.failed),
        float("nan") if same is None else same, logloss(risk, test.failed),
    ]  # fmt: skip


def calibration(risk: Any, failed: Any) -> tuple[float, float]:
    """Constant and slope of a logistic regression of the outcome on the predicted log-odds: 0 and 1 when calibrated."""
    odds = np.log(risk / (1 - risk))
    weights = penalised(np.column_stack([np.ones(len(odds)), odds]), failed, ())
    return float(weights[0]), float(weights[1])


def reliability(risk: Any, failed: Any) -> list[tuple[float, float, int]]:
    """(mean predicted, observed, inspections) of ten groups of rising risk."""
    groups = np.array_split(np.argsort(risk, kind="stable"), 10)
    return [(float(risk[rows].mean()), float(failed[rows].mean()), len(rows)) for rows in groups]


def every_way(train: RiskTable, test: RiskTable) -> dict[str, Any]:
    """The chances by way; the true order has the common rate for everybody."""
    chances = predicted(train, test, choose(train, known=tuple(test.columns)))
    published = fit_risk(train, Choice(PUBLISHED, {}, ""), by_inspector=False).model
    own = {
        "true": np.full(len(test), train.failed.mean()),
        "published": published.chances(published.odds(test.columns, len(test))),
    }
    return {way: own[way] if way in own else getattr(chances, way) for way in WAYS}


def show(table: RiskTable, gap: int) -> None:
    """One validation: every figure is the mean over the periods, its interval from a bootstrap within them."""
    pairs = periods(table, gap)
    found = [every_way(train, test) for train, test in pairs]
    tests = [test for _train, test in pairs]
    print(f"\n学到检验开始前 {gap} 天，{len(pairs)} 段，每段 {MONTHS} 个月，共 {sum(map(len, tests))} 次检查")
    print("| 排法 | 早发现（天） | 前一半查到的 | AUC | 同一检查人之内的 AUC | 对数损失 | 校准：截距、斜率 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    draws = {}
    for way, word in WAYS.items():
        rng = np.random.default_rng(1)
        means = np.mean([measured(risks[way], test) for risks, test in zip(found, tests, strict=True)], axis=0)
        drawn = np.array([
            np.mean([_quick(risks[way], test, rng) for risks, test in zip(found, tests, strict=True)], axis=0)
            for _draw in range(DRAWS)
        ])  # fmt: skip
        draws[way] = drawn
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        risk = np.concatenate([risks[way] for risks in found])
        failed = np.concatenate([test.failed for test in tests])
        fitted = "—" if way == "true" else "{:.2f}、{:.2f}".format(*calibration(risk, failed))
        print(
            f"| {word} | {means[0]:.2f} [{low[0]:.2f}, {high[0]:.2f}] | {means[1]:.1%} | "
            f"{means[2]:.3f} [{low[1]:.3f}, {high[1]:.3f}] | {means[3]:.3f} | {means[4]:.4f} | {fitted} |"
        )
    for one, other in (("without_inspector", "published"), ("strictness_removed", "without_inspector")):
        gain = draws[one][:, 0] - draws[other][:, 0]
        low, high = np.quantile(gain, [0.025, 0.975])
        print(f"“{WAYS[one]}”比“{WAYS[other]}”多早 {gain.mean():.2f} 天，95% 自助区间 [{low:.2f}, {high:.2f}]")
    _show_reliability(found, tests)


def _quick(risk: Any, test: RiskTable, rng: Any) -> tuple[float, float]:
    rows = np.sort(rng.integers(0, len(test), len(test)))
    own, failed = risk[rows], test.failed[rows]
    return days_earlier(own, failed, test.day[rows]), auc(own, failed)


def _show_reliability(found: list[dict[str, Any]], tests: list[RiskTable]) -> None:
    failed = np.concatenate([test.failed for test in tests])
    risk = np.concatenate([risks["strictness_removed"] for risks in found])
    print("扣除检查人宽严，按预测由低到高分十组：预测 → 实际")
    print("；".join(f"{said:.1%} → {seen:.1%}" for said, seen, _count in reliability(risk, failed)))


def main() -> None:
    """Both validations: everything up to the day before, and as if results came in ten weeks late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--gaps", type=int, nargs="+", default=[0, 75], help="days between what is known and the period"
    )
    chosen = parser.parse_args()
    if not CHICAGO.exists():
        print(f"没有 {CHICAGO}，没有量。", file=sys.stderr)
        return
    table = read_risk_table(CHICAGO.read_bytes(), NAMES, what="芝加哥食品检查")
    for gap in chosen.gaps:
        show(table, gap)


if __name__ == "__main__":
    main()
