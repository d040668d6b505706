"""Reading papers from above: whose they are, who is next, what was missed and what was said beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Prefetch, Q, QuerySet

from chuangwen.cases.models import Case
from chuangwen.directives.models import (
    Declaration,
    Directive,
    Ground,
    Item,
    ItemCase,
    Part,
    Reply,
    Report,
    ReportPhoto,
    Scan,
)
from chuangwen.directives.reply_facts import ReplyFacts, frozen_results, line_of, results_of
from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit
from chuangwen.rules.directives import (
    GROUNDS,
    OPEN_DELAYS,
    Delay,
    ItemFacts,
    Level,
    PartFacts,
    Standing,
    Turn,
    standing,
    tally,
    turn_of,
)
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound

_ABOVE = (*OFFICE, Role.LEADER)
_OPEN = sorted(state.value for state in OPEN_DELAYS)


def levels() -> dict[str, str]:
    """Where papers come from, with Chinese words."""
    return {level.value: level.label for level in Level}


def grounds() -> dict[str, str]:
    """Kinds of reasons for a delay: the office's own list, or the first one while there is none. One statement."""
    own = dict(Ground.objects.filter(active=True).values_list("code", "name"))
    return own or dict(GROUNDS)


def home_of(actor: Actor, *roles: Role) -> Unit | None:
    """The widest branch in which somebody holds one of these roles."""
    scopes = sorted(actor.scopes(*roles), key=len)
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


# --- whose it is ---


def keeps(actor: Actor, directive: Directive) -> bool:
    """Whether this person looks after the paper: the office of the branch that received it."""
    here = any(directive.home.path.startswith(scope) for scope in actor.scopes(*OFFICE))
    return actor.system or (may(actor, Permission.DIRECTIVE_KEEP) and here)


def overlooks(actor: Actor, directive: Directive) -> bool:
    """Whether this person sees the whole paper: its office, and leaders of the branch."""
    return actor.system or any(directive.home.path.startswith(scope) for scope in actor.scopes(*_ABOVE))


def _mine(actor: Actor, prefix: str) -> Q:
    found = Q(pk__in=[])
    for path in set(actor.unit_paths(*UNIT)):
        found |= Q(**{f"{prefix}__path__startswith": path})
    return found


def _reached(actor: Actor) -> Q:
    found = Q(pk__in=Part.objects.filter(_mine(actor, "unit")).values("item__directive"))
    for scope in set(actor.scopes(*_ABOVE)):
        found |= Q(home__path__startswith=scope)
    return found


def directives_for(actor: Actor) -> QuerySet[Directive]:
    """The papers an actor may know of: those of their branch, and those in which their unit has a share; newest first."""
    rows = Directive.objects.all() if actor.system else Directive.objects.filter(_reached(actor))
    return rows.order_by("-received_on", "-id")


def listed(actor: Actor, *, level: str = "", state: str = "", now: datetime) -> QuerySet[Directive]:
    """The papers of the list, narrowed, with how many items each has, how many are done, and the next open deadline.

    `state`: open (something is not done), late (of that, a deadline is past) or done.
    """
    rows = directives_for(actor)
    rows = rows.filter(level=level) if level else rows
    undone = Item.objects.filter(signed_off_at=None)
    if state in {"open", "late"}:
        wanted = undone.filter(deadline__lt=now) if state == "late" else undone
        rows = rows.filter(pk__in=wanted.values("directive"))
    elif state == "done":
        rows = rows.exclude(pk__in=undone.values("directive"))
    return rows.annotate(
        item_count=Count("items"),
        done_count=Count("items", filter=Q(items__signed_off_at__isnull=False)),
        next_deadline=Min("items__deadline", filter=Q(items__signed_off_at=None)),
    )


def directive_for(actor: Actor, directive_id: int) -> Directive:
    """The door. Unseen and unknown look alike."""
    found = directives_for(actor).filter(pk=directive_id).select_related("home", "reply").first()
    if found is None:
        raise NotFound
    return found


def item_for(actor: Actor, item_id: int) -> Item:
    """An item through the door of its paper, with its shares; a unit only gets the items in which it has one."""
    parts = Prefetch("parts", Part.objects.select_related("unit"))
    found = Item.objects.filter(pk=item_id).select_related("directive__home").prefetch_related(parts).first()
    if found is None or not sees_item(actor, found, list(found.parts.all())):
        raise NotFound
    return found


