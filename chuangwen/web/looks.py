"""Which tone and icon a status, a severity or a message has. Colour never stands alone: each has an icon and a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.rules.case_flow import Status

TONES = ("neutral", "info", "accent", "good", "warn", "bad")


@dataclass(frozen=True)
class Look:
    """A tone of app.css, an icon of the sprite and the word beside it."""

    tone: str
    icon: str
    label: str | Promise = ""


STATUS_LOOKS: Mapping[str, Look] = {
    Status.REPORTED: Look("info", "inbox", _("待受理")),
    Status.ACCEPTED: Look("info", "send", _("待派遣")),
    Status.REFUSED: Look("neutral", "circle-x", _("不予受理")),
    Status.DISPATCHED: Look("info", "bell", _("待签收")),
    Status.RETURNED: Look("warn", "arrow-left", _("已退回")),
    Status.HANDLING: Look("accent", "circle-dot", _("整改中")),
    Status.RECTIFIED: Look("accent", "eye", _("待核查")),
    Status.VERIFIED: Look("good", "check", _("核查通过")),
    Status.CLOSED: Look("good", "circle-check", _("已结案")),
    Status.FORCE_CLOSED: Look("neutral", "gavel", _("强制结案")),
    Status.CANCELLED: Look("neutral", "ban", _("已作废")),
    Status.SUSPENDED: Look("warn", "player-pause", _("挂账中")),
}
SEVERITY_LOOKS: Mapping[str, Look] = {
    "V": Look("bad", "alert-octagon", _("否决类")),
    "A": Look("bad", "alert-triangle", _("重大")),
    "B": Look("warn", "alert-circle", _("一般")),
    "C": Look("neutral", "circle-dot", _("轻微")),
}
VERDICT_LOOKS: Mapping[str, Look] = {
    "pass": Look("good", "check", _("合格")),
    "fail": Look("bad", "x", _("不合格")),
    "na": Look("neutral", "minus", _("不适用")),
}
MESSAGE_LOOKS: Mapping[str, Look] = {
    "debug": Look("neutral", "info-circle"),
    "info": Look("info", "info-circle"),
    "success": Look("good", "circle-check"),
    "warning": Look("warn", "alert-triangle"),
    "error": Look("bad", "alert-circle"),
}
DEADLINE_LOOKS: Mapping[str, Look] = {
    "late": Look("bad", "clock-exclamation"),
    "soon": Look("warn", "clock"),
    "fine": Look("neutral", "clock"),
}
PLAIN = Look("neutral", "circle-dot")
