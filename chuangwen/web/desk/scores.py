"""计分排名: the sheets, computing one, one sheet with its rule and reasons, making it official, throwing a draft away."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.scoring import Rule
from chuangwen.scores.operations import compute_sheet, discard_sheet, release_sheet
from chuangwen.scores.queries import (
    league_table,
    may_discard,
    may_release,
    recompute,
    sheet_for,
    sheets_for,
    usable_rules,
)
from chuangwen.web.desk import score_fair, score_lines, score_rates, score_showing
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.league import Address, League, conventions, formula, leagues, left_out
from chuangwen.web.uploads import fresh_key

NOT_SAID = gettext_lazy(
    "名次只比较这段时间里被巡查到的点位和街道承办的案件，不代表一个街道的全部工作，也说不出差距的原因；"
    "总分接近的街道，换一批点位名次就可能变。"
)
REMEMBERED = 20  # submissions of one session that are taken only once


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


class MonthField(forms.CharField):
    """A month such as 2020-06, as its first day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, widget=forms.TextInput(attrs={"type": "month", "placeholder": "2020-06"}))

    def clean(self, value: Any) -> Any:
        """The first day of the month."""
        text = super().clean(value)
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise ValidationError(_("月份应写成 2020-06。")) from error


class ComputeForm(forms.Form):
    """By which rule, and which month."""

    rule = forms.ChoiceField(label=gettext_lazy("规则"), widget=forms.RadioSelect)
    month = MonthField(
        label=gettext_lazy("月份"), help_text=gettext_lazy("整月计算；没有结束的月份只能算草稿，不能发布。")
    )
    note = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("随得分表保存，例如为什么重算。"),
    )  # fmt: skip

    def __init__(self, *given: Any, rules: Sequence[Rule], **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(rule.name, rule.title) for rule in rules]


@door(Permission.SCORE_SEE)
@require_safe
def sheets(request: HttpRequest) -> HttpResponse:
    """Every sheet that this person may look at, newest period first."""
    actor = actor_of(request)
    page = list_page(request, sheets_for(actor))
    actions: list[dict[str, Any]] = [
        {"label": _("现场得分率"), "url": reverse("web:desk:score-rates"), "icon": "chart-bar"}
    ]
    if may(actor, Permission.SCORE_COMPUTE):
        new = {"label": _("计算得分表"), "url": reverse("web:desk:score-new"), "icon": "plus", "primary": True}
        actions.append(new)
    rows = [(sheet, Days(sheet.period_start, sheet.period_end)) for sheet in page.rows]
    may_compute = may(actor, Permission.SCORE_COMPUTE)
    context = {"page": page, "rows": rows, "actions": actions, "may_compute": may_compute, "now": now_of(request)}
    return render(request, "desk/scores.html", context)


# --- computing ---


