"""What a rate is, written down as data: who is asked (`among`) and who of them counts (`counts`), over the answers.

A file has a [[rate]] for each: key, name, counts, among (optional), source (optional), kind = awareness | participation |
other. Conditions are those of questionnaires.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chuangwen.rules.questionnaires import Questionnaire, values_of
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.xpath import Node, NotHeld, Surroundings, Unreadable, holds, parse, references

KINDS: Final = {"awareness": "知晓率", "participation": "参与率", "other": "其他"}
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
_KNOWN: Final = frozenset({"key", "name", "counts", "among", "source", "kind"})
LARGEST: Final = 20_000


@dataclass(frozen=True)
class Rate:
    """A share of those among whom it is taken."""

    key: str
    name: str
    kind: str
    counts: str
    among: str = ""
    source: str = ""


def read_rates(text: str) -> tuple[Rate, ...]:
    """The definitions of a TOML text. Refuses with every objection."""
    if len(text) > LARGEST:
        raise BadInput(f"指标定义最多 {LARGEST} 字。")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"指标定义不是完整的 TOML：{error}。") from error
    rows = table.get("rate", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise BadInput("指标定义里没有 [[rate]]。")
    objections = [f"第 {number} 个指标：{said}" for number, row in enumerate(rows, start=1) for said in _wrong(row)]
    keys = [row.get("key") for row in rows]
    objections += [f"指标编码“{key}”重复。" for key in sorted({str(key) for key in keys if keys.count(key) > 1})]
    if objections:
        raise BadInput(objections)
    return tuple(Rate(**{"kind": "other", **row}) for row in rows)


def _wrong(row: Mapping[str, Any]) -> list[str]:
    found = [f"不认识“{name}”。" for name in sorted(row.keys() - _KNOWN)]
    found += [f"{name} 须是文字。" for name in sorted(row.keys() & _KNOWN) if not isinstance(row[name], str)]
    if found:
        return found
    found += [] if _KEY.fullmatch(row.get("key", "")) else ["key 用小写字母、数字、下划线。"]
    found += [] if row.get("name", "").strip() else ["请写 name（指标名称）。"]
    found += [] if row.get("counts", "").strip() else ["请写 counts（怎样算“是”）。"]
    found += [] if row.get("kind", "other") in KINDS else ["kind 只能是 awareness、participation、other。"]
    for name in ("counts", "among"):
        try:
            parse(row.get(name, "") or "true()")
        except (Unreadable, NotHeld) as error:
            found.append(f"{name} 读不懂：{error}。")
    return found


def rate_objections(rates: Sequence[Rate], form: Questionnaire) -> list[str]:
    """Definitions that ask for what the questionnaire does not."""
    known = {name for question in form.questions for name in question.names()} | {"street"}
    return [
        f"指标“{rate.name}”用到的“{'、'.join(unknown)}”不在题目里。"
        for rate in rates
        if (unknown := sorted((references(parse(rate.counts)) | references(parse(rate.among or "true()"))) - known))
    ]


@dataclass(frozen=True)
class Judge:
    """A rate, ready to look at answers."""

    rate: Rate
    counts: Node
    among: Node

    def verdict(self, answers: Mapping[str, Any], street: str, today: dt.date) -> bool | None:
        """Whether these answers count; None where the rate does not ask this person."""
        over = Surroundings(values_of(answers, {"street": street}), today)
        return holds(self.counts, over) if holds(self.among, over) else None


def judge_of(rate: Rate) -> Judge:
    """The conditions of a rate, read once."""
    return Judge(rate, parse(rate.counts), parse(rate.among or "true()"))
