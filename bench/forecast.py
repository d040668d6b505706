"""Does the forecast earn its name? Simulated districts with known truth, and how long 100,000 examinations take."""

import argparse
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only wait for one another

import numpy as np  # noqa: E402

from chuangwen.rules.forecast import forecast  # noqa: E402
from chuangwen.rules.forecast_exam import Spread, Stop, simulate  # noqa: E402
from chuangwen.rules.forecast_model import CONSTANT, EXAMINERS, STREET, TYPE, Fit  # noqa: E402
from chuangwen.rules.forecast_plan import Strictness  # noqa: E402
from tests.exam_scores import Scored, reliability, scored  # noqa: E402
from tests.exams import examined  # noqa: E402

SETTINGS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("150 次走访，官方查过 12 处", 1, {}),
    ("60 次走访，官方查过 12 处", 1, {"visits": 60}),
    ("400 次走访，官方查过 40 处", 1, {"visits": 400, "official": 40}),
    ("150 次走访，没有官方记录", 1, {"official": 0}),
    ("1200 次走访，没有官方记录", 3, {"visits": 1200, "official": 0}),
)
"""Words, by how much fewer districts, and what is asked of the simulator. The last shows what no look of one's own can
mend: the examiners' strictness.
"""


def calibration(districts: int) -> None:
    """Coverage, CRPS against the plain score rate, reliability."""
    print("模拟城区：5 类点位各 24 处、6 个街道、50 条标准、6 名巡查员，半年的走访；每类抽 12 处，共 600 项检查")
    print("| 数据 | 城区 | 90% 区间含真值 | 区间宽（分） | 对照：含真值 | CRPS | 对照 CRPS | 之比 |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    everything: list[Scored] = []
    for words, fewer, asked in SETTINGS:
        found = [scored(examined(60_000 + seed, **asked)) for seed in range(districts // fewer)]
        everything += found
        print(_row(words, found), flush=True)
    wrong = [_misjudged(90_000 + seed) for seed in range(districts)]
    print(_row("先验说错：说宽 0.25，实际严 0.35（官方 12 处）", wrong))
    print("\n过线把握的可靠性（每个城区五条线，先验说对的各组合在一起）")
    print("| 平均预测 | 实际过线 | 次数 |\n|---:|---:|---:|")
    for chance, passed, number in reliability(everything):
        print(f"| {chance:.1%} | {passed:.1%} | {number} |")


def _misjudged(seed: int) -> Scored:
    """A plan that states a strictness one and a half spreads off the truth."""
    from dataclasses import replace

    case = examined(seed, prior=Strictness(-0.35, 0.0, 0.1))
    return scored(replace(case, plan=replace(case.plan, strictness=Strictness(0.25, 0.4, 0.1))))


def _row(words: str, found: list[Scored]) -> str:
    held, plain = np.mean([one.held for one in found]), np.mean([one.plain_held for one in found])
    ours, theirs = np.mean([one.crps for one in found]), np.mean([one.plain_crps for one in found])
    width = np.mean([one.width for one in found])
    return (
        f"| {words} | {len(found)} | {held:.1%} | {width:.1f} | {plain:.1%} "
        f"| {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |"
    )


def speed() -> None:
    """100,000 examinations of 3,200 checks: the simulation alone, and everything from observations to levers."""
    fit, stops = _parts()
    spread = Spread(0.3, 0.1, 0.15)
    alone, own = _fastest(lambda: simulate(fit, stops, spread, runs=100_000, seed=7))
    case = examined(1, types=10, criteria=40, streets=16, sites=60, drawn=8, visits=600)
    whole, all_own = _fastest(lambda: forecast(case.edition, case.seen, case.plan))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"100,000 次测评，每次 {10 * 8 * 40:,} 项检查：模拟 {alone:.2f} 秒（处理器 {own:.2f} 秒）；")
    print(
        f"连 {len(case.seen):,} 条观测的估计和建议 {whole:.2f} 秒（处理器 {all_own:.2f} 秒）。三次取快，内存最高 {memory:.0f} MB"
    )
    print(f"此刻机器的排队：{os.getloadavg()[0]:.1f}")


def _fastest(what: Any) -> tuple[float, float]:
    """The least of three: seconds by the clock, seconds of processor."""
    walls, owns = [], []
    for _turn in range(3):
        wall, own = time.perf_counter(), time.process_time()
        what()
        walls.append(time.perf_counter() - wall)
        owns.append(time.process_time() - own)
    return min(walls), min(owns)


def _parts() -> tuple[Fit, list[Stop]]:
    """A fit as large as that of ten types of 40 criteria in 16 streets, 60 places each."""
    rng = np.random.default_rng(1)
    at = {
        CONSTANT: slice(0, 1),
        EXAMINERS: slice(1, 2),
        TYPE: slice(2, 12),
        STREET: slice(12, 28),
        "criterion": slice(28, 428),
    }
    dense = np.r_[1.2, rng.normal(0, 0.6, 427)]
    covariance = np.eye(428) * 0.05
    fit = Fit(at, dense, covariance, rng.normal(0, 0.4, 600), np.zeros((600, 428)), np.full(600, 0.05), {}, True)
    stops = [
        Stop(kind, 8, np.arange(60) + 60 * kind, rng.integers(0, 16, 60), np.arange(40) + 40 * kind, np.ones(40))
        for kind in range(10)
    ]
    return fit, stops


def main() -> None:
    """Speed first: the machine has not been warmed by anything else."""
    parser = argparse.ArgumentParser(description="预测的校准和速度")
    parser.add_argument("--districts", type=int, default=600, help="每组模拟多少个城区（1200 次走访那组三分之一）")
    asked = parser.parse_args()
    speed()
    print()
    calibration(asked.districts)


if __name__ == "__main__":
    main()
