"""What every page has in common that a phone may send to late: who it belongs to, when it happened, what goes with it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chuangwen.http import actor_of, door, now_of
from chuangwen.places.reach import outside_the_district
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.kept_photos import received
from chuangwen.web.uploads import posted_position

MOST_PHOTOS = 9


def not_this_person(request: HttpRequest) -> JsonResponse | None:
    """The phone says whose entry it sends; when somebody else is logged in by now, nothing is taken."""
    owner = request.headers.get("X-Field-Person", "")
    if not owner or owner == str(actor_of(request).user_id):
        return None
    sentence = _("这一项是另一个人记的，要由本人登录后上传。")
    return JsonResponse({"ok": False, "code": "other_person", "objections": [sentence]}, status=403)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is None or timezone.is_aware(moment) else timezone.make_aware(moment)


def phone_moments(request: HttpRequest) -> tuple[datetime | None, datetime | None]:
    """When it was judged and when it was sent, both by the phone's clock; nothing unless both are readable."""
    found, sent = (_moment(request.POST.get(name, "")) for name in ("found_at", "sent_at"))
    return (found, sent) if found and sent else (None, None)


def position_and_hint(request: HttpRequest) -> tuple[Decimal | None, Decimal | None, str]:
    """The position that came along. One outside the district is kept out, and a sentence says so."""
    lng, lat = posted_position(request)
    if lng is None or lat is None or not outside_the_district(lng, lat):
        return lng, lat, ""
    return None, None, _("手机给出的位置不在本区，没有记录位置。")


def brought_photos(request: HttpRequest) -> tuple[list[int], list[str]]:
    """Photos in this request and those sent ahead (`photo_id`), and a sentence for each file that is none."""
    ahead = [int(text) for text in request.POST.getlist("photo_id") if text.isdecimal() and len(text) < 16]
    if len(ahead) > MOST_PHOTOS:
        return [], [_("一次最多传 %(most)d 张照片。") % {"most": MOST_PHOTOS}]
    ids, objections = received(request)
    return [*ahead, *ids], objections


def refused_json(refusal: Refused | BadInput) -> JsonResponse:
    """A refusal for a script: every sentence, and what somebody else wrote meanwhile."""
    status = 404 if isinstance(refusal, NotFound) else 409 if isinstance(refusal, Conflict) else 422
    body: dict[str, Any] = {"ok": False, "objections": list(refusal.objections)}
    if isinstance(refusal, Conflict):
        body["theirs"] = refusal.theirs
    return JsonResponse(body, status=status)


@door(Permission.FIELD_OPEN)
@require_POST
def photo(request: HttpRequest) -> HttpResponse:
    """A picture ahead of what it is evidence of. The same picture again gives the same number."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    ids, objections = received(request)
    if not ids and not objections:
        objections = [_("没有收到照片。")]
    if objections:
        return JsonResponse({"ok": False, "objections": objections}, status=422)
    return JsonResponse({"ok": True, "id": ids[0], "at": now_of(request).isoformat()})


urls = [path("photos/", photo, name="photo")]
