"""A plan of the examiners as a TOML text: what `forecast_plan.read_plan` reads, written so that people can read it."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from chuangwen.rules.forecast_plan import OFFICIAL, ExamPlan

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def plan_table(plan: ExamPlan) -> dict[str, Any]:
    """The plan as the table that its file holds; what is left to the usual values is left out."""
    table: dict[str, Any] = {"date": plan.day, "line": plan.line, "half_life_days": plan.half_life_days}
    if plan.official != OFFICIAL:
        table["official"] = list(plan.official)
    table["places"] = dict(plan.places)
    table["known"] = dict(plan.known)
    if (strict := plan.strictness) is not None:
        table["strictness"] = {"mean": strict.mean, "sd": strict.sd, "round_sd": strict.round_sd}
    table["methods"] = {kind: {"value": score.value, "se": score.se} for kind, score in plan.methods.items()}
    table["weights"] = dict(plan.weights)
    table["veto"] = [
        {"name": veto.name, "probability": veto.probability, **({"fail": True} if veto.fails else {"points": veto.points})}
        for veto in plan.vetoes
    ]  # fmt: skip
    return {name: value for name, value in table.items() if value not in ({}, [])}


def toml_text(table: Mapping[str, Any]) -> str:
    """Such a table as TOML: plain values first, then the sections. Values that are no numbers are written as they are,
    so that reading names them.
    """
    plain = [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not _is_section(value)]
    sections = [part for name, value in table.items() if _is_section(value) for part in _section(_key(name), value)]
    return "\n".join([*plain, *sections]) + "\n"


def _is_section(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _section(name: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [line for row in value for line in ("", f"[[{name}]]", *_lines(row))]
    deeper = {key: inner for key, inner in value.items() if isinstance(inner, dict)}
    flat = {key: inner for key, inner in value.items() if not isinstance(inner, dict)}
    own = ["", f"[{name}]", *_lines(flat)] if flat else []
    return own + [line for key, inner in deeper.items() for line in _section(f"{name}.{_key(key)}", inner)]


def _lines(row: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in row.items()]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
