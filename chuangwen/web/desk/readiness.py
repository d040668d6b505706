"""测评准备: would we pass, how many days are left, what to fix first, what could cost everything. One page, also printed
and on a wall (`?wall=1`).
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuangwen.forecasts.operations import ask_forecast
from chuangwen.forecasts.queries import (
    Run,
    first_levers,
    home_of,
    newest_runs,
    newest_setting,
    run_for,
    runs_of,
    veto_watch,
)
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk import readiness_board as board
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.routing import key_of
from chuangwen.web.uploads import fresh_key

WALL_SECONDS, BUSY_SECONDS, LEVERS = 60, 2, 3


def _figures(run: Run) -> Context:
    total, line = run.result["total"], run.result["line"]
    gap = total["mean"] - line
    return {
        "total": total, "line": line, "chance": run.result["p_pass"], "said": board.said_of(run.result["p_pass"]),
        "bar": board.bar_of(total, line), "gap": board.gap_words(gap), "methods": board.methods_of(run),
        "changes": board.changes_of(run), "warnings": board.warnings_of(run), "drivers": board.drivers_of(run.result),
        **_since(run),
    }  # fmt: skip


def _since(run: Run) -> Context:
    before = run.compared_with
    if before is None or before.result is None:
        return {"before": None}
    moved = run.result["total"]["mean"] - before.result["total"]["mean"]
    return {
        "before": before, "moved": board.signed(moved), "rose": moved >= 0,
        "chance_before": before.result["p_pass"], "noise": _noise(run, before),
    }  # fmt: skip


def _noise(run: Run, before: Run) -> float:
    """Twice the standard error that simulation alone leaves in the difference of two means."""
    errors = sum(one.result["total"]["sd"] ** 2 / one.runs for one in (run, before))
    return float(2 * errors**0.5)


@door(Permission.FORECAST_SEE)
@require_safe
def readiness(request: HttpRequest) -> HttpResponse:
    """The page for the leaders; every figure is a link to what it rests on."""
    actor, now = actor_of(request), now_of(request)
    home = home_of(actor)
    if home is None:
        raise NotFound
    setting = newest_setting(home.pk)
    done, later = newest_runs(home.pk)
    busy = later is not None and later.finished_at is None
    wall = request.GET.get("wall") == "1"
    context: Context = {
        "home": home, "setting": setting, "run": done, "later": later, "busy": busy, "wall": wall, "now": now,
        "live": BUSY_SECONDS if busy else WALL_SECONDS if wall else 0, "client_key": fresh_key(),
        "may_ask": may(actor, Permission.FORECAST_PLAN),
        "days": board.days_left(setting.day, now, SHANGHAI) if setting else None,
    }  # fmt: skip
    if done is not None:
        watch = veto_watch(actor, home, done.setting.edition_id, now)
        context |= _figures(done) | {
            "levers": first_levers(done, LEVERS), "watch": watch, "watch_url": board.veto_cases_url(watch),
            "outdated": setting is not None and setting.pk != done.setting_id, "mocks_url": board.route("mocks"),
            "materials_url": board.route("declarations"), "material": done.counts.get("material"),
            "mocks": done.counts.get("mocks", []),
        }  # fmt: skip
    return render(request, "desk/readiness.html", context)


@door(Permission.FORECAST_PLAN)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """重新预测: the worker computes it, the page shows how far it is."""
    home = home_of(actor_of(request))
    if home is None:
        raise NotFound
    try:
        ask_forecast(home_id=home.pk, by=actor_of(request), now=now_of(request), client_key=key_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        for sentence in refusal.objections:
            messages.error(request, sentence)
    return redirect("web:desk:readiness")


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    """Where a page below 测评准备 stands."""
    return [{"label": str(label), "url": url} for label, url in ((_("测评准备"), board.route("readiness")), *more)]


@door(Permission.FORECAST_SEE)
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Every forecast so far, newest first."""
    page = list_page(request, runs_of(actor_of(request)).defer("site_values"))
    return render(request, "desk/readiness_runs.html", {"page": page, "crumbs": crumbs(), "now": now_of(request)})


@door(Permission.FORECAST_SEE)
@require_safe
def one_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One forecast as it was: figures, what they rest on, why they differ from a week before."""
    run = run_for(actor_of(request), run_id)
    context: Context = {
        "run": run,
        "crumbs": crumbs((_("历次预测"), board.route("readiness-runs"))),
        "now": now_of(request),
    }
    if run.result is not None:
        names: dict[str, Any] = dict(
            run.setting.edition.criteria.order_by().values_list("point_type_id", "point_type__name").distinct()
        )
        types = [(names.get(code, code), band) for code, band in run.result["by_type"].items()]
        context |= _figures(run) | {"types": sorted(types, key=lambda pair: pair[1]["mean"])}
    return render(request, "desk/readiness_run.html", context)


urls = [
    path("readiness/", readiness, name="readiness"),
    path("readiness/ask/", ask, name="readiness-ask"),
    path("readiness/runs/", runs, name="readiness-runs"),
    path("readiness/runs/<int:run_id>/", one_run, name="readiness-run"),
]
