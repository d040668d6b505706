"""Every way editions change: drafts are imported, edited, published or discarded; a published one never changes."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack

from django.db import transaction
from django.db.models import ProtectedError

from chuangwen.journal.operations import record
from chuangwen.rules.editions import CriterionRow, EditionSheet, PointTypeRow, objections
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.books import BookResult, import_case_standards
from chuangwen.standards.edition_rows import (
    criterion_fields,
    criterion_row,
    edition_sheet_of,
    in_house_order,
    write_rows,
)
from chuangwen.standards.models import CaseStandard, Content, Criterion, Edition, PointType
from chuangwen.standards.pictures import copy_pictures, keep_pictures, missing_pictures
from chuangwen.standards.sample_edition import sample_case_standards, sample_edition

__all__ = [
    "SAMPLE_BOOK",
    "BookResult",
    "CriterionChanges",
    "change_criterion",
    "discard_draft",
    "import_case_standards",
    "import_edition",
    "keep_pictures",
    "new_version",
    "publish_edition",
    "seed_sample",
]

SAMPLE_BOOK: Final = "样例立案标准"


class CriterionChanges(TypedDict, total=False):
    """The fields of a criterion that may change, as in CriterionRow; what is left out stays."""

    content_code: str
    point_type: str
    text: str
    how: tuple[str, ...]
    threshold: str
    photo_on_fail: bool
    severity: str
    method: str
    weight: Decimal
    carve_outs: str
    case_standard: str
    source: str
    text_en: str
    hint: str
    hint_en: str
    note_on_fail: bool
    relevant: str
    media: str


def _must_edit(by: Actor) -> None:
    if not may(by, Permission.STANDARD_EDIT):
        raise Refused("测评标准由区文明办维护，您的岗位不能修改。")


def _draft(edition_id: int) -> Edition:
    """The locked draft with this id; a published edition is refused."""
    edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    if edition.is_published:
        raise Refused(f"{edition}已经发布，不能再改。请先新建一个版次。")
    return edition


@transaction.atomic
def import_edition(*, sheet: EditionSheet, by: Actor, now: datetime) -> Edition:
    """Create the draft of the sheet's code and version, or put the sheet in its place. The same again changes nothing.

    Refuses, with every objection, a sheet that is not sound, and a version that is published already.
    """
    _must_edit(by)
    said = list(objections(sheet))
    edition = Edition.objects.select_for_update().filter(code=sheet.code, version=sheet.version).first()
    if edition is not None and edition.is_published:
        said.insert(0, f"{edition}已经发布，不能再改。请换一个版次。")
    if said:
        raise Refused(said)
    if edition is not None and edition_sheet_of(edition) == in_house_order(sheet):
        return edition
    return _write(edition, sheet, by=by, now=now)


def _write(edition: Edition | None, sheet: EditionSheet, *, by: Actor, now: datetime, **facts: Any) -> Edition:
    created = edition is None
    edition = edition or Edition(code=sheet.code, version=sheet.version)
    edition.name, edition.source, edition.updated_at = sheet.name, sheet.source, now
    edition.save()
    try:
        write_rows(edition, sheet)
    except ProtectedError as used:
        raise Refused("这份草稿已经被用到，不能整份替换。请换一个版次。") from used
    record(
        kind="edition.created" if created else "edition.replaced", subject_kind="edition", subject_id=edition.pk, by=by,
        now=now, code=edition.code, version=edition.version, criteria=len(sheet.criteria), **facts,
    )  # fmt: skip
    return edition


@transaction.atomic
def publish_edition(*, edition_id: int, by: Actor, now: datetime) -> Edition:
    """The draft is in force from now on and will not change again; every case standard it names must be in force."""
    if not may(by, Permission.STANDARD_PUBLISH):
        raise Refused("测评标准由区文明办主任发布。")
    edition = _draft(edition_id)
    in_force = set(CaseStandard.objects.filter(replaced_at=None).values_list("code", flat=True))
    sheet = edition_sheet_of(edition)
    if said := [*objections(sheet, in_force), *missing_pictures(edition, sheet)]:
        raise Refused(said)
    edition.published_at, edition.published_by, edition.updated_at = now, by.name, now
    edition.save(update_fields=["published_at", "published_by", "updated_at"])
    record(
        kind="edition.published", subject_kind="edition", subject_id=edition.pk, by=by, now=now, code=edition.code,
        version=edition.version,
    )  # fmt: skip
    return edition


@transaction.atomic
def new_version(*, edition_id: int, version: str, by: Actor, now: datetime) -> Edition:
    """A draft with another version word and everything else as in this edition, published or not."""
    _must_edit(by)
    known = Edition.objects.filter(pk=edition_id).first()
    if known is None:
        raise NotFound
    sheet = replace(edition_sheet_of(known), version=version.strip())
    said = list(objections(sheet))
    if Edition.objects.filter(code=known.code, version=sheet.version).exists():
        said.append(f"版次“{sheet.version}”已经有了，请换一个版次。")
    if said:
        raise Refused(said)
    made = _write(None, sheet, by=by, now=now, copied_from=known.pk)
    copy_pictures(known, made)
    return made


@transaction.atomic
def change_criterion(
    *, edition_id: int, code: str, by: Actor, now: datetime, **changes: Unpack[CriterionChanges]
) -> Criterion:
    """Change fields of one criterion of a draft. The same values again change nothing.

    Refuses, with every objection, what would make the edition unsound.
    """
    _must_edit(by)
    edition = _draft(edition_id)
    criterion = Criterion.objects.filter(edition=edition, code=code).select_related("content").first()
    if criterion is None:
        raise NotFound(f"没有编码为“{code}”的测评标准。")
    before = criterion_row(criterion)
    after = replace(before, **changes)
    if after == before:
        return criterion
    _refuse_unsound(edition, after)
    criterion.content = Content.objects.get(item__edition=edition, code=after.content_code)
    for name, value in criterion_fields(after).items():
        setattr(criterion, name, value)
    criterion.save()
    Edition.objects.filter(pk=edition.pk).update(updated_at=now)
    changed = sorted(name for name in changes if getattr(before, name) != getattr(after, name))
    record(
        kind="criterion.changed", subject_kind="edition", subject_id=edition.pk, by=by, now=now, code=code,
        before={name: _plain(getattr(before, name)) for name in changed},
        after={name: _plain(getattr(after, name)) for name in changed},
    )  # fmt: skip
    return criterion


def _refuse_unsound(edition: Edition, after: CriterionRow) -> None:
    sheet = edition_sheet_of(edition)
    criteria = tuple(after if row.code == after.code else row for row in sheet.criteria)
    known = {kind.code for kind in sheet.point_types}
    used = {row.point_type for row in criteria}
    # The last criterion of a type may move to another one; its type is then no longer part of the edition.
    kinds = tuple(kind for kind in sheet.point_types if kind.code in used)
    if after.point_type not in known:
        more = PointType.objects.filter(code=after.point_type)
        kinds += tuple(PointTypeRow(kind.code, kind.name, kind.position) for kind in more)
    if said := objections(replace(sheet, criteria=criteria, point_types=kinds)):
        raise Refused(said)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool) else list(value) if isinstance(value, tuple) else str(value)


@transaction.atomic
def discard_draft(*, edition_id: int, by: Actor, now: datetime) -> None:
    """The draft is gone; a published edition stays."""
    _must_edit(by)
    edition = _draft(edition_id)
    pk, name = edition.pk, str(edition)
    try:
        edition.criteria.all().delete()
        edition.delete()
    except ProtectedError as used:
        raise Refused(f"{name}已经被用到，不能丢弃。") from used
    record(kind="edition.discarded", subject_kind="edition", subject_id=pk, by=by, now=now, name=name)


@transaction.atomic
def seed_sample(*, by: Actor, now: datetime) -> Edition:
    """The sample case standards and the sample edition, published. What is there already stays as it is."""
    sheet = sample_edition()
    known = Edition.objects.filter(code=sheet.code, version=sheet.version, published_at__isnull=False).first()
    if known is not None:
        return known
    import_case_standards(name=SAMPLE_BOOK, rows=sample_case_standards(), by=by, now=now)
    edition = import_edition(sheet=sheet, by=by, now=now)
    return publish_edition(edition_id=edition.pk, by=by, now=now)
