"""What differs between two states of a checklist, in the words of the page that asks before it takes a file over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chuangwen.rules.edition_fields import Field, Severity, Shape, word_of
from chuangwen.rules.editions import TABLES
from chuangwen.rules.xlsforms import Checklist


class ChangeKind(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class FieldChange:
    """One field with what it said and what it will say."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One row that differs: `table` is 测评标准, 附加问题 or 选项; `key` its code or name; `text` what it says."""

    kind: ChangeKind
    table: str
    key: str
    text: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class ChecklistChanges:
    """Everything that differs; `reordered` names the tables whose rows only stand in another order."""

    changes: tuple[Change, ...]
    reordered: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.reordered)

    def count(self, kind: str, table: str = "") -> int:
        """How many rows were added, changed or removed, in one table or in all."""
        return sum(one.kind == kind and table in {"", one.table} for one in self.changes)


def row_key(row: Any) -> str:
    """What a row of a checklist is known by."""
    if hasattr(row, "code"):
        return str(row.code)
    return f"{row.list_name} {row.name}" if hasattr(row, "list_name") and not hasattr(row, "type") else str(row.name)


def checklist_changes(before: Checklist, after: Checklist) -> ChecklistChanges:
    """What differs between two checklists of the same point type."""
    changes: list[Change] = []
    reordered: list[str] = []
    for table in TABLES:
        if table.attribute in {"criteria", "questions", "choices"}:
            old, new = getattr(before, table.attribute), getattr(after, table.attribute)
            changes += _row_changes(table.title, table.fields, old, new)
            if _common(old, new) != _common(new, old):
                reordered.append(table.title)
    return ChecklistChanges(tuple(changes), tuple(reordered))


def _common(rows: Sequence[Any], others: Sequence[Any]) -> list[str]:
    known = {row_key(row) for row in others}
    return [row_key(row) for row in rows if row_key(row) in known]


def _row_changes(title: str, fields: tuple[Field, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    was, now = ({row_key(row): row for row in rows} for rows in (old, new))
    for key, row in now.items():
        if key not in was:
            yield Change(ChangeKind.ADDED, title, key, _text(row))
        elif row != was[key]:
            yield Change(ChangeKind.CHANGED, title, key, _text(row), tuple(_field_changes(fields, was[key], row)))
    for key, row in was.items():
        if key not in now:
            yield Change(ChangeKind.REMOVED, title, key, _text(row))


def _text(row: Any) -> str:
    return str(getattr(row, "text", "") or row.label)


def _field_changes(fields: tuple[Field, ...], old: Any, new: Any) -> Iterator[FieldChange]:
    for field in fields:
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield FieldChange(field.label, _words(field, before), _words(field, after))


def _words(field: Field, value: Any) -> str:
    if field.shape is Shape.YES_NO:
        return "是" if value else "否"
    if field.shape is Shape.CHOICES:
        return "、".join(word_of(word) for word in value)
    if field.shape is Shape.CHOICE and field.choices is not Severity:
        return word_of(value)
    return f"{value.normalize():f}" if field.shape is Shape.NUMBER else str(value)