@door(Permission.SCORE_COMPUTE)
@require_http_methods(["GET", "HEAD", "POST"])
def compute(request: HttpRequest) -> HttpResponse:
    """Choose a rule and a month, and get a draft. The same submission twice gives the same draft."""
    rules = usable_rules()
    last = today_of(now_of(request)).replace(day=1) - timedelta(days=1)
    first = {"rule": rules[0].name if rules else "", "month": f"{last:%Y-%m}"}
    key = request.POST.get("client_key") or fresh_key()
    form = ComputeForm(request.POST if request.method == "POST" else None, rules=rules, initial=first)
    context = {
        "form": form, "rules": [(rule, formula(rule), conventions(rule)) for rule in rules], "crumbs": _crumbs(),
        "client_key": key,
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "desk/score_new.html", context)
    done: dict[str, int] = request.session.get("computed", {})
    if known := done.get(key):
        return redirect("web:desk:score", known)
    if not form.is_valid():
        return render(request, "desk/score_new.html", context, status=422)
    start, end = form.cleaned_data["month"], next_month(form.cleaned_data["month"]) - timedelta(days=1)
    try:
        made = compute_sheet(
            rule_name=form.cleaned_data["rule"], start=start, end=end, note=form.cleaned_data["note"],
            by=actor_of(request), now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return render(request, "desk/score_new.html", context | {"objections": refusal.objections}, status=422)
    request.session["computed"] = dict([*done.items(), (key, made.pk)][-REMEMBERED:])
    messages.success(request, _("已算出得分表草稿。核对理由以后，由文明办主任发布。"))
    return redirect("web:desk:score", made.pk)


def _crumbs(sheet_id: int | None = None) -> list[dict[str, Any]]:
    found = [{"label": _("计分排名"), "url": reverse("web:desk:scores")}]
    return [*found, {"label": _("得分表"), "url": reverse("web:desk:score", args=[sheet_id])}] if sheet_id else found


# --- one sheet ---


def line_address(sheet_id: int) -> Address:
    """Where the line of each unit of a sheet is."""
    return lambda unit_id: reverse("web:desk:score-line", args=[sheet_id, unit_id])


def contributions(found: Sequence[League], labels: Sequence[str]) -> dict[str, Any]:
    """What each part gives to each total, as a stacked chart."""
    rows = [
        {"label": place.name, "values": [float(mark.points) for mark in place.marks], "href": place.url}
        for league in found
        for place in league.places
    ]
    return {"title": _("各项对总分的贡献"), "unit": _("分"), "series": list(labels), "rows": rows, "horizontal": True}


def _sheet_context(request: HttpRequest, sheet_id: int) -> Context:
    actor = actor_of(request)
    found = sheet_for(actor, sheet_id)
    table, address = league_table(found), line_address(found.pk)
    ranked = leagues(table, address)
    return {
        "sheet": found, "days": Days(found.period_start, found.period_end), "leagues": ranked,
        "left_out": left_out(table, address), "part_labels": table.part_labels, "chart": contributions(ranked, table.part_labels),
        "formula": formula(found.rule), "conventions": conventions(found.rule), "rule": found.rule, "now": now_of(request),
        "may_release": may_release(actor, found), "may_discard": may_discard(actor, found), "not_said": NOT_SAID,
        "crumbs": _crumbs(), **score_showing.showing_of(request, found),
    }  # fmt: skip


@door(Permission.SCORE_SEE)
@require_safe
def sheet(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """The league table with reasons, who is left out and why, and the rule as it was used."""
    return render(request, "desk/score.html", _sheet_context(request, sheet_id))


@door(Permission.SCORE_RELEASE)
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What it means to make the sheet official; then do it."""
    found = sheet_for(actor_of(request), sheet_id)

    def act() -> HttpResponse:
        release_sheet(sheet_id=sheet_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("得分表已发布，公开页面上可以看到。"))
        return redirect("web:desk:score", sheet_id)

    tried = attempt(request, act)
    context = {
        "sheet": found, "days": Days(found.period_start, found.period_end), "objections": tried.objections,
        "differences": [] if tried.objections or found.is_released else recompute(found), "crumbs": _crumbs(sheet_id),
    }  # fmt: skip
    return tried.went or render(request, "desk/score_release.html", context, status=tried.status)


@door(Permission.SCORE_COMPUTE)
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Throw a draft away, after a question."""
    found = sheet_for(actor_of(request), sheet_id)

    def act() -> HttpResponse:
        discard_sheet(sheet_id=sheet_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("草稿已删除。"))
        return redirect("web:desk:scores")

    tried = attempt(request, act)
    context = {
        "sheet": found, "days": Days(found.period_start, found.period_end), "objections": tried.objections,
        "crumbs": _crumbs(sheet_id),
    }  # fmt: skip
    return tried.went or render(request, "desk/score_discard.html", context, status=tried.status)


urls = [
    path("scores/", sheets, name="scores"),
    path("scores/new/", compute, name="score-new"),
    path("scores/<int:sheet_id>/", sheet, name="score"),
    path("scores/<int:sheet_id>/release/", release, name="score-release"),
    path("scores/<int:sheet_id>/discard/", discard, name="score-discard"),
    *score_lines.urls,
    *score_rates.urls,
    *score_fair.urls,
    *score_showing.urls,
]
