"""The Frictionless description of open data (https://datapackage.org, Data Package v2, Table Schema v2).

Every column is described once, here; what has no column here is not given out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LICENCE: Final = {
    "name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/deed.zh-hans", "title": "署名 4.0 国际",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its name, what it holds, its type in Table Schema; a key is never empty."""

    name: str
    title: str
    type: str = "string"
    key: bool = False

    def field(self) -> dict[str, Any]:
        """Its field descriptor."""
        found: dict[str, Any] = {"name": self.name, "title": self.title, "type": self.type}
        found |= {"format": "%Y-%m-%dT%H:%M:%S%z"} if self.type == "datetime" else {}
        return found | ({"constraints": {"required": True}} if self.key else {})


_C = Column
TABLES: Final[Mapping[str, tuple[str, tuple[Column, ...]]]] = {
    "cases": (
        "已公开的案件：在登记的点位上、已受理的",
        (
            _C("number", "案件编号", key=True), _C("point_type", "点位类型"), _C("site_code", "点位编码", key=True),
            _C("street", "街道"), _C("unit", "责任单位"), _C("origin", "来源"), _C("requirement", "没有做到的要求"),
            _C("severity", "等级"), _C("stage", "办理状态"), _C("state", "在办或办结（open/closed）", key=True),
            _C("reported_at", "上报时间", "datetime", key=True), _C("due_at", "整改期限", "datetime"),
            _C("rectified_at", "提交整改时间", "datetime"), _C("ended_at", "办结时间", "datetime"),
            _C("reworked", "返工次数", "integer"),
        ),
    ),
    "sites": (
        "在用的点位",
        (
            _C("site_code", "点位编码", key=True), _C("name", "名称", key=True), _C("point_type", "点位类型", key=True),
            _C("street", "街道"), _C("address", "地址"), _C("lng", "经度（WGS-84）", "number"), _C("lat", "纬度（WGS-84）", "number"),
        ),
    ),
    "requirements": (
        "现行测评标准中实地查看的要求",
        (
            _C("code", "编码", key=True), _C("point_type", "点位类型"), _C("text", "要求", key=True), _C("severity", "等级"),
        ),
    ),
    "point_types": ("点位类型", (_C("code", "编码", key=True), _C("name", "名称", key=True))),
}  # fmt: skip
_PRIMARY: Final = {"cases": "number", "sites": "site_code", "requirements": "code", "point_types": "code"}


def cell(value: Any) -> str:
    """A value as the CSV has it; times in the offset that they carry."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S%z")
    return str(value)


def header(table: str) -> list[str]:
    """The first line of a table."""
    return [column.name for column in TABLES[table][1]]


def description(
    *, name: str, title: str, made_at: datetime, home: str, files: Mapping[str, tuple[int, str]]
) -> dict[str, Any]:
    """datapackage.json. `files`: table → (bytes, SHA-256 in hex) of its CSV."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": title,
        "description": "个人信息不在其中：没有姓名、电话、住址、原文和照片；未受理、不予受理和作废的案件不在其中。",
        "created": made_at.isoformat(timespec="seconds"),
        "homepage": home,
        "licenses": [LICENCE],
        "resources": [_resource(table, *files[table]) for table in files],
    }


def _resource(table: str, size: int, digest: str) -> dict[str, Any]:
    title, columns = TABLES[table]
    return {
        "name": table,
        "type": "table",
        "title": title,
        "path": f"{table}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {
            "fields": [column.field() for column in columns],
            "primaryKey": [_PRIMARY[table]],
            "missingValues": [""],
            **_foreign(table),
        },
    }


def _foreign(table: str) -> dict[str, Any]:
    if table != "sites":
        return {}
    reference = {"resource": "point_types", "fields": ["code"]}
    return {"foreignKeys": [{"fields": ["point_type"], "reference": reference}]}


def tables() -> Iterable[str]:
    """Their names in order."""
    return tuple(TABLES)
