"""What the readiness page shows, in words and addresses: the band, why it moved, what is open, from where it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.cases.filters import CaseFilter
from chuangwen.forecasts.queries import VetoWatch
from chuangwen.web.desk.links import case_list

CAUSES: Final = {
    "observations": gettext_lazy("实地：新的观测"),
    "settings": gettext_lazy("实地：设想、宽严、点位和撤销的判定"),
    "field": gettext_lazy("实地考察"),
    "material": gettext_lazy("网上申报的材料"),
    "questionnaire": gettext_lazy("问卷调查"),
    "veto": gettext_lazy("否决情形"),
}
METHODS: Final = {
    "field": gettext_lazy("实地考察"),
    "material": gettext_lazy("网上申报"),
    "questionnaire": gettext_lazy("问卷调查"),
}
DRIVERS: Final = {
    "examiners": gettext_lazy("测评员的宽严"),
    "period": gettext_lazy("当期的波动"),
    "estimates": gettext_lazy("我们查得还不够"),
    "draw_and_day": gettext_lazy("抽到哪些点位、当天的情况"),
    "material": gettext_lazy("材料"),
    "questionnaire": gettext_lazy("问卷"),
    "veto": gettext_lazy("否决情形"),
}
_LEAST_SHOWN: Final = 0.005


def route(name: str, *args: object) -> str:
    """The address of a page; empty where this installation has none."""
    try:
        return reverse(f"web:desk:{name}", args=args)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Bar:
    """A band on a line, all in percent of its width: from `left`, `width` wide, with its middle and the line to pass."""

    low: float
    high: float
    left: float
    width: float
    middle: float
    line: float


def bar_of(total: Mapping[str, float], line: float) -> Bar:
    """The band of the total, with some room on both sides."""
    low = max(0.0, 5 * ((min(total["q05"], line) - 3) // 5))
    high = min(100.0, 5 * -(-(max(total["q95"], line) + 3) // 5))
    whole = max(high - low, 1.0)

    def at(value: float) -> float:
        return round(100 * (min(max(value, low), high) - low) / whole, 2)

    left = at(total["q05"])
    return Bar(low, high, left, round(at(total["q95"]) - left, 2), at(total["q50"]), at(line))


def said_of(chance: float) -> dict[str, str]:
    """The chance of passing as a word; 80 % and 50 % are where the words change."""
    if chance >= 0.8:
        return {"label": _("把握较大"), "tone": "good"}
    if chance >= 0.5:
        return {"label": _("有可能过，不稳"), "tone": "warn"}
    return {"label": _("照现在的样子过不了线的可能更大"), "tone": "bad"}


def signed(points: float) -> str:
    """+0.42 or −0.42."""
    return f"{'+' if points >= 0 else '−'}{abs(points):.2f}"


def gap_words(gap: float) -> str:
    """How far the mean is from the line."""
    words = _("比合格线高 %(points)s 分") if gap >= 0 else _("比合格线低 %(points)s 分")
    return words % {"points": f"{abs(gap):.1f}"}


@dataclass(frozen=True)
class Change:
    """One cause of the difference to last week's forecast."""

    label: str
    points: str
    tone: str
    note: str
    url: str


def changes_of(run: Any) -> list[Change]:
    """The causes with what was counted then and now, the largest first."""
    before, now = (run.compared_with.counts, run.counts) if run.compared_with else ({}, {})
    rows = []
    for row in run.changes:
        points = float(row["points"])
        if abs(points) < _LEAST_SHOWN:
            continue
        rows.append(
            Change(
                str(CAUSES.get(row["cause"], row["cause"])), signed(points), "good" if points > 0 else "bad",
                _note(row["cause"], before, now), _address(row["cause"], run.pk),
            )
        )  # fmt: skip
    return rows


