"""The forms of supervision. They read what was typed; whether it is enough is for the operations to say."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.http import actor_of, now_of
from chuangwen.places.listing import areas_in_scope
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.queries import editions, point_types
from chuangwen.supervision.operations import TaskFacts
from chuangwen.supervision.queries import possible_team, repeats, task_kinds
from chuangwen.web.desk.lists import set_choices
from chuangwen.web.desk.unit_choice import common_units, find_unit
from chuangwen.web.wording import BEIJING

_BETWEEN = re.compile(r"[、，,；;\n\r]+")
_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
OPENS, CLOSES = time(8, 30), time(18)


def moment_field(label: Any, hint: Any = "") -> forms.DateTimeField:
    """A day and a time in Beijing."""
    return forms.DateTimeField(
        label=label, required=False, help_text=hint, input_formats=_MOMENTS,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("时间应写成 2020-06-28 18:00。")},
    )  # fmt: skip


def _text(label: Any, hint: Any = "", *, rows: int = 0, most: int = 500) -> forms.CharField:
    widget = (
        forms.Textarea(attrs={"rows": rows, "maxlength": most}) if rows else forms.TextInput(attrs={"maxlength": most})
    )
    return forms.CharField(label=label, required=False, help_text=hint, widget=widget)


def _ticks(label: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, help_text=hint, widget=forms.CheckboxSelectMultiple)


def day_at(now: datetime, days: int, clock: time) -> datetime:
    """So many days from today at this time in Beijing."""
    return datetime.combine(now.astimezone(BEIJING).date() + timedelta(days=days), clock, BEIJING)


def named(text: str, find: Callable[[str], int]) -> list[int]:
    """The rows that a list of names means; refuses with a sentence for each that means none."""
    ids: list[int] = []
    objections: list[str] = []
    for name in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        try:
            ids.append(find(name))
        except BadInput as refusal:
            objections += refusal.objections
    if objections:
        raise ValidationError(objections)
    return ids


def _one(rows: Iterable[tuple[int, str, str]], name: str, kind: str) -> int:
    fitting = [pk for pk, code, words in rows if name in (code, words)]
    if len(fitting) != 1:
        sentence = (
            _("没有找到%(kind)s“%(name)s”。请写编码或全称。")
            if not fitting
            else _("%(kind)s“%(name)s”不止一个，请写编码。")
        )
        raise BadInput(sentence % {"kind": kind, "name": name})
    return fitting[0]


def site_named(actor: Actor, name: str) -> int:
    """A site by its code or whole name."""
    rows = sites_in_scope(actor).filter(active=True)
    found = (rows.filter(code=name) | rows.filter(name=name)).values_list("pk", "code", "name")
    return _one(found[:10], name, _("点位"))


def _area_named(actor: Actor, name: str) -> int:
    found = areas_in_scope(actor, text=name).values_list("pk", "code", "name")
    return _one(found[:50], name, _("区域"))


class TaskForm(forms.Form):
    """A supervision task."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False, widget=forms.RadioSelect)
    title = _text(gettext_lazy("名称（必填）"), gettext_lazy("例如“学田街道农贸市场周边专项督查”。"), most=120)
    basis = _text(gettext_lazy("依据"), gettext_lazy("文号、会议、领导要求。"), most=300)
    questions = _text(gettext_lazy("督查内容"), gettext_lazy("一行一条。也可以只选下面的测评标准。"), rows=4, most=2000)
    edition = forms.ChoiceField(label=gettext_lazy("按哪版测评标准"), required=False)
    starts_at = moment_field(gettext_lazy("开始（必填）"))
    ends_at = moment_field(gettext_lazy("结束（必填）"))
    secret = forms.BooleanField(
        label=gettext_lazy("保密：公布之前，被督查的单位看不到"), required=False,
        help_text=gettext_lazy("用于不发通知、不打招呼的暗访。查出的案件照常派给单位，但看不出来自督查。"),
    )  # fmt: skip
    repeat = forms.ChoiceField(
        label=gettext_lazy("重复"), required=False, help_text=gettext_lazy("只用于定期督查：到时备好下一次，由人下达。")
    )
    team = _ticks(gettext_lazy("督查组（必填）"), gettext_lazy("领导、文明办、巡查员。"))
    units = _ticks(gettext_lazy("督查哪些单位"))
    more_units = _text(gettext_lazy("其他单位"), gettext_lazy("名称或编码，用顿号隔开。"), most=1000)
    point_types = _ticks(gettext_lazy("哪些类型的点位"))
    sites = _text(
        gettext_lazy("具体点位"),
        gettext_lazy("名称或编码，用顿号隔开；责任单位自动列入被督查单位。"),
        rows=2,
        most=4000,
    )
    areas = _text(gettext_lazy("区域"), gettext_lazy("社区、网格的名称或编码，用顿号隔开。"), most=1000)

    def __init__(self, request: Any, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.actor, now = actor_of(request), now_of(request)
        published = editions().filter(published_at__isnull=False)
        common = common_units(self.actor)
        set_choices(self, "kind", list(task_kinds().items()))
        set_choices(self, "repeat", list(repeats().items()))
        set_choices(self, "edition", [("", _("不按测评标准")), *((str(row.pk), str(row)) for row in published)])
        set_choices(self, "team", [(str(user.pk), user.display_name) for user in possible_team(self.actor, now.date())])
        set_choices(self, "units", [(str(unit.pk), unit.name) for unit, _kind in common])
        set_choices(self, "point_types", [(kind.code, kind.name) for kind in point_types()])
        self.common = {unit.pk for unit, _kind in common}

    def clean_more_units(self) -> list[int]:
        """The units that were typed."""
        return named(self.cleaned_data["more_units"], lambda name: find_unit(self.actor, name).pk)

    def clean_sites(self) -> list[int]:
        """The sites that were typed."""
        return named(self.cleaned_data["sites"], lambda name: site_named(self.actor, name))

    def clean_areas(self) -> list[int]:
        """The areas that were typed."""
        return named(self.cleaned_data["areas"], lambda name: _area_named(self.actor, name))

    def facts(self) -> TaskFacts:
        """What goes to the operation; only after is_valid()."""
        said = self.cleaned_data
        return TaskFacts(
            kind=said["kind"], title=said["title"], basis=said["basis"], questions=said["questions"],
            edition_id=int(said["edition"]) if said["edition"] else None, starts_at=said["starts_at"], ends_at=said["ends_at"],
            secret=said["secret"], repeat=said["repeat"], point_types=said["point_types"], site_ids=said["sites"],
            area_ids=said["areas"], team_ids=_ids(said["team"]),
            unit_ids=list(dict.fromkeys([*_ids(said["units"]), *said["more_units"]])),
        )  # fmt: skip


def _ids(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts]


class CompleteForm(forms.Form):
    """What a clerk adds to a note: unit and standard make it a case, unit and deadline a remark."""

    unit = forms.CharField(
        label=gettext_lazy("责任单位"), required=False, help_text=gettext_lazy("输入名称或编码，从列表里选。"),
        widget=forms.TextInput(attrs={"list": "cw-units", "autocomplete": "off"}),
    )  # fmt: skip
    standard = forms.CharField(
        label=gettext_lazy("立案标准"), required=False, help_text=gettext_lazy("立案时填；时限按标准算。"),
        widget=forms.TextInput(attrs={"list": "cw-standards", "autocomplete": "off"}),
    )  # fmt: skip
    site = _text(gettext_lazy("点位"), gettext_lazy("在点位上的，写名称或编码。"), most=120)
    deadline = moment_field(gettext_lazy("答复期限"), gettext_lazy("不立案、请单位答复时填。"))


class AnswerForm(forms.Form):
    """What the unit did."""

    answer = _text(gettext_lazy("做了什么（必填）"), rows=4, most=1000)


class JudgeForm(forms.Form):
    """The verdict; the pressed button says which."""

    note = _text(gettext_lazy("评定意见"), gettext_lazy("不认可须写明哪里还不行。"), rows=2)
    deadline = moment_field(gettext_lazy("新的答复期限"), gettext_lazy("不认可时填。"))
