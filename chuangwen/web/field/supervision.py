"""A leader on the way: what I saw, who should fix it, by when. Three taps and a few words; a clerk does the rest."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.supervision.queries import notes_of, running_tasks_of, units_of
from chuangwen.supervision.remarks import note_seen
from chuangwen.web.desk.supervision import remark_look
from chuangwen.web.desk.unit_choice import common_units
from chuangwen.web.kept_photos import keep, received
from chuangwen.web.uploads import fresh_key

DAYS = (
    ("0", gettext_lazy("今天")),
    ("1", gettext_lazy("明天")),
    ("3", gettext_lazy("三天内")),
    ("7", gettext_lazy("一周内")),
)
USUAL = "3"
MOST_UNITS = 60


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _units(request: HttpRequest, tasks: Sequence[Any]) -> Sequence[Any]:
    """The supervised units of the running tasks, else streets and departments: one tap each."""
    return units_of(tasks) or [unit for unit, _kind in common_units(actor_of(request))[:MOST_UNITS]]


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    actor = actor_of(request)
    tasks = running_tasks_of(actor)
    own = {str(task.pk) for task in tasks}
    chosen = typed.get("task", "") if "task" in typed else str(tasks[0].pk) if tasks else ""
    context = {
        "tasks": tasks, "chosen": chosen if chosen in own else "", "units": _units(request, tasks), "days": DAYS,
        "notes": [(note, remark_look(note)) for note in notes_of(actor)],
        "day": typed.get("days", USUAL), "unit": typed.get("unit", ""), "posted": request.POST, "now": now_of(request),
        "client_key": request.POST.get("client_key") or fresh_key(), "back_url": reverse("web:desk:supervision"),
    }  # fmt: skip
    return render(request, "field/supervision.html", context | more, status=status)


@door(Permission.SUPERVISION_RECORD)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def supervision(request: HttpRequest) -> HttpResponse:
    """The form, and after each note the form again for the next one."""
    if request.method != "POST":
        return _page(request)
    post = request.POST
    photos, objections = received(request)
    try:
        if objections:
            raise BadInput(objections)
        remark = note_seen(
            task_id=_number(post.get("task", "")), text=post.get("text", ""), unit_id=_number(post.get("unit", "")),
            days=_number(post.get("days", "")), place=post.get("place", ""), photo_ids=photos, by=actor_of(request),
            now=now_of(request), client_key=post.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return _page(request, status=422, objections=refusal.objections, kept=keep(request, photos))
    messages.success(request, _("已记下，文明办会补全并交办。"))
    return redirect(f"{reverse('web:field:supervision')}?task={remark.task_id}")


urls = [path("supervision/", supervision, name="supervision")]
