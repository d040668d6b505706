"""吹哨报到 on the desk: the list, a new whistle, one whistle with what each side does next."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.journal.queries import events_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.desk.supervision_forms import site_named
from chuangwen.web.desk.unit_choice import one_of, unit_names
from chuangwen.web.desk.whistle_forms import FIRST_ROWS, MORE_ROWS, MOST_ROWS, WhistleForm
from chuangwen.web.desk.whistle_labels import objection_look, part_look, state_look, tabs, timeline
from chuangwen.web.desk.whistle_offers import ACTS, ON_WHISTLE, Doing, Posted, form_for, offer, offers_of
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, received
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key
from chuangwen.whistles.operations import Call, NewWhistle, blow
from chuangwen.whistles.queries import (
    Seen,
    case_to_whistle,
    listed,
    promises,
    seen_by,
    states,
    streets_of,
    summonable,
    summons_for,
    whistle_for,
    whistle_of_case,
    whistle_photo_for,
)
from chuangwen.whistles.work import to_do


class WhistleFilter(FilterForm):
    """The conditions of the list."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("只看与本单位有关的"), required=False)
    late = forms.BooleanField(label=gettext_lazy("只看有超期的"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "state", choices_of(states()))


@door(Permission.WHISTLE_SEE)
@require_safe
def whistles(request: HttpRequest) -> HttpResponse:
    """What waits for this person, then every whistle they may know of."""
    actor, now = actor_of(request), now_of(request)
    form = WhistleFilter(request.GET)
    page = list_page(
        request,
        listed(actor, state=form.value("state"), mine=bool(form.value("mine")), late=bool(form.value("late")), now=now),
    )
    actions = []
    if streets_of(actor):
        actions.append(
            {"label": _("吹哨"), "url": reverse("web:desk:whistle-new"), "icon": "speakerphone", "primary": True}
        )
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now, "actions": actions, "waiting": to_do(actor),
        "rows": [_row(whistle) for whistle in page.rows], "tabs": tabs(actor, "whistles"),
    }  # fmt: skip
    return render(request, "desk/whistles.html", context)


def _row(whistle: Any) -> Mapping[str, Any]:
    summonses = list(whistle.summonses.all())
    due = [summons.act_by for summons in summonses if summons.act_by is not None]
    parts = [summons.part for summons in summonses if summons.part.taken_off_at is None]
    return {
        "whistle": whistle, "state": state_look(whistle), "units": [part.unit.name for part in parts],
        "done": sum(1 for part in parts if part.finished_at is not None), "all": len(parts), "due": min(due, default=None),
    }  # fmt: skip


# --- a new whistle ---


def _typed_rows(request: HttpRequest) -> list[tuple[str, str]]:
    """The departments as they were typed, and some empty rows to go on."""
    units, duties = request.POST.getlist("unit"), request.POST.getlist("duty")
    typed = [(unit.strip()[:120], duty.strip()) for unit, duty in zip(units, duties, strict=False)]
    filled = [row for row in typed if any(row)]
    more = MORE_ROWS if request.POST.get("more") else 0
    wanted = min(MOST_ROWS, max(FIRST_ROWS, len(typed) + more, len(filled) + 1))
    return [*filled, *([("", "")] * (wanted - len(filled)))]


