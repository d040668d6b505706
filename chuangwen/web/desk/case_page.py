"""The page of one case: what is wrong, who must act by when, the forms of what this person can do now, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.appeals.queries import appeal_of_case, is_counted, may_appeal_case
from chuangwen.cases.clock import DEFAULT_LIMIT
from chuangwen.cases.filters import FROM_RESIDENTS
from chuangwen.cases.personal import words_for
from chuangwen.cases.queries import may_ask_extension, moves_for, open_extension, photos_of
from chuangwen.cases.worklist import Case
from chuangwen.http import Context, actor_of, now_of
from chuangwen.intake.queries import caller_of, unmasked_text
from chuangwen.journal.queries import events_of
from chuangwen.publicity.queries import writes
from chuangwen.routing.queries import Offered, suggestion_for
from chuangwen.rules.case_flow import FINISHED, PARTS_OPEN, Move, Status
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, may
from chuangwen.rules.text import mask_phone
from chuangwen.web.desk.case_labels import (
    PRIMARY,
    case_url,
    clock_of,
    next_step,
    origin_label,
    timeline,
)
from chuangwen.web.desk.case_objections import objection_context
from chuangwen.web.desk.forms import FORMS, MoveForm, RectifyAndReplyForm
from chuangwen.web.desk.standard_choice import standard_options
from chuangwen.web.desk.triage import triage_card
from chuangwen.web.desk.unit_choice import UnitChoices, assign_choices, dispatch_choices
from chuangwen.web.hint_rows import hint_rows
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept
from chuangwen.web.uploads import fresh_key
from chuangwen.web.wording import full_moment

GRAVE = frozenset({Move.REFUSE, Move.REJECT, Move.FORCE_CLOSE, Move.CANCEL})
BESIDE_PRIMARY = frozenset({Move.REJECT})  # the other end of checking, as near as the first
HINTS: Mapping[str, str | Promise] = {
    Move.ACCEPT: _("受理后就可以派遣。"),
    Move.REFUSE: _("不予受理后案件办结，理由会留在案件里。"),
    Move.DISPATCH: _("派遣后开始计时。"),
    Move.ASSIGN: _("交给下级单位办，时限接着算，不重新计时。"),
    Move.RETURN: _("不归本单位管时退回；退回期间不计时，由文明办重新派遣。"),
    Move.RECEIVE: _("签收表示已经知道并开始整改。"),
    Move.RECTIFY: _("按提交的时间算是否超期；等待核查的时间不计。"),
    Move.VERIFY: _("现场看过，确实改好了。"),
    Move.REJECT: _("退回原单位重办，计一次返工。"),
    Move.CLOSE: _("办结归档。"),
    Move.FORCE_CLOSE: _("确实办不了时由文明办主任决定，单独统计。"),
    Move.CANCEL: _("误报、重报时作废，作废后不能恢复。"),
    Move.SUSPEND: _("一时解决不了的先挂账，挂账期间不计时。"),
    Move.RESUME: _("从停下的地方接着计时。"),
}
CONFIRM: Mapping[str, str | Promise] = {
    Move.CANCEL: _("确定作废这件案件吗？作废后不能恢复。"),
    Move.FORCE_CLOSE: _("确定强制结案吗？结案后不能恢复。"),
}


@dataclass(frozen=True)
class Posted:
    """A submission that was refused: its form, what was wrong, pictures already kept, both texts of a conflict."""

    name: str
    form: MoveForm
    objections: Sequence[str] = ()
    kept: Kept = NOTHING_KEPT
    conflict: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """One thing that this person can do with the case now, as a form of its own."""

    name: str
    label: str | Promise
    url: str
    form: MoveForm
    hint: str | Promise = ""
    confirm: str | Promise = ""
    grave: bool = False
    main: bool = False
    posted: Posted | None = None
    suggestion: Offered | None = None

    @property
    def takes_photos(self) -> bool:
        """Whether the form sends files."""
        return "photo" in self.form.fields


def link_to(name: str, *args: object) -> str:
    """The address of a page, or nothing while there is no such page."""
    try:
        return reverse(name, args=list(args))
    except NoReverseMatch:
        return ""


def form_class(name: str, case: Case | None = None) -> type[MoveForm]:
    """The form of a move; handing in a resident's case asks for the answer too."""
    if name == Move.RECTIFY and case is not None and case.origin_kind in FROM_RESIDENTS:
        return RectifyAndReplyForm
    return FORMS[name]


