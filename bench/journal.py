"""How many events a second the journal takes with several writers, beside the same INSERT without hashing; and how long
roots, proofs and the verification of a long log take. On PostgreSQL: tools/postgres.sh run .venv/bin/python bench/journal.py
"""

import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
NOW = datetime(2020, 6, 24, 1, 0, tzinfo=UTC)
FACTS = {
    "from": "dispatched",
    "to": "rectified",
    "due_at": "2020-06-28T18:00:00+08:00",
    "photos": [1, 2],
    "late": False,
}
NOTE = "已清理完毕，现场复查无误"


def start() -> None:
    """Django on the database that the environment names."""
    from chuangwen.project import boot

    boot.setup()


def hashed(number: int) -> None:
    """One event as the house writes it."""
    from chuangwen.journal.operations import record
    from chuangwen.rules.permissions import Actor

    record(
        kind="case.rectify", subject_kind="case", subject_id=number, by=Actor(7, "物业承办人"), now=NOW,
        client_key=f"{os.getpid()}-{number}", note=NOTE, **FACTS,
    )  # fmt: skip


def plain(number: int) -> None:
    """The same INSERT with the columns of the trace left empty."""
    from chuangwen.journal.models import Event

    Event.objects.create(
        kind="case.rectify", subject_kind="case", subject_id=number, actor_id=7, actor_name="物业承办人", at=NOW,
        facts=FACTS, words={"note": NOTE}, client_key=f"{os.getpid()}-{number}", next_try_at=NOW,
    )  # fmt: skip


def write(act: Callable[[int], None], each: int, until: float, gate: object, told: object) -> None:
    """One writer: transactions of `each` events until the time is up."""
    start()
    from django.db import connection, transaction

    before = busy(connection)
    gate.wait()  # type: ignore[attr-defined]  # a Barrier of multiprocessing
    end, done = time.monotonic() + until, 0
    while time.monotonic() < end:
        with transaction.atomic():
            for _ in range(each):
                act(done)
                done += 1
    told.put((done, busy(connection) - before))  # type: ignore[attr-defined]  # a Queue of multiprocessing


