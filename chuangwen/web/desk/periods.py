"""The choice of days on pages with figures: the last 7 or 30 days, this or last month, or days of one's own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import dateformat
from django.utils.translation import gettext_lazy as _

from chuangwen.cases.filters import BEIJING
from chuangwen.web.desk.lists import choices_of, set_choices

LONGEST = 366
CUSTOM, USUAL = "custom", "30"


@dataclass(frozen=True)
class Days:
    """A first and a last day, both included."""

    since: date
    until: date

    @property
    def count(self) -> int:
        """How many days."""
        return (self.until - self.since).days + 1

    @property
    def words(self) -> str:
        """2020年6月1日至6月24日; the year is said again only when it is another."""
        if self.since == self.until:
            return dateformat.format(self.since, str(_("Y年n月j日")))
        last = str(_("n月j日")) if self.since.year == self.until.year else str(_("Y年n月j日"))
        return f"{dateformat.format(self.since, str(_('Y年n月j日')))}{_('至')}{dateformat.format(self.until, last)}"


def _month_before(today: date) -> Days:
    last = today.replace(day=1) - timedelta(days=1)
    return Days(last.replace(day=1), last)


CHOICES: Mapping[str, tuple[Any, Callable[[date], Days]]] = {
    "7": (_("近 7 天"), lambda today: Days(today - timedelta(days=6), today)),
    USUAL: (_("近 30 天"), lambda today: Days(today - timedelta(days=29), today)),
    "month": (_("本月"), lambda today: Days(today.replace(day=1), today)),
    "last_month": (_("上月"), _month_before),
}


def today_of(now: datetime) -> date:
    """The day in Beijing."""
    return now.astimezone(BEIJING).date()


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """Which days, and in which street where there is more than one to choose from."""

    period = forms.ChoiceField(
        label=_("时间"), choices=[*((name, words) for name, (words, _days) in CHOICES.items()), (CUSTOM, _("自定义"))]
    )
    since = forms.DateField(label=_("从"), widget=_day_input())
    until = forms.DateField(label=_("到"), widget=_day_input())
    street = forms.ChoiceField(label=_("街道"), required=False)

    def __init__(self, values: Mapping[str, str], *, today: date, streets: Iterable[tuple[str, str]] = ()) -> None:
        usual = CHOICES[USUAL][1](today)
        first = {"period": USUAL, "since": usual.since.isoformat(), "until": usual.until.isoformat(), "street": ""}
        super().__init__({name: values.get(name) or start for name, start in first.items()})
        self.today = today
        if self.data["period"] != CUSTOM:
            del self.fields["since"], self.fields["until"]
        choices = list(streets)
        if len(choices) > 1:
            set_choices(self, "street", choices_of(choices, str(_("全部街道"))))
        else:
            del self.fields["street"]

    def clean(self) -> dict[str, Any]:
        """A period has an end after its start and is at most a year long."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("结束日期不能早于开始日期。"))
        elif since and until and (until - since).days >= LONGEST:
            self.add_error("until", _("一次最多看 366 天，请缩短时间。"))
        return cleaned

    @property
    def days(self) -> Days:
        """The days that were chosen; the usual ones while what was typed cannot be read."""
        if not self.is_valid():
            return CHOICES[USUAL][1](self.today)
        if self.cleaned_data["period"] == CUSTOM:
            return Days(self.cleaned_data["since"], self.cleaned_data["until"])
        return CHOICES[self.cleaned_data["period"]][1](self.today)

    @property
    def chosen_street(self) -> str:
        """The code of the chosen street; empty for all, and for one that is not to choose."""
        return str(self.cleaned_data.get("street", "")) if self.is_valid() else ""
