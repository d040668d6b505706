"""The office asks: a drive is opened, its requirements and the people who answer come in by tables."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from chuangwen.declarations.models import Drive, Duty, Reason, Requirement, State
from chuangwen.declarations.queries import home_of, named_units, plans
from chuangwen.declarations.spreadsheets import DutyRow, RequirementRow
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit, User
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.material_checks import window_of
from chuangwen.rules.permissions import OFFICE, Actor
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.tables import ImportReport, Problem, doubles, sentences
from chuangwen.standards.models import Criterion, Edition

CLOSES = time(18)
NOT_OFFICE = "材料要求由文明办提出。"
SUBJECT = "declaration"


@transaction.atomic
def open_drive(
    *, edition_id: int, name: str, test_month: date | None, due_at: datetime | None, by: Actor, now: datetime,
    client_key: str | None = None,
) -> Drive:  # fmt: skip
    """A new drive for one test; the window of valid dates follows from its month. The same client key gives the same."""

    def make() -> Drive:
        home, edition = home_of(by, *OFFICE), Edition.objects.filter(pk=edition_id, published_at__isnull=False).first()
        found = [] if home else [NOT_OFFICE]
        found += [] if edition else ["请选已发布的测评标准。"]
        found += [] if name.strip() else ["请写名称，例如“2020 年省级测评网上申报”。"]
        found += [] if test_month else ["请填测评月份。"]
        if due_at is None or due_at <= now:
            found.append("截止时间要晚于现在。")
        month = test_month.replace(day=1) if test_month else None
        if home and edition and month and Drive.objects.filter(home=home, edition=edition, test_month=month).exists():
            found.append("这一版标准、这个月的测评已经有申报批次了。")
        if found or home is None or edition is None or month is None or due_at is None:
            raise Refused(found)
        window = window_of(month)
        made = Drive.objects.create(
            home=home, edition=edition, name=name.strip()[:80], test_month=month, first_on=window.first, last_on=window.last,
            due_at=due_at, opened_at=now, opened_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        record(
            kind="declaration.opened", subject_kind="declaration_drive", subject_id=made.pk, by=by, now=now, name=made.name,
            edition=edition.pk, window=[str(window.first), str(window.last)],
        )  # fmt: skip
        return made

    known = once(lambda: Drive.objects.filter(client_key=client_key).first() if client_key else None, make)
    if not plans(by, known):
        raise Refused(KEY_TAKEN)
    return known


def locked_drive(drive_id: int, by: Actor) -> Drive:
    """The drive, locked, for the office that keeps it; unknown and not one's own look alike."""
    found = Drive.objects.select_for_update(of=("self",)).select_related("home").filter(pk=drive_id).first()
    if found is None or not plans(by, found):
        raise NotFound
    return found


# --- requirements ---


class _Asked:
    """The requirements of a drive as the rows of a file want them."""

    def __init__(self, drive: Drive, rows: Sequence[RequirementRow], by: Actor) -> None:
        self.drive, self.rows = drive, rows
        self.known = {one.number: one for one in Requirement.objects.select_for_update().filter(drive=drive)}
        codes = {row.criterion for row in rows}
        self.criteria = {one.code: one for one in Criterion.objects.filter(edition=drive.edition_id, code__in=codes)}
        self.units = named_units({name for row in rows for name in (row.unit, row.reviewer) if name}, by)

    def problems(self) -> Iterator[Problem]:
        """Everything that keeps the rows from being taken."""
        yield from doubles(((row.row, row.number) for row in self.rows), "编号")
        for row in self.rows:
            if row.criterion not in self.criteria:
                yield Problem(row.row, "标准编码", f"这一版标准里没有“{row.criterion}”。")
            for label, name in (("提供单位", row.unit), ("审核单位", row.reviewer)):
                if name and name not in self.units:
                    yield Problem(row.row, label, f"没有找到单位“{name}”，或者不止一个，请写全称或编码。")
            if row.unit and row.unit == row.reviewer:
                yield Problem(row.row, "审核单位", "提供单位不能审核自己的材料。")
            if self.first(row) > self.last(row):
                yield Problem(row.row, "有效期止", "早于有效期起。")
            yield from self._moved(row)

    def _moved(self, row: RequirementRow) -> Iterator[Problem]:
        known = self.known.get(row.number)
        if known is None or known.state == State.MISSING:
            return
        if known.kind != row.kind or known.unit_id != self.unit(row.unit):
            yield Problem(row.row, "编号", f"“{row.number}”已经交过材料，不能再改种类或提供单位。")

    def first(self, row: RequirementRow) -> date:
        """From which day."""
        return row.first_on or self.drive.first_on

    def last(self, row: RequirementRow) -> date:
        """To which day."""
        return row.last_on or self.drive.last_on

    def unit(self, name: str) -> int | None:
        """The id of a named unit."""
        found = self.units.get(name)
        return found.pk if found else None

    def wanted(self, row: RequirementRow) -> dict[str, Any]:
        """The columns as the row says."""
        due_at = datetime.combine(row.due_on, CLOSES, SHANGHAI) if row.due_on else self.drive.due_at
        return {
            "criterion_id": self.criteria[row.criterion].pk, "kind": row.kind, "text": row.text, "count": row.count or 1,
            "unit_id": self.unit(row.unit), "reviewer_id": self.unit(row.reviewer), "first_on": self.first(row),
            "last_on": self.last(row), "due_at": due_at,
        }  # fmt: skip

    def changed(self) -> list[tuple[Requirement, dict[str, Any]]]:
        """The known requirements that the rows want otherwise."""
        pairs = [(self.known[row.number], self.wanted(row)) for row in self.rows if row.number in self.known]
        return [(one, want) for one, want in pairs if any(getattr(one, name) != want[name] for name in want)]


