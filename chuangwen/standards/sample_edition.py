"""The sample edition and its case standards, read from the text files in `sample/`.

Written in our own words from facts of public pages named in each row's source. It is no official edition: severity
classes, weights of criteria and part of the limits are ours and say so.
"""

import csv
import tomllib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from chuangwen.rules.case_standards import CaseKind, CaseStandardRow
from chuangwen.rules.edition_fields import How, MethodKind
from chuangwen.rules.editions import (
    TABLES,
    ContentRow,
    CriterionRow,
    EditionSheet,
    ItemRow,
    MethodRow,
    PointTypeRow,
    VetoRow,
)
from chuangwen.rules.limits import parse_limit
from chuangwen.standards.values import read_value

_APART: Final = "；"
_OUR_CLASS: Final = "等级、权重由本项目拟定"


@cache
def sample_edition() -> EditionSheet:
    """The sample edition: 15 point types, over 200 criteria, in Chinese."""
    facts = tomllib.loads(_text("edition.toml"))
    return EditionSheet(
        name=facts["name"],
        code=facts["code"],
        version=facts["version"],
        source=facts["source"],
        methods=tuple(MethodRow(m["kind"], Decimal(m["weight"]), m["source"]) for m in facts["methods"]),
        point_types=tuple(
            PointTypeRow(code, name, position)
            for position, (code, name) in enumerate(facts["point_types"].items(), start=1)
        ),
        items=tuple(ItemRow(item["code"], item["name"]) for item in facts["items"]),
        contents=tuple(
            ContentRow(code, item["code"], name) for item in facts["items"] for code, name in item["contents"].items()
        ),
        criteria=tuple(_criterion(line, facts) for line in _lines("criteria.csv")),
        veto_items=tuple(_veto(row) for row in facts["veto_items"]),
    )


@cache
def sample_case_standards() -> tuple[CaseStandardRow, ...]:
    """The sample case standards that the sample edition's criteria refer to."""
    return tuple(_case_standard(line) for line in _lines("case_standards.csv"))


@cache
def sample_case_sources() -> dict[str, str]:
    """Where each sample case standard's limit comes from: a city's published table, or our own proposal."""
    sources = tomllib.loads(_text("edition.toml"))["sources"]
    return {line["立案标准编码"]: sources[line["出处"]] for line in _lines("case_standards.csv")}


def _text(name: str) -> str:
    return files("chuangwen.standards").joinpath("sample", name).read_text(encoding="utf-8-sig")


def _lines(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(name).splitlines(), strict=True))


def _criterion(line: dict[str, str], facts: dict[str, Any]) -> CriterionRow:
    """One line of criteria.csv with short names spelt out; its point type is the first part of its code."""
    line = line | {
        "方法": line["方法"] or MethodKind.FIELD,
        "点位类型": line["编码"].partition("-")[0],
        "权重": facts["severity_weights"][line["等级"]],
        "不算问题的情形": _spelt_out(line["不算问题的情形"], facts["carve_outs"]),
        "出处": f"{_spelt_out(line['出处'], facts['sources'])}；{_OUR_CLASS}",
    }
    fields = next(table.fields for table in TABLES if table.row is CriterionRow)
    row = CriterionRow(
        **{field.name: read_value(field, line[field.label])[0] for field in fields if field.label in line}
    )
    return _with_counting_rule(row, facts["counting_rule"])


def _spelt_out(short: str, words: dict[str, str]) -> str:
    return _APART.join(words[name] for name in short.split(_APART) if name)


def _with_counting_rule(row: CriterionRow, rule: dict[str, str]) -> CriterionRow:
    if row.content_code != rule["content"] or How.COUNT not in row.how:
        return row
    return replace(row, threshold=_APART.join(filter(None, (row.threshold, rule["text"]))))


def _veto(row: dict[str, Any]) -> VetoRow:
    points = Decimal(row["points"]) if "points" in row else None
    return VetoRow(row["code"], row["text"], row["sanction"], points, row["window_months"], row["source"])


def _case_standard(line: dict[str, str]) -> CaseStandardRow:
    kind = CaseKind.COMPONENT if line["立案标准编码"].startswith(CaseKind.COMPONENT.prefix) else CaseKind.EVENT
    return CaseStandardRow(
        code=line["立案标准编码"],
        kind=kind.value,
        class_name=line["大类名称"],
        item=line["小类名称"],
        condition=line["立案条件"],
        limit_text=line["处置时限"],
        limit=parse_limit(line["处置时限"]),
        closes_when=line["结案条件"],
        handler=line["处置单位"],
        supervisor=line["主管部门"],
    )