def _new_page(
    request: HttpRequest, form: WhistleForm, street: Any, *, kept: Kept = NOTHING_KEPT, objections: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "street": street, "case": _case(request, street), "rows": _typed_rows(request), "kept": kept,
        "objections": objections, "unit_options": unit_names(summonable(street)), "streets": streets_of(actor_of(request)),
        "crumbs": [{"label": _("吹哨报到"), "url": reverse("web:desk:whistles")}],
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/whistle_new.html", context, status=status)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _case(request: HttpRequest, street: Any) -> Any:
    """The open case that departments are called to; none for a new one."""
    case_id = _number(request.POST.get("case", "") or request.GET.get("case", ""))
    return case_to_whistle(actor_of(request), street, case_id) if case_id is not None else None


def _street(request: HttpRequest) -> Any:
    streets = streets_of(actor_of(request))
    wanted = request.POST.get("street", "") or request.GET.get("street", "")
    return next((street for street in streets if str(street.pk) == wanted), streets[0] if streets else None)


def _said(request: HttpRequest, form: WhistleForm, street: Any, photos: Sequence[int]) -> NewWhistle:
    wrong: list[str] = []
    calls, units = [], unit_names(summonable(street))
    for unit, duty in _typed_rows(request):
        if not unit:
            wrong += [_("“%(duty)s”由哪个部门做？请写部门名称。") % {"duty": duty[:40]}] if duty else []
            continue
        try:
            calls.append(Call(one_of(units, unit).pk, duty))
        except BadInput as refusal:
            wrong += refusal.objections
    typed, site = form.cleaned_data, None
    try:
        site = site_named(actor_of(request), typed["site"]) if typed["site"].strip() else None
    except BadInput as refusal:
        wrong += refusal.objections
    if wrong:
        raise BadInput(wrong)
    return NewWhistle(
        promise=typed["promise"], reason=typed["reason"], calls=calls, case_id=_number(request.POST.get("case", "")),
        title=typed["title"], text=typed["text"], site_id=site, place=typed["place"], photo_ids=photos, street_id=street.pk,
    )  # fmt: skip


@door(Permission.WHISTLE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Which departments, where, what they promise, and why the street cannot do it alone."""
    street = _street(request)
    if street is None:
        messages.info(request, _("只有街道的负责人和承办人可以吹哨。"))
        return redirect("web:desk:whistles")
    if request.method != "POST":
        return _new_page(request, WhistleForm(promises()), street)
    form = WhistleForm(promises(), request.POST)
    photos, objections = received(request) if request.FILES or request.POST.get("kept") else ([], [])
    if request.POST.get("more"):
        return _new_page(request, form, street, kept=keep(request, photos))
    try:
        if objections:
            raise BadInput(objections)
        if not form.is_valid():
            return _new_page(request, form, street, kept=keep(request, photos), status=422)
        whistle = blow(
            said=_said(request, form, street, photos), by=actor_of(request), now=now_of(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        kept = keep(request, photos)
        return _new_page(request, form, street, kept=kept, objections=refusal.objections, status=422)
    messages.success(request, _("已吹哨，编号 %(number)s。各部门现在就能看到。") % {"number": whistle.number})
    return redirect("web:desk:whistle", whistle.pk)


# --- one whistle ---


def _page(request: HttpRequest, seen: Seen, posted: Posted, status: int = 200) -> HttpResponse:
    now, whistle = now_of(request), seen.whistle
    offers = {one.summons.pk: offers_of(one, seen, posted) for one in seen.summonses}
    cards = [
        {"one": one, "offers": offers[one.summons.pk], "state": part_look(one.summons.part),
         "objection": objection_look(one.objection) if one.objection else None}
        for one in seen.summonses
    ]  # fmt: skip
    whole = [offer("close", seen, posted, main=True)] if seen.may_close else []
    whole += [offer("call-off", seen, posted)] if seen.may_call_off else []
    shown = [*whole, *(row for rows in offers.values() for row in rows)]
    lost = bool(posted.objections) and not any(row.posted for row in shown)
    context: Context = {
        "whistle": whistle, "seen": seen, "now": now, "state": state_look(whistle), "cards": cards, "whole": whole,
        "promised": whistle.promised, "client_key": fresh_key(), "lost": posted.objections if lost else (),
        "crumbs": [{"label": _("吹哨报到"), "url": reverse("web:desk:whistles")}],
        "events": timeline(events_of("whistle", whistle.pk)), "case_url": _case_url(request, whistle.case),
        "unit_options": unit_names(summonable(whistle.street)) if any(one.decides for one in seen.summonses) else (),
    }  # fmt: skip
    return render(request, "desk/whistle.html", context, status=status)


def _case_url(request: HttpRequest, case: Any) -> str:
    """The case itself, for whoever sees it: summoned departments see it only through the whistle."""
    sees = may(actor_of(request), Permission.CASE_SEE, case.thing())
    return reverse("web:desk:case", args=[case.pk]) if sees else ""


@door(Permission.WHISTLE_SEE)
@require_safe
def whistle(request: HttpRequest, whistle_id: int) -> HttpResponse:
    """Who is called, how far each is, what this person does next."""
    actor = actor_of(request)
    return _page(request, seen_by(actor, whistle_for(actor, whistle_id)), Posted())


def _done(request: HttpRequest, act: str, doing: Doing, form: forms.Form) -> Posted | None:
    """Do it; what was refused comes back."""
    try:
        if not form.is_valid():
            raise BadInput([_("请按页面上的选项填写。")])
        ACTS[act].do(doing, form.cleaned_data, form)
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return Posted(act, doing.summons_id, form, refusal.objections, 409 if isinstance(refusal, Conflict) else 422)
    messages.success(request, str(ACTS[act].done))
    return None


def _doing(request: HttpRequest, *, whistle_id: int = 0, summons_id: int = 0) -> Doing:
    key = request.POST.get("client_key", "")[:64] or None
    return Doing(whistle_id, summons_id, actor_of(request), now_of(request), key, seen_version(request))


@door(Permission.WHISTLE_SEE)
@require_POST
def act(request: HttpRequest, whistle_id: int, act: str) -> HttpResponse:
    """Close the whistle, or call it off."""
    if act not in ON_WHISTLE:
        raise NotFound
    actor = actor_of(request)
    seen = seen_by(actor, whistle_for(actor, whistle_id))
    form = form_for(act, seen.to_rate, request.POST, auto_id=f"{act}-0-%s")
    posted = _done(request, act, _doing(request, whistle_id=whistle_id), form)
    if posted is None:
        return redirect("web:desk:whistle", whistle_id)
    return _page(request, seen_by(actor, whistle_for(actor, whistle_id)), posted, posted.status)


@door(Permission.WHISTLE_SEE)
@require_POST
def summons_act(request: HttpRequest, summons_id: int, act: str) -> HttpResponse:
    """Confirm, arrive, finish, object, rate; see who came, send back; propose, decide. The operation is the door."""
    if act not in ACTS or act in ON_WHISTLE:
        raise NotFound
    form = form_for(act, (), request.POST, auto_id=f"{act}-{summons_id}-%s")
    posted = _done(request, act, _doing(request, summons_id=summons_id), form)
    if posted is None:
        return redirect(f"{reverse('web:desk:whistle-of-summons', args=[summons_id])}?done=1")
    actor = actor_of(request)
    whistle = whistle_for(actor, summons_for(actor, summons_id).whistle_id)
    return _page(request, seen_by(actor, whistle), posted, posted.status)


@door(Permission.WHISTLE_SEE)
@require_safe
def of_summons(request: HttpRequest, summons_id: int) -> HttpResponse:
    """The whistle, at one of its departments; after an act at its top, where the message says what was done."""
    found = summons_for(actor_of(request), summons_id)
    at = "" if request.GET.get("done") else f"#summons-{found.pk}"
    return redirect(f"{reverse('web:desk:whistle', args=[found.whistle_id])}{at}")


@door(Permission.WHISTLE_SEE)
@require_safe
def of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The whistle of a case, for whoever may know of it."""
    found = whistle_of_case(actor_of(request), case_id)
    if found is None:
        raise NotFound
    return redirect("web:desk:whistle", found.pk)


@door(Permission.WHISTLE_SEE)
@require_safe
def photo(request: HttpRequest, whistle_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of the case, through the door of its whistle."""
    shown = whistle_photo_for(actor_of(request), whistle_id, photo_id)
    return photo_response(open_photo(shown, small=request.GET.get("small") == "1"))


urls = [
    path("whistles/", whistles, name="whistles"),
    path("whistles/new/", new, name="whistle-new"),
    path("whistles/<int:whistle_id>/", whistle, name="whistle"),
    path("whistles/<int:whistle_id>/acts/<str:act>/", act, name="whistle-act"),
    path("whistles/summonses/<int:summons_id>/", of_summons, name="whistle-of-summons"),
    path("whistles/summonses/<int:summons_id>/acts/<str:act>/", summons_act, name="whistle-summons-act"),
    path("whistles/<int:whistle_id>/photos/<int:photo_id>/", photo, name="whistle-photo"),
    path("whistles/of-case/<int:case_id>/", of_case, name="whistle-of-case"),
]
