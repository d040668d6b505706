"""A case standard (立案标准): what opens a case, within what time it is handled, and what closes it.

The fields are those of a city's published table of 立案、处置和结案标准; national practice splits it into 部件
(fixed things such as manhole covers) and 事件 (happenings such as litter).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chuangwen.rules.limits import Limit


class CaseKind(StrEnum):
    """Fixed thing or happening; the values are the sheet names of the published tables."""

    COMPONENT = "部件"
    EVENT = "事件"

    @property
    def prefix(self) -> str:
        """How the codes of this kind begin."""
        return "BJ" if self is CaseKind.COMPONENT else "SJ"


@dataclass(frozen=True)
class CaseStandardRow:
    """One condition. `limit` is `limit_text` understood, or None where a person must decide what it means."""

    code: str
    kind: str
    class_name: str
    item: str
    condition: str
    limit_text: str
    limit: Limit | None
    closes_when: str
    handler: str
    supervisor: str


# (field, header, longest, required): lengths are what the database keeps.
_FIELDS: Final = (
    ("code", "立案标准编码", 40, True),
    ("class_name", "大类名称", 60, True),
    ("item", "小类名称", 80, True),
    ("condition", "立案条件", 500, True),
    ("limit_text", "处置时限", 60, False),
    ("closes_when", "结案条件", 300, False),
    ("handler", "处置单位", 300, False),
    ("supervisor", "主管部门", 300, False),
)


def row_troubles(row: CaseStandardRow) -> Iterator[tuple[str, str]]:
    """What is wrong with one row, as pairs of header and Chinese words."""
    if row.kind not in list(CaseKind):
        yield "部件/事件", f"“{row.kind}”应是部件或事件。"
    for field, label, longest, required in _FIELDS:
        value = getattr(row, field)
        if required and not value:
            yield label, "没有填写。"
        if len(value) > longest:
            yield label, f"有 {len(value)} 个字，最多 {longest} 个。"


def case_objections(rows: Iterable[CaseStandardRow]) -> tuple[str, ...]:
    """Everything wrong with a set of case standards, each a Chinese sentence with the code; empty when sound."""
    rows = tuple(rows)
    said = [f"立案标准 {row.code}「{label}」：{what}" for row in rows for label, what in row_troubles(row)]
    doubles = [code for code, times in Counter(row.code for row in rows).items() if times > 1]
    return (*said, *(f"立案标准 {code}：编码重复，请改成不同的。" for code in doubles))