def _offer(case: Case, name: str, label: str | Promise, posted: Posted | None, choices: UnitChoices) -> Offer:
    mine = posted if posted is not None and posted.name == name else None
    form = mine.form if mine else form_class(name, case)(auto_id=f"{name}-%s")
    form.offer(choices)
    return Offer(
        name=name, label=label, url=reverse("web:desk:case-move", args=[case.pk, name]), form=form,
        hint=HINTS.get(name, ""), confirm=CONFIRM.get(name, ""), grave=name in GRAVE,
        main=PRIMARY.get(case.flow_status) == name or name in BESIDE_PRIMARY, posted=mine,
    )  # fmt: skip


def _choices(actor: Actor, case: Case, moves: Sequence[Move]) -> tuple[UnitChoices, Sequence[Any]]:
    if Move.DISPATCH in moves:
        return dispatch_choices(actor, case), ()
    if Move.ASSIGN in moves:
        return assign_choices(case), ()
    return UnitChoices(), standard_options() if Move.ACCEPT in moves else ()


def _label(case: Case, move: Move) -> str | Promise:
    again = move is Move.DISPATCH and case.flow_status is Status.RETURNED
    return _("重新派遣") if again else str(move.label)


def _moves(actor: Actor, case: Case, posted: Posted | None, now: datetime) -> Context:
    moves = [arrow.move for arrow in moves_for(actor, case)]
    choices, standards = _choices(actor, case, moves)
    if Move.ASSIGN in moves and not choices.options:
        moves.remove(Move.ASSIGN)  # nobody below to pass it to
    offers = [_offer(case, move.value, _label(case, move), posted, choices) for move in moves]
    if Move.DISPATCH in moves and (found := suggestion_for(case, now)):
        offers = [replace(offer, suggestion=found) if offer.name == Move.DISPATCH else offer for offer in offers]
    offers.sort(key=lambda offer: (not offer.main, offer.grave))
    return {
        "main_offers": [offer for offer in offers if offer.main],
        "other_offers": [offer for offer in offers if not offer.main],
        "unit_options": choices.options,
        "standard_options": standards,
    }


def _extension(request: HttpRequest, case: Case, posted: Posted | None, events: Sequence[Any]) -> Context:
    actor, now = actor_of(request), now_of(request)
    ever = any(event.kind == "case.extension_asked" for event in events)
    asked = open_extension(case) if ever else None
    none = UnitChoices()
    decides = asked is not None and may(actor, Permission.EXTENSION_DECIDE, case.thing())
    asks = may_ask_extension(actor, case, pending=asked is not None, now=now)
    return {
        "extension": asked,
        "decide_offer": _offer(case, "decide_extension", _("批复延期"), posted, none) if decides else None,
        "ask_offer": _offer(case, "ask_extension", _("申请延期"), posted, none) if asks else None,
    }


def _pictures(case: Case) -> Sequence[Mapping[str, Any]]:
    pictures = []
    for row in photos_of(case):
        url = reverse("web:desk:case-photo", args=[case.pk, row.photo_id])
        alt = f"{row.get_role_display()}照片"
        pictures.append(
            {"id": row.photo_id, "role": row.role, "url": url, "thumb_url": f"{url}?small=1", "alt": alt,
             "taken_at": row.photo.taken_at, "hinted": getattr(row, "hinted", False)}
        )  # fmt: skip
    return pictures


