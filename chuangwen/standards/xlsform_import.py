"""Taking over an edited XLSForm: look at what it would change, then put it in the place of a draft's checklist."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.rules.checklist_changes import ChecklistChanges, checklist_changes
from chuangwen.rules.editions import EditionSheet, PointTypeRow
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.xlsforms import checklist_of
from chuangwen.standards.checklists import pictures_of
from chuangwen.standards.edition_rows import edition_sheet_of, write_rows
from chuangwen.standards.models import Edition, PointType
from chuangwen.standards.pictures import picture_objections, pictures_named, sha256_of, store_pictures
from chuangwen.standards.xlsform_fitting import objections_in_file, with_checklist
from chuangwen.standards.xlsform_reading import read_xlsform

__all__ = ["Preview", "import_checklist", "preview_checklist"]


@dataclass(frozen=True)
class Preview:
    """What a file would do to a draft: changes, what cannot be held, and pictures that are named but not there yet.

    `seen` tells later whether the draft is still the one that was looked at.
    """

    edition: Edition
    point_type: str
    changes: ChecklistChanges
    unheld: tuple[str, ...]
    missing_pictures: tuple[str, ...]
    new_pictures: tuple[str, ...]
    seen: str


def preview_checklist(
    *, edition_id: int, point_type: str, content: bytes, pictures: Mapping[str, bytes] | None = None, by: Actor
) -> Preview:
    """What taking this file over would do. Raises BadInput or Refused with every objection; writes nothing."""
    _must_edit(by)
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    return _prepared(edition, point_type, content, pictures or {})[0]


@transaction.atomic
def import_checklist(
    *, edition_id: int, point_type: str, content: bytes, pictures: Mapping[str, bytes] | None = None, seen: str = "",
    by: Actor, now: datetime,
) -> Preview:  # fmt: skip
    """Put the file's checklist in the place of the draft's, pictures with it. The same file again changes nothing.

    Raises BadInput or Refused with every objection, and Conflict when the draft is no longer the one of `seen`.
    """
    _must_edit(by)
    edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    found, sheet = _prepared(edition, point_type, content, pictures or {})
    if seen and seen != found.seen:
        raise Conflict("您核对以后，草稿又被改过。请再看一遍差别。")
    if not found.changes and not found.new_pictures:
        return found
    write_rows(edition, sheet)
    store_pictures(edition, pictures or {}, sheet)
    edition.updated_at = now
    edition.save(update_fields=["updated_at"])
    record(
        kind="checklist.imported", subject_kind="edition", subject_id=edition.pk, by=by, now=now, point_type=point_type,
        pictures=len(found.new_pictures), left_out=len(found.unheld), added=found.changes.count("added"),
        changed=found.changes.count("changed"), removed=found.changes.count("removed"),
    )  # fmt: skip
    return replace(found, edition=edition)


def _must_edit(by: Actor) -> None:
    if not may(by, Permission.STANDARD_EDIT):
        raise Refused("测评标准由区文明办维护，您的岗位不能修改。")


def _prepared(
    edition: Edition, point_type: str, content: bytes, pictures: Mapping[str, bytes]
) -> tuple[Preview, EditionSheet]:
    if edition.is_published:
        raise Refused(f"{edition}已经发布，不能再改。请先新建一个版次，再把检查单上传到草稿。")
    before = edition_sheet_of(edition)
    kind = PointType.objects.filter(code=point_type).first()
    if kind is None:
        raise NotFound(f"没有编码为“{point_type}”的点位类型。")
    others = {row.code: row.name for row in before.point_types if row.code != point_type}
    was = checklist_of(before, point_type)
    reading = read_xlsform(io.BytesIO(content), was, others, {row.code: row.name for row in before.contents})
    after = with_checklist(before, reading.checklist, PointTypeRow(kind.code, kind.name, kind.position))
    objections = [*objections_in_file(after, reading), *picture_objections(edition, pictures)]
    if objections:
        raise BadInput(objections)
    stored = pictures_of(edition.pk)
    wanted = pictures_named(after)
    new = tuple(sorted(name for name in wanted & set(pictures) if stored.get(name) != sha256_of(pictures[name])))
    preview = Preview(
        edition, point_type, checklist_changes(was, reading.checklist), tuple(one.sentence for one in reading.unheld),
        tuple(sorted(wanted - set(stored) - set(pictures))), new, edition.updated_at.isoformat(),
    )  # fmt: skip
    return preview, after
