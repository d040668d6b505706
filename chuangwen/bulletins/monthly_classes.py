"""月排名, where the cases of a month came from, which kinds of problem they were, and how a street stood a month ago."""

from dataclasses import replace
from datetime import date

from django.db.models import Count

from chuangwen.bulletins.facts import Span, case_figures, case_figures_by, last_month
from chuangwen.bulletins.writing import Cell, Draft, Figure, Table, in_cases, ratio
from chuangwen.campaigns.figures import cases_between
from chuangwen.campaigns.queries import special_between
from chuangwen.cases.filters import ORIGINS, CaseFilter, narrowed
from chuangwen.scores.models import ScoreLine
from chuangwen.scores.queries import league_table, sheet_of_period

TOP_ITEMS = 5
SPECIAL = ("supervision", "recheck", "whistle")  # collected on purpose, beside patrols and what residents say


def draft_origins(draft: Draft, span: Span) -> None:
    """来源和专项采集: every way in which cases came, making up the whole; each with last month's figure in the table."""
    draft.section("来源和专项采集")
    now = _by_origin(span, span.cases())
    whole = sum(now.values())
    if not whole:
        draft.say("本月没有上报的案件。")
        return
    before = _by_origin(span, last_month(span))
    known = {**ORIGINS, **({"other": "其他来源"} if now.get("other") else {})}
    figures = [
        Figure(
            f"from.{kind}", label, now.get(kind, 0), "件", "" if kind == "other" else in_cases(span.cases(origin=kind))
        )
        for kind, label in known.items()
    ]
    draft.say(
        "按来源分，", draft.tell_parts(*figures), "，",
        draft.tell(
            Figure("from_all", "合计上报", whole, "件", in_cases(span.cases()), adds=tuple(f"from.{kind}" for kind in known))
        ), "。",
    )  # fmt: skip
    special = [kind for kind in SPECIAL if now.get(kind)]
    if special:
        told = Figure(
            "special",
            "专项采集",
            sum(now[kind] for kind in special),
            "件",
            adds=tuple(f"from.{kind}" for kind in special),
        )
        draft.say("其中", draft.tell(told), "（督查、抽查复核、街道吹哨）。")
    rows: list[list[Cell]] = [
        [
            label,
            now.get(kind, 0),
            ratio(now.get(kind, 0), whole),
            before.get(kind, 0),
            now.get(kind, 0) - before.get(kind, 0),
        ]
        for kind, label in known.items()
        if now.get(kind) or before.get(kind)
    ]
    columns = ["来源", "件数", "占比", "上月件数", "增减"]
    draft.show(Table("origins", "案件来源", columns, rows, rates={"2": (1, "from_all")}, minus={"4": (1, 3)}))
    _campaigns(draft, span)


def _campaigns(draft: Draft, span: Span) -> None:
    """What each special campaign's own kinds of problem came to in its areas; one case may count in two campaigns."""
    before = last_month(span)
    earlier = date.fromisoformat(before.since), date.fromisoformat(before.until)
    rows: list[list[Cell]] = []
    for campaign in special_between(span.scope, span.start, span.end):
        now, then = (cases_between(campaign, span.scope, *days) for days in ((span.start, span.end), earlier))
        rows.append([campaign.title, now, then, now - then])
    if rows:
        draft.say("专项行动所列的问题，按行动的区域统计如下；同一件案件可能列入几个行动，不相加。")
        draft.show(Table("campaigns", "专项行动", ["行动", "本月件数", "上月件数", "增减"], rows, minus={"3": (1, 2)}))


def _by_origin(span: Span, wanted: CaseFilter) -> dict[str, int]:
    """Origin -> cases; those of unknown kinds together as `other`."""
    found: dict[str, int] = {}
    for (kind,), figures in case_figures_by(span, wanted, "origin_kind").items():
        key = str(kind) if kind in ORIGINS else "other"
        found[key] = found.get(key, 0) + figures.opened
    return found


def draft_items(draft: Draft, span: Span) -> None:
    """高发问题: the five kinds of problem (小类) reported most, with share and the change to the month before."""
    draft.section("高发问题")
    now, before = _by_item(span, span.cases()), _by_item(span, last_month(span))
    top = sorted(now, key=lambda item: (-now[item], item))[:TOP_ITEMS]
    if not top:
        draft.say("本月没有按立案标准上报的案件。")
        return
    whole = case_figures(span, span.cases()).opened
    figures = [
        Figure(f"item.{place}", item, now[item], "件", in_cases(span.cases(item=item)))
        for place, item in enumerate(top, start=1)
    ]
    together = Figure(
        "items", "以上合计", sum(now[item] for item in top), "件", adds=tuple(each.key for each in figures)
    )
    all_of = draft.note(Figure("items_of", "全部案件", whole, "件", in_cases(span.cases())))
    draft.say(
        f"上报最多的 {len(top)} 类问题是：", "、".join(draft.tell(figure) for figure in figures), "，",
        draft.tell(together), "，", draft.tell(Figure("items_rate", "占全部案件的", ratio(int(together.value), whole), "",
                                                    ratio=("items", all_of.key))), "。",
    )  # fmt: skip
    rows: list[list[Cell]] = [
        [str(place), item, now[item], ratio(now[item], whole), before.get(item, 0), now[item] - before.get(item, 0)]
        for place, item in enumerate(top, start=1)
    ]
    columns = ["位次", "小类", "件数", "占比", "上月件数", "增减"]
    draft.show(Table("items", "上报最多的问题", columns, rows, rates={"3": (2, "items_of")}, minus={"5": (2, 4)}))


def _by_item(span: Span, wanted: CaseFilter) -> dict[str, int]:
    rows = narrowed(span.eye, wanted, span.now).filter(standard__isnull=False).order_by()
    return dict(rows.values_list("standard__item").annotate(count=Count("pk")))


def month_before(draft: Draft, span: Span, line: ScoreLine) -> str:
    """What a street's comment says of the month before: its place then, and its cases now and then, each with its list."""
    code = line.unit.code
    wanted = span.cases(street=code)
    now, before = case_figures(span, wanted), case_figures(span, replace(last_month(span), street=code))
    name = line.unit_name
    told = [
        draft.tell(Figure(f"last.{code}.now", f"{name}本月上报", now.opened, "件", in_cases(wanted))),
        draft.tell(
            Figure(f"last.{code}.before", f"{name}上月上报", before.opened, "件",
                   in_cases(replace(last_month(span), street=code)))
        ),
        draft.tell(
            Figure(f"last.{code}.late", f"{name}本月超期", now.late, "件", in_cases(replace(wanted, late="ever")))
        ),
    ]  # fmt: skip
    return f"{_place_before(span, line)}{'，'.join(told)}。"


def _place_before(span: Span, line: ScoreLine) -> str:
    wanted = last_month(span)
    start, end = span.start.fromisoformat(wanted.since), span.end.fromisoformat(wanted.until)
    sheet = sheet_of_period(span.scope.code, start, end)
    if sheet is None or not sheet.is_released:
        return ""
    then = next((each for each in league_table(sheet).ranked if each.unit_id == line.unit_id), None)
    return f"上月列第 {then.place} 位。" if then else "上月未参加排名。"
