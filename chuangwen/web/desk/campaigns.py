"""排查与专项 on the desk: the list, a new one, one with its progress, its steps, its history."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.bulletins.checks import personal_data
from chuangwen.campaigns import operations
from chuangwen.campaigns.coverage import coverage_by_campaign
from chuangwen.campaigns.drafting import draft_campaign, edit_campaign
from chuangwen.campaigns.queries import campaign_for, campaigns_for, team_of, with_next_milestone
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.journal.queries import events_of
from chuangwen.rules.campaigns import CampaignKind, CampaignStatus
from chuangwen.rules.coverage import Coverage
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.burden_forms import posted_meetings, start_context
from chuangwen.web.desk.campaign_forms import FORMS, CampaignForm, form_for, initial_of
from chuangwen.web.desk.campaign_frame import STATES, campaign_context, crumbs, history, state_look
from chuangwen.web.desk.campaign_progress import dragnet_progress, special_progress
from chuangwen.web.desk.conflicts import differences
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page
from chuangwen.web.desk.unit_choice import common_units
from chuangwen.web.uploads import fresh_key

KINDS = {kind.value: gettext_lazy(kind.label) for kind in CampaignKind}


class CampaignFilter(FilterForm):
    """The conditions of the list."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"), required=False, choices=choices_of([*KINDS.items()]))
    status = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False,
        choices=choices_of([(name, label) for name, (label, _tone, _icon) in STATES.items()]),
    )  # fmt: skip


@door(Permission.CAMPAIGN_SEE)
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign that this person may see, the latest first, each with how far it is."""
    actor, now = actor_of(request), now_of(request)
    form = CampaignFilter(request.GET)
    rows = campaigns_for(actor).select_related("home")
    for name in ("kind", "status"):
        if value := form.value(name):
            rows = rows.filter(**{name: value})
    page = list_page(request, with_next_milestone(rows).order_by("-starts_on", "-id"))
    coverage = coverage_by_campaign(actor, [row for row in page.rows if row.flow_status is not CampaignStatus.DRAFT])
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now,
        "rows": [(row, state_look(row.status), coverage.get(row.pk, Coverage())) for row in page.rows],
        "actions": _new_links() if may(actor, Permission.CAMPAIGN_PLAN) else [],
    }  # fmt: skip
    return render(request, "desk/campaigns.html", context)


def _new_links() -> list[dict[str, Any]]:
    address = reverse("web:desk:campaign-new")
    return [
        {"label": _("新建拉网式排查"), "url": f"{address}?kind=dragnet", "icon": "plus", "primary": True},
        {"label": _("新建专项行动"), "url": f"{address}?kind=special", "icon": "plus"},
    ]


# --- a draft ---


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", CampaignKind.DRAGNET.value)
    if kind not in FORMS:
        raise Http404
    return kind


@door(Permission.CAMPAIGN_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A draft of either kind (`kind` in the address); nothing starts yet."""
    kind, actor, now = _kind(request), actor_of(request), now_of(request)
    today = now.date()
    form = form_for(
        kind, request, now=now, actor=actor, initial={"starts_on": today, "ends_on": today + timedelta(days=13)}
    )
    if request.method != "POST":
        return _form_page(request, form, kind)
    if not form.is_valid():
        return _form_page(request, form, kind)
    key = request.POST.get("client_key", "")[:64] or None
    try:
        made = draft_campaign(kind=kind, facts=form.facts(), by=actor, now=now, client_key=key)
    except Refused as refusal:
        return _form_page(request, form, kind, objections=refusal.objections)
    messages.success(request, _("草稿已保存，还没有启动。请核对后启动。"))
    return redirect("web:desk:campaign", made.pk)


def _form_page(request: HttpRequest, form: CampaignForm, kind: str, **more: Any) -> HttpResponse:
    campaign = more.get("campaign")
    context: Context = {
        "form": form, "kind": kind, "kind_label": KINDS[kind], "crumbs": crumbs(campaign),
        "client_key": request.POST.get("client_key") or fresh_key(), "units": common_units(actor_of(request)), **more,
    }  # fmt: skip
    failed = bool(more.get("objections") or form.errors)
    status = 409 if more.get("conflict") else 422 if failed else 200
    return render(request, "desk/campaign_form.html", context, status=status)


