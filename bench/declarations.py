"""How long a package of 20,000 accepted files takes: frozen, every file read again and compared, then sent as one zip.

    .venv/bin/python bench/declarations.py [--files 20000] [--size 200000]

The worker is stopped in the middle and begins again, and the download is broken off and taken up where it stopped; the
zip is then read by Python's own reader and its check sums are compared. In a temporary folder; one process.
"""

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
NOW = datetime(2020, 6, 24, 1, 0, tzinfo=UTC)


def furnish(files: int, size: int) -> int:
    """A drive with so many accepted pieces, each a file of its own; the rows without the walk. Returns its id."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from chuangwen.declarations.models import Drive, Piece, Requirement, State, Version
    from chuangwen.evidence.models import Document
    from chuangwen.people.models import Unit
    from chuangwen.rules.permissions import SYSTEM
    from chuangwen.standards.models import Criterion
    from chuangwen.standards.operations import seed_sample
    from chuangwen.standards.queries import current_edition

    seed_sample(by=SYSTEM, now=NOW)
    edition = current_edition()
    assert edition is not None
    unit = Unit.objects.create(code="B", name="学田街道", kind="street", path="/B/")
    drive = Drive.objects.create(
        home=unit, edition=edition, name="八月测评", test_month=date(2020, 8, 1), first_on=date(2019, 8, 1),
        last_on=date(2020, 7, 31), due_at=NOW + timedelta(days=30), opened_at=NOW, opened_by="周文",
    )  # fmt: skip
    criteria = list(Criterion.objects.filter(edition=edition))
    each = -(-files // (20 * len(criteria)))
    asked = Requirement.objects.bulk_create(
        Requirement(drive=drive, criterion=one, number=f"{place}-{part}", kind="statement", count=20, unit=unit,
                    first_on=drive.first_on, last_on=drive.last_on, due_at=drive.due_at, state=State.ACCEPTED)
        for place, one in enumerate(criteria) for part in range(each)
    )  # fmt: skip
    places = [(one, position) for one in asked for position in range(1, 21)][:files]
    pieces = Piece.objects.bulk_create(
        [Piece(requirement=one, position=at, title=f"说明 {at}", state=State.ACCEPTED) for one, at in places],
        batch_size=2000,
    )
    body, documents = os.urandom(size), []
    for number in range(files):
        content = f"%PDF-1.4 {number:08}\n".encode() + body
        digest = hashlib.sha256(content).hexdigest()
        path = default_storage.save(f"documents/{digest[:2]}/{digest}.pdf", ContentFile(content))
        documents.append(Document(sha256=digest, path=path, size=len(content), pages=1, stored_at=NOW))
    kept = Document.objects.bulk_create(documents, batch_size=2000)
    rows = [
        Version(piece=piece, number=1, document=one, file_name="x.pdf", said_on=date(2020, 3, 5), handed_in_at=NOW,
                handed_in_by="甲", checked_at=NOW)
        for piece, one in zip(pieces, kept, strict=True)
    ]  # fmt: skip
    Version.objects.bulk_create(rows, batch_size=2000)
    return drive.pk


def prepared(drive_id: int) -> Any:
    """The package, made step by step as the worker does; its time, and the longest step."""
    from chuangwen.declarations.models import Package
    from chuangwen.declarations.packing import prepare_package, start_package
    from chuangwen.rules.permissions import SYSTEM

    began, steps, more = time.perf_counter(), [], True
    made = start_package(drive_id=drive_id, by=SYSTEM, now=NOW)
    while more:
        start = time.perf_counter()
        more = prepare_package(package_id=made.pk, now=NOW)
        steps.append(time.perf_counter() - start)
    return Package.objects.get(pk=made.pk), time.perf_counter() - began, max(steps), len(steps)


def sent(package: Any, target: Path) -> float:
    """The zip written to a file in two goes: broken off in the middle, taken up from that byte."""
    from chuangwen.declarations.packing import Zipped

    began = time.perf_counter()
    half, written = package.size // 2, 0
    with target.open("wb") as file:
        for piece in Zipped(package).pieces():
            written += file.write(piece)
            if written > half:
                break
        for piece in Zipped(package).pieces(written):
            file.write(piece)
    return time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=100_000, help="bytes of each file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chuangwen-bench-") as folder:
        os.environ |= {"CHUANGWEN_DATA": folder, "CHUANGWEN_DATABASE_URL": ""}
        from chuangwen.project import boot

        boot.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        drive_id = furnish(given.files, given.size)
        package, whole, longest, steps = prepared(drive_id)
        print(
            f"核对并定稿 {package.total} 个文件：{whole:.1f} 秒（{steps} 步，最长一步 {longest:.1f} 秒），读不到 {package.failed} 个"
        )
        target = Path(folder) / "package.zip"
        print(f"分两次发完 {package.size / 2**20:.0f} MB 的 zip：{sent(package, target):.1f} 秒")
        began = time.perf_counter()
        with zipfile.ZipFile(target) as zipped:
            sums = [line.partition("  ") for line in zipped.read("00 SHA256SUMS.txt").decode().splitlines()]
            wrong = [name for digest, _, name in sums if hashlib.sha256(zipped.read(name)).hexdigest() != digest]
        print(
            f"用 Python 的 zipfile 逐个核对 SHA-256：{len(sums)} 个，不符 {len(wrong)} 个，{time.perf_counter() - began:.1f} 秒"
        )
        print(
            f"最多占用内存 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB；目标：20,000 个文件 3 分钟以内"
        )


if __name__ == "__main__":
    main()
