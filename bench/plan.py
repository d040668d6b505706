"""Tours of teams with time windows: profit against the best known, for each given instance and 1 to 4 teams."""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chuangwen.project.commands.plan_ import solved
from chuangwen.rules.instances import read_toptw

DATA = Path(__file__).resolve().parents[2] / "shared/data/toptw"
BEST_KNOWN = {
    "c101": (320, 590, 810, 1020),
    "r101": (198, 349, 484, 611),
    "rc101": (219, 427, 621, 811),
}


def main() -> None:
    """Print a Markdown table; the gap is the share of the best known profit that is missing."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    gaps, load = [], os.getloadavg()[0]
    print(f"每例 {given.seconds:g} 秒、2 个进程、种子 {given.seed}；开始时机器负载 {load:.1f}\n")
    print("| 算例 | 队数 | 已知最好 | 得到 | 差距 | 用时（秒） |\n|---|---:|---:|---:|---:|---:|")
    for name, bests in BEST_KNOWN.items():
        text = (given.data / f"{name}.txt").read_text(encoding="utf-8")
        for teams, best in enumerate(bests, start=1):
            began = time.monotonic()
            instance = read_toptw(text, teams=teams)
            found = solved(instance, began=began, seconds=given.seconds, seed=given.seed, rounds=None, processes=2)
            gaps.append(1 - found["profit"] / best)
            took = time.monotonic() - began
            print(f"| {name} | {teams} | {best} | {found['profit']} | {gaps[-1]:.2%} | {took:.1f} |", flush=True)
    print(f"\n平均差距 {sum(gaps) / len(gaps):.2%}，最大 {max(gaps):.2%}")


if __name__ == "__main__":
    main()