def sees_item(actor: Actor, item: Item, parts: Sequence[Part]) -> bool:
    """Whether this person may see the item."""
    return overlooks(actor, item.directive) or any(is_of(actor, part) for part in parts)


def is_of(actor: Actor, part: Part) -> bool:
    """Whether this person answers for the unit of the share."""
    return any(part.unit.path.startswith(path) for path in actor.unit_paths(*UNIT))


# --- where items stand ---


@dataclass(frozen=True)
class Seen:
    """An item as a page shows it: where it stands, who is next."""

    item: Item
    parts: Sequence[Part]
    standing: Standing
    turn: Turn | None
    delay: Delay | None
    case_count: int = 0

    @property
    def lead(self) -> str:
        """The lead unit's name."""
        return next((part.unit.name for part in self.parts if part.lead), "")

    @property
    def joint(self) -> str:
        """The names of the joint units."""
        return "、".join(part.unit.name for part in self.parts if not part.lead)

    @property
    def handed_in(self) -> int:
        """How many shares are handed in."""
        return sum(part.handed_in_at is not None for part in self.parts)


def seen(item: Item, parts: Sequence[Part], delay: Delay | None, now: datetime, *, cases: int = 0) -> Seen:
    """What follows from the rows of one item."""
    facts = ItemFacts(
        item.deadline, [PartFacts(part.unit.name, part.lead, part.due_at, part.handed_in_at) for part in parts],
        item.signed_off_at, delay,
    )  # fmt: skip
    return Seen(item, parts, standing(facts), turn_of(facts, now), delay, cases)


def items_of(actor: Actor, directive: Directive, now: datetime) -> list[Seen]:
    """The items that this person sees, in their order. Four statements at most, however many items."""
    rows = directive.items.annotate(case_count=Count("links"))
    if not overlooks(actor, directive):
        rows = rows.filter(pk__in=Part.objects.filter(_mine(actor, "unit")).values("item"))
    open_ones = Prefetch("declarations", Declaration.objects.filter(state__in=_OPEN).order_by("-state"))
    found = []
    for item in rows.prefetch_related(
        Prefetch("parts", Part.objects.select_related("unit").prefetch_related(open_ones))
    ):
        parts = list(item.parts.all())
        delays = [Delay(one.state) for part in parts for one in part.declarations.all()]
        # What the office has to decide comes before what it waits for.
        delay = Delay.DECLARED if Delay.DECLARED in delays else next(iter(delays), None)
        found.append(seen(item, parts, delay, now, cases=item.case_count))
    return found


@dataclass(frozen=True)
class UnitShare:
    """How far one unit is with its shares of a paper."""

    name: str
    total: int
    handed_in: int
    done: int
    late: int


def unit_shares(items: Sequence[Seen], now: datetime) -> list[UnitShare]:
    """Progress per unit, from items that were read already. Late: not handed in, and the inner deadline is past."""
    rows: dict[str, list[tuple[Part, Item]]] = {}
    for one in items:
        for part in one.parts:
            rows.setdefault(part.unit.name, []).append((part, one.item))
    return [
        UnitShare(
            name, len(shares), sum(part.handed_in_at is not None for part, _item in shares),
            sum(item.signed_off_at is not None for _part, item in shares),
            sum(part.handed_in_at is None and part.due_at < now for part, _item in shares),
        )
        for name, shares in rows.items()
    ]  # fmt: skip


def scans_of(directive: Directive) -> Sequence[Scan]:
    """The sheets of the paper."""
    return list(directive.scans.select_related("photo", "document"))


def scan_for(actor: Actor, directive_id: int, scan_id: int) -> Scan:
    """A sheet through the door of its paper; only for those who see the whole paper."""
    directive = directive_for(actor, directive_id)
    found = directive.scans.filter(pk=scan_id).select_related("photo", "document").first()
    if found is None or not overlooks(actor, directive):
        raise NotFound
    return found


# --- one item ---


