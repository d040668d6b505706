"""A unit hands in, a reviewer returns with reasons or accepts; every version stays with what was said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from chuangwen.declarations.models import Piece, Requirement, Review, State, Verdict, Version
from chuangwen.declarations.queries import reasons, requirements_for, reviews, supplies
from chuangwen.evidence.models import Document, Photo
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import KEY_TAKEN, once, taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.material_checks import tally
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Conflict, NotFound, Refused

SUBJECT = "declaration"


@dataclass(frozen=True)
class Handed:
    """What is handed in: a picture or a document that was stored, as it was called, and its own date."""

    title: str
    said_on: date | None
    photo: Photo | None = None
    document: Document | None = None
    file_name: str = ""
    note: str = ""


def taken(requirement_id: int, by: Actor, seen_version: int | None = None, yours: str = "") -> Requirement:
    """The requirement, locked; unknown and unseen look alike, what is stale is refused."""
    found = requirements_for(by).select_for_update(of=("self",)).filter(pk=requirement_id).first()
    if found is None:
        raise NotFound
    if seen_version is not None and seen_version != found.version:
        raise Conflict("刚刚有人办过这一项。您写的内容还在，请看过最新情况后再决定是否提交。", yours=yours)
    return found


def settle(requirement: Requirement) -> None:
    """The state follows from the pieces: what the unit has to do goes before what others have to do."""
    states = list(Piece.objects.filter(requirement=requirement).values_list("state", flat=True))
    _accepted, in_review, returned, missing = tally(states, requirement.count)
    requirement.state = (
        State.RETURNED if returned else State.MISSING if missing else State.IN_REVIEW if in_review else State.ACCEPTED
    )
    requirement.version += 1
    requirement.save(update_fields=["state", "version"])


def _objections(
    requirement: Requirement, handed: Handed, piece: Piece | None, there: int, by: Actor, now: datetime
) -> list[str]:
    found = [] if supplies(by, requirement) else ["材料由提供单位的联络员或负责人提交。"]
    found += [] if handed.title.strip() else ["请写材料标题。"]
    if handed.said_on is None:
        found.append("请填材料的形成日期（发文日期或拍摄日期）。")
    elif handed.said_on > now.astimezone(SHANGHAI).date():
        found.append("形成日期不能晚于今天。")
    if (handed.photo is None) == (handed.document is None):
        found.append("请选一个文件。")
    if requirement.disputed:
        found.append("这一项正在裁定归属，裁定后再交。")
    if piece is None and there >= requirement.count:
        found.append(f"要 {requirement.count} 份，已经交了 {requirement.count} 份。要换的，请在那一份下面交新版本。")
    if piece is not None and piece.state == State.ACCEPTED:
        found.append("这一份已经审核通过，不用再交。")
    return found


@transaction.atomic
def hand_in(
    *, requirement_id: int, handed: Handed, piece_id: int | None = None, by: Actor, now: datetime, client_key: str | None = None
) -> Version:  # fmt: skip
    """A new piece, or (`piece_id`) the next version of one. It is read in the worker afterwards; nothing that reading
    finds stops it from arriving. The same client key gives the same version.
    """

    def make() -> Version:
        requirement = taken(requirement_id, by)
        piece = requirement.pieces.select_for_update().filter(pk=piece_id).first() if piece_id else None
        if piece_id and piece is None:
            raise NotFound
        there = 0 if piece else requirement.pieces.count()
        if (found := _objections(requirement, handed, piece, there, by, now)) or handed.said_on is None:
            raise Refused(found)
        if piece is None:
            piece = requirement.pieces.create(position=there + 1, title=handed.title.strip()[:120])
        else:
            piece.newest, piece.state, piece.title = piece.newest + 1, State.IN_REVIEW, handed.title.strip()[:120]
            piece.save(update_fields=["newest", "state", "title"])
        made = Version.objects.create(
            piece=piece, number=piece.newest, photo=handed.photo, document=handed.document, file_name=handed.file_name[:120],
            said_on=handed.said_on, note=handed.note.strip()[:300], handed_in_at=now, handed_in_by=by.name,
            by_id=by.user_id, client_key=client_key or None,
        )  # fmt: skip
        settle(requirement)
        record(
            kind="declaration.handed_in", subject_kind=SUBJECT, subject_id=requirement.pk, by=by, now=now,
            version=made.pk, piece=piece.position, number=made.number, requirement=requirement.number,
            late=requirement.due_at < now, due_at=timestamp(requirement.due_at),
        )  # fmt: skip
        return made

    known = once(lambda: Version.objects.filter(client_key=client_key).first() if client_key else None, make)
    if known.by_id != by.user_id or known.piece.requirement_id != requirement_id:
        raise Refused(KEY_TAKEN)
    return known


def _chosen(codes: Sequence[str]) -> tuple[list[str], list[str]]:
    known = reasons()
    return [known[code] for code in codes if code in known], [code for code in codes if code not in known]


def _newest(requirement: Requirement, version_id: int) -> Version:
    found = Version.objects.select_related("piece").filter(pk=version_id, piece__requirement=requirement).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def review(
    *, requirement_id: int, version_id: int, verdict: str, codes: Sequence[str] = (), text: str = "", by: Actor, now: datetime,
    seen_version: int | None = None, client_key: str | None = None,
) -> Requirement:  # fmt: skip
    """退回 with reasons of the list, 通过, or only a comment, on one version. Nobody judges what they or their unit gave."""
    requirement = taken(
        requirement_id, by, None if taken_before(client_key, SUBJECT, requirement_id) else seen_version, text
    )
    if taken_before(client_key, SUBJECT, requirement_id):
        return requirement
    version = _newest(requirement, version_id)
    involved = version.piece.versions.values_list("by", flat=True)
    said, unknown = _chosen(codes)
    found = (
        [] if reviews(by, requirement, involved) else ["材料由审核单位或文明办审核，提交的人和提供单位不能审自己的。"]
    )
    found += [] if verdict in Verdict.values else ["请选退回、通过或只写意见。"]
    if verdict != Verdict.COMMENT and (
        version.number != version.piece.newest or version.piece.state != State.IN_REVIEW
    ):
        found.append("这一版已经审过，或单位又交了新版本，请看最新的一版。")
    if verdict == Verdict.RETURNED and not said:
        found.append("退回要选理由。")
    if unknown:
        found.append("有的退回理由已经不在列表里，请重新选。")
    if verdict == Verdict.COMMENT and not text.strip():
        found.append("请写意见。")
    if found:
        raise Refused(found)
    Review.objects.create(
        version=version, verdict=verdict, reasons=said if verdict == Verdict.RETURNED else [], text=text.strip()[:500], at=now,
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    if verdict != Verdict.COMMENT:
        version.piece.state = verdict
        version.piece.save(update_fields=["state"])
    settle(requirement)
    record(
        kind=f"declaration.{verdict}", subject_kind=SUBJECT, subject_id=requirement.pk, by=by, now=now, client_key=client_key,
        version=version.pk, requirement=requirement.number, reasons=said, note=text.strip(),
    )  # fmt: skip
    return requirement
