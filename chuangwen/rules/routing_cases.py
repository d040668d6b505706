"""Cases in a CSV file or spreadsheet, for trying routing rules without a database."""

from datetime import datetime
from typing import Final

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.routing import CaseFacts
from chuangwen.rules.routing_places import Atlas
from chuangwen.rules.tables import Column, Problem, doubles, read_lines, sentences, text_column

_FORMATS: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")


def _moment(text: str) -> datetime:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"时刻“{text}”读不懂，请写成 2020-06-28 09:30。") from None
    if ":" not in text:
        raise ValueError(f"“{text}”只有日期，请写明几点几分，如 2020-06-28 09:30。")
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


COLUMNS: Final = (
    text_column("key", "案件", 60, required=True),
    Column("reported_at", "上报时间", required=True, reads=_moment, empty=None),
    text_column("standard", "立案标准", 60),
    text_column("kind", "部件/事件", 20),
    text_column("class_name", "大类", 60),
    text_column("item", "小类", 80),
    text_column("point_type", "点位类型", 20),
    text_column("area", "区域", 60),
    text_column("home", "属地单位", 60),
    text_column("owner", "点位责任单位", 60),
    text_column("source", "来源", 20),
)


def read_cases(content: bytes, atlas: Atlas) -> tuple[CaseFacts, ...]:
    """The cases of a file; headers in Chinese or by field name, columns that rules do not look at are passed over.

    Raises BadInput that names every bad cell, case named twice, and area or unit that the rules' file does not know.
    """
    lines, problems = read_lines(content, COLUMNS, others=True)
    problems += doubles(((line.number, line.values["key"]) for line in lines), "案件")
    for line in lines:
        for name, label, known in (
            ("area", "区域", atlas.areas),
            ("home", "属地单位", atlas.units),
            ("owner", "点位责任单位", atlas.units),
        ):
            value = line.values.get(name, "")
            if value and value not in known:
                problems.append(Problem(line.number, label, f"“{value}”不在规则文件里。"))
    if problems:
        raise BadInput(sentences(problems))
    return tuple(CaseFacts(**line.values) for line in lines)
