"""上级督办件 on the desk: the list, registering a paper, one paper with its items, the reply upwards."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.directives import operations, replies
from chuangwen.directives.queries import (
    directive_for,
    grounds,
    items_of,
    keeps,
    listed,
    overlooks,
    reply_facts,
    reply_of,
    scan_for,
    scans_of,
    unit_shares,
)
from chuangwen.evidence.documents import documents_by_id, open_document, store_document
from chuangwen.evidence.operations import store_photo
from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.directive_rows import COLUMNS, ItemRow, items_from_lines, items_from_table, table_words
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.tables import write_table
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.directive_forms import PaperFilter, PaperForm
from chuangwen.web.desk.files import LARGEST, download
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.supervision_report import pieces_of
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

STANDING_LOOKS: Mapping[str, tuple[str, str]] = {
    "unassigned": ("warn", "edit"),
    "working": ("accent", "player-play"),
    "handed_in": ("info", "send"),
    "done": ("good", "circle-check"),
}
MOST_SCANS = 30
SALT = "kept-scans"


def standing_look(one: Any) -> dict[str, Any]:
    """The badge of an item."""
    tone, icon = STANDING_LOOKS[one.standing.value]
    return {"label": _(one.standing.label), "tone": tone, "icon": icon}


@door(Permission.DIRECTIVE_SEE)
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """The papers that this person may know of, with how far each is."""
    actor, now = actor_of(request), now_of(request)
    form = PaperFilter(request.GET)
    page = list_page(request, listed(actor, level=form.value("level"), state=form.value("state"), now=now))
    actions = []
    if may(actor, Permission.DIRECTIVE_KEEP):
        url = reverse("web:desk:directive-new")
        actions = [
            {"label": _("延期原因类别"), "url": reverse("web:desk:directive-grounds"), "icon": "list"},
            {"label": _("登记来文"), "url": url, "icon": "plus", "primary": True},
        ]
    context = {"page": page, "form": form, "conditions": form.conditions(), "now": now, "actions": actions}
    return render(request, "desk/directives.html", context)


# --- registering ---


@dataclass
class Sheets:
    """The scans of this submission: those kept from before and those that just came, and what is wrong with others."""

    photos: list[int] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)

    def token(self, user_id: int | None) -> str:
        """A signed word that brings them back with the next submission of the same person."""
        if not (self.photos or self.documents):
            return ""
        held = {"photos": self.photos, "documents": [one.pk for one in self.documents], "user": user_id}
        return signing.dumps(held, salt=SALT)


def _sheets(request: HttpRequest) -> Sheets:
    by, now, found = actor_of(request), now_of(request), Sheets()
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=12 * 3600)
    except signing.BadSignature:
        kept = {}
    if kept.get("user") == by.user_id:
        found.photos, found.documents = list(kept["photos"]), documents_by_id(kept["documents"])
    files = request.FILES.getlist("scan")
    if len(files) > MOST_SCANS:
        found.objections.append(_("一次最多传 %(n)d 个文件。") % {"n": MOST_SCANS})
        return found
    for file in files:
        is_pdf = file.read(5) == b"%PDF-"
        file.seek(0)
        try:
            if is_pdf:
                found.documents.append(store_document(data=file, by=by, now=now))
            else:
                found.photos.append(store_photo(data=file, by=by, now=now).pk)
        except BadInput as refusal:
            found.objections += [f"{file.name}：{sentence}" for sentence in refusal.objections]
    return found


def _items(request: HttpRequest, lines: str) -> list[ItemRow]:
    table = request.FILES.get("table")
    if table is None:
        return items_from_lines(lines)
    if (table.size or 0) > LARGEST:
        raise BadInput(_("表格超过 %(n)d MB，请拆成几个文件再交。") % {"n": LARGEST // 2**20})
    return items_from_table(table.read())


def _new_page(
    request: HttpRequest, form: PaperForm, sheets: Sheets, objections: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    context: Context = {
        "form": form, "objections": objections, "client_key": request.POST.get("client_key") or fresh_key(),
        "kept": sheets.token(actor_of(request).user_id), "kept_count": len(sheets.photos) + len(sheets.documents),
        "columns": "、".join(table_words()), "table_name": getattr(request.FILES.get("table"), "name", ""),
        "crumbs": [{"label": _("上级督办件"), "url": reverse("web:desk:directives")}],
    }  # fmt: skip
    return render(request, "desk/directive_new.html", context, status=status)


@door(Permission.DIRECTIVE_KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """登记来文: the head, the scan, the items as lines or as a table."""
    if request.method != "POST":
        return _new_page(request, PaperForm(initial={"level": "city", "received_on": now_of(request).date()}), Sheets())
    form, sheets = PaperForm(request.POST), _sheets(request)
    if not form.is_valid():
        return _new_page(request, form, sheets, sheets.objections, status=422)
    said = dict(form.cleaned_data)
    objections, rows, lines = list(sheets.objections), list[ItemRow](), said.pop("lines")
    try:
        rows = _items(request, lines)
    except BadInput as refusal:
        objections += refusal.objections
    if objections:
        return _new_page(request, form, sheets, objections, status=422)
    try:
        paper = operations.register_directive(
            facts=operations.PaperFacts(**said), items=rows, photos=sheets.photos, documents=sheets.documents,
            by=actor_of(request), now=now_of(request), client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except Refused as refusal:
        return _new_page(request, form, sheets, refusal.objections, status=422)
    messages.success(request, _("已登记，共 %(n)d 件事项。接着逐件分解到单位。") % {"n": len(rows)})
    return redirect("web:desk:directive", paper.pk)


@door(Permission.DIRECTIVE_KEEP)
@require_safe
def blank_table(_request: HttpRequest) -> HttpResponse:
    """An empty spreadsheet for the items."""
    return download(write_table("督办事项", COLUMNS, []), "督办事项.xlsx")


# --- one paper ---


@door(Permission.DIRECTIVE_SEE)
@require_safe
def paper(request: HttpRequest, directive_id: int) -> HttpResponse:
    """One paper: its items with who is next, by when, and what is late; progress per unit."""
    actor, now = actor_of(request), now_of(request)
    found = directive_for(actor, directive_id)
    inside = overlooks(actor, found)
    items = items_of(actor, found, now)
    done = sum(one.item.signed_off_at is not None for one in items)
    context: Context = {
        "paper": found, "now": now, "items": [(one, standing_look(one)) for one in items], "done": done,
        "late": sum(one.turn is not None and one.turn.late for one in items), "units": unit_shares(items, now),
        "scans": scans_of(found) if inside else [], "inside": inside, "keeps": keeps(actor, found),
        "reply": reply_of(found) if inside else None,
        "crumbs": [{"label": _("上级督办件"), "url": reverse("web:desk:directives")}],
    }  # fmt: skip
    return render(request, "desk/directive.html", context)


@door(Permission.DIRECTIVE_SEE)
@require_safe
def scan(request: HttpRequest, directive_id: int, scan_id: int) -> HttpResponseBase:
    """A sheet of the paper."""
    found = scan_for(actor_of(request), directive_id, scan_id)
    try:
        if found.photo is not None:
            return photo_response(open_photo(found.photo, small=request.GET.get("small") == "1"))
        if found.document is None:
            raise NotFound
        answer = FileResponse(open_document(found.document), content_type="application/pdf")
    except FileNotFoundError as error:
        raise NotFound(_("文件不在了，请联系系统管理员。")) from error
    answer["Content-Disposition"] = f'inline; filename="{found.document.sha256[:12]}.pdf"'
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


# --- the reply upwards ---


def _reply_page(request: HttpRequest, found: Any, status: int = 200, **more: Any) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    reply = reply_of(found)
    facts = reply_facts(actor, found.pk, now=now)
    figures = {figure["key"]: figure for figure in (reply.figures if reply else ())}
    lines = [line for line in (reply.text.splitlines() if reply else ()) if line.strip()]
    edits = keeps(actor, found) and not (reply is not None and reply.is_released)
    context: Context = {
        "paper": found, "reply": reply, "facts": facts, "now": now, "edits": edits, "figures": list(figures.values()),
        "lines": [pieces_of(line, figures, "") for line in lines],
        "may_release": edits and reply is not None and may(actor, Permission.DIRECTIVE_RELEASE),
        "title": reply.title if reply else "", "text": reply.text if reply else "",
        "crumbs": [
            {"label": _("上级督办件"), "url": reverse("web:desk:directives")},
            {"label": found.title, "url": reverse("web:desk:directive", args=[found.pk])},
        ],
    }  # fmt: skip
    return render(request, "desk/directive_reply.html", context | more, status=status)


def _change_reply(request: HttpRequest, directive_id: int) -> str:
    actor, now, post, seen = actor_of(request), now_of(request), request.POST, seen_version(request)
    if post.get("act") == "draft":
        replies.draft_reply(directive_id=directive_id, by=actor, now=now)
        return _("已按现在的办理情况取数。")
    if post.get("act") == "edit":
        title, text = post.get("title", ""), post.get("text", "")
        replies.edit_reply(directive_id=directive_id, title=title, text=text, by=actor, now=now, seen_version=seen)
        return _("文字已保存。")
    if post.get("act") == "release":
        replies.release_reply(directive_id=directive_id, by=actor, now=now, seen_version=seen)
        return _("已签发，内容不再改动。")
    raise NotFound


@door(Permission.DIRECTIVE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, directive_id: int) -> HttpResponse:
    """回复上级: draft it, finish it, release it; read it afterwards."""
    found = directive_for(actor_of(request), directive_id)
    if request.method != "POST":
        return _reply_page(request, found)
    try:
        messages.success(request, _change_reply(request, directive_id))
    except NotFound:
        raise
    except Refused as refusal:
        typed = {name: request.POST[name] for name in ("title", "text") if name in request.POST}
        status = 409 if isinstance(refusal, Conflict) else 422
        return _reply_page(request, found, status=status, objections=refusal.objections, **typed)
    return redirect("web:desk:directive-reply", directive_id)


# --- grounds ---


@door(Permission.DIRECTIVE_KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def ground_list(request: HttpRequest) -> HttpResponse:
    """The kinds of reasons that units choose from, one a line."""

    def save() -> HttpResponse:
        names = re.split(r"[\r\n]+", request.POST.get("names", ""))
        operations.put_grounds(names=names, by=actor_of(request), now=now_of(request))
        messages.success(request, _("已保存。已经申报的保持原来的说法。"))
        return redirect("web:desk:directive-grounds")

    tried = attempt(request, save)
    if tried.went is not None:
        return tried.went
    context: Context = {
        "names": request.POST.get("names") or "\n".join(grounds().values()), "objections": tried.objections,
        "crumbs": [{"label": _("上级督办件"), "url": reverse("web:desk:directives")}],
    }  # fmt: skip
    return render(request, "desk/directive_grounds.html", context, status=tried.status)


urls = [
    path("directives/", papers, name="directives"),
    path("directives/new/", new, name="directive-new"),
    path("directives/items.xlsx", blank_table, name="directive-table"),
    path("directives/grounds/", ground_list, name="directive-grounds"),
    path("directives/<int:directive_id>/", paper, name="directive"),
    path("directives/<int:directive_id>/scans/<int:scan_id>/", scan, name="directive-scan"),
    path("directives/<int:directive_id>/reply/", reply, name="directive-reply"),
]
