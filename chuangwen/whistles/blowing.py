"""吹哨: a street calls departments to one case, with a number that leaves none out."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case, CasePart
from chuangwen.cases.opening import open_dispatched
from chuangwen.cases.parts import NewPart, add_parts
from chuangwen.evidence.arriving import Arriving
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.whistles import Moments, PromiseText, blow_objections, moments
from chuangwen.standards.queries import work_calendar
from chuangwen.whistles.models import Numbering, Promise, Summons, Whistle, WhistleState
from chuangwen.whistles.queries import case_to_whistle, streets_of, summonable

ORIGIN = "whistle"


@dataclass(frozen=True)
class Call:
    """A department and what it must do."""

    unit_id: int
    duty: str


@dataclass(frozen=True)
class NewWhistle:
    """What a street says. Either an open case of its own, or words and a place for a new one.

    `street_id` is needed only from somebody who has a post in several streets.
    """

    promise: str
    reason: str
    calls: Sequence[Call]
    case_id: int | None = None
    title: str = ""
    text: str = ""
    site_id: int | None = None
    place: str = ""
    photo_ids: Iterable[int | Arriving] = ()
    street_id: int | None = None


@dataclass
class _Rows:
    street: Unit | None
    promise: Promise | None
    units: dict[int, Unit]
    site: Site | None
    case: Case | None


def _rows(said: NewWhistle, by: Actor) -> _Rows:
    streets = [unit for unit in streets_of(by) if said.street_id in (None, unit.pk)]
    street = streets[0] if len(streets) == 1 else None
    ids = [call.unit_id for call in said.calls]
    return _Rows(
        street=street,
        promise=Promise.objects.filter(code=said.promise, active=True).first(),
        units=summonable(street).in_bulk(ids) if street else {},
        site=sites_in_scope(by).filter(pk=said.site_id, active=True).first() if said.site_id and not said.case_id else None,
        case=case_to_whistle(by, street, said.case_id) if said.case_id and street else None,
    )  # fmt: skip


def _objections(said: NewWhistle, rows: _Rows, by: Actor) -> list[str]:
    if rows.street is None or not may(by, Permission.WHISTLE_BLOW, Thing(handler=rows.street.path)):
        return ["只有街道的负责人和承办人可以吹哨。"] if not streets_of(by) else ["请选择是哪个街道吹哨。"]
    found = [] if rows.promise else ["请选择到场承诺。"]
    strange = [call for call in said.calls if call.unit_id not in rows.units]
    if strange:
        found.append("点名的单位里有不存在、已停用或不能召集的：本街道内的单位请直接交办，其他街道不在召集范围。")
    if said.case_id and rows.case is None:
        found.append("选定的案件不存在、已办结，或不是本街道的。")
    if said.site_id and not said.case_id and rows.site is None:
        found.append("选定的点位不存在、已停用，或不在本街道。")
    if not said.case_id and not said.title.strip():
        found.append("请用一句话写明是什么事。")
    duties = [(rows.units[call.unit_id].name, call.duty) for call in said.calls if call.unit_id in rows.units]
    placed = bool(rows.case or rows.site or said.place.strip())
    return found + [
        sentence for sentence in blow_objections(reason=said.reason, duties=duties, placed=placed)
        if not (strange and sentence.startswith("请至少点名"))
    ]  # fmt: skip


def _next_number(street: Unit, year: int) -> int:
    row = Numbering.objects.select_for_update().filter(street=street, year=year).first()
    if row is None:
        Numbering.objects.get_or_create(street=street, year=year)
        row = Numbering.objects.select_for_update().get(street=street, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def _title(site: Site | None, words: str) -> str:
    return f"{site.name}：{words.strip()}" if site else words.strip()


@transaction.atomic
def blow(*, said: NewWhistle, by: Actor, now: datetime, client_key: str | None = None) -> Whistle:
    """Number, case, one part and one summons a department, in one transaction. Refuses with every objection; the same
    client key again gives the same whistle.
    """

    def make() -> Whistle:
        rows = _rows(said, by)
        found = _objections(said, rows, by)
        if found or rows.street is None or rows.promise is None:
            raise Refused(found)
        return _blown(said, rows, rows.street, rows.promise, by=by, now=now, client_key=client_key)

    known = once(lambda: Whistle.objects.filter(client_key=client_key).first() if client_key else None, make)
    if known.blown_by_id != by.user_id:
        raise Refused(KEY_TAKEN)
    return known


def _blown(
    said: NewWhistle, rows: _Rows, street: Unit, promise: Promise, *, by: Actor, now: datetime, client_key: str | None
) -> Whistle:
    due = moments(promise.text, now, work_calendar())
    wanted = [NewPart(rows.units[call.unit_id], call.duty, due.finish_by) for call in said.calls]
    case, parts = _case_with_parts(said, rows, street, wanted, by=by, now=now)
    year = now.astimezone(SHANGHAI).year
    whistle = Whistle.objects.create(
        street=street, year=year, serial=_next_number(street, year), case=case, promise=promise, terms=asdict(promise.text),
        title=case.title, place=(case.place or (rows.site.name if rows.site else "") or "见案件")[:200],
        reason=said.reason.strip(), blown_at=now, blown_by_id=by.user_id, client_key=client_key or None,
        state=WhistleState.OPEN,
    )  # fmt: skip
    call_in(whistle, parts, due, now=now)
    record(
        kind="whistle.blown", subject_kind="whistle", subject_id=whistle.pk, by=by, now=now, case=case.pk, number=whistle.number,
        units=[part.unit.code for part in wanted], unit_names="、".join(part.unit.name for part in wanted), reason=whistle.reason,
    )  # fmt: skip
    return whistle


def _case_with_parts(
    said: NewWhistle, rows: _Rows, street: Unit, wanted: Sequence[NewPart], *, by: Actor, now: datetime
) -> tuple[Case, Sequence[CasePart]]:
    if rows.case is not None:
        return rows.case, add_parts(case_id=rows.case.pk, parts=wanted, by=by, now=now)
    site = rows.site
    case = open_dispatched(
        unit=street, note="街道吹哨，由街道牵头", parts=wanted, title=_title(site, said.title), text=said.text,
        home=site.home if site else street, street=street, site=site, place=said.place.strip(), origin_kind=ORIGIN,
        photo_ids=said.photo_ids, by=by, now=now,
    )  # fmt: skip
    return case, list(CasePart.objects.filter(case=case).select_related("unit"))


def call_in(
    whistle: Whistle, parts: Sequence[CasePart], due: Moments, *, now: datetime, moved_from: Summons | None = None
) -> Sequence[Summons]:
    """One summons for each part of the case."""
    return Summons.objects.bulk_create(
        Summons(
            whistle=whistle, part=part, moved_from=moved_from, called_at=now, confirm_by=due.confirm_by,
            arrive_by=due.arrive_by, act_by=due.confirm_by,
        )
        for part in parts
    )  # fmt: skip


def due_from(promised: PromiseText, now: datetime) -> Moments:
    """The moments of a department that is called now by a promise given earlier."""
    return moments(promised, now, work_calendar())
