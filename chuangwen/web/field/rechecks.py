"""A second look on the phone: the place, its criteria, and nothing of what was found there before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.rechecks.queries import my_task, my_tasks, second_photo_for, seconds_of
from chuangwen.rechecks.tasks import finish_recheck, judge_again
from chuangwen.rules.permissions import Actor, Permission, Role
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.field.asking import packed_criterion, picture_url, pictures_for
from chuangwen.web.field.phone import brought_photos, not_this_person, phone_moments, refused_json
from chuangwen.web.field.tasks import TASKS, Task
from chuangwen.web.kept_photos import keep
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key


def waiting(actor: Actor) -> Sequence[Any]:
    """The second looks that wait for this person, the most urgent first."""
    return my_tasks(actor.user_id) if actor.user_id is not None and Role.INSPECTOR in actor.roles else []


def packed(actor: Actor, _now: datetime) -> Sequence[Task]:
    """The same for the phone to take along: where, and by when."""
    return [
        Task(
            "recheck", str(row.pk), _("复核：%(site)s") % {"site": row.site.name},
            reverse("web:field:recheck", args=[row.pk]), note=row.site.address, due=row.due_at.isoformat(),
            lines=(_("%(n)d 条标准") % {"n": row.criteria},),
        )
        for row in waiting(actor)
    ]  # fmt: skip


def recheck_parts(actor: Actor) -> dict[str, Any]:
    """What a second look needs where there is no network: the place, its criteria, and what was judged this time."""
    tasks = waiting(actor)
    rows = seconds_of(tasks) if tasks else {}
    pictures = pictures_for(row.criterion for some in rows.values() for row in some)
    return {
        f"recheck:{task.pk}": {
            "id": task.pk, "name": task.site.name, "address": task.site.address, "street": str(task.site.street or ""),
            "rows": [packed_criterion(row.criterion, pictures) for row in rows[task.pk]],
            "findings": {row.criterion.code: _told(row) for row in rows[task.pk] if row.verdict},
        }
        for task in tasks
    }  # fmt: skip


def _told(row: Any) -> dict[str, Any]:
    """A second verdict in the shape of the pack."""
    case = row.case
    known = {"verdict": row.verdict, "note": row.note, "case": case.number if case else ""}
    return known | ({"unit": str(case.unit or "")} if case else {})


TASKS.append(packed)


def _context(request: HttpRequest, task_id: int) -> dict[str, Any]:
    task, rows = my_task(actor_of(request), task_id)
    groups: dict[str, list[Any]] = {}
    pictures = pictures_for(row.criterion for row in rows)
    for row in rows:
        row.picture = picture_url(pictures, row.criterion.edition_id, row.criterion.media)  # type: ignore[attr-defined]  # as below
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
    if wants_json(request):
        return refused_json(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    context = _context(request, task_id) | {"objections": refusal.objections, "posted": request.POST} | more
    return render(request, "field/recheck.html", context, status=422)


@door(Permission.FIELD_OPEN)
@require_POST
def verdict(request: HttpRequest, task_id: int) -> HttpResponse:
    """The second look at one criterion, perhaps told late by a phone."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    actor, code = actor_of(request), request.POST.get("criterion", "")
    found_at, sent_at = phone_moments(request)
    photos: list[int] = []
    try:
        my_task(actor, task_id)  # nothing is stored for a task that is not theirs
        photos, objections = brought_photos(request)
        if objections:
            raise BadInput(objections)
        made = judge_again(
            task_id=task_id, criterion_code=code, verdict=request.POST.get("verdict", ""),
            note=request.POST.get("note", ""), photo_ids=photos, found_at=found_at, sent_at=sent_at,
            client_key=request.POST.get("client_key", "")[:64] or None, by=actor, now=now_of(request),
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return _refused(request, task_id, refusal, kept=keep(request, photos) if photos else None)
    if wants_json(request):
        return JsonResponse({"ok": True, "message": _recorded(made), "finding": _told(made)})
    return redirect(reverse("web:field:recheck", args=[task_id]) + f"#criterion-{code}")


def _recorded(made: Any) -> str:
    if made.case is None:
        return _("已保存")
    return _("已立案 %(number)s，已派给 %(unit)s。") % {"number": made.case.number, "unit": made.case.unit}


@door(Permission.FIELD_OPEN)
@require_POST
def finish(request: HttpRequest, task_id: int) -> HttpResponse:
    """Done; with the statement that all the rest is in order, when the inspector says so."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    rest = request.POST.get("rest_passes") == "1"
    ended_at, sent_at = phone_moments(request)
    try:
        task = finish_recheck(
            task_id=task_id,
            rest_passes=rest,
            by=actor_of(request),
            now=now_of(request),
            ended_at=ended_at,
            sent_at=sent_at,
        )
    except Refused as refusal:
        return _refused(request, task_id, refusal)
    if wants_json(request):
        finished = timezone.localtime(task.finished_at).isoformat() if task.finished_at else ""
        return JsonResponse({"ok": True, "message": _("复核已完成。"), "finished": finished})
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
