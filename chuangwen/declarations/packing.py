"""打包: the accepted material of a drive as one zip with numbered folders, contents list, check sums and a page to read.

A package is first frozen as a list of lines, then the worker reads every file again in steps and compares its SHA-256; a
step that was interrupted is done again, nothing before it. The zip itself is stored nowhere: every byte follows from the
lines (rules/zip_layout.py), so it is sent from any byte on.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from chuangwen.declarations.models import Drive, Package, PackageLine, Piece, State, Version
from chuangwen.declarations.operations import locked_drive
from chuangwen.declarations.queries import overlooks
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.rules.material_checks import MaterialKind
from chuangwen.rules.package_names import LIST, PAGE, SUMS, Packed, check_sums, contents_page, file_name
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.rules.refusals import Refused
from chuangwen.rules.table_files import write_csv
from chuangwen.rules.zip_layout import Entry, Layout

STEP = 500  # files read again in one piece of work
CHUNK = 2**18
SUBJECT = "declaration_package"
_HEAD = ("文件", "测评项目", "标准", "编号", "材料种类", "标题", "提供单位", "形成日期", "字节", "SHA-256")


@transaction.atomic
def start_package(*, drive_id: int, by: Actor, now: datetime, client_key: str | None = None) -> Package:
    """Ask for a package of what is accepted now; the worker makes it. The same client key gives the same package."""

    def make() -> Package:
        drive = locked_drive(drive_id, by)
        accepted = Piece.objects.filter(requirement__drive=drive, state=State.ACCEPTED).count()
        found = [] if accepted else ["还没有审核通过的材料，没有可打包的。"]
        if drive.packages.filter(finished_at=None).exists():
            found.append("上一个材料包还在生成，请等它完成。")
        if found:
            raise Refused(found)
        made = Package.objects.create(
            drive=drive, started_at=now, started_by=by.name, total=accepted, client_key=client_key or None
        )
        record(
            kind="declaration.package_started", subject_kind=SUBJECT, subject_id=made.pk, by=by, now=now, files=accepted
        )
        return made

    known = once(lambda: Package.objects.filter(client_key=client_key).first() if client_key else None, make)
    if known.drive_id != drive_id or not overlooks(by, Drive.objects.select_related("home").get(pk=drive_id)):
        raise Refused(KEY_TAKEN)
    return known


# --- freezing ---


def _accepted(drive: Drive) -> Iterator[dict[str, Any]]:
    rows = Version.objects.filter(
        piece__requirement__drive=drive, piece__state=State.ACCEPTED, number=F("piece__newest")
    ).order_by(
        "piece__requirement__criterion__content__item__position", "piece__requirement__criterion__content__item__code",
        "piece__requirement__criterion__position", "piece__requirement__criterion__code", "piece__requirement__number",
        "piece__position",
    )  # fmt: skip
    requirement = "piece__requirement__"
    found: Iterator[dict[str, Any]] = rows.values(
        "pk", "piece__title", "piece__position", f"{requirement}number", f"{requirement}criterion__code",
        f"{requirement}criterion__content__item__code", f"{requirement}criterion__content__item__name",
        "photo__path", "photo__sha256", "photo__size", "document__path", "document__sha256", "document__size",
    ).iterator(chunk_size=2000)  # fmt: skip
    return found


def _lines(package: Package) -> Iterator[PackageLine]:
    items: dict[str, int] = {}
    criteria: dict[str, int] = {}
    for place, row in enumerate(_accepted(package.drive), start=1):
        item, criterion = (
            row["piece__requirement__criterion__content__item__code"],
            row["piece__requirement__criterion__code"],
        )
        path = row["photo__path"] or row["document__path"]
        name = file_name(
            item=(items.setdefault(item, len(items) + 1), row["piece__requirement__criterion__content__item__name"]),
            criterion=(criteria.setdefault(criterion, len(criteria) + 1), criterion),
            number=row["piece__requirement__number"], place=row["piece__position"], title=row["piece__title"],
            suffix=path.rpartition(".")[2],
        )  # fmt: skip
        yield PackageLine(
            package=package, position=place, name=name, version_id=row["pk"], path=path,
            sha256=row["photo__sha256"] or row["document__sha256"], size=row["photo__size"] or row["document__size"] or 0,
        )  # fmt: skip


@transaction.atomic
def _freeze(package_id: int) -> Package | None:
    """The list of the package, once. None when there is nothing left to do."""
    package = Package.objects.select_for_update(of=("self",)).select_related("drive__edition").get(pk=package_id)
    if package.finished_at is not None:
        return None
    if not package.lines.exists():
        lines = list(_lines(package))
        PackageLine.objects.bulk_create(lines, batch_size=1000)
        package.total = len(lines)
        package.save(update_fields=["total"])
    return package


# --- reading again ---


def _read_again(line: PackageLine) -> PackageLine:
    """Its CRC when the bytes are those that arrived; otherwise what is wrong."""
    digest, crc, size = hashlib.sha256(), 0, 0
    try:
        with default_storage.open(line.path) as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
                crc, size = zlib.crc32(piece, crc), size + len(piece)
    except OSError:
        line.trouble = "文件不在了"
        return line
    if (digest.hexdigest(), size) != (line.sha256, line.size):
        line.trouble = "内容和收到时不一样"
        return line
    line.crc = crc
    return line


def prepare_package(*, package_id: int, now: datetime, at_most: int = STEP) -> bool:
    """One step of making a package: freeze its list, or read the next files, or finish it. Repeatable.

    Returns whether something is left; then an event asks the worker for the next step.
    """
    package = _freeze(package_id)
    if package is None:
        return False
    waiting = package.lines.filter(crc=None, trouble="").order_by("position")
    lines = [_read_again(line) for line in waiting[:at_most]]
    with transaction.atomic():
        PackageLine.objects.bulk_update(lines, ["crc", "trouble"], batch_size=500)
        if waiting.exists():
            done = package.lines.exclude(crc=None, trouble="").count()
            Package.objects.filter(pk=package_id, finished_at=None).update(done=done)
            record(
                kind="declaration.package_step",
                subject_kind=SUBJECT,
                subject_id=package_id,
                by=SYSTEM,
                now=now,
                done=done,
            )
            return True
        _finish(package, now)
    return False


def _packed(package: Package) -> list[Packed]:
    rows = package.lines.filter(trouble="").select_related(
        "version__piece__requirement__criterion__content__item", "version__piece__requirement__unit"
    )
    found = []
    for line in rows.order_by("position"):
        asked = line.version.piece.requirement
        item = asked.criterion.content.item
        found.append(
            Packed(
                line.name, f"{item.code} {item.name}", asked.criterion.code, asked.number, MaterialKind(asked.kind).label,
                line.version.piece.title, asked.unit.name if asked.unit else "", line.version.said_on.isoformat(), line.size,
                line.sha256,
            )
        )  # fmt: skip
    return found


def _finish(package: Package, now: datetime) -> None:
    """The contents list, the check sums, the page; the size and the digest of the whole. Once."""
    files = _packed(package)
    title = f"{package.drive.name}申报材料"
    lead = f"依据 {package.drive.edition}，有效期 {package.drive.window.words}，共 {len(files)} 份。只供查看。"
    table = write_csv(_HEAD, ([one.name, one.item, one.criterion, one.number, one.kind, one.title, one.unit, one.said_on,
                               str(one.size), one.sha256] for one in files))  # fmt: skip
    contents = {
        PAGE: contents_page(title, lead, files), SUMS: check_sums(files), LIST: table.decode("utf-8-sig"),
    }  # fmt: skip
    package.contents = zlib.compress(json.dumps(contents, ensure_ascii=False).encode())
    package.digest = hashlib.sha256(contents[SUMS].encode()).hexdigest()
    package.failed, package.done = package.lines.exclude(trouble="").count(), package.lines.count()
    zipped = Zipped(package)
    package.size, package.finished_at = zipped.layout.size, now
    package.save(update_fields=["contents", "digest", "failed", "done", "size", "finished_at"])
    record(
        kind="declaration.package_ready", subject_kind=SUBJECT, subject_id=package.pk, by=SYSTEM, now=now, files=len(files),
        failed=package.failed, digest=package.digest,
    )  # fmt: skip


# --- sending ---


class Zipped:
    """The zip of a finished package: its size, and its bytes from any place on."""

    def __init__(self, package: Package) -> None:
        made: dict[str, str] = json.loads(zlib.decompress(bytes(package.contents)))
        self._made = [text.encode("utf-8-sig" if name == LIST else "utf-8") for name, text in made.items()]
        rows = package.lines.filter(trouble="").order_by("position").values_list("name", "size", "crc", "path")
        lines: Sequence[tuple[str, int, int | None, str]] = list(rows)
        self._paths = [path for *_, path in lines]
        heads = [Entry(name, len(data), zlib.crc32(data)) for name, data in zip(made, self._made, strict=True)]
        self.layout = Layout([*heads, *(Entry(name, size, crc or 0) for name, size, crc, _ in lines)])

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from `start` on. A file that has gone meanwhile breaks off; it can be taken up again from there."""
        return self.layout.pieces(start, self._read)

    def _read(self, place: int, skip: int) -> Iterator[bytes]:
        if place < len(self._made):
            yield self._made[place][skip:]
            return
        with default_storage.open(self._paths[place - len(self._made)]) as file:
            file.seek(skip)
            while piece := file.read(CHUNK):
                yield piece


def contents_of(package: Package) -> str:
    """The page of the package as a person reads it, without leaving the system; empty until it is ready."""
    if package.finished_at is None:
        return ""
    made: dict[str, str] = json.loads(zlib.decompress(bytes(package.contents)))
    return made[PAGE]
