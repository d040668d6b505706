"""吹哨单 as an official paper: what the street asked for, who came when, and what they said of each other."""

from datetime import datetime

from chuangwen.bulletins.plain import NOTHING, as_of, clean, moment, paragraphs
from chuangwen.bulletins.writing import moment_text
from chuangwen.rules.official_paper import Block, Figures, Heading, Level, OfficialPaper, Table
from chuangwen.rules.permissions import Actor
from chuangwen.scores.reach import BEIJING
from chuangwen.whistles.queries import SheetFacts, SheetLine, sheet_facts


def whistle_paper(actor: Actor, whistle_id: int, *, now: datetime) -> OfficialPaper:
    """The sheet for whoever may know of the whistle; NotFound otherwise. It follows the whistle as it stands now."""
    facts = sheet_facts(whistle_id, actor)
    return OfficialPaper(
        mark=f"{facts.street}吹哨单", number=clean(facts.number), title=clean(facts.title),
        addressees=tuple(dict.fromkeys(line.unit for line in facts.lines)), blocks=_body(facts), signer=facts.street,
        day=facts.blown_at.astimezone(BEIJING).date(), note=as_of(now),
    )  # fmt: skip


def _body(facts: SheetFacts) -> tuple[Block, ...]:
    head = (
        ("吹哨时间", moment(facts.blown_at)), ("地点", clean(facts.place) or NOTHING), ("案件号", facts.case_number),
        ("时限", f"{facts.promise}：确认 {facts.confirm_within}，到场 {facts.arrive_within}，办结 {facts.finish_within}"),
        ("状态", f"{facts.state}{f'，{moment(facts.ended_at)}' if facts.ended_at else ''}"),
    )  # fmt: skip
    said = paragraphs([*facts.text.splitlines(), f"吹哨理由：{facts.reason}" if facts.reason else ""])
    outcome = (Heading(Level.ONE, "四、结果"), *paragraphs(facts.outcome.splitlines())) if facts.outcome.strip() else ()
    return (
        Heading(Level.ONE, "一、基本情况"), Figures(head), Heading(Level.ONE, "二、事由"), *said,
        Heading(Level.ONE, "三、部门报到和办理"), _lines(facts.lines), *outcome,
    )  # fmt: skip


def _lines(lines: tuple[SheetLine, ...]) -> Table:
    columns = ("部门", "任务", "到场（应到）", "办结（应办结）", "状态", "街道评价")
    rows = tuple(
        (
            line.unit, clean(line.duty) or NOTHING, f"{_short(line.arrived_at)}（{_short(line.arrive_by)}）",
            f"{_short(line.finished_at)}（{_short(line.finish_by)}）", line.state, _rating(line),
        )
        for line in lines
    )  # fmt: skip
    return Table("部门报到和办理情况", columns, rows or ((NOTHING,) * len(columns),))


def _short(at: datetime | None) -> str:
    return moment_text(at) if at else NOTHING


def _rating(line: SheetLine) -> str:
    asked = ((line.came, "到场"), (line.cooperated, "配合"), (line.finished_well, "办结"))
    told = "、".join(f"{word}{'好' if good else '差'}" for good, word in asked if good is not None)
    return "；".join(filter(None, (told, clean(line.rating_words)))) or NOTHING
