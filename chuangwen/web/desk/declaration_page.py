"""One requirement: what is asked, what was handed in with every version, what was seen and said, and what to do now."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.declarations import disputes, handing_in, occasions
from chuangwen.declarations.handing_in import Handed
from chuangwen.declarations.queries import (
    disputes_of,
    occasions_of,
    pieces_of,
    plans,
    requirement_for,
    reviews,
    supplies,
    version_for,
)
from chuangwen.evidence.documents import documents_by_id, open_document, store_document
from chuangwen.evidence.office_files import store_office_file
from chuangwen.evidence.operations import store_photo
from chuangwen.evidence.queries import known_photos, open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.people.queries import branch
from chuangwen.rules.material_checks import missing_words
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.declaration_forms import (
    DecideForm,
    DisputeForm,
    HandInForm,
    OccasionForm,
    ReviewForm,
    SettleForm,
)
from chuangwen.web.desk.declarations import crumb, state_look
from chuangwen.web.desk.unit_choice import find_among
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

SALT = "kept-material"
_OFFICE_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Said = Mapping[str, Any]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _stored(request: HttpRequest) -> dict[str, Any]:
    """The file of this submission, stored: the one just chosen, else the one that a refused submission kept."""
    by, now, file = actor_of(request), now_of(request), request.FILES.get("file")
    if file is None:
        try:
            kept = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=12 * 3600)
        except signing.BadSignature:
            return {}
        if kept["user"] != by.user_id:
            return {}
        photo = known_photos([kept["photo"]], by=by)[0] if kept["photo"] else None
        document = next(iter(documents_by_id([kept["document"]])), None) if kept["document"] else None
        return {"photo": photo, "document": document, "file_name": kept["name"]}
    head, name = file.read(5), (file.name or "")[:120]
    file.seek(0)
    if head == b"%PDF-":
        return {"document": store_document(data=file, by=by, now=now), "file_name": name}
    if head.startswith(b"PK\x03\x04"):
        return {"document": store_office_file(data=file, by=by, now=now), "file_name": name}
    return {"photo": store_photo(data=file, by=by, now=now), "file_name": name}


def _kept(request: HttpRequest, stored: Said) -> str:
    photo, document = stored.get("photo"), stored.get("document")
    held = {
        "photo": photo.pk if photo else 0, "document": document.pk if document else 0, "name": stored.get("file_name", ""),
        "user": actor_of(request).user_id,
    }  # fmt: skip
    return signing.dumps(held, salt=SALT) if photo or document else ""


def _who(request: HttpRequest) -> dict[str, Any]:
    key = request.POST.get("client_key", "")[:64] or None
    return {"by": actor_of(request), "now": now_of(request), "client_key": key}


def _unit(request: HttpRequest, number: int, name: str) -> int | None:
    """Any unit of the district of the drive: a unit may point at one outside its own branch."""
    if not name:
        return None
    return find_among(branch(requirement_for(actor_of(request), number).drive.home.path), name).pk


# --- what can be done ---


def _hand_in(request: HttpRequest, number: int, said: Said, stored: Said) -> str:
    handed = Handed(title=said["title"], said_on=said["said_on"], note=said["note"], **stored)
    handing_in.hand_in(
        requirement_id=number, handed=handed, piece_id=_number(request, "piece") or None, **_who(request)
    )
    return _("已提交，系统正在核对文件，一两分钟后刷新可看结果。")


def _review(request: HttpRequest, number: int, said: Said, _stored: Said) -> str:
    verdict = request.POST.get("as", "")
    handing_in.review(
        requirement_id=number, version_id=_number(request, "of"), verdict=verdict, codes=said["codes"], text=said["text"],
        seen_version=seen_version(request), **_who(request),
    )  # fmt: skip
    return {"accepted": _("已通过。"), "returned": _("已退回，单位能看到理由。")}.get(verdict, _("意见已记下。"))


def _dispute(request: HttpRequest, number: int, said: Said, _stored: Said) -> str:
    proposed = _unit(request, number, said["proposed"])
    disputes.raise_dispute(requirement_id=number, reason=said["reason"], proposed_id=proposed, **_who(request))
    return _("已提出，等文明办裁定。裁定以前不用交。")


def _decide(request: HttpRequest, number: int, said: Said, _stored: Said) -> str:
    upheld = request.POST.get("as") == "upheld"
    disputes.decide_dispute(
        requirement_id=number, upheld=upheld, decision=said["decision"], unit_id=_unit(request, number, said["unit"]) if upheld else None,
        seen_version=seen_version(request), **_who(request),
    )  # fmt: skip
    return _("异议成立，已改。") if upheld else _("异议不成立，仍由原单位提供。")


def _plan(request: HttpRequest, number: int, said: Said, _stored: Said) -> str:
    occasions.plan_occasion(requirement_id=number, **said, **_who(request))
    return _("已列入取材日历。")


def _settle(request: HttpRequest, number: int, said: Said, _stored: Said) -> str:
    who = _who(request)
    del who["client_key"]
    occasions.settle_occasion(requirement_id=number, occasion_id=_number(request, "of"), **said, **who)
    return _("已登记。")


ACTS: Mapping[str, tuple[type[forms.Form], Callable[[HttpRequest, int, Said, Said], str]]] = {
    "hand-in": (HandInForm, _hand_in),
    "review": (ReviewForm, _review),
    "dispute": (DisputeForm, _dispute),
    "decide": (DecideForm, _decide),
    "plan": (OccasionForm, _plan),
    "settle": (SettleForm, _settle),
}


# --- the page ---


def _form_of(act: str, posted: tuple[str, forms.Form] | None) -> forms.Form:
    return posted[1] if posted and posted[0] == act else ACTS[act][0]()


def _page(
    request: HttpRequest, number: int, *, posted: tuple[str, forms.Form] | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    asked = requirement_for(actor, number)
    pieces, earlier, office = pieces_of(asked), disputes_of(asked), plans(actor, asked.drive)
    mine, judges = supplies(actor, asked), reviews(actor, asked)
    open_dispute = next((one for one in earlier if one.decided_at is None), None)
    free = len(pieces) < asked.count and not asked.disputed
    may_settle = mine or office
    context: Context = {
        "asked": asked, "look": state_look(asked), "now": now, "mine": mine, "disputes": earlier, "open_dispute": open_dispute,
        "pieces": [(piece, state_look(piece), versions) for piece, versions in pieces],
        "missing": missing_words(asked.material_kind, asked.count, len(pieces)), "occasions": occasions_of(asked),
        "hand_in": _form_of("hand-in", posted) if mine and not asked.disputed else None, "free": free,
        "review": _form_of("review", posted) if judges else None, "may_settle": may_settle,
        "dispute": _form_of("dispute", posted) if mine and not pieces and not asked.disputed else None,
        "decide": _form_of("decide", posted) if office and open_dispute else None,
        "plan": _form_of("plan", posted) if may_settle else None, "client_key": fresh_key(),
        "piece_posted": _number(request, "piece"), "of_posted": _number(request, "of"), "failed": posted[0] if posted else "",
        "crumbs": [crumb(), {"label": asked.drive.name, "url": reverse("web:desk:declaration-drive", args=[asked.drive_id])}],
    }  # fmt: skip
    return render(request, "desk/declaration.html", context | more, status=status)


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, requirement_id: int) -> HttpResponse:
    """What is asked, what came, and what this person can do now."""
    if request.method != "POST":
        return _page(request, requirement_id)
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise NotFound
    form, stored = ACTS[act][0](request.POST), dict[str, Any]()
    try:
        if act == "hand-in":
            asked = requirement_for(actor_of(request), requirement_id)
            stored = _stored(request) if supplies(actor_of(request), asked) else {}
        if not form.is_valid():
            return _page(request, requirement_id, posted=(act, form), kept=_kept(request, stored), status=422)
        messages.success(request, ACTS[act][1](request, requirement_id, form.cleaned_data, stored))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        more = {
            "objections": refusal.objections,
            "kept": _kept(request, stored),
            "kept_name": stored.get("file_name", ""),
        }
        return _page(request, requirement_id, posted=(act, form), status=status, **more)
    return redirect("web:desk:declaration", requirement_id)


@door(Permission.DECLARATION_SEE)
@require_safe
def file(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """A handed-in file: pictures and PDFs to look at, office files to save."""
    found = version_for(actor_of(request), version_id)
    try:
        if found.photo is not None:
            return photo_response(open_photo(found.photo, small=request.GET.get("small") == "1"))
        if found.document is None:
            raise NotFound
        kind = _OFFICE_TYPES.get(found.suffix, "application/pdf")
        answer = FileResponse(open_document(found.document), content_type=kind)
    except FileNotFoundError as error:
        raise NotFound(_("文件不在了，请联系系统管理员。")) from error
    name = quote(f"{found.piece.title}.{found.suffix}", safe="")
    answer["Content-Disposition"] = f"{'inline' if found.suffix == 'pdf' else 'attachment'}; filename*=UTF-8''{name}"
    answer["Cache-Control"], answer["X-Content-Type-Options"] = "private, max-age=86400, immutable", "nosniff"
    return answer


urls = [
    path("declarations/<int:requirement_id>/", one, name="declaration"),
    path("declarations/files/<int:version_id>/", file, name="declaration-file"),
]
