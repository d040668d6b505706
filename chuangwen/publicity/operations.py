"""Every way the calendar and the news change. Who writes never passes: a second person does."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from chuangwen.evidence.models import PublicCopy
from chuangwen.evidence.operations import make_public_copy, stored_photos
from chuangwen.evidence.queries import public_photos
from chuangwen.journal.once import once, taken_before
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.publicity.models import Brief, BriefName, BriefPhoto, Outreach
from chuangwen.publicity.queries import (
    brief_for,
    brief_thing,
    known_people,
    named_of,
    outreach_for,
    picture_for,
    unit_thing,
)
from chuangwen.rules.masking import Box
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.publicity import (
    MOST_PHOTOS,
    Audience,
    BriefStatus,
    BriefStep,
    Text,
    draft_objections,
    next_status,
    read_named,
    submit_objections,
)
from chuangwen.rules.refusals import Conflict, Refused

Photos = Sequence[Any]  # ids, or pictures that just arrived


def _unit(unit_id: int, by: Actor, permission: Permission) -> Unit:
    unit = Unit.objects.filter(pk=unit_id, active=True).first()
    if unit is None:
        raise Refused("请选单位。")
    if not may(by, permission, unit_thing(unit)):
        raise Refused(f"您的岗位不能以“{unit.name}”的名义做这件事。")
    return unit


# --- the calendar -------------------------------------------------------------------------------------------------


def _outreach_objections(title: str, audience: str, place: str, note: str, starts_on: date, ends_on: date) -> list[str]:
    found = [] if title.strip() else ["请写名称。"]
    found += [] if audience in set(Audience) else ["请选对象。"]
    found += [] if starts_on <= ends_on else ["结束不能早于开始。"]
    lengths = (("名称", title, 80), ("地点或渠道", place, 120), ("内容", note, 500))
    return found + [f"{name}最多 {most} 字。" for name, words, most in lengths if len(words.strip()) > most]


@transaction.atomic
def plan_outreach(
    *,
    title: str,
    audience: str,
    unit_id: int,
    starts_on: date,
    ends_on: date,
    place: str = "",
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Outreach:
    """Put an event into the calendar. Refuses with every objection; the same client key again gives the same event."""

    def make() -> Outreach:
        found = _outreach_objections(title, audience, place, note, starts_on, ends_on)
        if found:
            raise Refused(found)
        unit = _unit(unit_id, by, Permission.PUBLICITY_PLAN)
        row = Outreach.objects.create(
            title=title.strip(), audience=audience, unit=unit, place=place.strip(), note=note.strip(),
            starts_on=starts_on, ends_on=ends_on, created_at=now, client_key=client_key or None,
        )  # fmt: skip
        record(
            kind="outreach.planned", subject_kind="outreach", subject_id=row.pk, by=by, now=now, title=row.title,
            audience=audience, starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat(), unit=unit.code,
        )  # fmt: skip
        return row

    return once(lambda: Outreach.objects.filter(client_key=client_key).first() if client_key else None, make)


def _locked_outreach(outreach_id: int, by: Actor, seen_version: int | None) -> Outreach:
    outreach_for(by, outreach_id)
    row = Outreach.objects.select_for_update(of=("self",)).select_related("unit").get(pk=outreach_id)
    if not may(by, Permission.PUBLICITY_PLAN, unit_thing(row.unit)):
        raise Refused("您的岗位不能改这项安排。")
    if seen_version is not None and seen_version != row.version:
        raise Conflict(f"“{row.title}”刚刚有人改过，请看过最新情况再提交。", yours="", theirs=row.title)
    if row.cancelled_at is not None:
        raise Refused("这项安排已经取消。")
    return row


@transaction.atomic
def hold_outreach(
    *, outreach_id: int, reached: int | None, by: Actor, now: datetime, seen_version: int | None = None
) -> Outreach:
    """It took place; how many came or were sent something is an estimate of the event and is set against nobody."""
    row = _locked_outreach(outreach_id, by, seen_version)
    if row.starts_on > now.date():
        raise Refused("还没有到开始的日子，不能登记已举办。")
    if reached is not None and not 0 <= reached <= 10_000_000:
        raise Refused("人数应在 0 至 1000 万之间；说不清可以不填。")
    row.held_at, row.reached, row.version = row.held_at or now, reached, row.version + 1
    row.save(update_fields=["held_at", "reached", "version"])
    record(kind="outreach.held", subject_kind="outreach", subject_id=row.pk, by=by, now=now, reached=reached)
    return row


@transaction.atomic
def cancel_outreach(
    *, outreach_id: int, reason: str, by: Actor, now: datetime, seen_version: int | None = None
) -> Outreach:
    """It will not take place, and why."""
    row = _locked_outreach(outreach_id, by, seen_version)
    if row.held_at is not None:
        raise Refused("已经登记举办，不能取消。")
    if not reason.strip() or len(reason.strip()) > 200:
        raise Refused("请写明为什么取消，最多 200 字。")
    row.cancelled_at, row.cancel_reason, row.version = now, reason.strip(), row.version + 1
    row.save(update_fields=["cancelled_at", "cancel_reason", "version"])
    record(kind="outreach.cancelled", subject_kind="outreach", subject_id=row.pk, by=by, now=now, reason=reason.strip())
    return row


# --- the news -----------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_brief(
    *,
    title: str,
    body: str,
    byline: str,
    unit_id: int,
    audience: str = "",
    named: str = "",
    photos: Photos = (),
    captions: Sequence[str] = (),
    origin: tuple[str, int] | None = None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Brief:
    """A new draft. `origin`: the kind and id of what it was written from; its photos are already those of that case."""

    def make() -> Brief:
        _check_draft(title, body, byline, audience, captions)
        names = read_named(named)
        unit = _unit(unit_id, by, Permission.PUBLICITY_WRITE)
        row = Brief.objects.create(
            title=title.strip(), body=body.strip(), byline=byline.strip(), unit=unit, audience=audience,
            origin_kind=origin[0] if origin else "", origin_id=origin[1] if origin else None, created_at=now,
            created_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        _put_names(row, names)
        _add_photos(row, photos, captions, by, now)
        if by.user_id is not None:
            row.writers.add(by.user_id)
        record(
            kind="brief.drafted", subject_kind="brief", subject_id=row.pk, by=by, now=now, title=row.title,
            origin_kind=row.origin_kind, origin_id=row.origin_id, unit=unit.code,
        )  # fmt: skip
        return row

    return once(lambda: Brief.objects.filter(client_key=client_key).first() if client_key else None, make)


def _check_draft(title: str, body: str, byline: str, audience: str, captions: Sequence[str]) -> None:
    found = draft_objections(Text(title.strip(), body.strip(), byline.strip(), tuple(captions)))
    found += ["供稿最多 80 字。"] if len(byline.strip()) > 80 else []
    found += [] if audience in {*Audience, ""} else ["对象不认识。"]
    if found:
        raise Refused(found)


def _put_names(brief: Brief, names: Sequence[Any]) -> None:
    brief.names.all().delete()
    unique = {row.name: row for row in names}
    BriefName.objects.bulk_create(
        BriefName(brief=brief, name=row.name, consent=row.consent.value, how=row.how) for row in unique.values()
    )


def _add_photos(brief: Brief, photos: Photos, captions: Sequence[str], by: Actor, now: datetime) -> None:
    if not photos:
        return
    there = set(brief.pictures.values_list("photo_id", flat=True))
    stored = [photo for photo in stored_photos(photos=photos, by=by, now=now) if photo.pk not in there]
    if len(there) + len(stored) > MOST_PHOTOS:
        raise Refused(f"一篇简讯最多 {MOST_PHOTOS} 张照片。")
    words = [*captions, *[""] * len(stored)]
    BriefPhoto.objects.bulk_create(
        BriefPhoto(brief=brief, photo=photo, caption=words[at].strip(), position=len(there) + at)
        for at, photo in enumerate(stored)
    )


def _locked(brief_id: int, by: Actor, seen_version: int | None, *, yours: str = "") -> Brief:
    brief_for(by, brief_id)
    row = Brief.objects.select_for_update(of=("self",)).select_related("unit").get(pk=brief_id)
    if seen_version is not None and seen_version != row.version:
        raise Conflict(
            f"“{row.title}”刚刚有人改过，现在是“{row.flow_status.label}”。您写的还在，请对照最新的再提交。",
            yours=yours, theirs=row.body,
        )  # fmt: skip
    return row


def _must_write(brief: Brief, by: Actor) -> None:
    if not may(by, Permission.PUBLICITY_WRITE, unit_thing(brief.unit)):
        raise Refused("您的岗位不能改这篇简讯。")
    if brief.flow_status is not BriefStatus.DRAFT:
        raise Refused(
            f"这篇简讯现在是“{brief.flow_status.label}”，不能修改；待审的请审稿人退回，已发布的先撤下再另写。"
        )


@transaction.atomic
def edit_brief(
    *,
    brief_id: int,
    title: str,
    body: str,
    byline: str,
    audience: str = "",
    named: str = "",
    captions: dict[int, str] | None = None,
    drop: Sequence[int] = (),
    photos: Photos = (),
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Brief:
    """Change a draft: words, who is named and why they may be, pictures. `captions`: photo id → words; `drop`: photo ids."""
    row = _locked(brief_id, by, seen_version, yours=body)
    _must_write(row, by)
    words = captions or {}
    _check_draft(title, body, byline, audience, list(words.values()))
    names = read_named(named)
    row.title, row.body, row.byline, row.audience = title.strip(), body.strip(), byline.strip(), audience
    row.version += 1
    row.save(update_fields=["title", "body", "byline", "audience", "version"])
    _put_names(row, names)
    row.pictures.filter(photo_id__in=drop).delete()
    for picture in row.pictures.filter(photo_id__in=words):
        picture.caption = words[picture.photo_id].strip()
        picture.save(update_fields=["caption"])
    _add_photos(row, photos, (), by, now)
    if by.user_id is not None:
        row.writers.add(by.user_id)
    record(kind="brief.edited", subject_kind="brief", subject_id=row.pk, by=by, now=now, title=row.title)
    return row


@transaction.atomic
def mask_picture(
    *, brief_id: int, photo_id: int, boxes: Sequence[Box], nothing_to_hide: bool, by: Actor, now: datetime
) -> PublicCopy:
    """The copy that residents see of a picture: covered, or whole as this person says that it shows no face and no plate."""
    picture_for(by, brief_id, photo_id)
    _must_write(_locked(brief_id, by, None), by)
    if bool(boxes) == nothing_to_hide:
        raise Refused("请在人脸和车牌上画框；照片里确实没有时，请勾选“没有人脸和车牌”。两样只做一样。")
    return make_public_copy(photo_id=photo_id, boxes=boxes, by=by, now=now)


def _objections(brief: Brief) -> list[str]:
    pictures = list(brief.pictures.all())
    copies = public_photos([row.photo_id for row in pictures])
    text = Text(brief.title, brief.body, brief.byline, tuple(row.caption for row in pictures))
    return submit_objections(
        text, named_of(brief), people=known_people(), bare_photos=sum(row.photo_id not in copies for row in pictures),
        blank_captions=sum(not row.caption for row in pictures),
    )  # fmt: skip


def _step(
    brief_id: int, step: BriefStep, change: Callable[[Brief], dict[str, Any]], *, by: Actor, now: datetime,
    seen_version: int | None, client_key: str | None,
) -> Brief:  # fmt: skip
    """One arrow of the table: lock, ask the rule, change, record."""
    row = _locked(brief_id, by, seen_version)
    if taken_before(client_key, "brief", brief_id):
        return row
    target = next_status(row.flow_status, step)
    facts = change(row)
    before, row.status, row.version = row.status, target.value, row.version + 1
    row.save()
    record(
        kind=f"brief.{step.value}", subject_kind="brief", subject_id=row.pk, by=by, now=now, client_key=client_key,
        **{"from": before, "to": row.status, **facts},
    )  # fmt: skip
    return row


@transaction.atomic
def submit_brief(
    *, brief_id: int, by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None
) -> Brief:
    """Give it to a second person. Refuses with everything that would keep it from being passed."""

    def change(row: Brief) -> dict[str, Any]:
        _must_write(row, by)
        if found := _objections(row):
            raise Refused(found)
        row.submitted_at, row.review_note = now, ""
        return {}

    return _step(brief_id, BriefStep.SUBMIT, change, by=by, now=now, seen_version=seen_version, client_key=client_key)


def _must_review(row: Brief, by: Actor) -> None:
    if not may(by, Permission.PUBLICITY_REVIEW, brief_thing(row)):
        raise Refused("审稿由文明办的人做，并且不能审自己写过的。")


@transaction.atomic
def send_back_brief(
    *,
    brief_id: int,
    note: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Brief:
    """Not yet, and what to change."""

    def change(row: Brief) -> dict[str, Any]:
        _must_review(row, by)
        if not note.strip() or len(note.strip()) > 500:
            raise Refused("请写明要改什么，最多 500 字。")
        row.review_note, row.reviewed_by = note.strip(), by.name
        return {"note": note.strip()}

    return _step(
        brief_id, BriefStep.SEND_BACK, change, by=by, now=now, seen_version=seen_version, client_key=client_key
    )


@transaction.atomic
def publish_brief(
    *, brief_id: int, by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None
) -> Brief:
    """A second person passes it: residents read it from now on. Looks again whether every name and picture may be shown."""

    def change(row: Brief) -> dict[str, Any]:
        _must_review(row, by)
        if found := _objections(row):
            raise Refused(found)
        row.published_at, row.reviewed_by = now, by.name
        return {}

    return _step(brief_id, BriefStep.PUBLISH, change, by=by, now=now, seen_version=seen_version, client_key=client_key)


@transaction.atomic
def withdraw_brief(
    *,
    brief_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Brief:
    """Residents no longer read it, and why. The office may always; the unit that wrote it too."""

    def change(row: Brief) -> dict[str, Any]:
        if not may(by, Permission.PUBLICITY_WRITE, unit_thing(row.unit)):
            raise Refused("您的岗位不能撤下这篇简讯。")
        if not reason.strip() or len(reason.strip()) > 200:
            raise Refused("请写明为什么撤下，最多 200 字。")
        row.withdrawn_at, row.withdraw_reason = now, reason.strip()
        return {"reason": reason.strip()}

    return _step(brief_id, BriefStep.WITHDRAW, change, by=by, now=now, seen_version=seen_version, client_key=client_key)
