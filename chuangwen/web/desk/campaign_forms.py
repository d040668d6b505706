"""The form of a draft campaign: boxes to tick, and lines in which units, milestones and their days are typed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.campaigns.drafting import CampaignFacts
from chuangwen.campaigns.queries import lead_post
from chuangwen.people.queries import streets
from chuangwen.rules.campaigns import MEASURES, CampaignKind
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.queries import editions, point_types
from chuangwen.web.desk.campaign_choices import criterion_choices, standard_choices
from chuangwen.web.desk.lists import set_choices
from chuangwen.web.desk.unit_choice import find_unit

MOST_LINES = 60


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "required": True}, format="%Y-%m-%d")


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class CampaignForm(forms.Form):
    """What both kinds share; whether it is enough is for the operation to say."""

    title = forms.CharField(
        label=gettext_lazy("名称（必填）"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": 120, "required": True}),
    )
    aim = forms.CharField(
        label=gettext_lazy("目的（必填）"), required=False, help_text=gettext_lazy("为什么做，做到什么样。公开时居民也能看到，不要写姓名电话。"),
        widget=forms.Textarea(attrs={"rows": 3, "required": True}),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("从（必填）"), required=False, widget=_day_input())
    ends_on = forms.DateField(label=gettext_lazy("到（含当天）（必填）"), required=False, widget=_day_input())
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("街道（和社区至少选一个）"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    communities = forms.CharField(
        label=gettext_lazy("只查部分社区"), required=False, widget=_lines(2),
        help_text=gettext_lazy("可不填。一行一个社区名称或编码；所在街道整个都查时不用填。"),
    )  # fmt: skip
    team = forms.CharField(label=gettext_lazy("负责单位"), required=False, widget=_lines(3))

    def __init__(self, values: Any = None, *, actor: Actor, now: datetime, **options: Any) -> None:
        super().__init__(values, **options)
        self.actor, self.today = actor, now.date()
        reached = [unit for unit in streets() if unit.path.startswith(tuple(actor.scopes()))]
        self.street_ids = {str(unit.pk) for unit in reached}
        set_choices(self, "areas", [(str(unit.pk), unit.name) for unit in reached])

    def _each_line(self, name: str, read: Callable[[str], Any]) -> list[Any]:
        """Every line of a field read; each that cannot be read is named."""
        found: list[Any] = []
        wrong: list[str] = []
        lines = [line.strip() for line in str(self.cleaned_data.get(name) or "").splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(_("最多 %(n)d 行。") % {"n": MOST_LINES})
        for line in lines:
            try:
                found.append(read(line))
            except BadInput as refusal:
                wrong += refusal.objections
        if wrong:
            raise forms.ValidationError(wrong)
        return found

    def clean_communities(self) -> list[int]:
        """The ids of the named communities."""
        return [unit.pk for unit in self._each_line("communities", lambda line: find_unit(self.actor, line))]

    def clean_team(self) -> list[tuple[int, int | None]]:
        """Unit, and the post of the person named behind a comma."""
        return self._each_line("team", self._part)

    def _part(self, line: str) -> tuple[int, int | None]:
        name, _comma, person = line.replace(",", "，").partition("，")
        unit = find_unit(self.actor, name)
        if not person.strip():
            return unit.pk, None
        post = lead_post(unit.pk, person.strip(), self.today)
        if post is None:
            raise BadInput(
                _("%(unit)s里没有找到“%(person)s”的一个岗位，请核对姓名，或只写单位。")
                % {"unit": unit.name, "person": person.strip()}
            )
        return unit.pk, post.pk

    def common_facts(self) -> dict[str, Any]:
        """What both kinds hand to the operation."""
        said = self.cleaned_data
        return {
            "title": said.get("title", ""), "aim": said.get("aim", ""), "starts_on": said.get("starts_on"),
            "ends_on": said.get("ends_on"), "team": said.get("team") or [],
            "area_ids": [*map(int, said.get("areas") or []), *(said.get("communities") or [])],
        }  # fmt: skip

    def picks(self, name: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """A long choice by groups: (group, [(value, words, ticked)])."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        ticked = {str(value) for value in self[name].value() or ()}
        groups: list[Any] = list(field.choices)  # type: ignore[arg-type]  # groups of choices, as set above
        return [(group, [(value, words, value in ticked) for value, words in rows]) for group, rows in groups]

    @property
    def picked(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The long choice of this kind of campaign."""
        return []

    def facts(self) -> CampaignFacts:
        """Everything as the operation takes it."""
        return CampaignFacts(**self.common_facts())


class DragnetForm(CampaignForm):
    """A dragnet check."""

    point_types = forms.MultipleChoiceField(
        label=gettext_lazy("点位类型（必填）"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    edition = forms.ChoiceField(label=gettext_lazy("测评标准（必填）"), required=False)
    criteria = forms.MultipleChoiceField(
        label=gettext_lazy("必查条目"), required=False, widget=forms.CheckboxSelectMultiple(),
        help_text=gettext_lazy("一条都不勾，就是该类点位的全部实地考察条目都必查。"),
    )  # fmt: skip

    field_order = ("title", "aim", "starts_on", "ends_on", "areas", "communities", "point_types", "edition", "team", "criteria")  # fmt: skip

    def __init__(self, values: Any = None, *, actor: Actor, now: datetime, **options: Any) -> None:
        super().__init__(values, actor=actor, now=now, **options)
        self.fields["team"].help_text = _("可不填：各街道负责自己的点位。一行一个单位，点位归最近的一个负责。")
        published = list(editions().filter(published_at__isnull=False))
        set_choices(self, "point_types", [(kind.code, kind.name) for kind in point_types()])
        set_choices(self, "edition", [(str(edition.pk), str(edition)) for edition in published])
        chosen = str(self["edition"].value() or "") or (str(published[0].pk) if published else "")
        set_choices(self, "criteria", criterion_choices(int(chosen) if chosen.isdecimal() else 0))

    @property
    def picked(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The criteria."""
        return self.picks("criteria")

    def facts(self) -> CampaignFacts:
        """With types, edition and criteria."""
        said = self.cleaned_data
        return CampaignFacts(
            **self.common_facts(), point_types=said.get("point_types") or [], edition_id=int(said.get("edition") or 0),
            criterion_ids=[int(row) for row in said.get("criteria") or []],
        )  # fmt: skip


class SpecialForm(CampaignForm):
    """A special campaign."""

    standards = forms.MultipleChoiceField(
        label=gettext_lazy("案件类别（立案标准）"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    baseline_weeks = forms.IntegerField(
        label=gettext_lazy("对照开始前几周"),
        initial=8,
        help_text=gettext_lazy("开始前这么多周的数字作基数和趋势对照。"),
    )
    open_cases = forms.DecimalField(label=gettext_lazy("目标（至少定一个）：在办案件不超过（件）"), required=False)
    on_time_rate = forms.DecimalField(label=gettext_lazy("目标：按期整改率不低于（%）"), required=False)
    recurrence = forms.DecimalField(
        label=gettext_lazy("目标：反复率不超过（%）"),
        required=False,
        help_text=gettext_lazy(MEASURES["recurrence"].meaning),
    )
    milestones = forms.CharField(
        label=gettext_lazy("节点"), required=False, widget=_lines(4),
        help_text=gettext_lazy("一行一个：日期，空格，要完成的事。例如 2020-07-10 集中整治第一轮完成。"),
    )  # fmt: skip
    budget_amount = forms.DecimalField(label=gettext_lazy("经费（元）"), required=False)
    budget_source = forms.CharField(label=gettext_lazy("经费来源"), required=False, max_length=120)

    field_order = (
        "title", "aim", "starts_on", "ends_on", "areas", "communities", "team", "open_cases", "on_time_rate", "recurrence",
        "baseline_weeks", "milestones", "budget_amount", "budget_source", "standards",
    )  # fmt: skip

    def __init__(self, values: Any = None, *, actor: Actor, now: datetime, **options: Any) -> None:
        super().__init__(values, actor=actor, now=now, **options)
        self.fields["team"].label = _("专项队伍（必填）")
        self.fields["team"].help_text = _("一行一个单位，第一个牵头。要写负责人，就写“单位，姓名”。")
        set_choices(self, "standards", standard_choices())

    def clean_milestones(self) -> list[tuple[date, str]]:
        """Day and title of each line."""
        return self._each_line("milestones", _milestone)

    @property
    def picked(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The standards."""
        return self.picks("standards")

    def facts(self) -> CampaignFacts:
        """With classes, targets, milestones and money."""
        said = self.cleaned_data
        return CampaignFacts(
            **self.common_facts(), standard_ids=[int(row) for row in said.get("standards") or []],
            targets={name: said[name] for name in MEASURES if said.get(name) is not None},
            milestones=said.get("milestones") or [], baseline_weeks=said.get("baseline_weeks") or 0,
            budget_amount=said.get("budget_amount"), budget_source=said.get("budget_source", ""),
        )  # fmt: skip


def _milestone(line: str) -> tuple[date, str]:
    day, _blank, title = line.replace("，", " ").partition(" ")
    try:
        return date.fromisoformat(day), title.strip()
    except ValueError as error:
        raise BadInput(_("节点“%(line)s”应写成：2020-07-10 要完成的事。") % {"line": line[:40]}) from error


FORMS: Mapping[str, type[CampaignForm]] = {
    CampaignKind.DRAGNET.value: DragnetForm,
    CampaignKind.SPECIAL.value: SpecialForm,
}


def initial_of(campaign: Any, team: Iterable[Any]) -> dict[str, Any]:
    """A draft as its form shows it."""
    areas = list(campaign.areas.all())
    named = [f"{part.unit.name}（{part.unit.code}）" + (f"，{part.lead.user}" if part.lead else "") for part in team]
    goals: Sequence[Any] = list(campaign.targets.all())
    return {
        "title": campaign.title, "aim": campaign.aim, "starts_on": campaign.starts_on, "ends_on": campaign.ends_on,
        "areas": [str(unit.pk) for unit in areas if unit.kind == "street"], "team": "\n".join(named),
        "communities": "\n".join(f"{unit.name}（{unit.code}）" for unit in areas if unit.kind != "street"),
        "point_types": campaign.point_types, "edition": str(campaign.edition_id or ""),
        "criteria": [str(row.pk) for row in campaign.criteria.all()] if not campaign.all_criteria else [],
        "standards": [str(row.pk) for row in campaign.standards.all()], "baseline_weeks": campaign.baseline_weeks,
        "milestones": "\n".join(f"{row.due_on:%Y-%m-%d} {row.title}" for row in campaign.milestones.all()),
        "budget_amount": campaign.budget_amount, "budget_source": campaign.budget_source,
        **{goal.measure: goal.value.normalize() for goal in goals},
    }  # fmt: skip


def form_for(kind: str, request: HttpRequest, *, now: datetime, actor: Actor, **options: Any) -> CampaignForm:
    """The form of this kind: posted, or fresh."""
    values = request.POST if request.method == "POST" else None
    return FORMS[kind](values, actor=actor, now=now, **options)
