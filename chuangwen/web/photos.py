"""A stored picture as a response."""

from typing import IO

from django.http import FileResponse


def photo_response(opened: tuple[IO[bytes], str]) -> FileResponse:
    """The bytes with their true type; private to the person, never changed, so kept for a day."""
    file, media_type = opened
    response = FileResponse(file, content_type=media_type)
    response["Cache-Control"] = "private, max-age=86400, immutable"
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response
