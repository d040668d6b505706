"""How whistles look: badges of states, the journal as a timeline, tabs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.whistles.operations import OUTCOMES

STATE_LOOKS: Mapping[str, tuple[str, str]] = {
    "open": ("accent", "speakerphone"),
    "closed": ("good", "circle-check"),
    "called_off": ("neutral", "ban"),
}
PART_LOOKS: Mapping[str, tuple[str, str]] = {
    "open": ("accent", "circle-dashed"),
    "done": ("good", "circle-check"),
    "taken_off": ("neutral", "ban"),
}
OBJECTION_LOOKS: Mapping[str, tuple[str, str]] = {
    "waiting": ("warn", "scale"),
    "taken_off": ("good", "gavel"),
    "moved": ("good", "gavel"),
    "rejected": ("bad", "gavel"),
    "lapsed": ("neutral", "minus"),
}
_EVENTS: Mapping[str, tuple[str | Promise, str, str]] = {
    "blown": (gettext_lazy("吹哨"), "accent", "speakerphone"),
    "confirmed": (gettext_lazy("确认收到"), "info", "check"),
    "arrived": (gettext_lazy("报告到场"), "info", "map-pin"),
    "arrival_seen": (gettext_lazy("街道核实到场"), "good", "checks"),
    "arrival_denied": (gettext_lazy("街道说没有到场"), "bad", "circle-x"),
    "finished": (gettext_lazy("报告办完"), "good", "circle-check"),
    "sent_back": (gettext_lazy("没有办好，退回重办"), "bad", "arrow-back-up"),
    "objected": (gettext_lazy("提异议"), "warn", "scale"),
    "objection_proposed": (gettext_lazy("拟办"), "info", "edit"),
    "objection_decided": (gettext_lazy("裁定异议"), "accent", "gavel"),
    "fit_rated": (gettext_lazy("评价吹哨"), "neutral", "message-circle"),
    "closed": (gettext_lazy("销哨"), "good", "circle-check"),
    "called_off": (gettext_lazy("撤回吹哨"), "neutral", "ban"),
}


def _look(looks: Mapping[str, tuple[str, str]], row: Any) -> dict[str, Any]:
    tone, icon = looks[row.state]
    return {"label": row.get_state_display(), "tone": tone, "icon": icon}


def state_look(whistle: Any) -> dict[str, Any]:
    """The badge of a whistle."""
    return _look(STATE_LOOKS, whistle)


def part_look(part: Any) -> dict[str, Any]:
    """The badge of a department's part."""
    return _look(PART_LOOKS, part)


def objection_look(objection: Any) -> dict[str, Any]:
    """The badge of an objection."""
    return _look(OBJECTION_LOOKS, objection)


def _lines(facts: Mapping[str, Any]) -> Iterable[str]:
    if facts.get("unit_names"):
        yield _("召集 %(units)s") % {"units": facts["unit_names"]}
    if facts.get("outcome"):
        yield _(OUTCOMES.get(facts["outcome"], ""))
    if facts.get("moved_to"):
        yield _("改派 %(unit)s") % {"unit": facts["moved_to"]}
    if facts.get("late"):
        yield _("已过期限")


def timeline(events: Iterable[Any]) -> Sequence[Mapping[str, Any]]:
    """The journal of a whistle as items of the timeline component, newest first."""
    items = []
    for event in events:
        title, tone, icon = _EVENTS.get(str(event.kind).removeprefix("whistle."), (event.kind, "neutral", "circle-dot"))
        words = [*_lines(event.facts), *([event.note] if event.note else [])]
        unit = event.facts.get("unit_name")
        items.append(
            {"at": event.at, "title": f"{unit}：{title}" if unit else title, "by": event.actor_name, "note": "\n".join(words),
             "tone": tone, "icon": icon, "photos": ()}
        )  # fmt: skip
    return items[::-1]


def tabs(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The pages about whistles that this person may open."""
    places = [("whistles", _("吹哨"), Permission.WHISTLE_SEE), ("whistle-figures", _("双考核"), Permission.WHISTLE_SEE),
              ("whistle-promises", _("到场承诺"), Permission.WHISTLE_PROMISES)]  # fmt: skip
    return [
        {"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here, "count": None}
        for name, label, permission in places
        if may(actor, permission)
    ]
