"""Photos: one goes in, and comes out only through the door of its case."""

from django.http import FileResponse, HttpRequest
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile

from chuangwen.api.auth import asks
from chuangwen.api.errors import answers
from chuangwen.api.schemas.common import RowId
from chuangwen.cases.queries import case_photo_for
from chuangwen.evidence.operations import store_photo
from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, now_of
from chuangwen.rules.permissions import Permission

router = Router(tags=["照片"])


class PhotoOut(Schema):
    """The id to give with a report, a move or a finding."""

    id: int
    width: int
    height: int


@router.post("/photos", response=answers(PhotoOut, 201), summary="上传一张照片", operation_id="store_photo")
def store(request: HttpRequest, photo: File[UploadedFile]) -> object:
    """One JPEG, PNG, WebP or HEIC; the same picture again gives the same id. For everybody with a current post."""
    actor = asks(request, Permission.DESK_OPEN)
    return Status(201, store_photo(data=photo, by=actor, now=now_of(request)))


@router.get(
    "/cases/{case_id}/photos/{photo_id}",
    response=answers(None),
    summary="案件照片",
    url_name="case_photo",
    openapi_extra={"responses": {200: {"content": {"image/*": {}}}}},
)
def case_photo(request: HttpRequest, case_id: RowId, photo_id: RowId, small: bool = False) -> FileResponse:
    """The picture itself; `small` gives the small copy as soon as it is made."""
    row = case_photo_for(actor_of(request), case_id, photo_id)
    stream, media_type = open_photo(row.photo, small=small)
    return FileResponse(stream, content_type=media_type, headers={"Cache-Control": "private, max-age=86400"})
