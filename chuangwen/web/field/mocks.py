"""A look of a mock examination on the phone: the place, its criteria, and nothing of what another assessor saw.

Online only: the task is listed on a phone without network, its page needs one.
"""

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
from chuangwen.mocks.looks import finish_look, judge
from chuangwen.mocks.queries import answer_photo_for, my_look, my_looks, own_look
from chuangwen.rules.permissions import Actor, Permission, Role
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.field.asking import picture_url, pictures_for
from chuangwen.web.field.phone import brought_photos, not_this_person
from chuangwen.web.field.tasks import TASKS, Task
from chuangwen.web.kept_photos import keep
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key


def waiting(actor: Actor) -> Sequence[Any]:
    """The looks that wait for this person, the most urgent first."""
    return my_looks(actor.user_id) if actor.user_id is not None and Role.INSPECTOR in actor.roles else []


def packed(actor: Actor, _now: datetime) -> Sequence[Task]:
    """The same for the phone to take along: where, and by when; the page itself needs a network."""
    return [
        Task(
            "mock", str(row.pk), _("模拟测评：%(site)s") % {"site": row.place.site.name},
            reverse("web:field:mock", args=[row.pk]), note=row.place.site.address, due=row.due_at.isoformat(),
            lines=(_("%(n)d 条标准，须联网填写") % {"n": row.criteria},),
        )
        for row in waiting(actor)
    ]  # fmt: skip


TASKS.append(packed)


def _context(request: HttpRequest, look_id: int) -> dict[str, Any]:
    look, rows = my_look(actor_of(request), look_id)
    pictures = pictures_for(row.criterion for row in rows)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        shown = {"row": row, "criterion": row.criterion, "fresh_key": fresh_key()}
        shown["picture"] = picture_url(pictures, row.criterion.edition_id, row.criterion.media)
        groups.setdefault(row.criterion.content.name, []).append(shown)
    return {
        "look": look, "site": look.place.site, "groups": groups, "total": len(rows), "now": now_of(request),
        "judged": sum(bool(row.verdict) for row in rows), "back_url": reverse("web:field:home"),
    }  # fmt: skip


@door(Permission.FIELD_OPEN)
@never_cache
@require_safe
def mock(request: HttpRequest, look_id: int) -> HttpResponse:
    """One tap for what is in order, three with a photo for what is not."""
    return render(request, "field/mock.html", _context(request, look_id))


def _refused(request: HttpRequest, look_id: int, refusal: Refused | BadInput, **more: Any) -> HttpResponse:
    if isinstance(refusal, NotFound):
        raise refusal
    context = _context(request, look_id) | {"objections": refusal.objections, "posted": request.POST} | more
    return render(request, "field/mock.html", context, status=422)


@door(Permission.FIELD_OPEN)
@require_POST
def verdict(request: HttpRequest, look_id: int) -> HttpResponse:
    """One criterion."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    actor, code = actor_of(request), request.POST.get("criterion", "")
    photos: list[int] = []
    try:
        own_look(actor, look_id)  # nothing is stored for a look that is not theirs
        photos, objections = brought_photos(request)
        if objections:
            raise BadInput(objections)
        judge(
            look_id=look_id, criterion_code=code, verdict=request.POST.get("verdict", ""),
            note=request.POST.get("note", ""), photo_ids=photos,
            client_key=request.POST.get("client_key", "")[:64] or None, by=actor, now=now_of(request),
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return _refused(request, look_id, refusal, kept=keep(request, photos) if photos else None)
    return redirect(reverse("web:field:mock", args=[look_id]) + f"#criterion-{code}")


@door(Permission.FIELD_OPEN)
@require_POST
def finish(request: HttpRequest, look_id: int) -> HttpResponse:
    """Done; with what holds for everything not judged."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    try:
        finish_look(look_id=look_id, rest=request.POST.get("rest", ""), by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _refused(request, look_id, refusal)
    messages.success(request, _("本点测评已完成。"))
    return redirect("web:field:home")


@door(Permission.FIELD_OPEN)
@require_safe
def photo(request: HttpRequest, look_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of one's own look."""
    own_look(actor_of(request), look_id)
    found = answer_photo_for(actor_of(request), look_id, photo_id)
    return photo_response(open_photo(found, small=request.GET.get("small") == "1"))


urls = [
    path("mocks/<int:look_id>/", mock, name="mock"),
    path("mocks/<int:look_id>/verdicts/", verdict, name="mock-verdict"),
    path("mocks/<int:look_id>/finish/", finish, name="mock-finish"),
    path("mocks/<int:look_id>/photos/<int:photo_id>/", photo, name="mock-photo"),
]
