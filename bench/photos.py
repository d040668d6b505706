"""How long it takes to find a reused photo among a million, beside reading all of them, in one run."""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BATCH = 20_000


def fill(count: int) -> float:
    """So many prints of pictures that never were, straight into the table; indexes are made afterwards. Seconds."""
    import numpy as np
    from django.db import connection

    from chuangwen.evidence.models import INDEX_COLUMNS, PhotoPrint
    from chuangwen.rules.pdq import core_keys

    start = time.perf_counter()
    rng = np.random.default_rng(1)
    indexed = [field for field in PhotoPrint._meta.local_fields if field.name in INDEX_COLUMNS]
    with connection.schema_editor() as editor:
        for field in indexed:
            for name in _indexes_on(field.name):
                editor.execute(f"DROP INDEX {name}")
    columns = ", ".join(("photo_id", "pdq", "core", "quality", *INDEX_COLUMNS))
    marks = ", ".join(["%s"] * (4 + len(INDEX_COLUMNS)))
    with connection.cursor() as cursor:
        for first in range(0, count, BATCH):
            rows = _rows(rng, core_keys, first, min(BATCH, count - first))
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY evidence_photoprint ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany(f"INSERT INTO evidence_photoprint ({columns}) VALUES ({marks})", rows)
    with connection.cursor() as cursor:
        for field in indexed:
            cursor.execute(f"CREATE INDEX bench_{field.column} ON evidence_photoprint ({field.column})")
        cursor.execute("ANALYZE")
    return time.perf_counter() - start


def _indexes_on(column: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "evidence_photoprint")
    return [f'"{name}"' for name, row in found.items() if row["index"] and row["columns"] == [column]]


def _rows(rng: "object", keys_of: "Callable[..., object]", first: int, count: int) -> list[tuple[object, ...]]:
    """Bits of real photos are not independent; here every tenth row shares half of its bits with a few patterns."""
    import numpy as np

    hashes = rng.integers(0, 256, (count, 2, 32), dtype=np.uint8)  # type: ignore[attr-defined]  # numpy is loaded late
    patterns = np.random.default_rng(7).integers(0, 256, (200, 32), dtype=np.uint8)
    shared = rng.integers(0, 200, count)  # type: ignore[attr-defined]  # the same
    hashes[::10, :, ::2] = patterns[shared[::10]][:, None, ::2]
    chunks = hashes[:, 0].copy().view(">u2").tolist()
    keys = keys_of([bytes(row) for row in hashes[:, 1]]).tolist()  # type: ignore[attr-defined]  # the same
    return [
        (first + place + 1, hashes[place, 0].tobytes(), hashes[place, 1].tobytes(), 100, *chunks[place], *keys[place])
        for place in range(count)
    ]


def plain_scan(bits: bytes) -> int:
    """Read every print and measure it: what the index saves."""
    from django.db import connection

    from chuangwen.rules.pdq import SAME_PICTURE, distances

    found = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pdq FROM evidence_photoprint")
        while rows := cursor.fetchmany(50_000):
            found += int((distances(bits, [bytes(row[0]) for row in rows]) <= SAME_PICTURE).sum())
    return found


def measure(searches: int) -> None:
    """Real pictures searched for: drawn scenes stored among the million, then edited copies of them looked up."""
    from PIL import Image

    from chuangwen.evidence.prints import index_row, pixels_of, print_of
    from chuangwen.evidence.search import similar_photos
    from chuangwen.rules.pdq import luminance, windows
    from tests.pictures import EDITS, KINDS, jpeg, scene

    pictures = [scene(KINDS[number % 3], number) for number in range(12)]
    for number, picture in enumerate(pictures):
        _put(10_000_000 + number, index_row(pixels_of(jpeg(picture))))
    hashing, searching, working, whole, found = [], [], [], [], 0
    edits = list(EDITS.values())
    for number in range(searches):
        which = number % len(pictures)
        edited: Image.Image = edits[number % len(edits)](pictures[which])
        data = jpeg(edited)
        start = time.perf_counter()
        pixels = pixels_of(data)
        looks, middles = print_of(pixels), list(windows(luminance(pixels)))
        ready = time.perf_counter()
        busy = time.process_time()
        matches = similar_photos(looks, middles)
        working.append(time.process_time() - busy)
        hashing.append(ready - start)
        searching.append(time.perf_counter() - ready)
        found += [match.photo_id for match in matches] == [10_000_000 + which]
        if number < 3:
            start = time.perf_counter()
            plain_scan(looks.bits)
            whole.append(time.perf_counter() - start)
    _tell(hashing, searching, working, whole, f"{found}/{searches}")


def _put(photo_id: int, row: "object") -> None:
    from django.db import connection

    values = {"photo_id": photo_id, **row}  # type: ignore[dict-item]  # a mapping of columns
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO evidence_photoprint ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def _tell(hashing: list[float], searching: list[float], working: list[float], whole: list[float], found: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM evidence_photoprint")
        count = cursor.fetchone()[0]
    middle, late = statistics.median(searching), sorted(searching)[int(len(searching) * 0.95)]
    print(f"| {connection.vendor}，{count:,} 张 | 数值 |")
    print("|---|---:|")
    print(f"| 查找，中位 | {middle * 1000:.1f} ms |")
    print(f"| 查找，95% | {late * 1000:.1f} ms |")
    print(f"| 其中本进程的 CPU 时间，中位 | {statistics.median(working) * 1000:.1f} ms |")
    print(f"| 逐张比对全部，中位 | {statistics.median(whole) * 1000:.0f} ms |")
    print(f"| 倍数（逐张 ÷ 查找） | {statistics.median(whole) / middle:.0f} |")
    print(f"| 解码并计算指纹，中位 | {statistics.median(hashing) * 1000:.0f} ms |")
    print(f"| 编辑过的照片找到原照片且只找到它 | {found} |")


def main() -> None:
    """Fill a table, search it, throw it away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "bench-photos")
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=60)
    wanted = parser.parse_args()
    os.environ["CHUANGWEN_DATA"] = str(wanted.data)
    from chuangwen.project import boot, serving

    (wanted.data / "chuangwen.sqlite3").unlink(missing_ok=True)
    serving.ensure_secret(wanted.data)
    boot.setup(wanted.data)
    serving.migrate()
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys=OFF")
        else:
            cursor.execute("ALTER TABLE evidence_photoprint DISABLE TRIGGER ALL")
    try:
        with transaction.atomic():
            seconds = fill(wanted.photos)
        print(f"{connection.vendor}：写入 {wanted.photos:,} 张的指纹并建索引，用时 {seconds:.0f} 秒", file=sys.stderr)
        measure(wanted.searches)
    finally:
        if connection.vendor == "sqlite":
            connection.close()
            (wanted.data / "chuangwen.sqlite3").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
