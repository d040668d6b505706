"""研判: what a report is about, confirmed with one key; the same trouble once; the models that propose."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.cases.merging import MERGEABLE, kept_for, merge, merged_of, split
from chuangwen.cases.personal import words_for
from chuangwen.cases.queries import case_for
from chuangwen.cases.worklist import Case
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.rules.refusals import Refused
from chuangwen.rules.triage import ORDINARY, URGENT
from chuangwen.standards.queries import case_standards
from chuangwen.triage.index import Asked, Earlier, asked_of, earlier
from chuangwen.triage.models_training import approve, ask_training, confirmed
from chuangwen.triage.proposing import confirm, proposal_of
from chuangwen.triage.queries import TARGETS, classifiers
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.case_labels import case_url
from chuangwen.web.desk.case_list import type_names
from chuangwen.web.uploads import fresh_key

LABELS = {
    "class": gettext_lazy("类别"), "point_type": gettext_lazy("点位类型"), "unit": gettext_lazy("责任单位"),
    "urgency": gettext_lazy("紧急程度"),
}  # fmt: skip
LONGEST = 5_000
MOST_NUMBER = 18


def _key(request: HttpRequest) -> str | None:
    return request.POST.get("client_key", "")[:64] or None


def proposal_rows(offered: Mapping[str, Sequence[Any]]) -> Sequence[Mapping[str, Any]]:
    """What is proposed, target by target, for people."""
    names = type_names()
    return [
        {
            "name": name, "label": label,
            "offers": [
                {"value": value, "shown": names.get(value, value) if name == "point_type" else value,
                 "percent": round(100 * share), "words": words}
                for value, share, words in offered.get(name, ())
            ],
        }
        for name, label in LABELS.items()
    ]  # fmt: skip


def _alike(actor: Actor, case: Case) -> Sequence[Mapping[str, Any]]:
    return [_shown(row) for row in earlier(actor, asked_of(case))]


def _shown(row: Earlier) -> Mapping[str, Any]:
    return {
        "pk": row.case.pk, "number": row.case.number, "title": hidden_numbers(row.case.title), "url": case_url(row.case),
        "status": row.case.flow_status.label, "reported_at": row.case.reported_at, "same": row.likeness.same,
        "percent": round(100 * row.likeness.score), "voices": row.case.voices, "words": row.words,
        "reasons": row.likeness.reasons,
    }  # fmt: skip


def _context(request: HttpRequest, case: Case) -> Context:
    actor = actor_of(request)
    row = proposal_of(case)
    first = {name: offers[0][0] if offers else "" for name, offers in row.offered.items()} if row else {}
    chosen = (row.chosen or {}) if row else {}
    typed = {name: request.POST.get(name, chosen.get(name, first.get(name, ""))) for name in LABELS}
    merges = may(actor, Permission.CASE_MERGE, case.thing())
    return {
        "case": case, "now": now_of(request), "row": row, "rows": proposal_rows(row.offered) if row else (),
        "typed": typed, "classes": sorted(set(case_standards().values_list("class_name", flat=True))),
        "types": list(type_names().items()), "urgencies": (URGENT, ORDINARY), "client_key": fresh_key(),
        "title": words_for(actor, case, case.title), "text": words_for(actor, case, case.text),
        "alike": _alike(actor, case) if case.merged_into_id is None else (), "kept": kept_for(actor, case),
        "merged": merged_of(case), "may_merge": merges, "mergeable": case.flow_status in MERGEABLE and case.voices == 1,
        "may_confirm": may(actor, Permission.TRIAGE_CONFIRM, case.thing()),
    }  # fmt: skip


@door(Permission.TRIAGE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_triage(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the report is about, and earlier ones of the same trouble; sent off: confirmed or corrected."""
    case = case_for(actor_of(request), case_id)

    def act() -> HttpResponse:
        said = request.POST
        row = confirm(
            case_id=case_id, class_name=said.get("class", ""), point_type=said.get("point_type", ""),
            urgency_word=said.get("urgency", ""), unit=said.get("unit", ""), by=actor_of(request), now=now_of(request),
            client_key=_key(request),
        )  # fmt: skip
        messages.success(request, _("已改正，会用来教下一个模型。") if row.corrected else _("已确认。"))
        return redirect("web:desk:case", case_id)

    done = attempt(request, act)
    if done.went:
        return done.went
    context = _context(request, case) | {"objections": done.objections}
    return render(request, "desk/triage.html", context, status=done.status)


