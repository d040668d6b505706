"""The forms of tomorrow's routes: what is wanted of a day, a team, what a stop takes at each type of site."""

import re
from datetime import time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.http import actor_of, now_of
from chuangwen.patrols.queries import inspectors, patrol_kinds
from chuangwen.planning.asking import PlanFacts
from chuangwen.planning.queries import MIDNIGHT, Needs, WaysBy, teams_for
from chuangwen.standards.queries import editions
from chuangwen.web.desk.lists import set_choices
from chuangwen.web.desk.supervision_forms import named, site_named
from chuangwen.web.wording import BEIJING

LARGEST_TABLE = 2 * 1024 * 1024


def clock_field(label: Any) -> forms.TimeField:
    """A time of day."""
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def minutes_of(clock: time | None) -> int | None:
    """The minutes of the day; midnight at the end of a day is written 23:59."""
    return None if clock is None else clock.hour * 60 + clock.minute


def clock_of(minutes: int) -> time:
    """The minutes of the day as a time."""
    return time(*divmod(min(minutes, MIDNIGHT - 1), 60))


class PlanForm(forms.Form):
    """What is wanted of a day."""

    day = forms.DateField(
        label=gettext_lazy("排哪一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    teams = forms.MultipleChoiceField(label=gettext_lazy("哪些队伍去"), widget=forms.CheckboxSelectMultiple)
    must = forms.CharField(
        label=gettext_lazy("必去点位"), required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 4000}),
        help_text=gettext_lazy("名称或编码，一行一个或用顿号隔开。排不进的会写明为什么。"),
    )  # fmt: skip
    gap = forms.IntegerField(
        label=gettext_lazy("几天之内不再去同一处"), min_value=0, max_value=365, initial=7,
        help_text=gettext_lazy("按已完成的走访算；必去点位不受限。"),
    )  # fmt: skip
    random_percent = forms.IntegerField(
        label=gettext_lazy("随机点位（占预计站数的百分之几）"), min_value=0, max_value=100, initial=10,
        help_text=gettext_lazy("按日期做种子、按 RFC 3797 抽，谁都能重算，谁也挑不了。"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("巡查类别"))
    edition = forms.ChoiceField(label=gettext_lazy("按哪版测评标准"))
    ways_by = forms.ChoiceField(label=gettext_lazy("路程怎么算"), widget=forms.RadioSelect)
    table = forms.FileField(
        label=gettext_lazy("路程表（CSV，分钟）"), required=False,
        help_text=gettext_lazy("第一行、第一列是点位编码（或名称）和队伍名称；只排表里的点位。"),
    )  # fmt: skip

    def __init__(self, request: Any, data: Any = None, files: Any = None, *, service: bool, must: str = "") -> None:
        now, self.actor = now_of(request), actor_of(request)
        tomorrow = now.astimezone(BEIJING).date() + timedelta(days=1)
        self.known_teams = [team for team in teams_for(self.actor) if team.active]
        initial = {"day": tomorrow, "ways_by": WaysBy.STRAIGHT.value, "teams": [team.pk for team in self.known_teams]}
        super().__init__(data, files, initial=initial | {"must": must})
        kinds = {code: name for code, name in patrol_kinds().items() if code != "unannounced"}
        published = editions().filter(published_at__isnull=False)
        set_choices(self, "teams", [(str(team.pk), _team_words(team)) for team in self.known_teams])
        set_choices(self, "kind", list(kinds.items()))
        set_choices(self, "edition", [(str(row.pk), str(row)) for row in published])
        ways = [each for each in WaysBy.choices if service or each[0] != WaysBy.SERVICE]
        set_choices(self, "ways_by", ways)

    def clean_must(self) -> list[int]:
        """The sites that were typed."""
        return named(self.cleaned_data["must"], lambda name: site_named(self.actor, name))

    def clean_table(self) -> str:
        """The text of the table."""
        file = self.cleaned_data.get("table")
        if not file:
            return ""
        if file.size > LARGEST_TABLE:
            raise forms.ValidationError(_("路程表超过 2 MB。"))
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("路程表不是 UTF-8 文字，请另存为“CSV UTF-8”再传。")) from error

    def facts(self) -> PlanFacts:
        """What goes to the operation; only after is_valid()."""
        said = self.cleaned_data
        return PlanFacts(
            day=said["day"], team_ids=[int(pk) for pk in said["teams"]], edition_id=int(said["edition"]), kind=said["kind"],
            gap=said["gap"], random_percent=said["random_percent"], must_ids=said["must"], ways_by=said["ways_by"],
            table=said["table"],
        )  # fmt: skip


def _team_words(team: Any) -> str:
    people = "、".join(user.display_name for user in team.inspectors.all())
    hours = f"{clock_of(team.begins):%H:%M}–{clock_of(team.ends):%H:%M}"
    return _("%(name)s（%(people)s；%(hours)s，从%(start)s出发）") % {
        "name": team.name, "people": people or _("没有人"), "hours": hours, "start": team.start_name,
    }  # fmt: skip


class TeamForm(forms.Form):
    """A team."""

    name = forms.CharField(label=gettext_lazy("队伍名称"), max_length=40)
    inspectors = forms.MultipleChoiceField(
        label=gettext_lazy("巡查员"), required=False, widget=forms.CheckboxSelectMultiple
    )
    start_name = forms.CharField(label=gettext_lazy("从哪里出发"), max_length=80, required=False)
    lng = forms.DecimalField(label=gettext_lazy("出发地点经度"), max_digits=9, decimal_places=6)
    lat = forms.DecimalField(label=gettext_lazy("出发地点纬度"), max_digits=9, decimal_places=6)
    begins = clock_field(gettext_lazy("上班"))
    ends = clock_field(gettext_lazy("下班（收工回到出发地点）"))
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, request: Any, data: Any = None, *, team: Any = None) -> None:
        initial: dict[str, Any] = {"begins": time(8, 30), "ends": time(17, 30)}
        if team is not None:
            initial = {
                "name": team.name, "inspectors": [user.pk for user in team.inspectors.all()], "lng": team.lng, "lat": team.lat,
                "start_name": team.start_name, "begins": clock_of(team.begins), "ends": clock_of(team.ends), "active": team.active,
            }  # fmt: skip
        super().__init__(data, initial=initial)
        people = inspectors(now_of(request).astimezone(BEIJING).date())
        set_choices(self, "inspectors", [(str(user.pk), user.display_name) for user in people])

    def facts(self) -> dict[str, Any]:
        """What goes to the operation; only after is_valid()."""
        said = dict(self.cleaned_data)
        people = [int(pk) for pk in said.pop("inspectors")]
        return said | {"inspector_ids": people, "begins": minutes_of(said["begins"]), "ends": minutes_of(said["ends"])}


_CLOCK = re.compile(r"([01]?\d|2[0-4])[:：]([0-5]\d)")


def typed_terms(posted: Any, codes: Any) -> tuple[dict[str, Needs], list[str]]:
    """What the table of types says, and a sentence for each entry that cannot be read."""
    found, objections = {}, []
    for code, name in codes:
        texts = [posted.get(f"{part}-{code}", "").strip() for part in ("minutes", "opens", "closes")]
        clocks = [_CLOCK.fullmatch(text) for text in texts[1:]]
        if not re.fullmatch(r"\d{1,3}", texts[0]) or not all(clocks):
            objections.append(_("%(name)s：停留写分钟数，时间写成 08:30。") % {"name": name})
            continue
        opens, closes = (int(each[1]) * 60 + int(each[2]) for each in clocks if each)
        found[code] = Needs(int(texts[0]), opens, closes)
    return found, objections