def _release_urls(actor: Actor, case: Case, pictures: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, str]]:
    """Where to decide what residents may see, one link a photo."""
    if not may(actor, Permission.PHOTO_RELEASE, case.thing()):
        return ()
    return [
        {
            "url": reverse("web:desk:case-photo-public", args=[case.pk, picture["id"]]),
            "label": f"{picture['alt']} {place}",
        }
        for place, picture in enumerate(pictures, start=1)
    ]


def _photo_context(pictures: Sequence[Mapping[str, Any]]) -> Context:
    before = [picture for picture in pictures if picture["role"] == "before"]
    after = [picture for picture in pictures if picture["role"] == "after"]
    pair = [rows[-1] for rows in (before, after) if rows]
    return {
        "before": before[-1] if before else None,
        "after": after[-1] if after else None,
        "more_photos": [picture for picture in pictures if picture not in pair],
    }


def _contact(actor: Actor, case: Case) -> Mapping[str, str]:
    site = case.site
    if site is None or not (site.contact_name or site.contact_phone):
        return {}
    whole = bool(actor.roles & set(OFFICE)) or may(actor, Permission.CASE_HANDLE, case.thing())
    phone = site.contact_phone if whole else mask_phone(site.contact_phone)
    url = f"tel:{phone}" if whole and phone else ""
    return {"label": str(_("点位联系人")), "value": f"{site.contact_name} {phone}".strip(), "url": url}


def _origin_url(actor: Actor, case: Case) -> str:
    """Where the case came from, as far as the office may go there."""
    known = case.origin_kind == "supervision" and bool(actor.roles & set(OFFICE))
    return link_to("web:desk:supervision-of-case", case.pk) if known else ""


def _facts(actor: Actor, case: Case) -> Sequence[Mapping[str, Any]]:
    site, order, reporter = case.site, case.order, case.reported_by
    by = reporter.display_name if reporter and case.origin_kind not in FROM_RESIDENTS else ""
    rows: list[tuple[object, object, str]] = [
        (_("点位"), site.name if site else None, link_to("web:desk:site", site.pk) if site else ""),
        (_("位置"), case.place, ""),
        (_("街道"), case.street.name if case.street else None, ""),
        (_("责任单位"), case.unit.name if case.unit else _("还没有派遣"), ""),
        (_("来源"), f"{origin_label(case)} {by}".strip(), _origin_url(actor, case)),
        (_("上报时间"), full_moment(case.reported_at), ""),
        (_("测评标准"), case.criterion_code, ""),
        (_("派遣时间"), full_moment(case.dispatched_at) if case.dispatched_at else None, ""),
        (_("整改期限"), full_moment(case.due_at) if case.due_at else None, ""),
        (_("提交整改"), full_moment(case.rectified_at) if case.rectified_at else None, ""),
        (_("办结时间"), full_moment(case.ended_at) if case.ended_at else None, ""),
        (_("返工"), _("%(n)d 次") % {"n": case.rework_count} if case.rework_count else None, ""),
        (_("延期"), _("%(n)d 次") % {"n": case.extension_count} if case.extension_count else None, ""),
        (_("整改任务书"), order.number if order else None, link_to("web:desk:order", order.pk) if order else ""),
    ]
    if case.parts_due_at is not None and may(actor, Permission.WHISTLE_SEE):
        rows.append((_("共同办理"), _("看街道吹哨和各部门报到"), link_to("web:desk:whistle-of-case", case.pk)))
    if case.origin_kind == "resident" and set(OFFICE) & actor.roles:
        rows.append((_("回访电话"), caller_of(case.pk), ""))
    if case.origin_kind == "resident" and (words := unmasked_text(actor, case)):
        rows.append((_("原话（含号码，只有承办和文明办看得到）"), words, ""))
    shown = [{"label": label, "value": value, "url": url} for label, value, url in rows if value]
    return [*shown, *([contact] if (contact := _contact(actor, case)) else [])]


