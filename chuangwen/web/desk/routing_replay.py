"""规则试算: a draft tried on past cases, how far it is, what would go elsewhere, with the cases themselves."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.routing.queries import Replay, lines_of, replay_for, rule_set_for, unit_names
from chuangwen.routing.replays import start_replay
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.routing_replay import Tally, from_facts
from chuangwen.rules.tables import day_of
from chuangwen.web.desk.case_labels import case_url
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.routing import crumbs_of, key_of

SHOWN = ("moved", "differs")


def _day(text: str) -> Any:
    try:
        return day_of(text.strip()) if text.strip() else None
    except ValueError:
        return None


@door(Permission.ROUTING_EDIT)
@require_POST
def start(request: HttpRequest, set_id: int) -> HttpResponse:
    """Try the draft as it stands on a period's cases."""
    rule_set_for(actor_of(request), set_id)
    try:
        made = start_replay(
            set_id=set_id, since=_day(request.POST.get("since", "")), until=_day(request.POST.get("until", "")),
            by=actor_of(request), now=now_of(request), client_key=key_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        for sentence in refusal.objections:
            messages.error(request, sentence)
        return redirect("web:desk:routing-set", set_id)
    return redirect("web:desk:routing-replay", set_id, made.pk)


def _units(tally: Tally, here: str) -> Sequence[dict[str, Any]]:
    names = unit_names([row.unit for row in tally.units])
    return [
        {
            "name": names[row.unit], "row": row, "change": row.draft - row.now,
            "moved_url": f"{here}?show=moved&unit={row.unit}#cases", "differs_url": f"{here}?show=differs&unit={row.unit}#cases",
        }
        for row in tally.units
    ]  # fmt: skip


def _cases(request: HttpRequest, replay: Replay) -> Context:
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN else SHOWN[0]
    unit = request.GET.get("unit", "")[:32]
    page = list_page(request, lines_of(replay, actor=actor_of(request), which=show, unit=unit))
    names = unit_names([unit, *(code for line in page.rows for code in (line.draft, line.now, line.real))])
    rows = [(line, case_url(line.case), names[line.now], names[line.draft], names[line.real]) for line in page.rows]
    words = [names[unit]] if unit else []
    return {"page": page, "rows": rows, "show": show, "unit": unit, "conditions": words}


@door(Permission.ROUTING_SEE)
@require_safe
def replay(request: HttpRequest, set_id: int, replay_id: int) -> HttpResponse:
    """How far it is; when it is done: the figures per unit and rule, and the cases."""
    found = replay_for(actor_of(request), set_id, replay_id)
    here = reverse("web:desk:routing-replay", args=[set_id, replay_id])
    context: Context = {
        "replay": found, "row": found.rule_set, "crumbs": crumbs_of(found.rule_set), "now": now_of(request), "here": here,
        "stale": found.digest != found.rule_set.digest,
        "may_force": found.rule_set.is_draft and may(actor_of(request), Permission.ROUTING_FORCE),
    }  # fmt: skip
    if found.figures is not None:
        tally = from_facts(found.figures)
        every = _units(tally, here)
        rules = [] if context["stale"] else list(zip(found.rule_set.listed(), tally.rules, strict=True))
        context |= {
            "tally": tally, "rules": rules, "units": [each for each in every if each["change"]],
            "steady": [each for each in every if not each["change"]], **_cases(request, found),
        }  # fmt: skip
    title = _("试算 %(since)s 至 %(until)s") % {"since": found.since, "until": found.until}
    return render(request, "desk/routing_replay.html", context | {"title": title})


urls = [
    path("routing/<int:set_id>/replays/", start, name="routing-replay-start"),
    path("routing/<int:set_id>/replays/<int:replay_id>/", replay, name="routing-replay"),
]
