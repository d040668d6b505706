"""What plans are made with: teams, and what a stop takes at each type of site."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.planning.operations import put_team, put_terms
from chuangwen.planning.queries import home_of, needs_of, team_for, teams_for
from chuangwen.rules.permissions import Permission
from chuangwen.rules.planning import clock
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.day_plan_forms import TeamForm, typed_terms


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("巡查路线"), "url": reverse("web:desk:plans")}, *more]


@door(Permission.PLAN_MAKE)
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The teams of the office."""
    rows = [
        (team, clock(team.begins), clock(team.ends)) for team in teams_for(actor_of(request)).order_by("name", "id")
    ]
    actions = [{"label": _("加一支队伍"), "url": reverse("web:desk:plan-team-new"), "icon": "plus", "primary": True}]
    return render(request, "desk/day_plan_teams.html", {"rows": rows, "actions": actions, "crumbs": _crumbs()})


@door(Permission.PLAN_MAKE)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: int | None = None) -> HttpResponse:
    """A new team, or another one's facts."""
    found = None if team_id is None else team_for(actor_of(request), team_id)
    posted = request.method == "POST"
    form = TeamForm(request, request.POST if posted else None, team=found)
    objections: Sequence[str] = ()
    if posted and form.is_valid():
        try:
            saved = put_team(team_id=team_id, by=actor_of(request), now=now_of(request), **form.facts())
        except NotFound:
            raise
        except Refused as refusal:
            objections = refusal.objections
        else:
            messages.success(request, _("%(name)s已保存；已经排好的路线不变。") % {"name": saved.name})
            return redirect("web:desk:plan-teams")
    crumbs = _crumbs({"label": _("队伍"), "url": reverse("web:desk:plan-teams")})
    context = {"form": form, "team": found, "objections": objections, "crumbs": crumbs}
    return render(request, "desk/day_plan_team.html", context, status=422 if posted else 200)


@door(Permission.PLAN_MAKE)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """Minutes and windows of every type of site."""
    actor = actor_of(request)
    home = home_of(actor)
    if home is None:
        raise NotFound
    known = needs_of(home.pk)
    objections: Sequence[str] = ()
    if request.method == "POST":
        found, objections = typed_terms(request.POST, [(code, name) for code, (name, _needs, _own) in known.items()])
        if not objections:
            try:
                changed = put_terms(terms=found, by=actor, now=now_of(request))
            except Refused as refusal:
                objections = refusal.objections
            else:
                said = _("已改 %(n)d 类，下次排路线按新的。") if changed else _("没有改动。")
                messages.success(request, said % {"n": changed} if changed else said)
                return redirect("web:desk:plan-terms")
    rows = [_row(request, code, *entry) for code, entry in known.items()]
    context = {"rows": rows, "objections": objections, "crumbs": _crumbs()}
    return render(request, "desk/day_plan_terms.html", context, status=422 if objections else 200)


def _row(request: HttpRequest, code: str, name: str, needs: Any, own: bool) -> dict[str, Any]:
    shown = {"minutes": str(needs.minutes), "opens": clock(needs.opens), "closes": clock(needs.closes)}
    typed = {part: request.POST.get(f"{part}-{code}", usual) for part, usual in shown.items()}
    return {"code": code, "name": name, "own": own, **typed}


urls = [
    path("plans/teams/", teams, name="plan-teams"),
    path("plans/teams/new/", team, name="plan-team-new"),
    path("plans/teams/<int:team_id>/", team, name="plan-team"),
    path("plans/terms/", terms, name="plan-terms"),
]
