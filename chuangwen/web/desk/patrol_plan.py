"""The form of a new patrol. Everything typed and chosen travels in the address until the patrol is planned.

Choosing places is a GET, as often as needed and without losing what was typed; planning is the one POST.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.rules.rounds import nearest_next
from chuangwen.web.wording import BEIJING

OPENS, CLOSES = time(8, 30), time(17, 30)
TOO_LATE_TO_START = time(15)
ROUTES = {
    "listed": gettext_lazy("按上面已选的次序"),
    "name": gettext_lazy("按点位名称"),
    "near": gettext_lazy("就近串联：从第一个点位起，每次去最近的下一个"),
}
SORTS = {"longest": gettext_lazy("最久没有巡查的在前"), "name": gettext_lazy("按名称")}


def first_day(now: datetime) -> date:
    """Today while there is time for a round, otherwise tomorrow."""
    here = now.astimezone(BEIJING)
    return here.date() + timedelta(days=int(here.time() >= TOO_LATE_TO_START))


@dataclass(frozen=True)
class Draft:
    """A patrol as far as it is typed, and what the list of places is narrowed to."""

    title: str
    kind: str
    edition: str
    inspectors: tuple[int, ...]
    day: str
    opens: str
    closes: str
    sites: tuple[int, ...]
    route: str
    street: str
    point_type: str
    q: str
    sort: str

    @classmethod
    def read(cls, typed: QueryDict, *, now: datetime) -> "Draft":
        """From the address or the posted form; what is missing gets its usual value."""

        def one(name: str, usual: str = "") -> str:
            return str(typed.get(name) or usual).strip()

        return cls(
            title=one("title"), kind=one("kind", "daily"), edition=one("edition"), inspectors=_ids(typed, "inspector"),
            day=one("day", first_day(now).isoformat()), opens=one("opens", f"{OPENS:%H:%M}"),
            closes=one("closes", f"{CLOSES:%H:%M}"), sites=_ids(typed, "site"), route=one("route", "near"),
            street=one("street"), point_type=one("point_type"), q=one("q"), sort=one("sort", "longest"),
        )  # fmt: skip

    @property
    def starts_at(self) -> datetime | None:
        """The beginning, when it can be read."""
        return _moment(self.day, self.opens)

    @property
    def ends_at(self) -> datetime | None:
        """The end, when it can be read."""
        return _moment(self.day, self.closes)

    @property
    def date(self) -> date | None:
        """The day, when it can be read."""
        moment = _moment(self.day, "12:00")
        return moment.date() if moment else None

    def suggestion(self, *, streets: Mapping[str, str], types: Mapping[str, str], kinds: Mapping[str, str]) -> str:
        """The title that is taken when none is typed: where, what and when."""
        where, what = streets.get(self.street, ""), types.get(self.point_type, "")
        day = self.date
        when = _("（%(day)s）") % {"day": dateformat.format(day, _("n月j日"))} if day else ""
        return f"{where}{what}{kinds.get(self.kind, '')}{when}"


def _ids(typed: QueryDict, name: str) -> tuple[int, ...]:
    texts = (text for text in typed.getlist(name) if text.isdecimal() and len(text) < 12)
    return tuple(dict.fromkeys(map(int, texts)))


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), BEIJING)
    except ValueError:
        return None


def walking_order(sites: Sequence[Any], route: str) -> list[Any]:
    """The chosen sites in the order in which they are walked."""
    if route == "name":
        return sorted(sites, key=lambda site: (site.name, site.pk))
    if route == "near":
        return [sites[place] for place in nearest_next([(float(site.lng), float(site.lat)) for site in sites])]
    return list(sites)
