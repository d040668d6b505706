"""公示与申诉 in the monthly ranking: how long the month lay open, what was objected to, and which lines changed by it."""

from collections.abc import Sequence
from typing import Any

from chuangwen.appeals.models import Window
from chuangwen.appeals.queries import Counts, counts_for, effect_words, window_of
from chuangwen.bulletins.writing import Cell, Draft, Figure, Table, moment_text
from chuangwen.rules.official_paper import Level, numbered
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.queries import granted_in

HEADING = "公示与申诉"


def say_objections(draft: Draft, sheet: ScoreSheet) -> None:
    """The section of a draft as things stand; a release brings it up to date."""
    draft.section(HEADING)
    window = window_of(sheet.corrects_id or sheet.pk)
    if window is None:
        draft.say("得分表还没有向各单位公示；公示期满、申诉全部决定以后发布，届时在此写明申诉情况。")
        return
    draft.say(_open_words(window), _counted(draft, sheet, window))
    granted = granted_in(sheet)
    words = effect_words()
    rows: list[list[Cell]] = [[str(one.appeal_id), one.unit_name, one.about, words[one.effect]] for one in granted]
    draft.show(Table("granted", "成立的申诉", ["申诉", "单位", "对象", "怎么计"], rows))
    changed = _changed(sheet)
    draft.show(
        Table("changed", "因申诉变动的名次和总分", ["街道", "公示名次", "公示总分", "发布名次", "发布总分"], changed)
    )
    if window.released_at is not None and not changed:
        draft.say("公示以后名次和总分没有变动。")


def _open_words(window: Window) -> str:
    if not window.days:
        return f"本期得分表没有安排公示期，原因：{window.note}。"
    opened, closed = moment_text(window.opened_at), moment_text(window.closes_at)
    return f"本期得分表自{opened}至{closed}向各单位公示，共 {window.days} 个工作日。"


def _counted(draft: Draft, sheet: ScoreSheet, window: Window) -> str:
    counts = counts_for(sheet.scope.path, sheet.period_start, sheet.period_end)
    if window.counts:
        counts = Counts(**window.counts)
    link = f"appeals?since={sheet.period_start}&until={sheet.period_end}"
    keys = {"granted": "申诉成立", "partly": "部分成立", "refused": "不成立", "undecided": "尚未决定"}
    adds = tuple(f"appeals.{name}" for name in keys)
    told = draft.tell(Figure("appeals", "收到申诉", counts.raised, "件", link, adds=adds))
    parts = draft.tell_parts(
        *[
            Figure(
                f"appeals.{name}", label, getattr(counts, name), "件", f"{link}&outcome={name}" if name != "undecided" else ""
            )
            for name, label in keys.items()
        ]
    )  # fmt: skip
    return f"{told}，其中{parts}。" if parts else f"{told}。"


def _changed(sheet: ScoreSheet) -> list[list[Cell]]:
    """The lines whose place or total differs from those that were shown."""
    if sheet.corrects_id is None:
        return []
    shown = {line.unit_id: line for line in ScoreLine.objects.filter(sheet=sheet.corrects_id).defer("basis")}
    rows: list[list[Cell]] = []
    for line in ScoreLine.objects.filter(sheet=sheet).defer("basis"):
        before = shown[line.unit_id]
        if (before.place, before.total_shown) != (line.place, line.total_shown):
            rows.append([line.unit_name, *_place(before), *_place(line)])
    return rows


def _place(line: ScoreLine) -> list[Cell]:
    return [str(line.place), line.total_shown] if line.place is not None else ["不排名", "—"]


def brought_up_to_date(
    sections: Sequence[dict[str, Any]], figures: Sequence[dict[str, Any]], sheet: ScoreSheet
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sections and figures of a stored paper with this section as things stand; unchanged where its figures still hold.

    A paper drafted without the section gets it at the end.
    """
    at = next((n for n, one in enumerate(sections) if one["heading"].endswith(HEADING)), len(sections))
    fresh = Draft("")
    say_objections(fresh, sheet)
    [section] = fresh.sections_json()
    numbers = [{**figure, "section": at} for figure in fresh.figures_json()]
    mine = [figure for figure in figures if figure["section"] == at]
    if at < len(sections) and _as_stored(mine) == _as_stored(numbers) and sections[at]["tables"] == section["tables"]:
        return list(sections), list(figures)
    section["heading"] = sections[at]["heading"] if at < len(sections) else f"{numbered(Level.ONE, at + 1)}{HEADING}"
    kept = [figure for figure in figures if figure["section"] != at]
    return [*sections[:at], section, *sections[at + 1 :]], [*kept, *numbers]


def _as_stored(figures: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: list(v) if isinstance(v, tuple) else v for name, v in figure.items()} for figure in figures]
