"""How a case is said on desk pages: what comes next, by when, what happened, which conditions narrow a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.cases.filters import ORIGINS, CaseFilter
from chuangwen.cases.queries import moves_for
from chuangwen.cases.worklist import Case
from chuangwen.rules.case_flow import OPEN, RUNNING, Move, Status
from chuangwen.rules.permissions import Actor
from chuangwen.web.looks import SEVERITY_LOOKS, STATUS_LOOKS
from chuangwen.web.wording import when

# The move that a status waits for; everything else is an exception to it.
PRIMARY: Mapping[Status, Move] = {
    Status.REPORTED: Move.ACCEPT,
    Status.ACCEPTED: Move.DISPATCH,
    Status.RETURNED: Move.DISPATCH,
    Status.DISPATCHED: Move.RECEIVE,
    Status.HANDLING: Move.RECTIFY,
    Status.RECTIFIED: Move.VERIFY,
    Status.VERIFIED: Move.CLOSE,
    Status.SUSPENDED: Move.RESUME,
}


@dataclass(frozen=True)
class Clock:
    """What the deadline component needs: the moment, when it was done, whether the clock stands."""

    due: datetime | None
    done_at: datetime | None = None
    paused: bool = False


def clock_of(case: Case) -> Clock | None:
    """The deadline that counts for a case now; None where none does (refused, cancelled, closed unhandled)."""
    status = case.flow_status
    if status in {Status.RETURNED, Status.SUSPENDED}:
        return Clock(case.due_at or case.act_by, paused=True)
    if case.rectified_at is not None and case.due_at is not None:
        return Clock(case.due_at, done_at=case.rectified_at)
    if status in RUNNING:
        return Clock(case.due_at)
    return Clock(case.act_by) if status in OPEN else None


def case_url(case: Case) -> str:
    """The page of a case."""
    return reverse("web:desk:case", args=[case.pk])


def primary_move(actor: Actor, case: Case) -> Move | None:
    """The one move that this person should make next; None when it is not theirs to make."""
    wanted = PRIMARY.get(case.flow_status)
    return wanted if any(arrow.move is wanted for arrow in moves_for(actor, case)) else None


def button_label(case: Case, move: Move) -> str:
    """What the button of a work list says: checking has two ends, re-routing is not the first dispatch."""
    if move is Move.VERIFY:
        return _("核查")
    if move is Move.DISPATCH and case.flow_status is Status.RETURNED:
        return _("重新派遣")
    return str(_(move.label))


def next_step(case: Case, now: datetime, *, mine: bool = False) -> str:
    """Who must do what by when, as a sentence; `mine`: said to the person who must. Empty when the case is done."""
    unit = case.unit.name if case.unit else ""
    status = case.flow_status
    waits = {
        Status.REPORTED: _("等文明办受理，应在 %(by)s 前。"),
        Status.ACCEPTED: _("等文明办派遣，应在 %(by)s 前。"),
        Status.RETURNED: _("%(unit)s退回，等文明办重新派遣，应在 %(by)s 前。"),
        Status.DISPATCHED: _("等%(unit)s签收并整改，%(by)s 前提交。"),
        Status.HANDLING: _("等%(unit)s整改，%(by)s 前提交。"),
        Status.RECTIFIED: _("等巡查员或文明办核查，应在 %(by)s 前。"),
        Status.VERIFIED: _("核查通过，等文明办结案，应在 %(by)s 前。"),
        Status.SUSPENDED: _("挂账到 %(by)s，到期自动恢复办理。"),
    }
    yours = {
        Status.RETURNED: _("%(unit)s退回，请在 %(by)s 前重新派遣。"),
        Status.DISPATCHED: _("请签收并整改，%(by)s 前提交。"),
        Status.HANDLING: _("请整改，%(by)s 前提交。"),
        Status.SUSPENDED: waits[Status.SUSPENDED],
    }
    sentence = yours.get(status, _("请在 %(by)s 前办。")) if mine else waits.get(status, "")
    return sentence % {"unit": unit, "by": when(case.act_by, now)} if sentence else ""


def origin_label(case: Case) -> str:
    """Where a case came from."""
    return str(_(ORIGINS.get(case.origin_kind, case.origin_kind)))


# --- what happened -------------------------------------------------------------------------------------------------

_EVENT_LOOKS: Mapping[str, tuple[str, str]] = {
    "report": ("info", "flag"),
    "accept": ("info", "check"),
    "refuse": ("neutral", "circle-x"),
    "dispatch": ("info", "send"),
    "assign": ("info", "arrow-down"),
    "return_back": ("warn", "arrow-back-up"),
    "receive": ("accent", "bell"),
    "rectify": ("accent", "upload"),
    "verify": ("good", "check"),
    "reject": ("bad", "arrow-back-up"),
    "close": ("good", "circle-check"),
    "force_close": ("neutral", "gavel"),
    "cancel": ("neutral", "ban"),
    "suspend": ("warn", "player-pause"),
    "resume": ("accent", "player-play"),
    "reopen": ("bad", "arrow-back-up"),
    "answered": ("info", "message-circle"),
    "voice": ("neutral", "users"),
    "note": ("neutral", "message-circle"),
    "extension_asked": ("warn", "clock"),
    "extension_granted": ("good", "clock"),
    "extension_refused": ("bad", "clock"),
    "ordered": ("info", "file-text"),
    "objected": ("warn", "message-circle"),
    "objection_upheld": ("good", "gavel"),
    "objection_rejected": ("bad", "gavel"),
    "objection_lapsed": ("neutral", "circle-dot"),
    "parts_added": ("info", "users"),
    "part_done": ("good", "check"),
    "part_reopened": ("bad", "arrow-back-up"),
    "part_taken_off": ("neutral", "ban"),
    "merged": ("info", "copy"),
    "took_in": ("info", "copy"),
    "split": ("warn", "copy"),
    "gave_back": ("warn", "copy"),
    "triage.confirmed": ("neutral", "check"),
}


def _event_title(short: str) -> str:
    more = {
        "report": _("上报"),
        "note": _("备注"),
        "answered": _("答复反映人"),
        "voice": _("又有人遇到"),
        "extension_asked": _("申请延期"),
        "extension_granted": _("同意延期"),
        "extension_refused": _("不同意延期"),
        "ordered": _("列入整改任务书"),
        "objected": _("提出派单异议"),
        "objection_upheld": _("派单异议成立"),
        "objection_rejected": _("派单异议不成立"),
        "objection_lapsed": _("派单异议不再需要裁定"),
        "parts_added": _("请单位共同办理"),
        "part_done": _("单位办完自己的部分"),
        "part_reopened": _("退回一个单位重办"),
        "part_taken_off": _("免去一个单位的任务"),
        "merged": _("并入另一件案件"),
        "took_in": _("并入了一件反映"),
        "split": _("拆开，单独办理"),
        "gave_back": _("拆出一件反映"),
        "triage.confirmed": _("确认研判"),
    }
    return str(more.get(short) or (_(Move(short).label) if short in set(Move) else short))


def event_title(kind: str) -> str:
    """What an event is called, by its kind."""
    return _event_title(kind.removeprefix("case."))


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _event_facts(short: str, facts: Mapping[str, Any], now: datetime) -> list[str]:
    lines = []
    due = _moment(facts.get("due_at"))
    if facts.get("unit_name"):
        lines.append(_("派给 %(unit)s") % {"unit": facts["unit_name"]})
    if facts.get("part_units"):
        lines.append(str(facts["part_units"]))
    if facts.get("ground"):
        lines.append(str(facts["ground"]))
    if facts.get("wanted_name"):
        lines.append(_("建议派给 %(unit)s") % {"unit": facts["wanted_name"]})
    if facts.get("order"):
        lines.append(str(facts["order"]))
    if due and short in {"dispatch", "assign", "reject", "resume", "reopen", "extension_granted", "ordered"}:
        lines.append(_("整改期限 %(moment)s") % {"moment": when(due, now)})
    if until := _moment(facts.get("until")):
        lines.append(_("挂账到 %(moment)s") % {"moment": when(until, now)})
    if facts.get("late"):
        lines.append(_("提交时已超期"))
    return ["，".join(lines) + "。"] if lines else []


def timeline(
    events: Iterable[Any], photos: Mapping[int, Mapping[str, str]], *, from_resident: bool, now: datetime
) -> Sequence[Mapping[str, Any]]:
    """The journal of a case as items of the timeline component, newest first. A resident's name is never shown."""
    items = []
    for event in events:
        short = str(event.kind).removeprefix("case.")
        tone, icon = _EVENT_LOOKS.get(short, ("neutral", "circle-dot"))
        lines = _event_facts(short, event.facts, now) + ([event.note] if event.note else [])
        ids = event.facts.get("photos", [])
        items.append(
            {
                "at": event.at,
                "title": _event_title(short),
                "by": _("群众") if short == "report" and from_resident else event.actor_name,
                "note": "\n".join(lines),
                "tone": tone,
                "icon": icon,
                "photos": [photos[photo_id] for photo_id in ids if photo_id in photos],
            }
        )
    return items[::-1]


