"""Files that leave the desk, and files that come in: read once, looked at, then confirmed."""

import base64
import binascii
import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.tables import ImportReport

LARGEST: Final = 6 * 2**20
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES: Final = {
    "xlsx": _XLSX,
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "toml": "application/toml",
}


def download(content: bytes, name: str) -> HttpResponse:
    """A file to save; its kind follows from the ending of its (Chinese) name."""
    response = HttpResponse(content, content_type=_TYPES[name.rpartition(".")[2]])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    content: bytes

    @property
    def carried(self) -> str:
        """The content as text, to be carried through the page on which a person confirms."""
        return base64.b64encode(gzip.compress(self.content, mtime=0)).decode("ascii")


def _too_large() -> str:
    return _("文件超过 %(n)d MB，请拆成几个文件再交。") % {"n": LARGEST // 2**20}


def upload_of(request: HttpRequest, field: str = "file") -> Upload:
    """The chosen file, or the one that the confirming page carries; refuses none, an empty or a too large one."""
    chosen = request.FILES.get(field)
    if isinstance(chosen, UploadedFile):
        if (chosen.size or 0) > LARGEST:
            raise BadInput(_too_large())
        return Upload(chosen.name or "", chosen.read())
    carried = request.POST.get("content", "")
    if not carried:
        raise BadInput(_("请先选择文件。"))
    try:
        packed = base64.b64decode(carried, validate=True)
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            content = file.read(LARGEST + 1)
    except (binascii.Error, OSError, EOFError, ValueError) as trouble:
        raise BadInput(_("文件内容在传送中损坏了，请重新选择文件。")) from trouble
    if len(content) > LARGEST:
        raise BadInput(_too_large())
    return Upload(request.POST.get("file_name", ""), content)


@dataclass(frozen=True)
class TableImport:
    """A table that comes in: `run(content, dry_run)` says what it would do, or did."""

    title: str
    lead: str
    unit: str
    run: Callable[[bytes, bool], ImportReport]
    back_url: str
    back_label: str
    template_url: str
    accept: str = ".xlsx,.csv"
    notes: tuple[str, ...] = field(default=())


def import_page(request: HttpRequest, table: TableImport) -> HttpResponse:
    """Choose a file; see what it would do, or everything that is wrong with it; confirm. Nothing is written before."""
    context: dict[str, Any] = {"table": table, "crumbs": [{"label": table.back_label, "url": table.back_url}]}
    if request.method != "POST":
        return render(request, "desk/import.html", context)
    confirmed = request.POST.get("step") == "confirm"
    try:
        upload = upload_of(request)
        context["upload"] = upload
        report = table.run(upload.content, not confirmed)
    except (BadInput, Refused) as refusal:
        return render(request, "desk/import.html", context | {"objections": refusal.objections}, status=422)
    if report.problems:
        return render(request, "desk/import.html", context | {"objections": report.problems}, status=422)
    if not confirmed:
        return render(
            request, "desk/import.html", context | {"report": report, "changes": report.created + report.changed}
        )
    messages.success(request, _done(table, report))
    return redirect(table.back_url)


def _done(table: TableImport, report: ImportReport) -> str:
    figures: Mapping[str, Any] = {
        "unit": table.unit, "created": report.created, "changed": report.changed, "unchanged": report.unchanged,
    }  # fmt: skip
    return _("已导入：新增 %(created)d %(unit)s，修改 %(changed)d %(unit)s，未变 %(unchanged)d %(unit)s。") % figures
