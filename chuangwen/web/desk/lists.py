"""What the numbered lists of the desk share: one page of rows, how many there are, and why these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

PAGE_SIZE, TOTAL_CAP, LAST_PAGE = 50, 10_000, 2000

M = TypeVar("M", bound=Model)
Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class ListPage(Generic[M]):
    """Some rows of a list; `total` is exact up to the cap, `first` is the number of the first row shown."""

    rows: Sequence[M]
    total: int
    capped: bool
    first: int
    previous_url: str
    next_url: str

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.rows) - 1


def _number(text: str | None) -> int:
    return max(1, min(int(text), LAST_PAGE)) if text and text.isdecimal() and len(text) < 6 else 1


def address_with(request: HttpRequest, **changes: str) -> str:
    """This page's query with changes; an empty value takes the entry away."""
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def list_page(request: HttpRequest, rows: QuerySet[M], *, size: int = PAGE_SIZE) -> ListPage[M]:
    """The page that the address asks for (`page`, from 1). Two statements, plus what the rows prefetch."""
    number = _number(request.GET.get("page"))
    total = rows.order_by()[: TOTAL_CAP + 1].count()
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    previous_url = address_with(request, page=str(number - 1) if number > 2 else "") if number > 1 else ""
    next_url = address_with(request, page=str(number + 1)) if len(found) > size else ""
    return ListPage(found[:size], min(total, TOTAL_CAP), total > TOTAL_CAP, start + 1, previous_url, next_url)


class FilterForm(forms.Form):
    """The conditions of a list, out of its address. A condition that is not understood narrows nothing and says so."""

    def value(self, name: str) -> str:
        """What a condition says; empty when it says nothing or cannot be understood."""
        if not self.is_valid() and name in self.errors:
            return ""
        found = self.cleaned_data.get(name)
        return str(found) if found else ""

    def conditions(self) -> list[str]:
        """The active conditions as words, such as 街道：学田街道."""
        self.is_valid()
        said = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value and value != field.initial:
                said.append(_("%(label)s：%(value)s") % {"label": field.label, "value": _shown(field, value)})
        return said


def _shown(field: forms.Field, value: object) -> str:
    if value is True:
        return _("是")
    return str(words_of(field).get(value, value))


def words_of(field: forms.Field) -> dict[Any, Any]:
    """What the values of a field are called on the page; nothing where it is typed freely."""
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    return dict(choices)


def choices_of(pairs: Mapping[str, str] | Choices, everything: str = "") -> list[tuple[str, Any]]:
    """Choices of a filter, with the word for all of them in front."""
    rows = list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)
    return [("", everything or _("全部")), *rows]


def set_choices(form: forms.Form, name: str, choices: Choices) -> None:
    """What a field of a form lets people choose from, where that is known only now."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
