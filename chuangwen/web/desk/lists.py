"""What the lists of the desk share: one page of rows by key, how many there are, and why these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from chuangwen.web.desk.key_pages import key_page

PAGE_SIZE, TOTAL_CAP = 50, 10_000

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
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 9 else 1


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
    """The page that the address asks for: behind the key `after`, or in front of the key `before`. Two statements, plus
    what the rows prefetch. `at` only tells which number the first row had when the reader turned the page.
    """
    page = key_page(rows, size=size, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    if not page.rows and {"after", "before"} & request.GET.keys():  # what followed has gone meanwhile
        page = key_page(rows, size=size)
    total = rows.order_by()[: TOTAL_CAP + 1].count()
    first = _number(request.GET.get("at")) if page.before else 1
    previous_url = ""
    if page.before:
        at = first - size
        previous_url = address_with(request, after="", before=page.before, at=str(at)) if at > 1 else address_with(
            request, after="", before="", at=""
        )  # fmt: skip
    next_url = address_with(request, before="", after=page.after, at=str(first + size)) if page.after else ""
    return ListPage(page.rows, min(total, TOTAL_CAP), total > TOTAL_CAP, first, previous_url, next_url)


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
