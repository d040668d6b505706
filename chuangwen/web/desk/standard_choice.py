"""Choosing a case standard by typing: its code, its item, or words of its condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from chuangwen.rules.refusals import BadInput
from chuangwen.standards.queries import case_standards

MOST_OPTIONS, MOST_NAMED = 500, 5
_FIELDS = ("pk", "code", "item", "book", "condition", "limit_text")


@dataclass(frozen=True)
class StandardName:
    """A case standard as pages offer it."""

    pk: int
    code: str
    item: str
    book: str
    condition: str
    limit_text: str

    def __str__(self) -> str:
        return f"{self.code} {self.item}（{self.book}）"


def standard_options() -> Sequence[StandardName]:
    """The standards in force, for the typing box. One statement."""
    rows = case_standards().order_by("class_name", "code").values_list(*_FIELDS)
    return [StandardName(*row) for row in rows[:MOST_OPTIONS]]


def find_standard(text: str) -> StandardName:
    """The one standard that was meant. Refuses when nothing fits, and names what fits when it is more than one."""
    return _chosen(text)[0]


def find_standard_row(text: str) -> Any:
    """The row of the standard that `find_standard` finds, for an operation that would look it up again."""
    return _chosen(text)[1]


def _chosen(text: str) -> tuple[StandardName, Any]:
    text = text.strip()
    code = text.split(" ")[0]
    wanted = Q(code__iexact=code) | Q(item__icontains=text) | Q(condition__icontains=text)
    found = {
        StandardName(*(getattr(row, name) for name in _FIELDS)): row for row in case_standards().filter(wanted)[:50]
    }
    rows = list(found)
    for fitting in (
        [row for row in rows if str(row) == text],
        [row for row in rows if row.code.lower() == code.lower()],
        [row for row in rows if row.item == text],
        rows,
    ):
        if len(fitting) == 1:
            return fitting[0], found[fitting[0]]
        if fitting:
            named = "；".join(str(row) for row in fitting[:MOST_NAMED])
            raise BadInput(
                _("“%(text)s”对应不止一条立案标准：%(rows)s。请从列表里选。") % {"text": text, "rows": named}
            )
    raise BadInput(_("没有找到立案标准“%(text)s”。请从列表里选，或写标准编码。") % {"text": text})