# --- why these: a filter as words ----------------------------------------------------------------------------------

STATE_WORDS = {"open": gettext_lazy("未办结"), "running": gettext_lazy("在单位办理"), "done": gettext_lazy("已办结")}
LATE_WORDS = {"now": gettext_lazy("超期未提交"), "ever": gettext_lazy("超过期限"), "no": gettext_lazy("按期提交")}
SORT_WORDS = {
    "newest": gettext_lazy("最新的在前"),
    "due": gettext_lazy("先到期的在前"),
    "oldest": gettext_lazy("最早的在前"),
}


def _said_day(text: str) -> str:
    return dateformat.format(date.fromisoformat(text), _("Y年n月j日"))


def _words_of(name: str, value: str, names: Mapping[str, str]) -> str:
    said: dict[str, Any] = {
        "q": lambda: _("含“%(text)s”") % {"text": value},
        "state": lambda: STATE_WORDS[value],
        "status": lambda: STATUS_LOOKS[value].label,
        "severity": lambda: SEVERITY_LOOKS[value].label,
        "origin": lambda: _(ORIGINS.get(value, value)),
        "late": lambda: LATE_WORDS[value],
        "rework": lambda: _("返过工"),
        "own": lambda: _("不含下级单位"),
        "kind": lambda: _(value),
        "handed_in": lambda: _("已提交整改"),
        "item": lambda: _("小类“%(name)s”") % {"name": value},
        "criterion": lambda: _("测评标准 %(code)s") % {"code": value},
        "since": lambda: _("%(day)s起上报") % {"day": _said_day(value)},
        "until": lambda: _("%(day)s前（含）上报") % {"day": _said_day(value)},
        "ended_since": lambda: _("%(day)s起办结") % {"day": _said_day(value)},
        "ended_until": lambda: _("%(day)s前（含）办结") % {"day": _said_day(value)},
    }
    return str(said[name]()) if name in said else names.get(name, value)


def words_of(wanted: CaseFilter, names: Mapping[str, str]) -> Sequence[str]:
    """The active conditions as words; `names` has those of unit, street, point type, site and order."""
    return [_words_of(name, value, names) for name, value in wanted.active().items()]
