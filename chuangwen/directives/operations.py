"""A paper is received, its items are given to units, signed off or sent back, carried out by cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Max

from chuangwen.cases.models import Case, Order
from chuangwen.directives.models import (
    Directive,
    Ground,
    Item,
    ItemCase,
    Part,
    Report,
    ReportKind,
    Scan,
)
from chuangwen.directives.moving import NOT_OFFICE, office_objections, record_step, taken_up
from chuangwen.directives.queries import home_of, is_of, keeps, levels
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.models import Document
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.people.queries import units_in_scope
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.directive_rows import ItemRow
from chuangwen.rules.directives import ItemFacts, PartFacts, Standing, breakdown_objections, standing
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, may
from chuangwen.rules.refusals import Refused

CLOSES = time(18)


@dataclass(frozen=True)
class PaperFacts:
    """A paper as it is typed."""

    level: str
    issuer: str
    number: str
    title: str
    received_on: date | None
    deadline: datetime | None
    note: str = ""


@dataclass(frozen=True)
class Share:
    """Who does an item: a lead unit, joint units, until when."""

    lead: Unit | None
    joint: Sequence[Unit]
    due_at: datetime | None


def _paper_objections(facts: PaperFacts, items: Sequence[ItemRow], now: datetime) -> list[str]:
    found = [] if facts.level in levels() else ["请选来文层级。"]
    for words, text in (("来文单位", facts.issuer), ("来文文号", facts.number), ("标题", facts.title)):
        found += [] if text.strip() else [f"请填写{words}。"]
    if facts.received_on is None or facts.received_on > now.astimezone(SHANGHAI).date():
        found.append("请填写收文日期，不能晚于今天。")
    if facts.deadline is None:
        found.append("请填写来文要求的期限。")
    elif facts.received_on is not None and facts.deadline.astimezone(SHANGHAI).date() < facts.received_on:
        found.append("来文要求的期限不能早于收文日期。")
    return found + ([] if items else ["请至少写一件事项。"])


def named_units(names: Sequence[str], by: Actor) -> dict[str, Unit]:
    """The active units of the actor's branches with these names or codes, by what was written. One statement.

    A name that fits several units fits none.
    """
    rows = units_in_scope(by).filter(active=True)
    fitting: dict[str, list[Unit]] = {}
    for unit in rows.filter(code__in=names) | rows.filter(name__in=names):
        for word in {unit.code, unit.name} & set(names):
            fitting.setdefault(word, []).append(unit)
    return {word: units[0] for word, units in fitting.items() if len(units) == 1}


def _shares(
    items: Sequence[ItemRow], facts: PaperFacts, by: Actor, now: datetime
) -> tuple[list[Share | None], list[str]]:
    """The share of every item that names a lead unit, and what is wrong with them, row by row."""
    wanted = {name for item in items for name in (item.lead, *item.joint) if name}
    units = named_units(sorted(wanted), by) if wanted else {}
    found: list[str] = []
    shares: list[Share | None] = []
    for place, item in enumerate(items, start=1):
        where = f"第 {item.row} 行" if item.row else f"第 {place} 件"
        unknown = [name for name in (item.lead, *item.joint) if name and name not in units]
        found += [f"{where}：没有找到单位“{name}”，或者不止一个，请写全称或编码。" for name in unknown]
        if not (item.lead or item.joint or item.due_on):
            shares.append(None)
            continue
        day = datetime.combine(item.due_on, CLOSES, SHANGHAI) if item.due_on else facts.deadline
        share = Share(units.get(item.lead), [units[name] for name in item.joint if name in units], day)
        if not unknown and facts.deadline is not None:
            wrong = _share_objections(share, facts.deadline, now)
            found += [f"{where}：{sentence}" for sentence in wrong]
        shares.append(share)
    return shares, found


def _share_objections(share: Share, deadline: datetime, now: datetime) -> list[str]:
    return breakdown_objections(
        deadline=deadline, now=now, lead=share.lead.pk if share.lead else None, joint=[unit.pk for unit in share.joint],
        due_at=share.due_at,
    )  # fmt: skip


@transaction.atomic
def register_directive(
    *, facts: PaperFacts, items: Sequence[ItemRow], photos: Sequence[int | Arriving] = (),
    documents: Sequence[Document] = (), by: Actor, now: datetime, client_key: str | None = None,
) -> Directive:  # fmt: skip
    """登记来文, with its items; an item that names its units is given to them at once. Refuses with every objection;
    the same client key again gives the same paper.
    """

    def make() -> Directive:
        home = home_of(by, *OFFICE)
        found = [] if may(by, Permission.DIRECTIVE_KEEP) and home else ["上级来文由文明办登记。"]
        found += _paper_objections(facts, items, now)
        shares, wrong = _shares(items, facts, by, now)
        found += wrong
        if home and facts.number.strip() and Directive.objects.filter(home=home, number=facts.number.strip()).exists():
            found.append(f"文号“{facts.number.strip()}”已经登记过。")
        if found or home is None or facts.deadline is None or facts.received_on is None:
            raise Refused(found)
        paper = Directive.objects.create(
            home=home, level=facts.level, issuer=facts.issuer.strip()[:80], number=facts.number.strip()[:60],
            title=facts.title.strip()[:160], received_on=facts.received_on, deadline=facts.deadline,
            note=facts.note.strip(), registered_at=now, registered_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        _put_scans(paper, photos, documents, by, now)
        _put_items(paper, items, shares, by, now)
        record(
            kind="directive.registered", subject_kind="directive", subject_id=paper.pk, by=by, now=now,
            number=paper.number, title=paper.title, items=len(items), deadline=timestamp(paper.deadline),
        )  # fmt: skip
        return paper

    known = once(lambda: Directive.objects.filter(client_key=client_key).first() if client_key else None, make)
    if not keeps(by, known):
        raise Refused(KEY_TAKEN)
    return known


def _put_scans(
    paper: Directive, photos: Sequence[int | Arriving], documents: Sequence[Document], by: Actor, now: datetime
) -> None:
    sheets: list[dict[str, Any]] = [{"photo": photo} for photo in stored_photos(photos=photos, by=by, now=now)]
    sheets += [{"document": document} for document in documents]
    Scan.objects.bulk_create([Scan(directive=paper, position=place, **sheet) for place, sheet in enumerate(sheets)])


def _put_items(
    paper: Directive, items: Sequence[ItemRow], shares: Sequence[Share | None], by: Actor, now: datetime
) -> None:
    rows = [
        Item(
            directive=paper, number=place, text=item.text.strip()[:500], deadline=paper.deadline,
            first_deadline=paper.deadline, broken_down_at=now if share else None, broken_down_by=by.name if share else "",
        )
        for place, (item, share) in enumerate(zip(items, shares, strict=True), start=1)
    ]  # fmt: skip
    made = Item.objects.bulk_create(rows)
    Part.objects.bulk_create(
        [part for item, share in zip(made, shares, strict=True) if share for part in _parts(item, share)]
    )


def _parts(item: Item, share: Share) -> list[Part]:
    units = [(share.lead, True), *((unit, False) for unit in dict.fromkeys(share.joint))]
    return [
        Part(item=item, unit=unit, lead=lead, due_at=share.due_at, first_due_at=share.due_at)
        for unit, lead in units
        if unit is not None and share.due_at is not None
    ]


@transaction.atomic
def break_down(
    *, item_id: int, lead_id: int | None, joint_ids: Sequence[int] = (), due_at: datetime | None, by: Actor, now: datetime,
    seen_version: int | None = None, client_key: str | None = None,
) -> Item:  # fmt: skip
    """分解: the units of an item and their inner deadline. Again: other units, as long as a leaving one has reported
    nothing; a unit that stays keeps what it handed in.
    """
    taken = taken_up(item_id, by, client_key, seen_version)
    item = taken.item
    if taken.repeated:
        return item
    wanted = [pk for pk in (lead_id, *joint_ids) if pk is not None]
    units = {unit.pk: unit for unit in units_in_scope(by).filter(pk__in=wanted, active=True)}
    found = office_objections(item, by)
    found += breakdown_objections(deadline=item.deadline, now=now, lead=lead_id, joint=joint_ids, due_at=due_at)
    found += ["有单位不存在、已停用，或不在您的辖区。"] if len(units) < len(set(wanted)) else []
    leaving = [part for part in taken.parts if part.unit_id not in set(wanted)]
    said = set(Report.objects.filter(part__in=leaving).values_list("part", flat=True)) if leaving else set()
    found += [f"{part.unit.name}已经报过进展，不能撤下。" for part in leaving if part.pk in said]
    if found or due_at is None:
        raise Refused(found)
    _put_parts(item, taken.parts, leaving, wanted, lead_id, due_at)
    item.broken_down_at, item.broken_down_by = now, by.name
    record_step(
        item, "broken_down", by=by, now=now, client_key=client_key, units=[units[pk].name for pk in wanted],
        due_at=timestamp(due_at),
    )  # fmt: skip
    return item


def _put_parts(
    item: Item, parts: list[Part], leaving: list[Part], wanted: Sequence[int], lead_id: int | None, due_at: datetime
) -> None:
    if leaving:
        Part.objects.filter(pk__in=[part.pk for part in leaving]).delete()
    staying = [part for part in parts if part not in leaving]
    for part in sorted(staying, key=lambda part: part.unit_id == lead_id):  # the old lead steps back first
        part.lead = part.unit_id == lead_id
        part.due_at = due_at if part.handed_in_at is None else part.due_at
        part.save(update_fields=["lead", "due_at"])
    known = {part.unit_id for part in staying}
    Part.objects.bulk_create(
        Part(item=item, unit_id=pk, lead=pk == lead_id, due_at=due_at, first_due_at=due_at)
        for pk in dict.fromkeys(wanted)
        if pk not in known
    )


def facts_of(item: Item, parts: Sequence[Part]) -> ItemFacts:
    """The item as the rules know it."""
    shares = [PartFacts(part.unit.name, part.lead, part.due_at, part.handed_in_at) for part in parts]
    return ItemFacts(item.deadline, shares, item.signed_off_at)


def _involved(parts: Sequence[Part], by: Actor) -> bool:
    """Whether this person reported in the item, or answers for one of its units."""
    from_unit = any(part.unit.path.startswith(path) for part in parts for path in by.unit_paths(*UNIT))
    said = Report.objects.filter(part__in=[part.pk for part in parts], by=by.user_id).exclude(kind=ReportKind.RETURNED)
    return from_unit or (by.user_id is not None and said.exists())


@transaction.atomic
def sign_off(
    *,
    item_id: int,
    result: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Item:
    """审签办结: every unit has handed in its share; the result in one sentence goes into the reply upwards.

    Nobody signs off what they or their unit reported.
    """
    taken = taken_up(item_id, by, client_key, seen_version, result)
    item = taken.item
    if taken.repeated:
        return item
    found = office_objections(item, by)
    if standing(facts_of(item, taken.parts)) is not Standing.HANDED_IN and item.signed_off_at is None:
        missing = "、".join(part.unit.name for part in taken.parts if part.handed_in_at is None)
        found.append(f"{missing}还没有报完成。" if missing else "还没有分解到单位。")
    if _involved(taken.parts, by):
        found.append("自己（或本单位）报的，不能由自己审签，请别的同事审签。")
    if not result.strip():
        found.append("请用一句话写明办理结果，回复上级时会用到。")
    if found:
        raise Refused(found)
    item.signed_off_at, item.signed_off_by, item.result = now, by.name, result.strip()[:500]
    record_step(item, "signed_off", by=by, now=now, client_key=client_key, note=item.result)
    return item


@transaction.atomic
def send_back(
    *, item_id: int, part_ids: Sequence[int], reason: str, by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Item:  # fmt: skip
    """退回: these shares are not done after all, for a reason that the units read. Their deadline stays."""
    taken = taken_up(item_id, by, client_key, seen_version, reason)
    item = taken.item
    if taken.repeated:
        return item
    back = [part for part in taken.parts if part.pk in set(part_ids)]
    found = office_objections(item, by)
    found += [] if back else ["请勾选退回哪个单位。"]
    found += [f"{part.unit.name}还没有报完成，不用退回。" for part in back if part.handed_in_at is None]
    found += [] if reason.strip() else ["退回须写明哪里还没有做到。"]
    if found:
        raise Refused(found)
    for part in back:
        part.handed_in_at = None
        part.returned += 1
        part.save(update_fields=["handed_in_at", "returned"])
    Report.objects.bulk_create(
        Report(
            part=part, kind=ReportKind.RETURNED, text=reason.strip()[:1000], at=now, by_id=by.user_id, by_name=by.name
        )
        for part in back
    )
    record_step(
        item, "sent_back", by=by, now=now, client_key=client_key, reason=reason.strip()[:1000],
        units=[part.unit.name for part in back],
    )  # fmt: skip
    return item


@transaction.atomic
def link_cases(
    *, item_id: int, numbers: Sequence[str], by: Actor, now: datetime, client_key: str | None = None
) -> Item:
    """The item is carried out by these cases. `numbers`: case numbers, or the number of an order (整改任务书), which
    stands for every case under it. Office and units of the item may both say so.
    """
    taken = taken_up(item_id, by, client_key)
    if taken.repeated:
        return taken.item
    found = [] if keeps(by, taken.item.directive) or any(is_of(by, part) for part in taken.parts) else [NOT_OFFICE]
    found += [] if taken.item.signed_off_at is None else ["这件事项已经审签办结，不能再关联案件。"]
    if found:
        raise Refused(found)
    cases = _cases_named(numbers, by)
    ItemCase.objects.bulk_create(
        [ItemCase(item=taken.item, case=case, linked_at=now, linked_by=by.name) for case in cases],
        ignore_conflicts=True,
    )
    record_step(taken.item, "case_linked", by=by, now=now, client_key=client_key, cases=[case.pk for case in cases])
    return taken.item


def _cases_named(numbers: Sequence[str], by: Actor) -> list[Case]:
    """The cases meant, as far as this person sees them; refuses with a sentence for each that means none."""
    visible = Case.objects.visible_to(by)
    ids = {text: int(text[8:]) for text in numbers if text.isdecimal() and 9 < len(text) < 20}
    by_id = visible.in_bulk(list(ids.values()))
    orders = dict(
        Order.objects.filter(number__in=[text for text in numbers if text not in ids]).values_list("number", "pk")
    )
    under: dict[int, list[Case]] = {}
    for case in visible.filter(order__in=orders.values()) if orders else []:
        under.setdefault(case.order_id or 0, []).append(case)
    found: dict[int, Case] = {}
    objections = [] if numbers else ["请写案件编号或整改任务书文号。"]
    for text in numbers:
        one = by_id.get(ids.get(text, 0))
        meant = [one] if one is not None and one.number == text else under.get(orders.get(text, 0), [])
        objections += [] if meant else [f"没有找到“{text}”，或者您无权查看。请写 15 位案件编号，或整改任务书文号。"]
        found |= {case.pk: case for case in meant}
    if objections:
        raise Refused(objections)
    return list(found.values())


@transaction.atomic
def put_grounds(*, names: Sequence[str], by: Actor, now: datetime) -> list[Ground]:
    """The office's own list of reasons for a delay, in this order; those no longer named are kept but not offered."""
    kept = [name.strip()[:80] for name in names if name.strip()]
    found = [] if may(by, Permission.DIRECTIVE_KEEP) else ["延期原因类别由文明办维护。"]
    found += [] if kept else ["请至少写一类原因。"]
    found += ["有重复的原因类别。"] if len(set(kept)) < len(kept) else []
    if found:
        raise Refused(found)
    known = {ground.name: ground for ground in Ground.objects.select_for_update()}
    for ground in known.values():
        ground.active = ground.name in kept
    rows, last = [], Ground.objects.aggregate(last=Max("pk"))["last"] or 0
    for place, name in enumerate(kept):
        ground = known.get(name) or Ground(code=f"g{last + place + 1}", name=name)
        ground.position = place
        ground.active = True
        ground.save()
        rows.append(ground)
    for ground in known.values():
        if not ground.active:
            ground.save(update_fields=["active"])
    record(kind="directive.grounds_put", subject_kind="directive_grounds", subject_id=0, by=by, now=now, grounds=kept)
    return rows
