"""Ladders: brought in as drafts, changed while drafts, put in force by the chief, never changed afterwards."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from chuangwen.accountability.builtin import read_text
from chuangwen.accountability.models import LadderVersion
from chuangwen.accountability.queries import home_of, ladder_for
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused


def _record(version: LadderVersion, what: str, by: Actor, now: datetime, client_key: str | None = None) -> None:
    record(
        kind=f"ladder.{what}", subject_kind="ladder", subject_id=version.pk, by=by, now=now, client_key=client_key,
        name=version.name, number=version.number,
    )  # fmt: skip


@transaction.atomic
def draft_ladder(*, text: str, by: Actor, now: datetime) -> LadderVersion:
    """Read a ladder (TOML) and keep it as a draft of one's branch; a draft of the same name is replaced.

    Raises BadInput with everything that is wrong with the file; refuses people who keep no branch.
    """
    home = home_of(by)
    if home is None or not may(by, Permission.ACCOUNTABILITY_PREPARE, Thing(home=home.path)):
        raise Refused("问责阶梯由文明办导入。")
    Unit.objects.select_for_update(no_key=True).get(pk=home.pk)  # two drafts at once take turns
    ladder = read_text(text)
    facts = {
        "title": ladder.title[:160], "source": ladder.source[:400], "text": text, "created_at": now,
        "created_by_id": by.user_id,
    }  # fmt: skip
    rows = LadderVersion.objects.filter(home=home, name=ladder.name)
    draft = rows.filter(in_force_at=None).first()
    if draft is None:
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        draft = LadderVersion.objects.create(home=home, name=ladder.name[:60], number=number, **facts)
    elif draft.text == text:
        return draft
    else:
        for name, value in facts.items():
            setattr(draft, name, value)
        draft.save()
    _record(draft, "drafted", by, now)
    return draft


@transaction.atomic
def force_ladder(*, ladder_id: int, by: Actor, now: datetime, client_key: str | None = None) -> LadderVersion:
    """Put a draft in force; the version before it is replaced. From then on it never changes."""
    ladder_for(by, ladder_id)
    draft = LadderVersion.objects.select_for_update(of=("self",)).select_related("home").get(pk=ladder_id)
    if not may(by, Permission.LADDER_FORCE, Thing(home=draft.home.path)):
        raise Refused("阶梯由文明办主任启用。")
    if taken_before(client_key, "ladder", ladder_id):
        return draft
    if not draft.is_draft:
        raise Refused("这一版已经启用过，内容不再改动。要改请导入新的一版。")
    current = LadderVersion.objects.filter(
        home=draft.home, name=draft.name, in_force_at__isnull=False, replaced_at=None
    )
    current.update(replaced_at=now)
    draft.in_force_at = now
    draft.save(update_fields=["in_force_at"])
    _record(draft, "in_force", by, now, client_key)
    return draft


@transaction.atomic
def discard_ladder(*, ladder_id: int, by: Actor, now: datetime) -> None:
    """Throw a draft away."""
    ladder_for(by, ladder_id)
    draft = LadderVersion.objects.select_for_update(of=("self",)).select_related("home").get(pk=ladder_id)
    if not may(by, Permission.ACCOUNTABILITY_PREPARE, Thing(home=draft.home.path)) or not draft.is_draft:
        raise Refused("只有草稿可以删除，由文明办办理。")
    _record(draft, "discarded", by, now)
    draft.delete()
