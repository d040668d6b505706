"""Handing in a filled form: https://docs.getodk.org/openrosa-form-submission/."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.http import require_http_methods

from chuangwen.api.openrosa.answers import answer, said, too_long
from chuangwen.api.openrosa.doors import app_door
from chuangwen.api.openrosa.instances import XML_MOST, read_instance, read_xml
from chuangwen.http import actor_of, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.submissions.operations import Parcel, receive_form

FORM_PART = "xml_submission_file"
_CUT = "上传中断，没有收完，什么也没有登记。请在信号好的地方重新发送。"
_STATUS: tuple[tuple[type[Exception], int], ...] = ((NotFound, 404), (Conflict, 409), (Refused, 403), (BadInput, 400))


@app_door(Permission.FORMS_FILL)
@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest) -> HttpResponse:
    """HEAD: may I, and how much at once? POST: 201 when filed, 202 when held or known, else why not."""
    if request.method != "POST":
        return answer(204)
    try:
        return _received(request)
    except (BadInput, Refused) as refusal:
        status = next(status for kind, status in _STATUS if isinstance(refusal, kind))
        return said(status, refusal.objections)


def _received(request: HttpRequest) -> HttpResponse:
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > settings.UPLOAD_MAX_BYTES:
        return said(413, [too_long()])
    form, files = _parts(request)
    filled, spare = read_instance(read_xml(form))
    parcel = Parcel(filled, hashlib.sha256(form).hexdigest(), files, _sent_at(request))
    receipt = receive_form(parcel=parcel, by=actor_of(request), now=now_of(request))
    more = [f"检查单里没有、没有收下的填写项：{'、'.join(spare)}。"] if spare else []
    return said(201 if receipt.filed else 202, (*receipt.sentences, *more))


def _parts(request: HttpRequest) -> tuple[bytes, dict[str, IO[bytes]]]:
    """The form's bytes and the other files by the name that the form gives them."""
    if not (request.content_type or "").startswith("multipart/form-data"):
        raise BadInput("请用 multipart/form-data 提交，表单放在 xml_submission_file 里。")
    try:
        forms = request.FILES.getlist(FORM_PART)
        texts = request.POST.getlist(FORM_PART)
    except (UnreadablePostError, MultiPartParserError, OSError) as error:
        raise BadInput(_CUT) from error
    except (RequestDataTooBig, SuspiciousOperation) as error:
        raise BadInput("一次提交的附件太多。请分几次发送。") from error
    if not forms and not texts:
        raise BadInput("没有收到表单记录（xml_submission_file），可能没有传完。请在信号好的地方重新发送。")
    if len(forms) + len(texts) > 1:
        raise BadInput(f"每次提交须有且只有一份表单记录（xml_submission_file），这次有 {len(forms) + len(texts)} 份。")
    data = forms[0].read(XML_MOST + 1) if forms else texts[0].encode()
    return data, _named(pair for pair in request.FILES.lists() if pair[0] != FORM_PART)


def _named(parts: Iterable[tuple[str, list["UploadedFile[bytes]"]]]) -> dict[str, IO[bytes]]:
    """Clients call a part by the name of its file; where the two differ the file's name counts."""
    found: dict[str, IO[bytes]] = {}
    for field, files in parts:
        for file in files:
            name = file.name or field
            if name in found and found[name].read() != file.read():
                raise BadInput(f"这次提交里有两个同名但内容不同的附件“{name}”。请在 ODK Collect 里重新发送。")
            file.seek(0)
            found[name] = file
    return found


def _sent_at(request: HttpRequest) -> datetime | None:
    """The moment of sending by the phone's clock: OpenRosa clients say it in the Date header."""
    try:
        moment = parsedate_to_datetime(request.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
