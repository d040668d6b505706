"""派单规则: sets with their rules, a simple editor, files in and out, and the chief's decision."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.routing import operations as work
from chuangwen.routing.queries import (
    RuleSet,
    common_units,
    ground,
    in_force,
    last_month,
    replays_of,
    rule_set_for,
    rule_sets_for,
    warnings_of,
)
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.routing import WAY_WORDS, conditions
from chuangwen.rules.routing_files import columns, row_of, write_sheet, write_toml
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.files import download, upload_of
from chuangwen.web.desk.lists import list_page
from chuangwen.web.uploads import fresh_key


def today_of(request: HttpRequest) -> date:
    """The day in Beijing."""
    return now_of(request).astimezone(SHANGHAI).date()


def key_of(request: HttpRequest) -> str | None:
    """What names this submission."""
    return request.POST.get("client_key", "")[:64] or None


def state_of(row: RuleSet, counting: int | None, today: date) -> dict[str, str]:
    """What a set is now, as a badge."""
    if row.is_draft:
        return {"label": _("草稿"), "tone": "neutral", "icon": "file-text"}
    if row.pk == counting:
        return {"label": _("现行"), "tone": "good", "icon": "circle-check"}
    if not row.began(today):
        return {"label": _("将起用"), "tone": "info", "icon": "clock"}
    return {"label": _("已被替换"), "tone": "neutral", "icon": "circle-dot"}


def _counting(row: RuleSet, today: date) -> int | None:
    found = in_force(row.home.path, today)
    return found.pk if found else None


def crumbs_of(row: RuleSet | None = None) -> list[dict[str, str]]:
    """The way here."""
    crumbs = [{"label": _("派单规则"), "url": reverse("web:desk:routing")}]
    return crumbs + ([{"label": row.name, "url": reverse("web:desk:routing-set", args=[row.pk])}] if row else [])


@door(Permission.ROUTING_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def routing(request: HttpRequest) -> HttpResponse:
    """All sets, newest first; sent off: a new draft, empty or copied."""
    actor, now, today = actor_of(request), now_of(request), today_of(request)
    copy = request.POST.get("copy", "")

    def act() -> HttpResponse:
        row = work.draft_set(
            name=request.POST.get("name", ""), copy_id=int(copy) if copy.isdecimal() and len(copy) < 16 else None,
            by=actor, now=now, client_key=key_of(request),
        )  # fmt: skip
        return redirect("web:desk:routing-set", row.pk)

    tried = attempt(request, act)
    if tried.went:
        return tried.went
    page = list_page(request, rule_sets_for(actor))
    rows = [(row, state_of(row, _counting(row, today), today)) for row in page.rows]
    context = {
        "page": page, "rows": rows, "now": now, "may_edit": may(actor, Permission.ROUTING_EDIT),
        "objections": tried.objections, "client_key": request.POST.get("client_key") or fresh_key(),
        "typed": request.POST.get("name", ""), "counting": next((r.pk for r, s in rows if s["tone"] == "good"), ""),
    }  # fmt: skip
    return render(request, "desk/routing.html", context, status=tried.status)


def _lines(row: RuleSet) -> Sequence[dict[str, Any]]:
    atlas = ground().atlas
    return [
        {"place": place, "rule": rule, "when": conditions(rule, atlas), "to": rule.to.words(atlas)}
        for place, rule in enumerate(row.listed(), start=1)
    ]


def _page(request: HttpRequest, row: RuleSet, status: int = 200, **more: Any) -> HttpResponse:
    actor, today = actor_of(request), today_of(request)
    since, until = last_month(today)
    replays = replays_of(row)
    context: Context = {
        "row": row, "lines": _lines(row), "warnings": warnings_of(row), "replays": replays, "now": now_of(request),
        "state": state_of(row, _counting(row, today), today), "crumbs": crumbs_of(), "since": since, "until": until,
        "may_edit": row.is_draft and may(actor, Permission.ROUTING_EDIT), "may_copy": may(actor, Permission.ROUTING_EDIT),
        "may_force": row.is_draft and may(actor, Permission.ROUTING_FORCE), "client_key": fresh_key(),
        "tried": any(each.digest == row.digest and each.finished_at for each in replays),
    }  # fmt: skip
    return render(request, "desk/routing_set.html", context | more, status=status)


@door(Permission.ROUTING_SEE)
@require_safe
def rule_set(request: HttpRequest, set_id: int) -> HttpResponse:
    """One set: its rules in order, what is never reached, its replays."""
    return _page(request, rule_set_for(actor_of(request), set_id))


@door(Permission.ROUTING_EDIT)
@require_POST
def upload(request: HttpRequest, set_id: int) -> HttpResponse:
    """The rules of a file take the place of the draft's; refused: the page again with everything that is wrong."""
    row = rule_set_for(actor_of(request), set_id)
    try:
        file = upload_of(request)
        changed = work.upload_rules(
            set_id=set_id, content=file.content, file_name=file.name, seen_version=seen_version(request),
            by=actor_of(request), now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except (BadInput, Refused) as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return _page(request, row, status, file_objections=refusal.objections)
    messages.success(request, _("已换成文件里的 %(n)d 条规则，请重新试算。") % {"n": len(changed.rules)})
    return redirect("web:desk:routing-set", set_id)


@door(Permission.ROUTING_SEE)
@require_safe
def export(request: HttpRequest, set_id: int) -> HttpResponse:
    """The set as a spreadsheet, or as TOML with the units and areas it rests on."""
    row = rule_set_for(actor_of(request), set_id)
    if request.GET.get("as") == "toml":
        return download(write_toml(row.name, row.listed(), ground().atlas).encode(), f"{row.name}.toml")
    return download(write_sheet(row.listed()), f"{row.name}.xlsx")


class RuleForm(forms.Form):
    """One rule as a row of texts; what they mean is for the rules to say."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for column in columns():
            attrs = (
                {"list": "cw-routing-units", "autocomplete": "off"} if column.name == "to" else {"autocomplete": "off"}
            )
            self.fields[column.name] = forms.CharField(
                label=column.label, required=column.required, help_text=column.note, widget=forms.TextInput(attrs=attrs)
            )


@door(Permission.ROUTING_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, set_id: int, place: int) -> HttpResponse:
    """The editor of one rule; place 0 is a new one at the end."""
    row = rule_set_for(actor_of(request), set_id)
    rules = row.listed()
    if not row.is_draft or place > len(rules):
        raise NotFound
    form = RuleForm(request.POST or None, initial=vars(row_of(rules[place - 1])) if place else {})
    said: Sequence[str] = ()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                work.put_rule(
                    set_id=set_id, place=place or None, raw=form.cleaned_data, seen_version=seen_version(request),
                    by=actor_of(request), now=now_of(request),
                )  # fmt: skip
                messages.success(request, _("规则已存入草稿，请重新试算。"))
                return redirect("web:desk:routing-set", set_id)
            except NotFound:
                raise
            except (BadInput, Refused) as refusal:
                said, status = refusal.objections, 409 if isinstance(refusal, Conflict) else 422
    context = {
        "row": row, "place": place, "form": form, "objections": said, "crumbs": crumbs_of(row),
        "targets": [*WAY_WORDS.values(), *(f"{name}（{code}）" for code, name in common_units())],
    }  # fmt: skip
    return render(request, "desk/routing_rule.html", context, status=status)


@door(Permission.ROUTING_EDIT)
@require_POST
def rule_act(request: HttpRequest, set_id: int, place: int, act: str) -> HttpResponse:
    """Move a rule up or down, or take it out."""
    row = rule_set_for(actor_of(request), set_id)
    facts: dict[str, Any] = {
        "set_id": set_id, "place": place, "seen_version": seen_version(request), "by": actor_of(request),
        "now": now_of(request),
    }  # fmt: skip
    try:
        if act == "drop":
            work.drop_rule(**facts)
        elif act in {"up", "down"}:
            work.move_rule(**facts, up=act == "up")
        else:
            raise NotFound
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, row, 409 if isinstance(refusal, Conflict) else 422, objections=refusal.objections)
    return redirect(f"{reverse('web:desk:routing-set', args=[set_id])}#rules")


class ForceForm(forms.Form):
    """From which day."""

    from_day = forms.DateField(
        label=gettext_lazy("起用日"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("从这一天零点起，派遣时按这套规则建议；原来的一套留着备查。"),
        error_messages={"invalid": gettext_lazy("日期应写成 2020-06-28。")},
    )


@door(Permission.ROUTING_FORCE)
@require_http_methods(["GET", "HEAD", "POST"])
def force(request: HttpRequest, set_id: int) -> HttpResponse:
    """The chief's decision: what the replay said, from which day."""
    row, today = rule_set_for(actor_of(request), set_id), today_of(request)
    form = ForceForm(request.POST or None, initial={"from_day": today})

    def act() -> HttpResponse:
        if not form.is_valid():
            raise Refused([])
        done = work.put_in_force(
            set_id=set_id, from_day=form.cleaned_data["from_day"], seen_version=seen_version(request),
            by=actor_of(request), now=now_of(request), today=today,
        )  # fmt: skip
        messages.success(request, _("已决定起用，从 %(day)s 起按这套规则建议。") % {"day": done.from_day})
        return redirect("web:desk:routing-set", set_id)

    tried = attempt(request, act)
    if tried.went:
        return tried.went
    latest = next((each for each in replays_of(row) if each.digest == row.digest and each.finished_at), None)
    context = {
        "row": row, "form": form, "objections": tried.objections, "crumbs": crumbs_of(row), "replay": latest,
        "warnings": warnings_of(row), "now": now_of(request),
    }  # fmt: skip
    return render(request, "desk/routing_force.html", context, status=tried.status)


@door(Permission.ROUTING_EDIT)
@require_POST
def discard(request: HttpRequest, set_id: int) -> HttpResponse:
    """Throw a draft away."""
    row = rule_set_for(actor_of(request), set_id)
    try:
        work.discard_set(set_id=set_id, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, row, 422, objections=refusal.objections)
    messages.success(request, _("草稿已删除。"))
    return redirect("web:desk:routing")


urls = [
    path("routing/", routing, name="routing"),
    path("routing/<int:set_id>/", rule_set, name="routing-set"),
    path("routing/<int:set_id>/upload/", upload, name="routing-upload"),
    path("routing/<int:set_id>/export/", export, name="routing-export"),
    path("routing/<int:set_id>/rules/<int:place>/", rule, name="routing-rule"),
    path("routing/<int:set_id>/rules/<int:place>/<str:act>/", rule_act, name="routing-rule-act"),
    path("routing/<int:set_id>/force/", force, name="routing-force"),
    path("routing/<int:set_id>/discard/", discard, name="routing-discard"),
]
