"""月排名: the system's figures, the field check, the ranking from a score sheet, and why the last ones are last."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count

from chuangwen.bulletins.appealed import late_figure, on_time_figure
from chuangwen.bulletins.facts import (
    CaseFigures,
    Span,
    UnitFigures,
    case_figures,
    criterion_texts,
    figures_by_unit,
    last_month,
    looked_at,
)
from chuangwen.bulletins.monthly_classes import draft_items, draft_origins, month_before
from chuangwen.bulletins.objections import say_objections
from chuangwen.bulletins.writing import (
    Cell,
    Draft,
    Figure,
    Looked,
    Table,
    in_cases,
    looked_table,
    moment_text,
    percent,
    points_text,
    ratio,
    totals,
)
from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.patrols.models import Verdict
from chuangwen.rules.official_paper import Level, numbered
from chuangwen.rules.scoring import Rounding
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.observations import findings_within
from chuangwen.scores.queries import Table as League
from chuangwen.scores.queries import league_table

TOP = 5
WORST_OF_A_STREET = 3
OUTSIDE = "街道以外"


def draft_monthly(span: Span, sheet: ScoreSheet) -> Draft:
    """The ranking of one month, resting on a score sheet of that month."""
    draft = Draft(f"{span.scope.name}文明城市创建月排名（{span.start.year}年{span.start.month}月）")
    league = league_table(sheet)
    _system(draft, span)
    draft_origins(draft, span)
    draft_items(draft, span)
    _most_frequent(draft, span)
    _field(draft, span, league)
    _ranking(draft, league)
    say_objections(draft, sheet)
    _last(draft, span, league)
    return draft


def _system(draft: Draft, span: Span) -> None:
    draft.section("案件办理")
    month, before = case_figures(span, span.cases()), case_figures(span, last_month(span))
    units = [row for row in figures_by_unit(span, span.cases()) if row.figures.due]
    draft.say(
        "本月", draft.tell(_reported(span, month)), _kinds(draft, month), "，",
        draft.tell(Figure("opened_before", "上月上报", before.opened, "件", in_cases(last_month(span)))), "，",
        draft.tell(_change(month, before)),
        "。本月上报的案件已", draft.tell(Figure("dispatched", "派遣", month.dispatched, "件")), "，涉及",
        draft.tell(Figure("units", "责任单位", _responsible(span), "个")), "，",
        draft.tell(Figure("closed", "结案", month.closed, "件", in_cases(span.cases(state="done")))), "，",
        draft.tell(Figure("handed_in", "提交整改", month.handed_in, "件", in_cases(span.cases(handed_in="1")))),
        _first_pass(draft, span, month), "。",
    )  # fmt: skip
    draft.say(
        f"截至{moment_text(span.now)}，", draft.tell(_due(month)), "（挂账不计），其中",
        draft.tell(on_time_figure(draft, "on_time", "按期整改", month, in_cases(span.cases(late="no")), column=("late", 2))),
        "，", draft.tell(_late(draft, span, month, units)), _not_counted(month), _on_time_rate(draft, month, before), "。各责任单位情况见表。",
    )  # fmt: skip
    for row in units:
        draft.note(_late_of(draft, span, row))
    draft.show(_late_table(units))


def _reported(span: Span, month: CaseFigures) -> Figure:
    parts = ("events", "components", "unsorted")
    return Figure("opened", "上报案件", month.opened, "件", in_cases(span.cases()), adds=parts)


def _change(month: CaseFigures, before: CaseFigures) -> Figure:
    difference = month.opened - before.opened
    return Figure("change", "与上月相比", difference, "件", minus=("opened", "opened_before"), signed=True)


def _kinds(draft: Draft, month: CaseFigures) -> str:
    told = draft.tell_parts(
        Figure("events", "事件", month.events, "件"),
        Figure("components", "部件", month.components, "件"),
        Figure("unsorted", "未定立案标准", month.unsorted, "件"),
    )
    return f"（{told}）" if told else ""


def _first_pass(draft: Draft, span: Span, month: CaseFigures) -> str:
    if not month.handed_in:
        return ""
    passed = month.handed_in - month.reworked
    again = in_cases(span.cases(handed_in="1", rework="1"))
    draft.note(Figure("reworked", "退回重办", month.reworked, "件", again))
    draft.note(Figure("first_pass", "一次通过", passed, "件", minus=("handed_in", "reworked")))
    rate = Figure(
        "first_pass_rate", "一次核查通过率", ratio(passed, month.handed_in), "", ratio=("first_pass", "handed_in")
    )
    return f"，{draft.tell(rate)}"


def _due(month: CaseFigures) -> Figure:
    return Figure("due", "应整改", month.due, "件", adds=("on_time", "late"), column=("late", 1) if month.due else ())


def _late(draft: Draft, span: Span, month: CaseFigures, units: list[UnitFigures]) -> Figure:
    adds = tuple(_late_key(row) for row in units)
    column = ("late", 3) if units else ()
    return late_figure(draft, "late", "超期", month, in_cases(span.cases(late="ever")), adds=adds, column=column)


def _not_counted(month: CaseFigures) -> str:
    out = month.late_raw - month.late
    return f"（另有 {out} 件申诉成立，不计）" if out else ""


def _late_key(row: UnitFigures) -> str:
    return f"late.{row.unit.code if row.unit else ''}"


def _late_of(draft: Draft, span: Span, row: UnitFigures) -> Figure:
    code = row.unit.code if row.unit else ""
    check = "" if row.alone else in_cases(span.cases(unit=code, late="ever"))
    return late_figure(draft, _late_key(row), f"{row.name}超期", row.figures, check)


def _responsible(span: Span) -> int:
    """How many units have cases of this month."""
    rows = narrowed(span.eye, span.cases(), span.now).filter(dispatched_at__isnull=False, unit__isnull=False)
    return rows.order_by().values("unit").distinct().count()


def _on_time_rate(draft: Draft, month: CaseFigures, before: CaseFigures) -> str:
    """The share put right in time, and that of the month before by the figures of today."""
    if not month.due:
        return ""
    rate = Figure("on_time_rate", "按期整改率", ratio(month.on_time, month.due), "", ratio=("on_time", "due"))
    told = f"，{draft.tell(rate)}"
    if not before.due:
        return told
    draft.note(Figure("on_time_before", "上月按期整改", before.on_time, "件"))
    draft.note(Figure("due_before", "上月应整改", before.due, "件"))
    then = ratio(before.on_time, before.due)
    earlier = Figure("on_time_rate_before", "上月按期整改率", then, "", ratio=("on_time_before", "due_before"))
    points = points_text(str(rate.value), then)
    change = Figure("on_time_points", "按期整改率比上月", points, "", points=("on_time_rate", "on_time_rate_before"))
    return f"{told}，{draft.tell(earlier)}，{draft.tell(change)}"


def _late_table(units: list[UnitFigures]) -> Table:
    rows = [_late_row(row.name, row.figures.due, row.figures.on_time, row.figures.late) for row in units]
    columns = ["责任单位", "应整改", "按期整改", "超期", "按期整改率"]
    bottom = totals(rows, "合计", len(columns))
    bottom[4] = ratio(sum(row.figures.on_time for row in units), sum(row.figures.due for row in units))
    return Table("late", "各责任单位按期整改情况", columns, rows, bottom, rates={"4": (2, 1)})


def _late_row(name: str, due: int, on_time: int, late: int) -> list[Cell]:
    return [name, due, on_time, late, ratio(on_time, due)]


def _most_frequent(draft: Draft, span: Span) -> None:
    draft.section("问题最多的标准")
    now, before = _by_criterion(span, span.cases()), _by_criterion(span, last_month(span))
    top = sorted(now, key=lambda code: (-now[code], code))[:TOP]
    if not top:
        draft.say("本月没有按测评标准上报的案件。")
        return
    whole, texts = case_figures(span, span.cases()).opened, criterion_texts(top)
    rows: list[list[Cell]] = []
    for place, code in enumerate(top, start=1):
        count, earlier = now[code], before.get(code, 0)
        rows.append([str(place), texts.get(code, code), count, ratio(count, whole), earlier, count - earlier])
        draft.note(Figure(f"top.{place}", code, count, "件", in_cases(span.cases(criterion=code))))
    together = sum(now[code] for code in top)
    adds = tuple(f"top.{place}" for place in range(1, len(top) + 1))
    share = Figure("top_rate", "占全部案件的", ratio(together, whole), "", ratio=("top", "opened"))
    draft.say(
        f"本月问题最集中的 {len(top)} 条标准合计", draft.tell(Figure("top", "上报", together, "件", adds=adds)),
        "，", draft.tell(share), "。",
    )  # fmt: skip
    columns = ["位次", "测评标准", "件数", "占比", "上月件数", "增减"]
    draft.show(Table("top", "问题最多的标准", columns, rows, rates={"3": (2, "opened")}, minus={"5": (2, 4)}))


def _by_criterion(span: Span, wanted: CaseFilter) -> dict[str, int]:
    rows = narrowed(span.eye, wanted, span.now).exclude(criterion_code="").order_by()
    return dict(rows.values_list("criterion_code").annotate(count=Count("pk")))


def _field(draft: Draft, span: Span, league: League) -> None:
    draft.section("现场考核")
    found = looked_at(span, "street__path", "street__name")
    if not found:
        draft.say("本月没有完成的走访。")
        return
    whole = looked_at(span)[()]
    order = sorted(found, key=lambda key: (key[0] is None, str(key[0])))
    rows = [(str(key[1] or OUTSIDE), found[key]) for key in order]
    draft.say(
        "本月完成", draft.tell(Figure("visits", "走访", whole[0], "次", column=("field", 1))), "，涉及",
        draft.tell(Figure("sites", "点位", whole[1], "个", column=("field", 2))), "，作出",
        draft.tell(Figure("judged", "判定", whole[2].total, "条", column=("field", 3))), "，其中",
        draft.tell(Figure("failed", "不合格", whole[2].failed, "条", column=("field", 4))),
        f"，{draft.tell(Figure('field_rate', '现场得分率', percent(whole[2].rate), ''))}。" if whole[2].total else "。",
        "现场得分率按条目权重合并计算，不适用的不计。",
    )  # fmt: skip
    draft.show(looked_table("field", "各街道现场考核情况", "街道", rows, whole))
    for line in league.ranked:
        draft.note(_field_of(league, line, dict(rows)))
    worst = _worst(span)
    for name, told in ((name, worst.get(name)) for name, _ in rows):
        draft.say(f"{name}不合格较多的是：{told}。" if told else "")


def _field_of(league: League, line: ScoreLine, rows: Mapping[str, Looked]) -> Figure:
    """One street's rate; its line in the score sheet opens the single judgements behind it."""
    rate = rows[line.unit_name][2].rate if line.unit_name in rows else None
    check = f"scores/{league.sheet.pk}/{line.unit_id}"
    return Figure(f"field.{line.unit_id}", f"{line.unit_name}现场得分率", percent(rate), "", check)