def _note(cause: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if cause == "observations":
        return _("观测 %(before)s 条 → %(now)s 条") % {"before": _seen(before), "now": _seen(now)}
    if cause == "settings" and before.get("sites") != now.get("sites"):
        return _("点位 %(before)s 处 → %(now)s 处") % {"before": before.get("sites", 0), "now": now.get("sites", 0)}
    if cause in ("material", "questionnaire") and not _known(now, cause):
        return _("没有数据，随实地的得分率变")
    if cause == "material":
        told = {"before": before.get("material", {}).get("accepted", 0), "now": now["material"].get("accepted", 0)}
        return _("通过审核的材料 %(before)s 件 → %(now)s 件") % told if not now["material"].get("stated") else ""
    if cause == "questionnaire":
        told = {
            "before": before.get("questionnaire", {}).get("respondents", 0),
            "now": now["questionnaire"].get("respondents", 0),
        }
        return _("答卷 %(before)s 份 → %(now)s 份") % told
    return ""


def _known(counts: Mapping[str, Any], kind: str) -> bool:
    own = counts.get(kind, {})
    return bool(own.get("stated") or own.get("required") or own.get("respondents"))


def _seen(counts: Mapping[str, Any]) -> int:
    return int(counts.get("patrol", 0)) + int(counts.get("mock", 0))


def _address(cause: str, run_id: int) -> str:
    routes = {
        "material": route("declarations"),
        "questionnaire": route("surveys"),
        "settings": route("readiness-setting"),
    }
    return routes.get(cause) or route("readiness-run", run_id)


@dataclass(frozen=True)
class Method:
    """A method's part of the total."""

    label: str
    weight: float
    mean: float
    low: float
    high: float
    points: float
    note: str
    url: str


def methods_of(run: Any) -> list[Method]:
    """Every method with its weight, rate and what it rests on."""
    shares: Mapping[str, Mapping[str, float]] = run.result["methods"]
    return [
        Method(
            str(METHODS.get(kind, kind)), share["weight"], share["mean"], share["q05"], share["q95"],
            share["weight"] * share["mean"] / 100, _rests(kind, run.counts), _method_url(kind, run.pk),
        )
        for kind, share in shares.items()
        if share["weight"]
    ]  # fmt: skip


def _method_url(kind: str, run_id: int) -> str:
    routes = {"material": route("declarations"), "questionnaire": route("surveys")}
    return routes.get(kind) or route("readiness-run", run_id)


def _rests(kind: str, counts: Mapping[str, Any]) -> str:
    own = counts.get(kind, {}) if kind != "field" else counts
    if kind == "field":
        told = {"n": _seen(counts), "seen": counts.get("seen_sites", 0), "sites": counts.get("sites", 0)}
        return _("%(n)s 条观测，%(seen)s / %(sites)s 处点位看过") % told
    if own.get("stated"):
        return _("按测评设想里写的")
    if kind == "material" and own.get("required"):
        return _("要求 %(required)s 件，通过 %(accepted)s 件，审核中 %(in_review)s 件") % own
    if kind == "questionnaire" and own.get("respondents"):
        return _("%(questions)s 题，%(respondents)s 份答卷") % own
    return _("没有数据，按与实地同样的得分率、误差 10 分计")


def drivers_of(result: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Where the uncertainty comes from, in percent, the largest first."""
    rows = sorted(result["variance"].items(), key=lambda pair: -pair[1])
    return [(str(DRIVERS.get(name, name)), share) for name, share in rows if share >= 0.5]


def veto_cases_url(watch: VetoWatch) -> str:
    """The list of exactly the open cases of the veto class."""
    return case_list(CaseFilter(severity="V", state="open")) if watch.open_cases else ""


def days_left(day: Any, now: datetime, zone: Any) -> int:
    """Whole days to the examination; below zero when it is past."""
    return int((day - now.astimezone(zone).date()).days)


def warnings_of(run: Any) -> Sequence[str]:
    """What the figures rest on where the records say little."""
    return list(run.result["warnings"])
