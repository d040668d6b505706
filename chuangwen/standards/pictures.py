"""Pictures shown with the questions of a checklist: small, checked by content, kept with the edition."""

import hashlib
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from PIL import Image

from chuangwen.journal.operations import record
from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.checklists import pictures_of
from chuangwen.standards.edition_rows import edition_sheet_of
from chuangwen.standards.models import Edition, FormPicture

LARGEST_PICTURE: Final = 1_000_000
MOST_PICTURES: Final = 50
WIDEST: Final = 4000


@transaction.atomic
def keep_pictures(*, edition_id: int, pictures: Mapping[str, bytes], by: Actor, now: datetime) -> tuple[str, ...]:
    """Store pictures that a draft's questions name; the same again changes nothing. Returns the names that are new.

    Refuses, with every objection, what is no picture, is too large, or is named by no question.
    """
    if not may(by, Permission.STANDARD_EDIT):
        raise Refused("测评标准由区文明办维护，您的岗位不能修改。")
    edition = Edition.objects.select_for_update().filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    if edition.is_published:
        raise Refused(f"{edition}已经发布，不能再改。请先新建一个版次。")
    sheet = edition_sheet_of(edition)
    said = [] if pictures else ["请先选择图片。"]
    said += [f"没有题目用到图片 {name}，请核对文件名。" for name in pictures if name not in pictures_named(sheet)]
    said += picture_objections(edition, pictures)
    if said:
        raise Refused(said)
    stored = pictures_of(edition.pk)
    new = tuple(sorted(name for name in pictures if stored.get(name) != sha256_of(pictures[name])))
    if new:
        store_pictures(edition, pictures, sheet)
        Edition.objects.filter(pk=edition.pk).update(updated_at=now)
        record(
            kind="checklist.pictures", subject_kind="edition", subject_id=edition.pk, by=by, now=now, names=list(new)
        )
    return new


def pictures_named(sheet: EditionSheet) -> set[str]:
    """The file names of all pictures that an edition's checklists show."""
    tables: tuple[Iterable[Any], ...] = (sheet.criteria, sheet.questions, sheet.choices)
    return {str(row.media) for rows in tables for row in rows if row.media}


def missing_pictures(edition: Edition, sheet: EditionSheet) -> list[str]:
    """A sentence for each picture that is named and not there."""
    missing = sorted(pictures_named(sheet) - set(pictures_of(edition.pk)))
    return [f"检查单里用到的图片 {name} 还没有上传。请上传，或者去掉它。" for name in missing]


def sha256_of(content: bytes) -> str:
    """What a stored picture is compared by."""
    return hashlib.sha256(content).hexdigest()


def picture_objections(edition: Edition, pictures: Mapping[str, bytes]) -> list[str]:
    """Everything wrong with pictures that come in."""
    said = [what for name, content in pictures.items() if (what := _trouble(name, content))]
    if pictures and len({*pictures, *pictures_of(edition.pk)}) > MOST_PICTURES:
        said.append(f"一个版次最多 {MOST_PICTURES} 张图片。")
    return said


def _trouble(name: str, content: bytes) -> str:
    if len(content) > LARGEST_PICTURE:
        return f"图片 {name} 超过 {LARGEST_PICTURE // 1_000_000} MB，请缩小后再传。"
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            wide = max(picture.size)
            picture.verify()
    except Exception:  # a picture can be broken in many ways, and each of them means the same to the person
        return f"{name} 不是能读的 PNG 或 JPEG 图片，请换一张。"
    return f"图片 {name} 的边长超过 {WIDEST} 像素，请缩小后再传。" if wide > WIDEST else ""


def store_pictures(edition: Edition, pictures: Mapping[str, bytes], sheet: EditionSheet) -> None:
    """Keep the pictures that the sheet names, and no others."""
    wanted = pictures_named(sheet)
    FormPicture.objects.bulk_create(
        [
            FormPicture(edition=edition, name=name, content=content, sha256=sha256_of(content))
            for name, content in sorted(pictures.items()) if name in wanted
        ],
        update_conflicts=True, unique_fields=["edition", "name"], update_fields=["content", "sha256"],
    )  # fmt: skip
    edition.pictures.exclude(name__in=wanted).delete()


def copy_pictures(source: Edition, target: Edition) -> None:
    """The pictures of one edition for another with the same checklists."""
    FormPicture.objects.bulk_create(
        FormPicture(edition=target, name=row.name, content=row.content, sha256=row.sha256)
        for row in source.pictures.all()
    )