def _worst(span: Span) -> dict[str, str]:
    """Street name -> the criteria that failed there most often, with how often."""
    failed = findings_within(span.eye, span.start, span.end).filter(verdict=Verdict.FAIL).order_by()
    counted = failed.values_list("visit__site__street__name", "criterion__text").annotate(count=Count("pk"))
    found: dict[str, list[str]] = {}
    for street, text, count in sorted(counted, key=lambda row: (-row[2], row[1])):
        if len(mine := found.setdefault(street or OUTSIDE, [])) < WORST_OF_A_STREET:
            mine.append(f"“{text}”{count} 处")
    return {street: "、".join(told) for street, told in found.items()}


def _ranking(draft: Draft, league: League) -> None:
    draft.section("排名")
    sheet = league.sheet
    ranked = Figure("ranked", "参加排名", len(league.ranked), "个", f"scores/{sheet.pk}")
    draft.say(
        f"按《{sheet.rule_title}》计算，", draft.tell(ranked), "街道，",
        draft.tell(Figure("left_out", "未测评", len(league.left_out), "个", f"scores/{sheet.pk}")),
        "街道。每一行的理由和依据可在得分表中逐项打开。",
    )  # fmt: skip
    draft.show(ranking_table(league))
    for line in league.left_out:
        draft.say(f"{line.unit_name}：{line.reasons[-1]}")