def reports_of(parts: Sequence[Part]) -> Sequence[Report]:
    """Everything said about an item, oldest first, with photos and their cases. Two statements."""
    rows = Report.objects.filter(part__in=[part.pk for part in parts]).select_related(
        "part__unit", "text_case", "declaration"
    )
    return list(
        rows.prefetch_related(Prefetch("photos", ReportPhoto.objects.select_related("photo", "case"))).order_by("id")
    )


def declarations_of(parts: Sequence[Part]) -> Sequence[Declaration]:
    """Every declaration of an item, the newest first."""
    rows = Declaration.objects.filter(part__in=[part.pk for part in parts]).select_related("part__unit", "report")
    return list(rows.order_by("-id"))


def links_of(item: Item, actor: Actor) -> Sequence[ItemCase]:
    """The cases by which an item is carried out, as far as this person may see them."""
    seen_cases = Case.objects.visible_to(actor).values("pk")
    return list(item.links.filter(case__in=seen_cases).select_related("case__unit", "case__site"))


def report_photo_for(actor: Actor, item_id: int, photo_id: int) -> Photo:
    """A photo through the door of its item."""
    item = item_for(actor, item_id)
    found = ReportPhoto.objects.filter(report__part__item=item, photo_id=photo_id).select_related("photo").first()
    if found is None:
        raise NotFound
    return found.photo


# --- what waits for somebody ---


def shares_to_do(actor: Actor) -> QuerySet[Part]:
    """What waits for this person's unit: shares that are not handed in, the soonest first."""
    rows = Part.objects.filter(_mine(actor, "unit"), handed_in_at=None, item__signed_off_at=None)
    return rows.select_related("item__directive", "unit").order_by("due_at", "id")


def items_for_office(actor: Actor, at_most: int = 50) -> list[Item]:
    """What waits for the office: to be broken down, signed off, or a declaration to be decided. One statement.

    `waits_for` says which: breakdown, sign, delay or answer.
    """
    here = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        here |= Q(directive__home__path__startswith=scope)
    delays = Q(parts__declarations__state=Delay.DECLARED.value)
    asked = Q(parts__declarations__state=Delay.ASKED.value)
    waiting = Q(parts__handed_in_at=None, parts__isnull=False)
    rows = Item.objects.filter(here, signed_off_at=None).annotate(
        part_count=Count("parts", distinct=True), waiting_count=Count("parts", filter=waiting, distinct=True),
        delay_count=Count("parts__declarations", filter=delays, distinct=True),
        asked_count=Count("parts__declarations", filter=asked, distinct=True),
    )  # fmt: skip
    rows = rows.filter(Q(waiting_count=0) | Q(delay_count__gt=0)).select_related("directive").order_by("deadline", "id")
    return list(rows[:at_most])


# --- what was missed, for whoever has to judge it ---


@dataclass(frozen=True)
class Said:
    """A declaration that a share cannot be done in time, with what was decided and answered."""

    declared_at: datetime
    before: datetime  # the deadline at that time
    ground: str
    reason: str
    needs: str
    proposed_at: datetime
    state: str
    state_words: str
    decided_at: datetime | None
    decided_by: str
    decision: str
    answered_at: datetime | None
    answer: str
    new_deadline: datetime | None
    photo_ids: tuple[int, ...]


@dataclass(frozen=True)
class MissedItem:
    """A share that was not handed in by its deadline in force. Facts only: nothing follows from them by itself.

    `declared`: every declaration, the oldest first; empty when nothing was said beforehand.
    """

    directive_id: int
    directive_number: str
    directive_title: str
    item_id: int
    item_number: int
    text: str
    part_id: int
    unit_id: int
    unit_name: str
    lead: bool
    deadline: datetime  # the unit's own deadline in force
    first_deadline: datetime
    paper_deadline: datetime  # the item's deadline in force towards above
    first_handed_in_at: datetime | None
    handed_in_at: datetime | None
    returned: int
    signed_off_at: datetime | None
    declared: tuple[Said, ...]

    @property
    def said_beforehand(self) -> bool:
        """Whether the unit said before the deadline that it could not be done."""
        return bool(self.declared)


