"""How moments, spans, numbers and telephone numbers are said on a page. No clock, no database: `now` is handed in."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import gettext as _

BEIJING = ZoneInfo("Asia/Shanghai")
NOTHING = "—"
MINUTE = timedelta(minutes=1)
SOON = timedelta(hours=24)

DeadlineState = Literal["late", "soon", "fine"]


def when(moment: datetime | None, now: datetime) -> str:
    """A moment in Beijing time, as short as it can be: 今天 14:05, 6月28日 11:00, with the year when it is another."""
    if moment is None:
        return NOTHING
    there, here = moment.astimezone(BEIJING), now.astimezone(BEIJING)
    days = (there.date() - here.date()).days
    near = {0: _("今天 %(time)s"), 1: _("明天 %(time)s"), -1: _("昨天 %(time)s")}
    if days in near:
        return near[days] % {"time": there.strftime("%H:%M")}
    pattern = _("n月j日 H:i") if there.year == here.year else _("Y年n月j日 H:i")
    return dateformat.format(there, pattern)


def full_moment(moment: datetime | None) -> str:
    """A moment in Beijing time with its year, for papers and hover texts."""
    return NOTHING if moment is None else dateformat.format(moment.astimezone(BEIJING), _("Y年n月j日 H:i"))


def span(length: timedelta) -> str:
    """A length of time in its two largest units: 2 天 3 小时, 3 小时 20 分钟; from ten days on, days alone."""
    minutes = int(abs(length).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 10:
        hours = 0
    parts = [_("%(days)d 天") % {"days": days}] if days else []
    parts += [_("%(hours)d 小时") % {"hours": hours}] if hours else []
    parts += [_("%(minutes)d 分钟") % {"minutes": rest}] if rest and not days else []
    return " ".join(parts) or _("不到 1 分钟")


def time_left(due: datetime | None, now: datetime) -> str:
    """How long is left, or how long overdue; the due moment itself is still in time."""
    if due is None:
        return NOTHING
    late = now > due
    if abs(due - now) < MINUTE:
        return _("超期不到 1 分钟") if late else _("还剩不到 1 分钟")
    words = _("已超期 %(span)s") if late else _("还剩 %(span)s")
    return words % {"span": span(due - now)}


def deadline_state(due: datetime, now: datetime) -> DeadlineState:
    """late: the due moment has passed; soon: less than 24 hours are left; fine: otherwise."""
    if now > due:
        return "late"
    return "soon" if due - now < SOON else "fine"


def thousands(number: int | float | Decimal | None) -> str:
    """A number with a comma every three places; its decimals stay as they are."""
    return NOTHING if number is None else f"{number:,}"


def percent(ratio: float | Decimal | None, decimals: int = 1) -> str:
    """A ratio as a percentage: 0.873 is 87.3%."""
    return NOTHING if ratio is None else f"{100 * ratio:.{decimals}f}%"