def ranking_table(league: League) -> Table:
    """The ranked lines of a sheet as a table of a paper."""
    columns = ["名次", "街道", "总分", *league.part_labels]
    rows = [
        [str(line.place), line.unit_name, line.total_shown, *[_part(part) for part in line.parts]]
        for line in league.ranked
    ]
    return Table("ranking", "街道排名", columns, rows)


def _part(part: dict[str, Any]) -> str:
    value = f"{Rounding().shown(Decimal(part['value'])):f}"
    return f"{value}（同组平均）" if part["imputed"] else value


def _last(draft: Draft, span: Span, league: League) -> None:
    draft.section("末位情况")
    count = 2 if len(league.ranked) >= 4 else 1
    if len(league.ranked) < 2:
        draft.say("参加排名的街道不足两个，不作末位点评。")
        return
    worst, threshold = _worst(span), sorted(line.place or 0 for line in league.ranked)[-count]
    last = [line for line in league.ranked if (line.place or 0) >= threshold]
    for number, line in enumerate(last, start=1):
        draft.say(_comment(number, line, worst.get(line.unit_name, "")), month_before(draft, span, line))


def _comment(number: int, line: ScoreLine, worst: str) -> str:
    head = f"{numbered(Level.TWO, number)}{line.unit_name}。"
    told = f"列第 {line.place} 位，总分 {line.total_shown} 分。{''.join(line.reasons)}"
    return f"{head}{told}{f'现场不合格较多的是：{worst}。' if worst else ''}"


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
