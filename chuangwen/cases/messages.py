"""Residents' messages become cases with their real times, through the same operations that people use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from chuangwen.cases.message_files import Message, RoutingRow
from chuangwen.cases.models import Case
from chuangwen.cases.operations import accept, close, dispatch, open_case, rectify, verify
from chuangwen.journal.operations import record, settle_of
from chuangwen.people.models import Unit, UnitKind
from chuangwen.people.queries import units_with_role
from chuangwen.places.queries import street_of
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.queries import standard_for

ORIGIN: Final = "message"
BATCH: Final = 200
_STEP: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Routing:
    """Where imported messages belong: the unit at home, its street, who answers for which word, and for the rest."""

    home: Unit
    street: Unit | None
    default: Unit
    words: tuple[tuple[str, Unit], ...] = ()

    def unit_for(self, message: Message) -> Unit:
        """The unit of the first word that the message contains, else the default one."""
        text = f"{message.subject}\n{message.body}"
        return next((unit for word, unit in self.words if word in text), self.default)


def routing(*, home_code: str = "", unit_code: str = "", rows: Iterable[RoutingRow] = ()) -> Routing:
    """Find the units. Without codes: the only district, and its office. Refuses with every objection."""
    rows, objections = tuple(rows), []
    units = {unit.code: unit for unit in Unit.objects.filter(active=True).order_by("path")}
    for code in dict.fromkeys(filter(None, (home_code, unit_code))):
        if code not in units:
            objections.append(f"没有编码为“{code}”的在用单位。")
    objections += [
        f"第 {row.row} 行「单位编码」：没有编码为“{row.unit_code}”的在用单位。"
        for row in rows
        if row.unit_code not in units
    ]
    if objections:
        raise Refused(objections)
    home = units[home_code] if home_code else _district(units, unit_code)
    default = units[unit_code] if unit_code else _office(units, home)
    return Routing(home, street_of(home), default, tuple((row.keyword, units[row.unit_code]) for row in rows))


def _district(units: dict[str, Unit], unit_code: str) -> Unit:
    """The district above the unit that is named, else the only one."""
    districts = [unit for unit in units.values() if unit.kind == UnitKind.DISTRICT]
    if unit_code:
        districts = [unit for unit in districts if units[unit_code].path.startswith(unit.path)]
    if len(districts) != 1:
        known = "、".join(f"{unit.name}（{unit.code}）" for unit in districts)
        raise Refused(f"看不出留言归哪个区，请用 --home 写明属地单位编码。{f'现有：{known}。' if known else ''}")
    return districts[0]


def _office(units: dict[str, Unit], home: Unit) -> Unit:
    """The office of the district at home: the one with a chief when there are several; the district when there is none."""
    offices = [u for u in units.values() if u.kind == UnitKind.DISTRICT_OFFICE and u.path.startswith(home.path)]
    led = set(units_with_role(Role.OFFICE_CHIEF))
    chosen = [unit for unit in offices if unit.pk in led] if len(offices) > 1 else offices
    return chosen[0] if len(chosen) == 1 else home


@dataclass(frozen=True)
class MessageReport:
    """How many messages became cases (of them answered and closed), and how many were cases already."""

    created: int = 0
    answered: int = 0
    already_there: int = 0


def _nobody_listens(_done: int) -> None:
    """For callers that show no progress."""


def import_messages(
    *,
    messages: Sequence[Message],
    route: Routing,
    standard_code: str = "",
    by: Actor,
    now: datetime,
    dry_run: bool = False,
    tell: Callable[[int], None] = _nobody_listens,
) -> MessageReport:
    """Open, accept and dispatch a case when its message came in; hand in, check and close it when it was answered.

    Every step carries the moment of the message, not of the import, and is the house's own (nobody's work is
    claimed). A message without an answer stays with its unit. Batches are committed one by one and a message is all
    there or not at all, so an import that was broken off goes on where it stopped. `tell` hears how many messages
    each batch dealt with.
    """
    if not may(by, Permission.MESSAGES_IMPORT) or not may(by, Permission.CASE_REPORT, Thing(home=route.home.path)):
        raise Refused("留言由本区文明办导入。")
    standard = standard_for(standard_code)
    if standard_code and standard is None:
        raise Refused(f"没有编码为“{standard_code}”的在用立案标准。")
    doing = _Import(route, standard, by, now, dry_run)
    total = MessageReport()
    for start in range(0, len(messages), BATCH):
        batch = messages[start : start + BATCH]
        done = doing.take(batch)
        total = MessageReport(
            total.created + done.created, total.answered + done.answered, total.already_there + done.already_there
        )
        tell(len(batch))
    return total


@dataclass(frozen=True)
class _Import:
    """What stays the same over all batches of an import."""

    route: Routing
    standard: CaseStandard | None
    by: Actor
    now: datetime
    dry_run: bool

    @transaction.atomic
    def take(self, batch: Sequence[Message]) -> MessageReport:
        """One batch in one transaction."""
        Unit.objects.select_for_update().get(pk=self.route.home.pk)  # two imports at once take turns
        ids = [message.message_id for message in batch]
        known = set(Case.objects.filter(origin_kind=ORIGIN, origin_id__in=ids).values_list("origin_id", flat=True))
        new = [message for message in batch if message.message_id not in known]
        answered = [message for message in new if message.replied_at is not None]
        if new and not self.dry_run:
            cases = [self._live(message) for message in new]
            _settle([case for case in cases if case.ended_at is not None], self.now)
            record(
                kind="messages.imported", subject_kind="unit", subject_id=self.route.home.pk, by=self.by, now=self.now,
                created=len(new), answered=len(answered),
            )  # fmt: skip
        return MessageReport(len(new), len(answered), len(batch) - len(new))

    def _live(self, message: Message) -> Case:
        """The whole life of one message on its own clock."""
        case = open_case(
            title=message.subject, text=message.body, home=self.route.home, street=self.route.street,
            origin_kind=ORIGIN, origin_id=message.message_id, standard=self.standard, by=SYSTEM,
            now=message.received_at,
        )  # fmt: skip
        unit = self.route.unit_for(message)
        accept(case_id=case.pk, by=SYSTEM, now=message.received_at)
        case = dispatch(case_id=case.pk, unit_id=unit.pk, note="导入留言", by=SYSTEM, now=message.received_at)
        if message.replied_at is None:
            return case
        rectify(case_id=case.pk, note="已答复来信", reply=message.reply, by=SYSTEM, now=message.replied_at)
        verify(case_id=case.pk, by=SYSTEM, now=min(message.replied_at + _STEP, self.now))
        return close(case_id=case.pk, by=SYSTEM, now=min(message.replied_at + 2 * _STEP, self.now))


def _settle(cases: Sequence[Case], now: datetime) -> None:
    """Nothing follows today from what ended years ago: no notice goes out for it."""
    settle_of(subject_kind="case", subject_ids=[case.pk for case in cases], now=now)
