"""定稿: orders, whistle sheets and accountability files frozen by a second person, with the root of the journal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from chuangwen.accountability.models import File
from chuangwen.accountability.queries import file_for
from chuangwen.bulletins.accountability_paper import accountability_paper
from chuangwen.bulletins.models import FinalCopy
from chuangwen.bulletins.order_paper import order_paper
from chuangwen.bulletins.papers import root_line
from chuangwen.bulletins.plain import moment
from chuangwen.bulletins.whistle_paper import whistle_paper
from chuangwen.cases.models import Case, Order
from chuangwen.cases.queries import order_for
from chuangwen.journal.log import catch_up, record_root
from chuangwen.journal.models import Event
from chuangwen.journal.once import once, taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.official_paper import OfficialPaper, digest
from chuangwen.rules.official_paper import objections as paper_objections
from chuangwen.rules.paper_record import as_record, from_record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.whistles.models import Whistle
from chuangwen.whistles.queries import whistle_for

ORDER, WHISTLE, FILE = "order", "whistle", "accountability"
FROZEN: Final = "paper.frozen"


def _whole_order(actor: Actor, order_id: int) -> Order:
    """The order for whoever may see every problem on its list: the copy holds them all."""
    order = order_for(actor, order_id)
    hidden = Case.objects.filter(order=order).exclude(pk__in=Case.objects.visible_to(actor).values("pk"))
    if hidden.exists():
        raise NotFound
    return order


@dataclass(frozen=True)
class _Kind:
    """What a kind of subject is called, who may see all of it, its rows, and how it becomes a paper."""

    name: str
    door: Callable[[Actor, int], Any]
    rows: Any
    paper: Callable[..., OfficialPaper]


_KINDS: Final[Mapping[str, _Kind]] = {
    ORDER: _Kind("任务书", _whole_order, Order.objects, order_paper),
    WHISTLE: _Kind("吹哨单", whistle_for, Whistle.objects, whistle_paper),
    FILE: _Kind("案卷", file_for, File.objects, accountability_paper),
}


def copies_of(actor: Actor, kind: str, subject_id: int) -> list[FinalCopy]:
    """Every copy of a subject, newest first, without contents; NotFound for whoever may not see all of the subject."""
    _KINDS[kind].door(actor, subject_id)
    return list(FinalCopy.objects.filter(subject_kind=kind, subject_id=subject_id).defer("content"))


def final_paper(actor: Actor, kind: str, subject_id: int, serial: int) -> OfficialPaper:
    """A copy as the paper that was frozen; NotFound for whoever may not see all of its subject."""
    _KINDS[kind].door(actor, subject_id)
    copy = FinalCopy.objects.filter(subject_kind=kind, subject_id=subject_id, serial=serial).first()
    if copy is None:
        raise NotFound
    return _stamped(copy)


def _stamped(copy: FinalCopy) -> OfficialPaper:
    """The frozen words with what was not known before they were frozen: when, by whom, and the root of the journal."""
    when = f"第 {copy.serial} 次定稿，{moment(copy.made_at)}，{copy.made_by}。"
    root = root_line(copy.trace_size, copy.trace_root) if copy.trace_size else ""
    return replace(from_record(copy.content), note=when + root)


def second_hand(actor: Actor, kind: str, subject_id: int) -> list[str]:
    """Why this person is not the second one that freezing needs: who did the last thing with a subject does not freeze it."""
    events = Event.objects.filter(subject_kind=kind, subject_id=subject_id, actor_id__isnull=False)
    last = events.exclude(kind=FROZEN).order_by("-id").values_list("actor_id", flat=True).first()
    if actor.user_id is None or last != actor.user_id:
        return []
    return [f"这份{_KINDS[kind].name}最后一步是您办的，定稿须由另一人把关。请区文明办另一位同志定稿。"]


def freeze(*, kind: str, subject_id: int, by: Actor, now: datetime, client_key: str | None = None) -> FinalCopy:
    """Keep the paper as it reads now, with the next number. Sent twice it is one copy; unchanged words make no second one.

    Needs a second person (`second_hand`) and refuses what could not be printed. The journal keeps the SHA-256 of the
    words; what was done until now enters its log first, in a transaction of its own that nobody who records waits for.
    """
    if kind not in _KINDS:
        raise NotFound
    catch_up()

    def known() -> FinalCopy | None:
        if not taken_before(client_key, kind, subject_id):
            return None
        return FinalCopy.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-serial").first()

    return once(known, lambda: _freeze(kind, subject_id, by, now, client_key))


@transaction.atomic
def _freeze(kind: str, subject_id: int, by: Actor, now: datetime, client_key: str | None) -> FinalCopy:
    what = _KINDS[kind]
    what.door(by, subject_id)
    what.rows.select_for_update().get(pk=subject_id)
    paper = replace(what.paper(by, subject_id, now=now), note="")
    words, others = digest(paper), FinalCopy.objects.filter(subject_kind=kind, subject_id=subject_id)
    objections = [] if may(by, Permission.PAPER_FREEZE) else ["公文由区文明办定稿。"]
    objections += [*second_hand(by, kind, subject_id), *paper_objections(paper)]
    if same := others.filter(digest=words).first():
        objections.append(f"内容和第 {same.serial} 次定稿一字不差，不用再定。")
    if objections:
        raise Refused(objections)
    root = record_root(now=now)
    copy = FinalCopy.objects.create(
        subject_kind=kind, subject_id=subject_id, serial=(others.aggregate(last=Max("serial"))["last"] or 0) + 1,
        content=as_record(paper), digest=words, made_at=now, made_by=by.name,
        trace_size=root.size if root else None, trace_root=root.root if root else "",
    )  # fmt: skip
    record(
        kind=FROZEN, subject_kind=kind, subject_id=subject_id, by=by, now=now, client_key=client_key,
        serial=copy.serial, content=words, trace_size=copy.trace_size, trace_root=copy.trace_root,
    )  # fmt: skip
    return copy
