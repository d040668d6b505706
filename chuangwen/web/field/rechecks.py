"""A second look on the phone: the place, its criteria, and nothing of what was found there before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of
from chuangwen.rechecks.queries import criteria_of, my_task, my_tasks, second_photo_for
from chuangwen.rechecks.tasks import finish_recheck, judge_again
from chuangwen.rules.permissions import Actor, Permission, Role
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.field.tasks import TASKS, Task
from chuangwen.web.kept_photos import keep, received
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key


def waiting(actor: Actor) -> Sequence[Any]:
    """The second looks that wait for this person, the most urgent first."""
    return my_tasks(actor.user_id) if actor.user_id is not None and Role.INSPECTOR in actor.roles else []


def packed(actor: Actor, _now: datetime) -> Sequence[Task]:
    """The same for the phone to take along: where, by when, and what to look at."""
    rows = waiting(actor)
    lines = criteria_of(rows) if rows else {}
    return [
        Task(
            "recheck", str(row.pk), _("复核：%(site)s") % {"site": row.site.name},
            reverse("web:field:recheck", args=[row.pk]), note=row.site.address, due=row.due_at.isoformat(),
            lines=tuple(lines[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


TASKS.append(packed)


def _context(request: HttpRequest, task_id: int) -> dict[str, Any]:
    task, rows = my_task(actor_of(request), task_id)
    groups: dict[str, list[Any]] = {}
    for row in rows:
        row.fresh_key = fresh_key()  # type: ignore[attr-defined]  # read by the page it is made for
        groups.setdefault(row.criterion.content.name, []).append(row)
    return {
        "task": task, "site": task.site, "groups": groups, "total": len(rows), "now": now_of(request),
        "judged": sum(bool(row.verdict) for row in rows), "back_url": reverse("web:field:home"),
    }  # fmt: skip


@door(Permission.FIELD_OPEN)
@never_cache
@require_safe
def recheck(request: HttpRequest, task_id: int) -> HttpResponse:
    """One tap for what is in order, three with a photo for what is not."""
    return render(request, "field/recheck.html", _context(request, task_id))


def _refused(request: HttpRequest, task_id: int, refusal: Refused | BadInput, **more: Any) -> HttpResponse:
    context = _context(request, task_id) | {"objections": refusal.objections, "posted": request.POST} | more
    return render(request, "field/recheck.html", context, status=422)


@door(Permission.FIELD_OPEN)
@require_POST
def verdict(request: HttpRequest, task_id: int) -> HttpResponse:
    """The second look at one criterion."""
    actor, code = actor_of(request), request.POST.get("criterion", "")
    my_task(actor, task_id)  # nothing is stored for a task that is not theirs
    photos, objections = received(request)
    try:
        if objections:
            raise BadInput(objections)
        judge_again(
            task_id=task_id, criterion_code=code, verdict=request.POST.get("verdict", ""),
            note=request.POST.get("note", ""), photo_ids=photos,
            client_key=request.POST.get("client_key", "")[:64] or None, by=actor, now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return _refused(request, task_id, refusal, kept=keep(request, photos))
    return redirect(reverse("web:field:recheck", args=[task_id]) + f"#criterion-{code}")


@door(Permission.FIELD_OPEN)
@require_POST
def finish(request: HttpRequest, task_id: int) -> HttpResponse:
    """Done; with the statement that all the rest is in order, when the inspector says so."""
    rest = request.POST.get("rest_passes") == "1"
    try:
        finish_recheck(task_id=task_id, rest_passes=rest, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        return _refused(request, task_id, refusal)
    messages.success(request, _("复核已完成。"))
    return redirect("web:field:home")


@door(Permission.FIELD_OPEN)
@require_safe
def photo(request: HttpRequest, task_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of one's own second look."""
    found = second_photo_for(actor_of(request), task_id, photo_id)
    return photo_response(open_photo(found, small=request.GET.get("small") == "1"))


urls = [
    path("rechecks/<int:task_id>/", recheck, name="recheck"),
    path("rechecks/<int:task_id>/verdicts/", verdict, name="recheck-verdict"),
    path("rechecks/<int:task_id>/finish/", finish, name="recheck-finish"),
    path("rechecks/<int:task_id>/photos/<int:photo_id>/", photo, name="recheck-photo"),
]
