"""Books of case standards (立案标准): imported as a whole; what a case rests on is retired, never deleted or rewritten."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.rules.case_standards import CaseKind, CaseStandardRow, case_objections
from chuangwen.rules.limits import Limit, LimitUnit
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard

LONGEST_NAME = 80


@dataclass(frozen=True)
class BookResult:
    """How many conditions of a book are new, changed, as they were, no longer in it; and what could not be understood.

    `unparsed` holds the codes whose limit a person must still decide; cases under them get the default limit.
    """

    created: int
    changed: int
    unchanged: int
    retired: int
    unparsed: tuple[str, ...] = ()


@transaction.atomic
def import_case_standards(*, name: str, rows: Iterable[CaseStandardRow], by: Actor, now: datetime) -> BookResult:
    """Make the rows the case standards in force of the book with this name. The same again changes nothing.

    A condition that changed, or is gone, is retired at `now` and stays for the cases that rest on it; what changed
    gets a new row under its code. A limit that cannot be understood is kept as written, without a number.
    Refuses with every objection.
    """
    rows, name = tuple(rows), name.strip()
    _refuse(name, rows, by)
    in_force = CaseStandard.objects.select_for_update().filter(book=name, replaced_at=None)
    known = {standard.code: standard for standard in in_force}
    new = [row for row in rows if row.code not in known]
    changed = [row for row in rows if row.code in known and _differs(known[row.code], row)]
    codes = {row.code for row in rows}
    gone = [standard for code, standard in known.items() if code not in codes]
    out = [standard.pk for standard in gone] + [known[row.code].pk for row in changed]
    CaseStandard.objects.filter(pk__in=out).update(replaced_at=now)
    CaseStandard.objects.bulk_create(CaseStandard(book=name, **_fields(row)) for row in new + changed)
    unparsed = tuple(row.code for row in rows if _limit(row) is None)
    result = BookResult(len(new), len(changed), len(rows) - len(new) - len(changed), len(gone), unparsed)
    if new or out:
        _record(name, result, by=by, now=now)
    return result


def _refuse(name: str, rows: tuple[CaseStandardRow, ...], by: Actor) -> None:
    if not may(by, Permission.STANDARD_EDIT):
        raise Refused("立案标准由区文明办维护，您的岗位不能导入。")
    objections = list(case_objections(rows))
    if not name:
        objections.insert(0, "请写明这一册立案标准的名称。")
    if len(name) > LONGEST_NAME:
        objections.insert(0, f"册名有 {len(name)} 个字，最多 {LONGEST_NAME} 个。")
    if not rows:
        objections.append("一条立案标准也没有。导入空表会停用整册，因此不接收。")
    if objections:
        raise Refused(objections)


def _record(name: str, result: BookResult, *, by: Actor, now: datetime) -> None:
    """One event for the whole book, under the id of its first row."""
    first = CaseStandard.objects.filter(book=name).order_by("pk").values_list("pk", flat=True)[0]
    record(
        kind="case_standards.imported", subject_kind="case_standard_book", subject_id=first, by=by, now=now, name=name,
        created=result.created, changed=result.changed, retired=result.retired,
    )  # fmt: skip


def _limit(row: CaseStandardRow) -> Limit | None:
    """The limit as the database can keep it: finer than a hundredth of a unit is left to a person as well."""
    if row.limit is None or row.limit.amount != round(row.limit.amount, 2):
        return None
    return row.limit


def _fields(row: CaseStandardRow) -> dict[str, Any]:
    limit = _limit(row)
    return {
        "code": row.code, "kind": row.kind, "class_name": row.class_name, "item": row.item, "condition": row.condition,
        "limit_text": row.limit_text, "limit_amount": limit.amount if limit else None,
        "limit_unit": limit.unit.value if limit else "", "closes_when": row.closes_when, "handler": row.handler,
        "supervisor": row.supervisor,
    }  # fmt: skip


def _differs(standard: CaseStandard, row: CaseStandardRow) -> bool:
    wanted: Mapping[str, Any] = _fields(row)
    return any(getattr(standard, name) != value for name, value in wanted.items())


def row_of(standard: CaseStandard) -> CaseStandardRow:
    """A stored case standard as the plain row it was imported from."""
    amount: Decimal | None = standard.limit_amount
    limit = None if amount is None else Limit(amount, LimitUnit(standard.limit_unit), standard.limit_text)
    return CaseStandardRow(
        code=standard.code, kind=standard.kind, class_name=standard.class_name, item=standard.item,
        condition=standard.condition, limit_text=standard.limit_text, limit=limit, closes_when=standard.closes_when,
        handler=standard.handler, supervisor=standard.supervisor,
    )  # fmt: skip


def in_natural_order(standard: CaseStandard) -> tuple[tuple[int, int, str], ...]:
    """A sort key: fixed things before happenings, BJ-0101-2 before BJ-0101-10."""
    parts = re.findall(r"\d+|\D+", standard.code)
    kind = (int(standard.kind != CaseKind.COMPONENT), 0, "")
    return (kind, *((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts))
