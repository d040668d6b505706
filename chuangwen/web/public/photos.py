"""Photos for residents: only copies that a person masked or cleared; the original never comes this way."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.cases.photo_hints import public_photos_of_site
from chuangwen.evidence.queries import open_public_photo
from chuangwen.http import public
from chuangwen.rules.refusals import NotFound
from chuangwen.web.photos import photo_response

KEPT = 300  # seconds: withdrawn photos disappear soon


@public
@require_safe
def photo(_request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """The public copy of a photo."""
    try:
        response = photo_response(open_public_photo(photo_id))
    except FileNotFoundError as error:
        raise NotFound(_("照片文件不在了。")) from error
    del response["Cache-Control"]
    patch_cache_control(response, public=True, max_age=KEPT)
    return response


def site_photos(site_id: int) -> Sequence[Mapping[str, Any]]:
    """What residents may see of the cases of a place: address of the copy, what it shows, when it was put right."""
    return [
        {"url": reverse("web:public:photo", args=[row.photo_id]), "label": row.get_role_display(), "day": row.case.ended_at}
        for row in public_photos_of_site(site_id)
    ]  # fmt: skip


urls = [path("photos/<int:photo_id>/", photo, name="photo")]
