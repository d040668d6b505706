"""The machinery of every act on a whistle: lock, refuse with every objection, change, record; a repeated key changes nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.whistles.models import Summons, Whistle
from chuangwen.whistles.queries import whistles_for

T = TypeVar("T")


def acted(do: Callable[[], T], again: Callable[[], T], *, whistle: Callable[[], int], client_key: str | None) -> T:
    """Act once. Whether the key is a repeated one is asked only when the act does not go through, as in cases/moving.py;
    only then is it asked which `whistle` it is about.
    """
    try:
        with transaction.atomic():
            return do()
    except NotFound:
        raise
    except (IntegrityError, Refused):
        if client_key and taken_before(client_key, "whistle", whistle()):
            return again()
        raise


def _refuse_unseen(whistle_id: int, by: Actor) -> None:
    if not whistles_for(by).filter(pk=whistle_id).exists():
        raise NotFound


def locked_whistle(whistle_id: int, by: Actor) -> Whistle:
    """The whistle, locked for this transaction, when this person may know of it."""
    rows = Whistle.objects.select_for_update(of=("self",)).select_related("street", "case")
    whistle = rows.filter(pk=whistle_id).first()
    if whistle is None:
        raise NotFound
    _refuse_unseen(whistle_id, by)
    return whistle


def locked_summons(summons_id: int, by: Actor, *, own: Callable[[Summons], bool]) -> Summons:
    """The summons, locked, with its whistle, street, part and unit. Who stands outside `own` must at least see it."""
    rows = Summons.objects.select_for_update(of=("self",)).select_related("whistle__street", "part__unit", "objection")
    summons = rows.filter(pk=summons_id).first()
    if summons is None:
        raise NotFound
    if not own(summons):
        _refuse_unseen(summons.whistle_id, by)
    return summons


def refuse_stale(seen: int | None, version: int) -> None:
    """Somebody acted since this person looked."""
    if seen is not None and seen != version:
        raise Conflict("刚刚有人办了这一步。您写的内容还在，请看过最新情况后再决定是否提交。")


def save(row: Any, *fields: str) -> None:
    """Save these fields as the next version."""
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def save_summons(summons: Summons, *fields: str) -> None:
    """Save what changed, and by when the department must take its next step."""
    turn = summons.turn
    summons.act_by = turn.by if turn else None
    save(summons, *fields, "act_by")


def note(whistle_id: int, what: str, *, by: Actor, now: datetime, client_key: str | None = None, **facts: Any) -> None:
    """One event in the journal of the whistle."""
    record(
        kind=f"whistle.{what}", subject_kind="whistle", subject_id=whistle_id, by=by, now=now, client_key=client_key, **facts
    )  # fmt: skip


def on_summons(
    summons_id: int,
    change: Callable[[Summons], None],
    *,
    own: Callable[[Summons], bool],
    by: Actor,
    client_key: str | None,
    seen_version: int | None,
) -> Summons:
    """One act on one summons. Who does not stand on its own side must at least see the whistle."""

    def do() -> Summons:
        summons = locked_summons(summons_id, by, own=own)
        refuse_stale(seen_version, summons.version)
        change(summons)
        return summons

    def again() -> Summons:
        return Summons.objects.select_related("whistle__street", "part__unit").get(pk=summons_id)

    return acted(do, again, whistle=lambda: again().whistle_id, client_key=client_key)