def missed_items(
    actor: Actor, *, now: datetime, since: datetime | None = None, until: datetime | None = None,
    directive_id: int | None = None, unit_ids: Sequence[int] | None = None,
) -> list[MissedItem]:  # fmt: skip
    """Shares whose deadline in force passed (between `since` and `until`, where given) before they were handed in, as
    far as the actor overlooks the paper or answers for the unit; the earliest deadline first. Three statements.
    """
    rows = Part.objects.filter(Q(handed_in_at=None) | Q(handed_in_at__gt=F("due_at")), due_at__lt=now)
    if not actor.system:
        reach = _mine(actor, "unit")
        for scope in set(actor.scopes(*_ABOVE)):
            reach |= Q(item__directive__home__path__startswith=scope)
        rows = rows.filter(reach)
    rows = rows.filter(due_at__gte=since) if since else rows
    rows = rows.filter(due_at__lt=until) if until else rows
    rows = rows.filter(item__directive=directive_id) if directive_id is not None else rows
    rows = rows.filter(unit__in=unit_ids) if unit_ids is not None else rows
    said = Prefetch("declarations", Declaration.objects.select_related("report").order_by("id"))
    found = list(rows.select_related("item__directive", "unit").prefetch_related(said).order_by("due_at", "id"))
    reports = [one.report_id for part in found for one in part.declarations.all()]
    photos: dict[int, list[int]] = {}
    for report_id, photo_id in ReportPhoto.objects.filter(report__in=reports).values_list("report", "photo"):
        photos.setdefault(report_id, []).append(photo_id)
    return [_missed(part, photos) for part in found]


def _missed(part: Part, photos: dict[int, list[int]]) -> MissedItem:
    item, paper = part.item, part.item.directive
    return MissedItem(
        directive_id=paper.pk, directive_number=paper.number, directive_title=paper.title, item_id=item.pk,
        item_number=item.number, text=item.text, part_id=part.pk, unit_id=part.unit_id, unit_name=part.unit.name,
        lead=part.lead, deadline=part.due_at, first_deadline=part.first_due_at, paper_deadline=item.deadline,
        first_handed_in_at=part.first_handed_in_at, handed_in_at=part.handed_in_at, returned=part.returned,
        signed_off_at=item.signed_off_at,
        declared=tuple(_said(one, tuple(photos.get(one.report_id, ()))) for one in part.declarations.all()),
    )  # fmt: skip


def _said(one: Declaration, photo_ids: tuple[int, ...]) -> Said:
    return Said(
        declared_at=one.declared_at, before=one.due_at, ground=one.ground_name, reason=one.report.text, needs=one.needs,
        proposed_at=one.proposed_at, state=one.state, state_words=Delay(one.state).label, decided_at=one.decided_at,
        decided_by=one.decided_by, decision=one.decision_note, answered_at=one.answered_at, answer=one.answer_note,
        new_deadline=one.new_deadline, photo_ids=photo_ids,
    )  # fmt: skip


# --- the reply upwards ---


def reply_of(directive: Directive) -> Reply | None:
    """The reply of a paper, if one was drafted."""
    try:
        return directive.reply
    except Reply.DoesNotExist:
        return None


def reply_facts(actor: Actor, directive_id: int, *, now: datetime) -> ReplyFacts:
    """The reply of a paper as facts: as it was frozen, or, while it is a draft, as it was taken last; without a draft,
    the items as they stand and no paragraphs. Only for those who see the whole paper.
    """
    paper = directive_for(actor, directive_id)
    if not overlooks(actor, paper):
        raise NotFound
    reply = reply_of(paper)
    results = results_of(paper) if reply is None else frozen_results(reply.items)
    as_of = now if reply is None else reply.taken_at
    figures = {figure["key"]: str(figure["value"]) for figure in (reply.figures if reply else ())}
    text = reply.text if reply else ""
    for key, value in figures.items():
        text = text.replace(f"{{{key}}}", value)
    return ReplyFacts(
        title=reply.title if reply else "", to=paper.issuer, number=paper.number, paper_title=paper.title,
        sender=paper.home.name, as_of=as_of, tally=tally(results, as_of),
        lines=tuple(line_of(one, as_of) for one in results),
        paragraphs=tuple(line for line in text.splitlines() if line.strip()), drafted_by=reply.drafted_by if reply else "",
        released_by=reply.released_by if reply else "", released_at=reply.released_at if reply else None,
    )  # fmt: skip
