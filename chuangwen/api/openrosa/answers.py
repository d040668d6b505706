"""What an OpenRosa client gets to read: https://docs.getodk.org/openrosa-http/ and -form-list, -form-submission."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpResponse

XML = "text/xml; charset=utf-8"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def message_xml(sentences: Iterable[str], *, good: bool) -> bytes:
    """The envelope of every answer to a person; `nature` as in the OpenRosa response standard."""
    nature = "submit_success" if good else "submit_error"
    text = escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", "\n".join(sentences)))
    return (
        f'{_DECLARATION}<OpenRosaResponse xmlns="http://openrosa.org/http/response">'
        f'<message nature="{nature}">{text}</message></OpenRosaResponse>'
    ).encode()


def answer(status: int, body: bytes = b"", content_type: str = XML) -> HttpResponse:
    """A response with the headers that every OpenRosa answer carries; the server adds the Date."""
    response = HttpResponse(body, status=status, content_type=content_type)
    if status == 204:
        del response["Content-Type"]
    response["X-OpenRosa-Version"] = "1.0"
    response["X-OpenRosa-Accept-Content-Length"] = str(settings.UPLOAD_MAX_BYTES)
    response["Cache-Control"] = "no-store"
    return response


def said(status: int, sentences: Iterable[str]) -> HttpResponse:
    """Sentences for the person at the phone."""
    return answer(status, message_xml(sentences, good=status < 300))


def too_long() -> str:
    """What to say of a body over the limit."""
    return f"一次提交不能超过 {settings.UPLOAD_MAX_BYTES // 1024 // 1024} MB。请缩小照片，或分几次发送。"


_UNKNOWN_LENGTH = "这台服务器不收没有长度的上传，请联系系统管理员改用 chuangwen serve 启动。"


def refused_body(path: str, status: int) -> tuple[int, str, bytes]:
    """The answer to an upload that is not even looked at: OpenRosa clients read XML, others plain text."""
    sentence = too_long() if status == 413 else _UNKNOWN_LENGTH
    if path.startswith("/openrosa/"):
        return status, XML, message_xml([sentence], good=False)
    return status, "text/plain; charset=utf-8", sentence.encode()


@dataclass(frozen=True)
class Listed:
    """One form of the list. Addresses are absolute; hashes `md5:` and 32 hex digits."""

    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str
    description: str = ""


def form_list_xml(forms: Iterable[Listed], *, verbose: bool) -> bytes:
    """The list of forms; descriptions only when asked for."""
    rows = "".join(_form_xml(form, verbose) for form in forms)
    return f'{_DECLARATION}<xforms xmlns="http://openrosa.org/xforms/xformsList">{rows}</xforms>'.encode()


def _form_xml(form: Listed, verbose: bool) -> str:
    parts = [("formID", form.form_id), ("name", form.name), ("version", form.version), ("hash", form.hash)]
    parts += [("descriptionText", form.description)] if verbose and form.description else []
    parts += [("downloadUrl", form.download_url), ("manifestUrl", form.manifest_url)]
    return _element_of("xform", parts)


def _element_of(name: str, parts: Iterable[tuple[str, str]]) -> str:
    inner = "".join(_element(child, text) for child, text in parts)
    return f"<{name}>{inner}</{name}>"


def manifest_xml(files: Mapping[str, tuple[str, str]]) -> bytes:
    """The media of a form: file name -> (hash, address)."""
    rows = "".join(
        _element_of("mediaFile", (("filename", name), ("hash", digest), ("downloadUrl", url)))
        for name, (digest, url) in files.items()
    )
    return f'{_DECLARATION}<manifest xmlns="http://openrosa.org/xforms/xformsManifest">{rows}</manifest>'.encode()
