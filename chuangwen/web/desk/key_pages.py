"""Pages of a list by key: the address carries the last row seen, so the thousandth page is as quick as the first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

from chuangwen.rules.refusals import BadInput

M = TypeVar("M", bound=Model)
_LOST = "翻页位置不认识，请从第一页开始。"


@dataclass(frozen=True)
class _Step:
    """One level of an ordering; without `nulls_last` said, the column is taken to be never empty."""

    name: str
    descending: bool
    nulls_last: bool | None = None

    def beyond(self, value: Any) -> Q:
        """Rows that come after this value."""
        if value is None:
            return Q(pk__in=()) if self.nulls_last else Q(**{f"{self.name}__isnull": False})
        further = Q(**{f"{self.name}__{'lt' if self.descending else 'gt'}": value})
        return further | Q(**{f"{self.name}__isnull": True}) if self.nulls_last else further

    def same(self, value: Any) -> Q:
        """Rows with this value."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def _step(order: Any) -> _Step:
    if isinstance(order, str):
        return _Step(order.removeprefix("-"), order.startswith("-"))
    if isinstance(order, OrderBy) and isinstance(order.expression, F):
        nulls_last = True if order.nulls_last else False if order.nulls_first else None
        column: Any = order.expression  # its stubs do not know the name
        return _Step(column.name, order.descending, nulls_last)
    raise TypeError(f"a list that is paged by key is ordered by columns, not by {order!r}")


def _steps(rows: QuerySet[M]) -> list[_Step]:
    steps = [_step(order) for order in rows.query.order_by or rows.model._meta.ordering or ()]
    last = [] if any(step.name in {"pk", "id"} for step in steps) else [_Step("pk", descending=False)]
    return [*steps, *last]


def _order(steps: Sequence[_Step], *, backwards: bool) -> list[OrderBy]:
    orders = []
    for step in steps:
        first = None if step.nulls_last is None else step.nulls_last == backwards
        orders.append(
            OrderBy(
                F(step.name), descending=step.descending != backwards,
                nulls_first=first or None, nulls_last=True if first is False else None,
            )
        )  # fmt: skip
    return orders


def _turned(step: _Step) -> _Step:
    return _Step(step.name, not step.descending, None if step.nulls_last is None else not step.nulls_last)


def _field(rows: QuerySet[M], name: str) -> "Field[Any, Any]":
    if name in rows.query.annotations:
        found: Field[Any, Any] = rows.query.annotations[name].output_field
        return found
    model: Any = rows.model
    *path, last = name.split("__")
    for part in path:
        model = model._meta.get_field(part).related_model
    try:
        field: Field[Any, Any] = model._meta.pk if last == "pk" else model._meta.get_field(last)
    except FieldDoesNotExist as error:
        raise TypeError(f"{name} is no column to page by") from error
    return field


def _values(rows: QuerySet[M], steps: Sequence[_Step], key: str) -> list[Any]:
    try:
        told = json.loads(key)
        if not isinstance(told, list) or len(told) != len(steps):
            raise BadInput(_LOST)
        return [
            None if value is None and step.nulls_last is not None else _value(_field(rows, step.name), value)
            for step, value in zip(steps, told, strict=True)
        ]
    except (ValueError, ValidationError) as error:
        raise BadInput(_LOST) from error


def _value(field: "Field[Any, Any]", told: Any) -> Any:
    if not isinstance(told, (str, int)):
        raise BadInput(_LOST)
    return field.to_python(told)


def _after(steps: Sequence[_Step], values: Sequence[Any]) -> Q:
    beyond, level = Q(pk__in=()), Q()
    for step, value in zip(steps, values, strict=True):
        beyond |= level & step.beyond(value)
        level &= step.same(value)
    return beyond


def _key(row: Model, steps: Sequence[_Step]) -> str:
    values = []
    for step in steps:
        value: Any = row
        for part in step.name.split("__"):
            value = getattr(value, part)
        values.append(value)
    return json.dumps(values, cls=_Exactly, ensure_ascii=False, separators=(",", ":"))


class _Exactly(DjangoJSONEncoder):
    """Moments with their microseconds: a key cut to milliseconds would show a row twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


@dataclass(frozen=True)
class KeyPage:
    """Some rows in order, and the keys of the pages around them; empty where there is none."""

    rows: Sequence[Any]
    before: str
    after: str


def key_page(rows: QuerySet[M], *, size: int, after: str = "", before: str = "") -> KeyPage:
    """At most `size` rows behind the key `after`, or in front of the key `before`, in the order of the query.

    The order must be of columns or annotations; ties are broken by the row's number. One statement. A key that no
    page gave is refused with a sentence (BadInput).
    """
    steps = _steps(rows)
    backwards = bool(before) and not after
    if after or before:
        looking = [_turned(step) for step in steps] if backwards else steps
        rows = rows.filter(_after(looking, _values(rows, steps, after or before)))
    found = list(rows.order_by(*_order(steps, backwards=backwards))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return KeyPage([], "", "")
    behind = more if not backwards else True
    ahead = more if backwards else bool(after)
    return KeyPage(found, _key(found[0], steps) if ahead else "", _key(found[-1], steps) if behind else "")