def _merging(request: HttpRequest, case_id: int, act: Any, sentence: str) -> HttpResponse:
    case = case_for(actor_of(request), case_id)
    done = attempt(request, act)
    if done.went:
        messages.success(request, sentence)
        return done.went
    context = _context(request, case) | {"objections": done.objections}
    return render(request, "desk/triage.html", context, status=done.status)


def _number(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_NUMBER:
        raise Refused(_("请写要并入的案件的编号。"))
    return int(digits[8:]) if len(digits) == 15 else int(digits)  # a case number: day and row


@door(Permission.TRIAGE_SEE)
@require_POST
def merge_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """This report is the same trouble as another case."""

    def act() -> HttpResponse:
        kept = case_for(actor_of(request), _number(request.POST.get("kept", ""))).pk
        merge(
            case_id=case_id, kept_id=kept, by=actor_of(request), now=now_of(request), client_key=_key(request),
            seen_version=seen_version(request),
        )  # fmt: skip
        return redirect("web:desk:case", kept)

    return _merging(request, case_id, act, _("已并入这件案件，反映人都会看到这一件的进展。"))


@door(Permission.TRIAGE_SEE)
@require_POST
def split_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """It was another trouble after all."""

    def act() -> HttpResponse:
        reason = request.POST.get("reason", "")
        split(case_id=case_id, reason=reason, by=actor_of(request), now=now_of(request), client_key=_key(request))
        return redirect("web:desk:case", case_id)

    return _merging(request, case_id, act, _("已拆开，这件反映单独办理。"))


@door(Permission.DASHBOARD_SEE)
@require_safe
def earlier_json(request: HttpRequest) -> HttpResponse:
    """Earlier reports of the same trouble as one types: title, text, place, site of the address."""
    said = {name: request.GET.get(name, "")[:LONGEST] for name in ("title", "text", "place", "site")}
    site = (
        int(said["site"]) if said["site"].isascii() and said["site"].isdigit() and len(said["site"]) < 10 else None
    )  # no row has more digits
    asked = Asked(said["title"], said["text"], now_of(request), said["place"], site)
    rows = [_shown(row) for row in earlier(actor_of(request), asked)] if said["title"] or said["text"] else []
    plain = [
        {name: row[name] for name in ("number", "title", "url", "status", "same", "percent", "voices", "words")}
        for row in rows
    ]
    answer = JsonResponse({"earlier": plain}, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "private, no-store"
    return answer


@door(Permission.TRIAGE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def models(request: HttpRequest) -> HttpResponse:
    """The models: which proposes now, what the next one could do better, and who decides."""

    def act() -> HttpResponse:
        if request.POST.get("approve"):
            approve(model_id=_number(request.POST["approve"]), by=actor_of(request), now=now_of(request))
            messages.success(request, _("已起用，新的反映由这个模型提出建议。"))
        else:
            ask_training(target=request.POST.get("target", ""), by=actor_of(request), now=now_of(request))
            messages.success(request, _("已交给后台训练，完成后出现在这里。"))
        return redirect("web:desk:triage-models")

    done = attempt(request, act)
    if done.went:
        return done.went
    context = {
        "objections": done.objections, "rows": classifiers(), "now": now_of(request),
        "targets": [(value, label, len(confirmed(value))) for value, label in TARGETS],
        "may_release": may(actor_of(request), Permission.TRIAGE_RELEASE),
    }  # fmt: skip
    return render(request, "desk/triage_models.html", context, status=done.status)


def triage_card(actor: Actor, case: Case) -> Context:
    """What the page of a case shows of it: the first proposal of each kind while it is reported; one statement."""
    if case.merged_into_id is not None or not may(actor, Permission.TRIAGE_SEE):
        return {"merged_url": reverse("web:desk:case", args=[case.merged_into_id]) if case.merged_into_id else ""}
    card: Context = {"triage_url": reverse("web:desk:case-triage", args=[case.pk])}
    if case.flow_status.value != "reported" or not may(actor, Permission.TRIAGE_CONFIRM, case.thing()):
        return card
    row = proposal_of(case)
    return card | {"triage_rows": proposal_rows(row.offered) if row else (), "triage": row}


urls = [
    path("cases/<int:case_id>/triage/", case_triage, name="case-triage"),
    path("cases/<int:case_id>/merge/", merge_case, name="case-merge"),
    path("cases/<int:case_id>/split/", split_case, name="case-split"),
    path("triage/earlier.json", earlier_json, name="triage-earlier"),
    path("triage/models/", models, name="triage-models"),
]