@door(Permission.CAMPAIGN_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Put other facts into a draft."""
    actor, now = actor_of(request), now_of(request)
    found = campaign_for(actor, campaign_id)
    if found.flow_status is not CampaignStatus.DRAFT:
        messages.error(request, _("已经启动，不能再改。要改范围请补入或剔除点位，或者取消后另建。"))
        return redirect("web:desk:campaign", campaign_id)
    saved = initial_of(found, team_of(found))
    form = form_for(found.kind, request, now=now, actor=actor, initial=saved)
    more: dict[str, Any] = {"campaign": found}
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, found.kind, **more)
    try:
        edit_campaign(
            campaign_id=campaign_id, facts=form.facts(), by=actor, now=now,
            seen_version=seen_version(request),
        )  # fmt: skip
    except Conflict:
        conflict = differences(form, {name: saved[name] for name in ("title", "aim", "starts_on", "ends_on")})
        same = [(_("其他内容"), _("见表单"), _("请核对"))]
        return _form_page(request, form, found.kind, **more, conflict=conflict or same)
    except Refused as refusal:
        return _form_page(request, form, found.kind, **more, objections=refusal.objections)
    messages.success(request, _("草稿已改好。"))
    return redirect("web:desk:campaign", campaign_id)


# --- one campaign ---


def _page(request: HttpRequest, campaign_id: int, **more: Any) -> HttpResponse:
    context = campaign_context(request, campaign_id, "campaign")
    progress = dragnet_progress if context["campaign"].is_dragnet else special_progress
    context |= progress(request, context["campaign"], context["now"]) | more
    if context["campaign"].status == "draft" and context["plans"]:
        context |= start_context(request, context["campaign"], context["now"])
    template = "desk/campaign_dragnet.html" if context["campaign"].is_dragnet else "desk/campaign_special.html"
    status = 409 if more.get("conflicted") else 422 if more.get("objections") else 200
    return render(request, template, context, status=status)


@door(Permission.CAMPAIGN_SEE)
@require_safe
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """How far it is: coverage of a dragnet check, targets and trend of a special campaign."""
    return _page(request, campaign_id)


@door(Permission.CAMPAIGN_SEE)
@require_safe
def log(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What happened, newest first."""
    context = campaign_context(request, campaign_id, "campaign-log")
    seen = [event for event in events_of("campaign", campaign_id) if context["whole"] or "site_name" not in event.facts]
    return render(request, "desk/campaign_log.html", context | {"items": history(seen)})


_SAID: Mapping[str, Any] = {
    "start": gettext_lazy("已启动。"),
    "close": gettext_lazy("已结束，结论已记录。"),
    "cancel": gettext_lazy("已取消。已有的巡查和案件保留。"),
    "release": gettext_lazy("已公开，居民现在可以看到。"),
    "withdraw": gettext_lazy("公开页已撤下。"),
}


def _step(request: HttpRequest, campaign_id: int, move: str, **given: Any) -> HttpResponse:
    actor = actor_of(request)
    campaign_for(actor, campaign_id)
    do = getattr(operations, f"{move}_campaign")
    try:
        do(
            campaign_id=campaign_id, by=actor, now=now_of(request), **given,
            seen_version=seen_version(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        typed = {"moved": move, "typed": next((said for said in given.values() if isinstance(said, str)), "")}
        return _page(
            request, campaign_id, objections=refusal.objections, conflicted=isinstance(refusal, Conflict), **typed
        )
    messages.success(request, str(_SAID[move]))
    return redirect("web:desk:campaign", campaign_id)


@door(Permission.CAMPAIGN_PLAN)
@require_POST
def start(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The draft runs, when its time fits into the budgets or the chief says why it starts all the same."""
    meetings, overrule = posted_meetings(request), request.POST.get("overrule", "")
    return _step(request, campaign_id, "start", meetings=meetings, overrule=overrule)


@door(Permission.CAMPAIGN_PLAN)
@require_POST
def close(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """It is over, with a conclusion."""
    return _step(request, campaign_id, "close", conclusion=request.POST.get("conclusion", ""))


@door(Permission.CAMPAIGN_PLAN)
@require_POST
def cancel(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """It does not go on, with a reason."""
    return _step(request, campaign_id, "cancel", reason=request.POST.get("reason", ""))


@door(Permission.CAMPAIGN_RELEASE)
@require_POST
def release(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Residents may see it; no telephone numbers or identity numbers in what they read."""
    found = campaign_for(actor_of(request), campaign_id)
    if objections := personal_data([found.title, found.aim, found.conclusion]):
        return _page(request, campaign_id, objections=objections)
    return _step(request, campaign_id, "release")


@door(Permission.CAMPAIGN_RELEASE)
@require_POST
def withdraw(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The public page is taken down, with a reason."""
    return _step(request, campaign_id, "withdraw", reason=request.POST.get("reason", ""))


urls = [
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/new/", new, name="campaign-new"),
    path("campaigns/<int:campaign_id>/", campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/edit/", edit, name="campaign-edit"),
    path("campaigns/<int:campaign_id>/log/", log, name="campaign-log"),
    path("campaigns/<int:campaign_id>/start/", start, name="campaign-start"),
    path("campaigns/<int:campaign_id>/close/", close, name="campaign-close"),
    path("campaigns/<int:campaign_id>/cancel/", cancel, name="campaign-cancel"),
    path("campaigns/<int:campaign_id>/release/", release, name="campaign-release"),
    path("campaigns/<int:campaign_id>/withdraw/", withdraw, name="campaign-withdraw"),
]
