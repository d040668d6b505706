"""周通报: what was looked at this week by point type, found and put right by street, well done and not done, the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Count, F, Q

from chuangwen.bulletins.appealed import late_figure
from chuangwen.bulletins.facts import (
    CaseFigures,
    Span,
    added,
    case_figures_by,
    criterion_texts,
    listed,
    looked_at,
    problem_of,
    where_of,
)
from chuangwen.bulletins.writing import (
    Cell,
    Draft,
    Figure,
    Table,
    in_cases,
    looked_table,
    moment_text,
    percent,
    span_text,
    totals,
)
from chuangwen.cases.filters import narrowed
from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import FINISHED, RUNNING, Status
from chuangwen.standards.queries import point_types

WEEKS_BACK = 4
MOST_POINTS, MOST_LISTED = 10, 300
OUTSIDE = "街道以外"


def draft_weekly(span: Span) -> Draft:
    """The bulletin of one week, Monday to Sunday."""
    draft = Draft(f"{span.scope.name}文明城市创建周通报（{span_text(span.start, span.end)}）")
    _scope(draft, span)
    _streets(draft, span)
    _points(draft, span)
    _problems(draft, span)
    return draft


def _scope(draft: Draft, span: Span) -> None:
    draft.section("巡查范围")
    by_type = looked_at(span, "point_type")
    if not by_type:
        draft.say("本周没有完成的走访。")
        return
    whole = looked_at(span)[()]
    names = {kind.code: kind.name for kind in point_types()}
    rows = [(names.get(str(code), str(code)), by_type[(code,)]) for code in sorted(str(code) for (code,) in by_type)]
    draft.say(
        "本周巡查涉及", draft.tell(Figure("types", "点位类型", len(rows), "类")), "、",
        draft.tell(Figure("sites", "点位", whole[1], "个", column=("by_type", 2))), "，完成",
        draft.tell(Figure("visits", "走访", whole[0], "次", column=("by_type", 1))), "，作出",
        draft.tell(Figure("judged", "判定", whole[2].total, "条", column=("by_type", 3))), "，其中",
        draft.tell(Figure("failed", "不合格", whole[2].failed, "条", column=("by_type", 4))),
        f"，{draft.tell(Figure('field_rate', '现场得分率', percent(whole[2].rate), ''))}。" if whole[2].total else "。",
    )  # fmt: skip
    draft.show(looked_table("by_type", "各类点位巡查情况", "点位类型", rows, whole))


def _streets(draft: Draft, span: Span) -> None:
    draft.section("发现和整改")
    found = case_figures_by(span, span.cases(), "street__path", "street__code", "street__name")
    order = sorted(found, key=lambda key: (key[0] is None, str(key[0])))
    rows = [_street_row(str(name or OUTSIDE), found[path, code, name]) for path, code, name in order]
    whole = added(found.values())
    for path, code, name in order:
        if code:
            check = in_cases(span.cases(street=str(code)))
            draft.note(Figure(f"street.{code}", f"{name}问题", found[path, code, name].opened, "件", check))
    draft.say(
        "本周发现", draft.tell(_found(span, whole)), f"，截至{moment_text(span.now)}，",
        draft.tell_parts(
            Figure("handed_in", "已提交整改", whole.handed_in, "件", in_cases(span.cases(handed_in="1")), column=("by_street", 2)),
            Figure("waiting", "未整改", whole.waiting, "件", column=("by_street", 3)),
            Figure("dropped", "不再办理", whole.dropped, "件", column=("by_street", 4)),
        ) or "尚无整改", "；",
        draft.tell(late_figure(draft, "late", "超期", whole, in_cases(span.cases(late="ever")), column=("by_street", 5))),
        "。不再办理指不予受理、作废和未经整改的强制结案。" if whole.dropped else "。",
    )  # fmt: skip
    columns = ["街道", "发现问题", "已提交整改", "未整改", "不再办理", "超期"]
    draft.show(Table("by_street", "各街道问题和整改情况", columns, rows, totals(rows, "合计", len(columns))))


def _found(span: Span, whole: CaseFigures) -> Figure:
    return Figure(
        "opened", "问题", whole.opened, "件", in_cases(span.cases()), adds=("handed_in", "waiting", "dropped"),
        column=("by_street", 1),
    )  # fmt: skip


def _street_row(name: str, figures: CaseFigures) -> list[Cell]:
    return [name, figures.opened, figures.handed_in, figures.waiting, figures.dropped, figures.late]


@dataclass(frozen=True)
class _Point:
    name: str
    unit: str
    cases: int
    overdue: int
    reworked: int
    well: bool


def _looked_back(span: Span) -> list[_Point]:
    """Every site with its responsible unit and what was reported there over the last weeks, this one included."""
    back = replace(span, start=span.start - timedelta(weeks=WEEKS_BACK - 1))
    right = Q(rectified_at__lte=F("due_at"), rework_count=0)
    right &= Q(status__in=[Status.VERIFIED.value, *[status.value for status in FINISHED]])
    late = Q(status__in=[status.value for status in RUNNING], due_at__lt=span.now)
    rows = narrowed(span.eye, back.cases(), span.now).filter(site__isnull=False).order_by()
    counted = rows.values("site__code", "site__name", "site__owner__name").annotate(
        cases=Count("pk"), right=Count("pk", filter=right), overdue=Count("pk", filter=late),
        reworked=Count("pk", filter=Q(rework_count__gt=0) & ~Q(status__in=[status.value for status in FINISHED])),
    )  # fmt: skip
    return [
        _Point(
            row["site__name"],
            row["site__owner__name"],
            row["cases"],
            row["overdue"],
            row["reworked"],
            row["right"] == row["cases"],
        )
        for row in counted.order_by("site__code")
    ]


def _points(draft: Draft, span: Span) -> None:
    draft.section("整改较好和未到位的点位")
    points = _looked_back(span)
    well = sorted((point for point in points if point.well), key=lambda point: -point.cases)
    behind = sorted((p for p in points if p.overdue or p.reworked), key=lambda p: (-p.overdue, -p.reworked))
    draft.say(
        "近四周有问题上报的点位中，", draft.tell(Figure("points_well", "整改较好", len(well), "个")),
        "（问题全部按期整改并一次核查通过），", draft.tell(Figure("points_behind", "整改未到位", len(behind), "个")),
        "（有问题超期未整改，或者退回重办还没有结案）。", _most_first(well, behind),
    )  # fmt: skip
    rows: list[list[Cell]] = [[point.name, point.unit, point.cases] for point in well[:MOST_POINTS]]
    draft.show(Table("points_well", "整改较好的点位", ["点位", "责任单位", "整改问题"], rows))
    rows = [[point.name, point.unit, point.overdue, point.reworked] for point in behind[:MOST_POINTS]]
    draft.show(Table("points_behind", "整改未到位的点位", ["点位", "责任单位", "超期未整改", "退回重办"], rows))


def _most_first(*lists: Sequence[_Point]) -> str:
    return f"下表各列件数最多的 {MOST_POINTS} 个。" if any(len(each) > MOST_POINTS for each in lists) else ""


def _problems(draft: Draft, span: Span) -> None:
    draft.section("问题清单")
    cases = listed(span, span.cases(), MOST_LISTED)
    if not cases:
        draft.say("本周没有新发现的问题。")
        return
    texts = criterion_texts(case.criterion_code for case in cases)
    by_street: dict[str, list[Case]] = {}
    for case in cases:
        by_street.setdefault(case.street.name if case.street else OUTSIDE, []).append(case)
    draft.say("本周问题按街道列出，案件号可在系统中打开。")
    columns = ["点位", "责任单位", "问题", "整改", "案件号"]
    for number, (street, mine) in enumerate(by_street.items(), start=1):
        rows = [_problem_row(case, texts) for case in mine]
        draft.show(Table(f"problems.{number}", f"{street}（{len(rows)} 件）", columns, rows))
    if len(cases) == MOST_LISTED:
        draft.say(f"本表列到第 {MOST_LISTED} 件，其余见案件列表。")


def _problem_row(case: Case, texts: Mapping[str, str]) -> list[Cell]:
    unit = case.unit.name if case.unit else "尚未派遣"
    return [where_of(case), unit, problem_of(case, texts), case.flow_status.label, case.number]