@transaction.atomic
def import_requirements(
    *, drive_id: int, rows: Sequence[RequirementRow], by: Actor, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Bring the requirements of a drive to what the rows say, by number; all of a file or nothing of it.

    What is not in the file stays. Units that get something new see it in their list; nothing handed in is lost.
    """
    drive = locked_drive(drive_id, by)
    asked = _Asked(drive, rows, by)
    if problems := sentences(asked.problems()):
        return ImportReport(problems=problems)
    new = [row for row in rows if row.number not in asked.known]
    changed = asked.changed()
    if not dry_run and (new or changed):
        Requirement.objects.bulk_create(
            [Requirement(drive=drive, number=row.number, **asked.wanted(row)) for row in new], batch_size=500
        )
        _bring_up_to_date(changed)
        record(
            kind="declaration.asked", subject_kind="declaration_drive", subject_id=drive.pk, by=by, now=now,
            new=len(new), changed=len(changed),
        )  # fmt: skip
    return ImportReport(len(new), len(changed), len(rows) - len(new) - len(changed))


def _bring_up_to_date(changed: Sequence[tuple[Requirement, dict[str, Any]]]) -> None:
    for one, wanted in changed:
        for name, value in wanted.items():
            setattr(one, name, value)
        one.version += 1
    if changed:
        names = [*changed[0][1], "version"]
        Requirement.objects.bulk_update([one for one, _ in changed], names, batch_size=200)


# --- who answers ---


@transaction.atomic
def import_duties(
    *, drive_id: int, rows: Sequence[DutyRow], by: Actor, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Leader and contact of each unit, by a list; all of a file or nothing of it."""
    drive = locked_drive(drive_id, by)
    units = named_units({row.unit for row in rows}, by)
    accounts = {name for row in rows for name in (row.leader, row.contact)}
    people = {one.username: one for one in User.objects.filter(username__in=accounts, is_active=True)}
    if problems := sentences(_duty_problems(rows, units, people)):
        return ImportReport(problems=problems)
    known = {duty.unit_id: duty for duty in Duty.objects.select_for_update().filter(drive=drive)}
    wanted = {units[row.unit].pk: (people[row.leader].pk, people[row.contact].pk) for row in rows}
    new = [unit for unit in wanted if unit not in known]
    changed = [
        unit for unit in wanted if unit in known and (known[unit].leader_id, known[unit].contact_id) != wanted[unit]
    ]
    if not dry_run and (new or changed):
        for unit in (*new, *changed):
            leader, contact = wanted[unit]
            Duty.objects.update_or_create(
                drive=drive, unit_id=unit, defaults={"leader_id": leader, "contact_id": contact}
            )
        record(
            kind="declaration.duties", subject_kind="declaration_drive", subject_id=drive.pk, by=by, now=now,
            new=len(new), changed=len(changed),
        )  # fmt: skip
    return ImportReport(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _duty_problems(rows: Sequence[DutyRow], units: dict[str, Unit], people: dict[str, User]) -> Iterator[Problem]:
    yield from doubles(((row.row, row.unit) for row in rows), "单位")
    for row in rows:
        if row.unit not in units:
            yield Problem(row.row, "单位", f"没有找到单位“{row.unit}”，或者不止一个，请写全称或编码。")
        for label, name in (("分管领导账号", row.leader), ("联络员账号", row.contact)):
            if name not in people:
                yield Problem(row.row, label, f"没有账号“{name}”，或已停用。")


# --- reasons ---


@transaction.atomic
def put_reasons(*, names: Sequence[str], by: Actor, now: datetime) -> list[Reason]:
    """The list of return reasons from now on; what was returned keeps its words."""
    home = home_of(by, *OFFICE)
    wanted = list(dict.fromkeys(name.strip()[:80] for name in names if name.strip()))
    found = [] if home else ["退回理由由文明办维护。"]
    found += [] if wanted else ["请至少写一条退回理由。"]
    if found or home is None:
        raise Refused(found)
    known = {reason.name: reason for reason in Reason.objects.select_for_update()}
    Reason.objects.update(active=False)
    for place, name in enumerate(wanted):
        code = known[name].code if name in known else f"r{len(known) + place + 1}"
        Reason.objects.update_or_create(code=code, defaults={"name": name, "position": place, "active": True})
    record(kind="declaration.reasons", subject_kind="unit", subject_id=home.pk, by=by, now=now, names=wanted)
    return list(Reason.objects.filter(active=True))
