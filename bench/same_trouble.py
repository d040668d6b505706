"""The same trouble once: how fast earlier reports are found among a million, and topics of real messages.

    .venv/bin/python bench/same_trouble.py [--reports 1000000]

The stored reports are drawn: each takes most pairs of one real message and some of another, so that frequencies and
lengths are those of real ones. Their cases are copies of one row. The whole of what the desk waits for is timed: the
signature of the new text, the look-up, 80 exact comparisons with their cases.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
MESSAGES = ROOT.parent / "shared" / "data" / "messages" / "liked.csv.gz"

import numpy as np  # noqa: E402

from chuangwen.rules.same_trouble import STORED, Signature, counted  # noqa: E402
from chuangwen.rules.topic_files import between, read_voices  # noqa: E402
from chuangwen.rules.topics import topics  # noqa: E402


def main() -> None:
    """Topics first (no database), then the index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1_000_000)
    wanted = parser.parse_args().reports
    if not MESSAGES.exists():
        print(f"没有 {MESSAGES}，这一项没有量。", file=sys.stderr)
        return
    begun = time.perf_counter()
    voices = read_voices(MESSAGES.read_bytes())
    kept, since, until = between(voices, None, None)
    found = topics(kept, since=since, until=until)
    print(f"热点：{len(kept)} 条留言，{len(found)} 个热点（最多列 100 个），{time.perf_counter() - begun:.1f} 秒")
    folder = tempfile.mkdtemp(prefix="same-trouble-")
    os.environ["CHUANGWEN_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "chuangwen.project.settings"
    try:
        look_up(wanted, [(voice.title, voice.text) for voice in voices], [v.spoken.signature for v in voices], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look_up(wanted: int, texts: list[tuple[str, str]], signatures: list[Signature], folder: str) -> None:
    """Fill a database with so many reports, then ask for real texts."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from chuangwen.rules.permissions import SYSTEM
    from chuangwen.triage.index import Asked, earlier, weights
    from tests import world as worlds

    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    _fill(connection, worlds, wanted, signatures)
    _store_counts(texts)
    size = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file())
    print(
        f"存入 {wanted:,} 件：{time.perf_counter() - begun:.0f} 秒，数据库 {size / 2**20:,.0f} MB（{connection.vendor}）"
    )
    weights()
    asked = [texts[at] for at in range(0, len(texts), max(1, len(texts) // 200))]
    times, hits = [], 0
    for title, text in asked:
        begun = time.perf_counter()
        rows = earlier(SYSTEM, Asked(title, text, worlds.NOW))
        times.append((time.perf_counter() - begun) * 1000)
        hits += bool(rows)
    print("| 查一次（毫秒） | 平均 | 中位 | 95% | 最多 |\n|---|---:|---:|---:|---:|")
    print(
        f"| {len(times)} 条真实留言 | {np.mean(times):.1f} | {np.median(times):.1f} | {np.quantile(times, 0.95):.1f} | {max(times):.1f} |"
    )
    print(f"其中 {hits} 条有建议。")


def _fill(connection, worlds, wanted: int, signatures: list[Signature]) -> None:  # type: ignore[no-untyped-def]  # Django is loaded later
    first = worlds.build().open_case(origin_kind="report", site=None, home=worlds.unit_by_code("XT"))
    rng = np.random.default_rng(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_case WHERE id = %s", [first.pk])
        names = [column[0] for column in cursor.description if column[0] != "id"]
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT {first.pk + 1} UNION ALL SELECT i + 1 FROM n WHERE i < {first.pk + wanted}) "
            f"INSERT INTO cases_case (id, {columns}) SELECT i, {columns} FROM n, cases_case WHERE cases_case.id = {first.pk}"
        )
        for start in range(0, wanted, 20_000):
            marks, posts = [], []
            picks = rng.integers(0, len(signatures), (min(20_000, wanted - start), 2))
            for place, (one, other) in enumerate(picks.tolist(), start=first.pk + 1 + start):
                mine, more = signatures[one], signatures[other]
                mixed = list(dict.fromkeys([*mine.pairs[: STORED - 5], *more.pairs[:8]]))[:STORED]
                marks.append((place, mine.to_bytes(), "[]"))
                posts += [(pair, place) for pair in mixed]
            cursor.executemany("INSERT INTO triage_mark (case_id, signature, named) VALUES (%s, %s, %s)", marks)
            cursor.executemany("INSERT INTO triage_posting (pair, report) VALUES (%s, %s)", posts)


def _store_counts(texts: list[tuple[str, str]]) -> None:
    from array import array

    from chuangwen.triage.models import PairCounts
    from tests.world import NOW

    found = counted(texts)
    pairs = array("I", [ord(pair[0]) << 16 | ord(pair[1]) for pair in found.counts])
    PairCounts.objects.create(
        reports=found.reports, pairs=pairs.tobytes(), counts=array("I", found.counts.values()).tobytes(), made_at=NOW
    )  # fmt: skip


if __name__ == "__main__":
    main()
