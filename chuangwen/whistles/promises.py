"""The table of promises: seeded once, then the office's own."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Conflict, Refused
from chuangwen.rules.whistles import USUAL_PROMISES, PromiseText, promise_objections
from chuangwen.whistles.models import Promise

NOT_YOURS = "到场承诺由区文明办维护。"


@transaction.atomic
def seed_promises(*, by: Actor, now: datetime) -> int:
    """The usual three, where the office has none yet. Returns how many were added."""
    if not may(by, Permission.WHISTLE_PROMISES):
        raise Refused(NOT_YOURS)
    if Promise.objects.exists():
        return 0
    Promise.objects.bulk_create([Promise(**asdict(usual)) for usual in USUAL_PROMISES], ignore_conflicts=True)
    record(kind="whistle.promises_seeded", subject_kind="whistle_promise", subject_id=0, by=by, now=now)
    return len(USUAL_PROMISES)


@transaction.atomic
def put_promise(
    *, said: PromiseText, active: bool = True, by: Actor, now: datetime, seen_version: int | None = None
) -> tuple[Promise, bool]:
    """Add a kind of promise, or change the one with this code. Whistles that went out keep what they promised."""
    said = PromiseText(**{name: value.strip() for name, value in asdict(said).items()})
    objections = [] if may(by, Permission.WHISTLE_PROMISES) else [NOT_YOURS]
    objections += promise_objections(said)
    if objections:
        raise Refused(objections)
    known = Promise.objects.select_for_update().filter(code=said.code).first()
    if known is None:
        row = Promise.objects.create(**asdict(said), active=active)
    elif said == known.text and active == known.active:
        return known, False
    else:
        row = _changed(known, said, active=active, seen_version=seen_version)
    record(
        kind="whistle.promise_set", subject_kind="whistle_promise", subject_id=row.pk, by=by, now=now, active=active,
        **{"code": said.code, "name": said.name, **said.terms},
    )  # fmt: skip
    return row, True


def _changed(row: Promise, said: PromiseText, *, active: bool, seen_version: int | None) -> Promise:
    if seen_version is not None and seen_version != row.version:
        raise Conflict("刚刚有人改过这种承诺。您写的内容还在，请看过最新情况后再决定是否保存。")
    for name, value in asdict(said).items():
        setattr(row, name, value)
    row.active, row.version = active, row.version + 1
    row.save()
    return row
