"""约谈记录: what was said, what was promised until when, and whether it was done."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.accountability.models import Commitment, File, Interview
from chuangwen.accountability.moving import locked_file, record_step
from chuangwen.accountability.queries import talks, thing_of
from chuangwen.journal.once import once
from chuangwen.people.models import Unit
from chuangwen.rules.accountability_flow import FileStatus
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound, Refused

_AFTER_DECISION = {FileStatus.SERVED, FileStatus.APPEALED, FileStatus.REVIEWED, FileStatus.CLOSED}
MOST_PROMISES = 20


def _objections(
    file: File, post: str, summary: str, held_at: datetime | None, promises: Sequence[tuple[str, datetime | None]], by: Actor, now: datetime
) -> list[str]:  # fmt: skip
    found = [] if may(by, Permission.ACCOUNTABILITY_PREPARE, thing_of(file)) else ["约谈记录由文明办填写。"]
    if file.flow_status not in _AFTER_DECISION or not talks(file):
        found.append("决定约谈并送达以后才能填写约谈记录。")
    found += [] if post.strip() else ["请写明由哪个岗位约谈。"]
    found += [] if summary.strip() else ["请写明谈话要点。"]
    found += [] if held_at is not None and held_at <= now else ["约谈时间须在现在之前。"]
    if held_at is not None and any(due is None or due <= held_at for _text, due in promises):
        found.append("每一项承诺都要有约谈之后的期限。")
    found += [] if all(text.strip() for text, _due in promises) else ["承诺须写明做什么。"]
    found += [] if len(promises) <= MOST_PROMISES else [f"最多写 {MOST_PROMISES} 项承诺。"]
    return found


@transaction.atomic
def record_interview(
    *,
    file_id: int,
    held_at: datetime | None,
    post: str,
    summary: str,
    attended: str = "",
    promises: Sequence[tuple[str, datetime | None]] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Interview:
    """Keep what was said: when, led by which post, in short, and every promise with its day. Posts, never names."""
    file = locked_file(file_id, by)

    def make() -> Interview:
        found = _objections(file, post, summary, held_at, promises, by, now)
        if found or held_at is None:
            raise Refused(found)
        made = Interview.objects.create(
            file=file, held_at=held_at, post=post.strip()[:120], attended=attended.strip()[:200], summary=summary.strip(),
            recorded_at=now, client_key=client_key or None,
        )  # fmt: skip
        Commitment.objects.bulk_create(
            Commitment(file=file, interview=made, text=text.strip()[:500], given_at=held_at, due=due)
            for text, due in promises
            if due is not None
        )
        record_step(file, "interview", by=by, now=now, promises=len(promises))
        return made

    made = once(lambda: Interview.objects.filter(client_key=client_key).first() if client_key else None, make)
    if made.file_id != file.pk:
        raise Refused("提交标识已用过，请刷新页面后重试。")
    return made


@transaction.atomic
def commitment_done(
    *, commitment_id: int, note: str, by: Actor, now: datetime, done_at: datetime | None = None
) -> Commitment:
    """The office looked and says that a promise was kept, or an order obeyed, and when."""
    found = Commitment.objects.filter(pk=commitment_id).first()
    if found is None:
        raise NotFound
    file = locked_file(found.file_id, by)
    one = Commitment.objects.select_for_update().get(pk=commitment_id)
    if one.done_at is not None:
        return one
    moment = done_at or now
    wrong = [] if may(by, Permission.ACCOUNTABILITY_PREPARE, thing_of(file)) else ["由文明办核对。"]
    wrong += [] if note.strip() else ["请写明核对到什么。"]
    wrong += [] if one.given_at <= moment <= now else ["完成时间须在作出承诺以后、现在以前。"]
    wrong += ["这一项已经撤回，不用核对。"] if one.withdrawn_at is not None else []
    if wrong:
        raise Refused(wrong)
    one.done_at, one.done_note = moment, note.strip()[:500]
    one.save(update_fields=["done_at", "done_note"])
    record_step(file, "commitment_done", by=by, now=now, commitment=one.pk)
    return one


def posts_for_talks(home: Unit) -> Sequence[str]:
    """Posts of a branch that usually lead a talk, as words to choose from; no names."""
    roles = (Role.LEADER, *OFFICE[1:])
    return [f"{home.name}（{role.label}）" for role in roles]
