"""日巡查简报: what was looked at today, what came of it, and what is serious."""

from chuangwen.bulletins.facts import (
    Span,
    case_figures,
    case_figures_by,
    criterion_texts,
    handed_in_within,
    listed,
    looked_at,
    problem_of,
    where_of,
)
from chuangwen.bulletins.writing import Cell, Draft, Figure, Table, in_cases, moment_text, percent
from chuangwen.cases.filters import ORIGINS, CaseFilter
from chuangwen.rules.official_paper import day_text
from chuangwen.standards.models import Severity

MOST_LISTED = 40
SERIOUS = (Severity.VETO, Severity.MAJOR)


def draft_daily(span: Span) -> Draft:
    """The brief of one day."""
    draft = Draft(f"{span.scope.name}文明城市创建日巡查简报（{day_text(span.start)}）")
    _looked(draft, span)
    _cases(draft, span)
    _serious(draft, span)
    return draft


def _looked(draft: Draft, span: Span) -> None:
    draft.section("巡查情况")
    visits, sites, seen = looked_at(span)[()]
    if not visits:
        draft.say(f"{day_text(span.start)}没有完成的走访。")
        return
    rate = Figure("field_rate", "现场得分率", percent(seen.rate), "")
    draft.say(
        f"{day_text(span.start)}，巡查员完成",
        draft.tell(Figure("visits", "走访", visits, "次")), "，涉及",
        draft.tell(Figure("sites", "点位", sites, "个")), "，作出",
        draft.tell(Figure("judged", "判定", seen.total, "条", adds=("passed", "failed"))), "，其中",
        draft.tell(Figure("passed", "合格", seen.passed, "条")), "、",
        draft.tell(Figure("failed", "不合格", seen.failed, "条")),
        f"，{draft.tell(rate)}。" if seen.rate is not None else "。",
    )  # fmt: skip


def _cases(draft: Draft, span: Span) -> None:
    draft.section("案件办理")
    handed_in, finished = handed_in_within(span), case_figures(span, _ended(span)).opened
    today = case_figures(span, span.cases())
    draft.say(
        "当日", draft.tell(_opened(span, today.opened)), _origins(draft, span, today.opened), "，",
        draft.tell(Figure("handed_in", "提交整改", handed_in, "件")), "，",
        draft.tell(Figure("finished", "结案", finished, "件", in_cases(_ended(span)))), "。",
    )  # fmt: skip
    open_now, late_now = CaseFilter(state="open"), CaseFilter(late="now")
    in_hand, overdue = case_figures(span, open_now).opened, case_figures(span, late_now).opened
    draft.say(
        f"截至{moment_text(span.now)}，",
        draft.tell(Figure("open", "在办案件", in_hand, "件", in_cases(open_now))), "，其中",
        draft.tell(Figure("overdue", "超期未整改", overdue, "件", in_cases(late_now))), "。",
    )  # fmt: skip


def _ended(span: Span) -> CaseFilter:
    return CaseFilter(ended_since=span.start.isoformat(), ended_until=span.end.isoformat())


def _opened(span: Span, opened: int) -> Figure:
    kinds = tuple(f"origin.{kind}" for kind in (*ORIGINS, "other")) if opened else ()
    return Figure("opened", "新立案件", opened, "件", in_cases(span.cases()), adds=kinds)


def _origins(draft: Draft, span: Span, opened: int) -> str:
    """Where today's cases came from; the parts make up the whole."""
    if not opened:
        return ""
    found = {
        str(kind): figures.opened for (kind,), figures in case_figures_by(span, span.cases(), "origin_kind").items()
    }
    known = [
        Figure(f"origin.{kind}", label, found.pop(kind, 0), "件", in_cases(span.cases(origin=kind)))
        for kind, label in ORIGINS.items()
    ]
    return f"（{draft.tell_parts(*known, Figure('origin.other', '其他来源', sum(found.values()), '件'))}）"


def _serious(draft: Draft, span: Span) -> None:
    draft.section("严重问题")
    counts = [case_figures(span, span.cases(severity=kind)).opened for kind in SERIOUS]
    if not any(counts):
        draft.say("当日没有发现否决类和重大问题。")
        return
    told = [
        draft.tell(Figure(f"severity.{kind}", f"{kind.label}问题", count, "件", in_cases(span.cases(severity=kind))))
        for kind, count in zip(SERIOUS, counts, strict=True)
    ]
    draft.say("当日发现", "、".join(told), "，请责任单位先行整改。")
    cases = [case for kind in SERIOUS for case in listed(span, span.cases(severity=kind), MOST_LISTED)]
    texts = criterion_texts(case.criterion_code for case in cases)
    rows: list[list[Cell]] = [
        [
            case.get_severity_display(), where_of(case), case.unit.name if case.unit else "尚未派遣",
            problem_of(case, texts), case.number,
        ]
        for case in cases[:MOST_LISTED]
    ]  # fmt: skip
    draft.show(Table("serious", "严重问题清单", ["等级", "点位", "责任单位", "问题", "案件号"], rows))
    if sum(counts) > len(rows):
        draft.say(f"表中列出前 {len(rows)} 件，其余见案件列表。")