def _whistle_url(actor: Actor, case: Case) -> str:
    """Where the case's own street calls departments to it, as long as they can still join."""
    of_street = case.street_id in {post.unit_id for post in actor.posts if post.role in UNIT}
    joinable = case.flow_status in PARTS_OPEN - {Status.SUSPENDED} and not case.parts_open
    return f"{link_to('web:desk:whistle-new')}?case={case.pk}" if of_street and joinable else ""


def _reply_url(actor: Actor, case: Case) -> str:
    """Where somebody who answers for a resident's case writes to them."""
    answers = case.origin_kind in FROM_RESIDENTS and may(actor, Permission.REPLY_SEND, case.thing())
    return link_to("web:desk:case-reply", case.pk) if answers else ""


def _standard(case: Case) -> Context:
    standard = case.standard
    if standard is None:
        return {"standard": None, "default_limit": DEFAULT_LIMIT.text}
    rows = [
        (_("标准"), f"{standard.code} {standard.item}（{standard.book}）"),
        (_("立案条件"), standard.condition),
        (_("处置时限"), standard.limit_text or DEFAULT_LIMIT.text),
        (_("结案条件"), standard.closes_when),
        (_("处置单位"), standard.handler),
    ]
    return {"standard": [{"label": label, "value": value} for label, value in rows if value]}


def _appeal(actor: Actor, case: Case, now: datetime) -> Context:
    """The appeal about a closed case, or the way to one. Nothing is asked while the case runs on time."""
    if case.flow_status not in FINISHED and not is_counted(case, now):
        return {}
    if (found := appeal_of_case(actor, case.pk)) is not None:
        return {"appeal": found}
    return {"appeal_url": reverse("web:desk:appeal-case", args=[case.pk]) if may_appeal_case(actor, case, now) else ""}


def case_context(request: HttpRequest, case: Case, posted: Posted | None = None) -> Context:
    """Everything on the page; `posted` brings a refused submission back. Five statements beside those of the door."""
    actor, now = actor_of(request), now_of(request)
    pictures = _pictures(case)
    by_id = {picture["id"]: picture for picture in pictures}
    note = may(actor, Permission.CASE_NOTE, case.thing())
    events = events_of("case", case.pk)
    context = {
        "case": case, "now": now, "clock": clock_of(case), "posted": posted,
        "client_key": fresh_key(), "facts": _facts(actor, case), "case_url": case_url(case),
        "may_erase": may(actor, Permission.JOURNAL_ERASE),
        "may_brief": case.flow_status in FINISHED and case.site_id is not None and writes(actor),
        "note_offer": _offer(case, "note", _("写备注"), posted, UnitChoices()) if note else None,
        "events": timeline(events, by_id, from_resident=case.origin_kind in FROM_RESIDENTS, now=now),
        "photo_hints": hint_rows(actor, case) if any(picture["hinted"] for picture in pictures) else (),
        "whistle_url": _whistle_url(actor, case),
        "reply_url": _reply_url(actor, case),
        "release_urls": _release_urls(actor, case, pictures),
        "text": words_for(actor, case, case.text), "title": words_for(actor, case, case.title), **triage_card(actor, case),
        **_photo_context(pictures), **_standard(case), **_moves(actor, case, posted, now),
        **_extension(request, case, posted, events), **objection_context(actor, case, events, now, partial(_offer, case, posted=posted)),
    }  # fmt: skip
    context |= _appeal(actor, case, now)
    context["next_step"] = next_step(case, now, mine=bool(context["main_offers"]))
    shown = [*context["main_offers"], *context["other_offers"]]
    shown += [offer for name in ("note", "ask", "decide", "object", "settle") if (offer := context[f"{name}_offer"])]
    lost = posted is not None and all(offer.posted is None for offer in shown)
    return context | {"lost_words": posted.form.typed() if posted is not None and lost else "", "lost": lost}
