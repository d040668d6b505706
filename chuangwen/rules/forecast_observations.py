"""Observations for a forecast: who saw which criterion at which site pass or fail, when, and on whose behalf.

A CSV (or .xlsx) with the columns site, type, street, criterion, observed_at, passed, source and perhaps inspector.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from chuangwen.rules.edition_fields import MethodKind
from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.forecast_plan import ExamPlan
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tables import Column, Problem, day_of, read_lines, sentences, text_column

_PASSED: Final = {"1": True, "true": True, "pass": True, "yes": True, "是": True, "合格": True,
                  "0": False, "false": False, "fail": False, "no": False, "否": False, "不合格": False}  # fmt: skip
_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class Seen:
    """One observation; `row` is its row in the file, `moment` the text of its time, `day` its day."""

    row: int
    site: str
    type: str
    street: str
    criterion: str
    moment: str
    day: date
    passed: bool
    source: str
    inspector: str = ""


def _passed(text: str) -> bool:
    if text.lower() not in _PASSED:
        raise ValueError(f"“{text}”应写 1（合格）或 0（不合格）。")
    return _PASSED[text.lower()]


def _moment(text: str) -> tuple[str, date]:
    try:
        return text, datetime.fromisoformat(text).date()
    except ValueError:
        return text, day_of(text)


COLUMNS: Final = (
    text_column("site", "点位", 200, required=True),
    text_column("type", "点位类型", 60, required=True),
    text_column("street", "街道", 120, required=True),
    text_column("criterion", "标准", 40, required=True),
    Column("observed_at", "观测时间", True, reads=_moment, empty=None),
    Column("passed", "合格", True, reads=_passed, empty=None),
    text_column("source", "来源", 60, required=True),
    text_column("inspector", "巡查员", 60),
)


def read_observations(content: bytes) -> tuple[Seen, ...]:
    """The observations of a file; raises BadInput naming every bad cell."""
    lines, problems = read_lines(content, COLUMNS, others=True)
    if problems:
        raise BadInput(_first(list(sentences(problems))))
    found = []
    for line in lines:
        facts: dict[str, Any] = dict(line.values)
        moment, day = facts.pop("observed_at")
        found.append(Seen(row=line.number, moment=moment, day=day, **facts))
    return tuple(found)


def _first(said: Sequence[str]) -> list[str]:
    more = len(said) - _MOST_NAMED
    return [*said[:_MOST_NAMED], *([f"还有 {more} 处同样有错。"] if more > 0 else [])]


def objections(edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan) -> list[str]:
    """Everything that makes a forecast from these three impossible, each a Chinese sentence."""
    rows = sorted({(problem.row, problem.sentence) for problem in _row_problems(edition, seen, plan)})
    said = _first([sentence for _, sentence in rows])
    if len(seen) == 1:
        said.append("只有一条观测，推不出合格率。请至少再查一处，或补上以往的记录。")
    field = {row.code for row in edition.criteria if row.method == MethodKind.FIELD}
    if not any(one.criterion in field for one in seen):
        said.append("观测里没有一条是实地考察的标准，实地得分无从估计。")
    return said + list(_plan_problems(edition, seen, plan))


def _row_problems(edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan) -> Iterator[Problem]:
    types = {kind.code for kind in edition.point_types}
    criteria = {row.code: row for row in edition.criteria}
    homes: dict[str, Seen] = {}
    for one in seen:
        criterion = criteria.get(one.criterion)
        home = homes.setdefault(one.site, one)
        if one.type not in types:
            yield Problem(one.row, "点位类型", f"测评标准里没有点位类型“{one.type}”。")
        if criterion is None:
            yield Problem(one.row, "标准", f"测评标准里没有编码为“{one.criterion}”的标准。")
        elif one.type in types and criterion.point_type not in ("", one.type):
            yield Problem(
                one.row, "标准", f"“{one.criterion}”是在 {criterion.point_type} 查的，这一行写的是 {one.type}。"
            )
        if (home.type, home.street) != (one.type, one.street):
            yield Problem(one.row, "点位", f"“{one.site}”的类型或街道与第 {home.row} 行不一致。")
        if one.day > plan.day:
            yield Problem(one.row, "观测时间", f"{one.day} 晚于测评日期 {plan.day}，请核对年份。")
    yield from _contradictions(seen)


def _contradictions(seen: Sequence[Seen]) -> Iterator[Problem]:
    """The same person at the same time saw the same thing pass and fail: nobody can tell which is meant."""
    first: dict[tuple[str, ...], Seen] = {}
    for one in seen:
        known = first.setdefault((one.site, one.criterion, one.moment, one.source, one.inspector), one)
        if known.passed != one.passed:
            what = f"“{one.site}”{one.criterion} 在 {one.moment} 与第 {known.row} 行相矛盾（一个合格、一个不合格），请留一行。"
            yield Problem(one.row, "合格", what)


def _plan_problems(edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan) -> Iterator[str]:
    types = {kind.code for kind in edition.point_types}
    sites = defaultdict(set)
    for one in seen:
        sites[one.type].add(one.site)
    for kind in sorted({*plan.places, *plan.known} - types):
        yield f"计划里的点位类型“{kind}”在测评标准里没有。"
    for kind, drawn in plan.places.items():
        there = max(len(sites[kind]), plan.known.get(kind, 0))
        if kind in types and not there:
            yield f"计划要抽 {kind} {drawn} 处，观测里一处也没有。请先查几处，或在 [known] 写明共有几处。"
        elif kind in types and drawn > there:
            yield f"计划要抽 {kind} {drawn} 处，已知只有 {there} 处。请改小，或在 [known] 写明共有几处。"
        worth = sum(row.weight for row in edition.criteria if row.method == MethodKind.FIELD and row.point_type == kind)
        if kind in types and not worth:
            yield f"计划要抽 {kind}，测评标准里没有在这类点位实地查、有权重的标准。"
    for kind, count in plan.known.items():
        if count < len(sites[kind]):
            yield f"[known] 说 {kind} 共 {count} 处，观测里已有 {len(sites[kind])} 处，请核对。"


def named_by_code(edition: EditionSheet, seen: Sequence[Seen], plan: ExamPlan) -> tuple[tuple[Seen, ...], ExamPlan]:
    """The same with type names written as codes: an office may write either."""
    codes = {kind.name: kind.code for kind in edition.point_types} | {k.code: k.code for k in edition.point_types}
    rows = tuple(
        one if codes.get(one.type, one.type) == one.type else replace(one, type=codes[one.type]) for one in seen
    )
    places = {codes.get(kind, kind): count for kind, count in plan.places.items()}
    known = {codes.get(kind, kind): count for kind, count in plan.known.items()}
    return rows, replace(plan, places=places, known=known)
