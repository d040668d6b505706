"""测评设想: what examination is expected, as a form or as the command's P.toml, and past examinations beside our own look."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.forecasts.operations import enter_past_exam, put_setting, withdraw_past_exam
from chuangwen.forecasts.queries import (
    ExamSetting,
    home_of,
    newest_setting,
    past_exams,
    places_by_type,
    plan_of,
    settings_of,
    strictness_of,
)
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.forecast_parts import Pair
from chuangwen.rules.forecast_plan_text import plan_table, toml_text
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.tables import day_of
from chuangwen.standards.queries import edition_for, edition_tree, editions
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.files import download
from chuangwen.web.desk.readiness import crumbs

_PLAIN = ("date", "line", "half_life_days")
_METHODS = ("material", "questionnaire")


@dataclass(frozen=True)
class TypeRow:
    """A type that can be drawn: how many there are, how many the examiners draw."""

    code: str
    name: str
    there: int
    drawn: str


@dataclass(frozen=True)
class VetoRow:
    """A red line with its chance in percent, as typed."""

    field: str
    text: str
    effect: str
    chance: str


def _number(text: str) -> Any:
    """A number as typed; what is none stays text, so that the rules name it."""
    text = text.strip()
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _day(text: str) -> Any:
    try:
        return day_of(text.strip())
    except ValueError:
        return text.strip()


def _table(post: Mapping[str, str], last: ExamSetting | None, vetoes: list[Any]) -> dict[str, Any]:
    """The plan as typed; what the form does not ask about stays as it was."""
    table = plan_table(plan_of(last)) if last else {}
    table["date"] = _day(post.get("date", ""))
    table |= {name: _number(post[name]) for name in ("line", "half_life_days") if post.get(name, "").strip()}
    table["places"] = {
        name.removeprefix("places-"): _number(value)
        for name, value in post.items()
        if name.startswith("places-") and value.strip() not in ("", "0")
    }
    strict = {
        name: _number(post[f"strict-{name}"]) for name in ("mean", "sd") if post.get(f"strict-{name}", "").strip()
    }
    table["strictness"] = {**table.get("strictness", {}), **strict} if strict else {}
    methods = {kind: _method(post, kind) for kind in _METHODS if post.get(f"{kind}-value", "").strip()}
    table["methods"] = methods
    table["veto"] = _vetoes(post, table.get("veto", []), vetoes)
    return {name: value for name, value in table.items() if value not in ({}, [])}


def _method(post: Mapping[str, str], kind: str) -> dict[str, Any]:
    se = post.get(f"{kind}-se", "").strip()
    return {"value": _number(post[f"{kind}-value"]), **({"se": _number(se)} if se else {})}


def _vetoes(post: Mapping[str, str], kept: list[dict[str, Any]], items: list[Any]) -> list[dict[str, Any]]:
    names = {item.text for item in items}
    found = [row for row in kept if row["name"] not in names]
    for item in items:
        chance = _number(post.get(f"veto-{item.code}", "") or "0")
        if chance:
            effect = {"points": float(item.points)} if item.points is not None else {"fail": True}
            share = round(chance / 100, 6) if isinstance(chance, int | float) else chance
            found.append({"name": item.text, "probability": share, **effect})
    return found


def _home(request: HttpRequest) -> Any:
    home = home_of(actor_of(request))
    if home is None:
        raise NotFound
    return home


def _save(request: HttpRequest, home: Any, last: ExamSetting | None) -> HttpResponse:
    post = request.POST
    edition = post.get("edition", "")
    edition_id = int(edition) if edition.isdecimal() and len(edition) < 10 else 0
    toml = post.get("toml", "")
    if post.get("act") == "form":
        vetoes = list(edition_tree(edition_id).veto_items) if edition_id else []
        toml = toml_text(_table(post.dict(), last, vetoes))
    put_setting(
        home_id=home.pk, edition_id=edition_id, toml=toml.replace("\r\n", "\n"), by=actor_of(request), now=now_of(request),
        seen_version=seen_version(request),
    )  # fmt: skip
    messages.success(request, _("测评设想已保存。按“重新预测”就按它计算，每天清早也会自动计算一次。"))
    return redirect("web:desk:readiness")


@door(Permission.FORECAST_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def setting(request: HttpRequest) -> HttpResponse:
    """The form, the same as a file, and past examinations."""
    home, actor = _home(request), actor_of(request)
    last = newest_setting(home.pk)
    if request.method == "POST" and not may(actor, Permission.FORECAST_PLAN):
        raise Refused(_("测评设想由区文明办填写。"))
    tried = attempt(request, lambda: _save(request, home, last))
    if tried.went is not None:
        return tried.went
    return _page(request, home, last, tried.objections, tried.status)


def _page(request: HttpRequest, home: Any, last: ExamSetting | None, objections: Any, status: int) -> HttpResponse:
    posted = request.POST.dict() if request.method == "POST" else {}
    published = list(editions().filter(published_at__isnull=False))
    chosen = posted.get("edition", "") or request.GET.get("edition", "")
    known = {str(one.pk): one for one in published}
    edition = known.get(chosen) or (edition_for(last.edition_id) if last else next(iter(published), None))
    table = plan_table(plan_of(last)) if last else {}
    strict = strictness_of(home.pk)
    context: Context = {
        "home": home, "last": last, "published": published, "edition": edition, "objections": objections, "posted": posted,
        "values": _values(table, posted), "types": _types(edition, home, table, posted), "crumbs": crumbs(),
        "vetoes": _veto_rows(edition, table, posted), "toml": posted.get("toml") or (last.toml if last else ""),
        "past": [(row, _difference(row)) for row in past_exams(home.pk)], "strict": strict, "now": now_of(request),
        "versions": settings_of(home.pk), "may_plan": may(actor_of(request), Permission.FORECAST_PLAN),
    }  # fmt: skip
    return render(request, "desk/readiness_setting.html", context, status=status)


def _difference(row: Any) -> float:
    return Pair(float(row.our_rate), row.our_checks, float(row.their_rate), row.their_checks).difference


def _values(table: Mapping[str, Any], posted: Mapping[str, str]) -> dict[str, str]:
    """What the plain fields hold: as typed, else as saved."""
    saved: dict[str, Any] = {name: table.get(name, "") for name in _PLAIN}
    saved["half_life_days"] = saved["half_life_days"] or 180
    strict = table.get("strictness", {})
    saved |= {"strict_mean": strict.get("mean", ""), "strict_sd": strict.get("sd", "")}
    for kind in _METHODS:
        score = table.get("methods", {}).get(kind, {})
        saved |= {f"{kind}_value": score.get("value", ""), f"{kind}_se": score.get("se", "")}
    return {name: posted.get(name.replace("_value", "-value").replace("_se", "-se").replace("strict_", "strict-"),
                             _plain(value)) for name, value in saved.items()}  # fmt: skip


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _types(edition: Any, home: Any, table: Mapping[str, Any], posted: Mapping[str, str]) -> list[TypeRow]:
    if edition is None:
        return []
    there, drawn = places_by_type(home), table.get("places", {})
    rows = edition.criteria.filter(method="field", weight__gt=0, point_type__isnull=False).order_by(
        "point_type__position", "point_type__code"
    )
    return [
        TypeRow(
            code, name, there.get(code, 0),
            posted.get(f"places-{code}", str(drawn.get(code, drawn.get(name, "")))),
        )
        for code, name in rows.values_list("point_type_id", "point_type__name").distinct()
    ]  # fmt: skip


def _veto_rows(edition: Any, table: Mapping[str, Any], posted: Mapping[str, str]) -> list[VetoRow]:
    if edition is None:
        return []
    saved = {row["name"]: row["probability"] for row in table.get("veto", [])}
    return [
        VetoRow(
            f"veto-{item.code}", item.text,
            _("扣 %(points)s 分") % {"points": item.points.normalize()} if item.points is not None else _("不能通过"),
            posted.get(f"veto-{item.code}", f"{100 * saved[item.text]:g}" if item.text in saved else ""),
        )
        for item in edition.veto_items.all()
    ]  # fmt: skip


@door(Permission.FORECAST_SEE)
@require_safe
def plan_file(request: HttpRequest) -> HttpResponse:
    """The setting as the command's P.toml."""
    last = newest_setting(_home(request).pk)
    if last is None:
        raise NotFound(_("还没有测评设想。"))
    return download(last.toml.encode(), _("测评设想 第%(version)s版.toml") % {"version": last.version})


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _whole(text: str) -> int | None:
    text = text.strip().replace(",", "")
    return int(text) if text.isdecimal() and len(text) < 12 else None