def busy(connection: Any) -> float:
    """Seconds of processor that this process and its partner in the database have used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (partner,) = cursor.fetchone()
    fields = Path(f"/proc/{partner}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def place(until: float, gate: object, told: object) -> None:
    """The worker: puts committed events into the log, once a second at most unless it is behind."""
    start()
    from chuangwen.journal.log import BATCH, place_waiting

    gate.wait()  # type: ignore[attr-defined]  # as above
    end, done = time.monotonic() + until, 0
    while time.monotonic() < end:
        placed = place_waiting()
        done += placed
        if placed < BATCH:
            time.sleep(1.0)
    told.put((-done, 0.0))  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True)
class Rate:
    """Events a second of all writers, processor microseconds an event, and what the worker placed a second meanwhile."""

    written: float
    processor: float
    placed: float


def rate(act: Callable[[int], None], *, writers: int, each: int, seconds: float, worker: bool) -> Rate:
    """So many writers for so long, with the worker beside them or without."""
    context = multiprocessing.get_context("spawn")
    gate, told = context.Barrier(writers + worker), context.Queue()
    crew = [context.Process(target=write, args=(act, each, seconds, gate, told)) for _ in range(writers)]
    crew += [context.Process(target=place, args=(seconds, gate, told))] if worker else []
    for process in crew:
        process.start()
    counts = [told.get(timeout=seconds + 120) for _ in crew]
    for process in crew:
        process.join()
    written = sum(n for n, _ in counts if n > 0)
    processor = sum(used for _, used in counts) / max(written, 1) * 1e6
    return Rate(written / seconds, processor, -sum(n for n, _ in counts if n < 0) / seconds)


def empty() -> None:
    """No event, no log."""
    from chuangwen.journal.models import Event, Log, Root, Tile

    for model in (Event, Log, Tile, Root):
        model._default_manager.all().delete()


HEAD = (
    "| 每个事务几条 | 写法 | 条/秒 | 每条占处理器 微秒 | 对“普通写入”的倍数（处理器） |",
    "|---:|---|---:|---:|---:|",
)


def compare(options: argparse.Namespace) -> None:
    """Rates with and without hashing, turn about, so that both meet the same machine."""
    print(
        f"{options.writers} 个写入进程，每轮 {options.seconds:g} 秒，{options.rounds} 轮交替取中位数；{os.cpu_count()} 核，"
    )
    print(
        f"开始时的负载 {os.getloadavg()[0]:.1f}（大于核数说明机器上还有别人，条/秒会偏低，看处理器一列）",
        "",
        *HEAD,
        sep="\n",
    )
    for each in options.each:
        found: dict[str, list[Rate]] = {}
        for _ in range(options.rounds):
            for name, act, worker in WAYS:
                empty()
                made = rate(act, writers=options.writers, each=each, seconds=options.seconds, worker=worker)
                found.setdefault(name, []).append(made)
        middle = {
            name: sorted(rates, key=lambda made: made.processor)[len(rates) // 2] for name, rates in found.items()
        }
        for name, made in middle.items():
            times = made.processor / middle[WAYS[0][0]].processor
            extra = f"（同时进树 {made.placed:,.0f}）" if made.placed else ""
            print(f"| {each} | {name} | {made.written:,.0f}{extra} | {made.processor:,.0f} | {times:.2f} |")


WAYS: tuple[tuple[str, Callable[[int], None], bool], ...] = (
    ("普通写入（模型的 create，不算散列）", plain, False),
    ("留痕", hashed, False),
    ("留痕，工作进程同时进树", hashed, True),
)


def fill(target: int) -> float:
    """So many events in the log, written in bulk with right hashes. Returns events a second of the worker."""
    from django.db import transaction

    from chuangwen.journal.log import log_size, place_waiting
    from chuangwen.journal.models import Event
    from chuangwen.journal.sealing import sealed
    from chuangwen.rules.trace import Entry

    empty()
    for begin in range(0, target, 5000):
        rows = []
        for number in range(begin, min(begin + 5000, target)):
            made = sealed(
                Entry("case.note", "case", number, 7, "某人", NOW, {}, None, None, b""), {**FACTS, "note": NOTE}
            )
            rows.append(
                Event(
                    kind="case.note",
                    subject_kind="case",
                    subject_id=number,
                    actor_id=7,
                    actor_name="某人",
                    at=NOW,
                    next_try_at=NOW,
                    **vars(made),
                )
            )
        with transaction.atomic():
            Event.objects.bulk_create(rows)
    began = time.monotonic()
    while log_size() < target:
        place_waiting()
    return target / (time.monotonic() - began)


def long_log(target: int) -> None:
    """What a long log costs."""
    from chuangwen.journal.log import record_root, root_at
    from chuangwen.journal.models import Event
    from chuangwen.journal.proofs import inclusion
    from chuangwen.journal.verifying import verify

    placed = fill(target)
    record_root(now=NOW)
    event_id = Event.objects.get(position=target // 3).pk
    figures = [("进树（工作进程单独跑）", f"{placed:,.0f} 条/秒")]
    for name, act in (("算一个根值", lambda: root_at(target)), ("出一份证明", lambda: inclusion(event_id=event_id))):
        times = []
        for _ in range(9):
            began = time.monotonic()
            act()
            times.append(time.monotonic() - began)
        figures.append((name, f"{statistics.median(times) * 1000:.1f} 毫秒"))
    began = time.monotonic()
    report = verify()
    took = time.monotonic() - began
    figures.append(("全部重新核对", f"{took:.1f} 秒（{target / took:,.0f} 条/秒），{len(report.faults)} 处异常"))
    print(f"\n{target:,} 条的留痕树")
    for name, figure in figures:
        print(f"  {name}：{figure}")


def main() -> None:
    """On PostgreSQL; without one, on a temporary one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--long", type=int, default=100_000)
    options = parser.parse_args()
    if not os.environ.get("CHUANGWEN_DATABASE_URL"):
        command = ["bash", str(ROOT / "tools" / "postgres.sh"), "run", sys.executable, __file__, *sys.argv[1:]]
        sys.exit(subprocess.run(command, check=False).returncode)
    data = Path(tempfile.mkdtemp(prefix="chuangwen-bench-"))
    os.environ["CHUANGWEN_DATA"] = str(data)
    try:
        start()
        from chuangwen.project import serving

        serving.migrate()
        compare(options)
        long_log(options.long)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