@door(Permission.FORECAST_PLAN)
@require_POST
def past(request: HttpRequest) -> HttpResponse:
    """Enter a past examination, or withdraw one."""
    home, post = _home(request), request.POST
    by, now = actor_of(request), now_of(request)

    def act() -> HttpResponse:
        if post.get("act") == "withdraw":
            withdraw_past_exam(exam_id=_whole(post.get("exam", "")) or 0, by=by, now=now)
            messages.success(request, _("已撤销，下次预测不再用它。"))
            return redirect("web:desk:readiness-setting")
        day = _day(post.get("held_on", ""))
        enter_past_exam(
            home_id=home.pk, name=post.get("name", ""), held_on=None if isinstance(day, str) else day,
            our_rate=_decimal(post.get("our_rate", "")), our_checks=_whole(post.get("our_checks", "")),
            their_rate=_decimal(post.get("their_rate", "")), their_checks=_whole(post.get("their_checks", "")),
            source=post.get("source", ""), by=by, now=now,
        )  # fmt: skip
        messages.success(request, _("已登记，下次预测用它推算测评员的宽严。"))
        return redirect("web:desk:readiness-setting")

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    return _page(request, home, newest_setting(home.pk), tried.objections, tried.status)


urls = [
    path("readiness/setting/", setting, name="readiness-setting"),
    path("readiness/setting/plan.toml", plan_file, name="readiness-toml"),
    path("readiness/past/", past, name="readiness-past"),
]
