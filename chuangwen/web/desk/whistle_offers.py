"""What a person can do on the page of a whistle: each act with its form, its words and the operation behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.whistles import Step
from chuangwen.web.desk.unit_choice import find_among
from chuangwen.web.desk.whistle_forms import CloseForm, DecideForm, FitForm, NothingForm, WordsForm, said
from chuangwen.whistles import operations
from chuangwen.whistles.queries import Seen, SeenSummons, summonable, summons_for

Words = str | Promise


@dataclass(frozen=True)
class Doing:
    """A submission: about which whistle or which department of it, who, when, which version was before the eyes."""

    whistle_id: int
    summons_id: int
    by: Actor
    now: datetime
    client_key: str | None
    version: int | None

    @property
    def _common(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now, "client_key": self.client_key, "seen_version": self.version}

    @property
    def on_summons(self) -> dict[str, Any]:
        """What every act on one department takes."""
        return {**self._common, "summons_id": self.summons_id}

    @property
    def on_whistle(self) -> dict[str, Any]:
        """What every act on the whole takes."""
        return {**self._common, "whistle_id": self.whistle_id}


@dataclass(frozen=True)
class Act:
    """One thing to do: what the button says, what is asked, what it does, what the page says afterwards."""

    label: Words
    form: Callable[..., forms.Form]
    do: Callable[[Doing, Mapping[str, Any], Any], object]
    done: Words
    hint: Words = ""
    grave: bool = False


def _words(label: Words, hint: Words = "") -> Callable[..., forms.Form]:
    return lambda *args, **given: WordsForm(label, hint, *args, **given)


def _confirm(doing: Doing, _said: Mapping[str, Any], _form: Any) -> object:
    known = doing.on_summons
    known.pop("seen_version")
    return operations.confirm(**known)


def _decide(doing: Doing, given: Mapping[str, Any], _form: Any) -> object:
    unit, typed = None, given["unit"].strip()
    if typed and given["outcome"] == "moved":
        street = summons_for(doing.by, doing.summons_id).whistle.street
        unit = find_among(summonable(street), typed).pk
    return operations.decide(outcome=given["outcome"], words=given["words"], to_unit_id=unit, **doing.on_summons)


def _close(doing: Doing, given: Mapping[str, Any], form: Any) -> object:
    if not isinstance(form, CloseForm):
        raise BadInput("表单不对，请刷新页面。")
    return operations.close_whistle(outcome=given["outcome"], ratings=form.ratings(), **doing.on_whistle)


ON_WHISTLE = frozenset({"close", "call-off"})  # the others are about one department
ACTS: Mapping[str, Act] = {
    "confirm": Act(_("确认收到"), NothingForm, _confirm, _("已确认。到场后请在这里报告。")),
    "arrive": Act(
        _("报告到场"), _words(_("说明（可不写）"), _("例如几个人、在哪里等。由街道核实，不采集位置。")),
        lambda doing, given, _form: operations.arrive(words=given["words"], **doing.on_summons), _("已报告到场，等街道核实。"),
    ),
    "finish": Act(
        _("报告办完"), _words(_("做了什么（必填）")),
        lambda doing, given, _form: operations.finish(words=given["words"], **doing.on_summons), _("已报告办完。"),
    ),
    "object": Act(
        _("提异议"), _words(_("为什么不属于本单位职责（必填）")),
        lambda doing, given, _form: operations.object_to(reason=given["words"], **doing.on_summons),
        _("已提异议，等区文明办裁定。裁定前请照常到场办理。"), _("只能提一次；裁定前仍由本单位负责，时限照算。"),
    ),
    "rate-fit": Act(
        _("评价这次吹哨"), FitForm,
        lambda doing, given, _form: operations.rate_fit(
            within_duty=said(given["within_duty"]), sound=said(given["sound"]), words=given["words"], **doing.on_summons
        ), _("已评价。"),
    ),
    "came": Act(
        _("核实：已到场"), NothingForm,
        lambda doing, _given, _form: operations.see_arrival(came=True, **doing.on_summons), _("已核实到场。"),
    ),
    "not-came": Act(
        _("没有到场"), _words(_("现场情况（必填）")),
        lambda doing, given, _form: operations.see_arrival(came=False, reason=given["words"], **doing.on_summons),
        _("已退回，请该单位到场后重新报告。"), grave=True,
    ),
    "send-back": Act(
        _("没有办好，退回重办"), _words(_("哪里没有办好（必填）")),
        lambda doing, given, _form: operations.send_back(reason=given["words"], **doing.on_summons), _("已退回重办，期限不变。"),
        grave=True,
    ),
    "propose": Act(
        _("报主任裁定"), _words(_("拟办意见（必填）")),
        lambda doing, given, _form: operations.propose(words=given["words"], **doing.on_summons), _("已报主任裁定。"),
    ),
    "decide": Act(_("裁定"), DecideForm, _decide, _("已裁定，双方都能看到结果和理由。")),
    "close": Act(
        _("销哨"), CloseForm, _close, _("已销哨。案件照常提交整改、核查。"), _("各单位都已办完并核实到场。请逐个评价，再销哨。")
    ),
    "call-off": Act(
        _("撤回这次吹哨"), _words(_("为什么撤回（必填）")),
        lambda doing, given, _form: operations.call_off(reason=given["words"], **doing.on_whistle), _("已撤回，各单位不用再来。"),
        _("还没有单位到场时可以撤回，例如地点写错。"), grave=True,
    ),
}  # fmt: skip
TURNS = {Step.CONFIRM: "confirm", Step.ARRIVE: "arrive", Step.FINISH: "finish"}


@dataclass(frozen=True)
class Offer:
    """One act with its form on the page; `objections` when it was just refused."""

    name: str
    act: Act
    form: forms.Form
    summons: int
    version: int
    main: bool
    url: str
    objections: Sequence[str] = ()
    posted: bool = False


@dataclass(frozen=True)
class Posted:
    """A refused submission, brought back."""

    name: str = ""
    summons: int = 0
    form: forms.Form | None = None
    objections: Sequence[str] = field(default=())
    status: int = 200


def form_for(name: str, rated: Sequence[Any], *args: Any, **given: Any) -> forms.Form:
    """The form of an act; `rated`: the departments that closing rates."""
    more: tuple[Any, ...] = (rated,) if name == "close" else ()
    return ACTS[name].form(*more, *args, **given)


def offer(name: str, seen: Seen, posted: Posted, *, summons: Any = None, main: bool = False) -> Offer:
    """The act as the page shows it."""
    pk = summons.pk if summons is not None else 0
    mine = posted.form is not None and (posted.name, posted.summons) == (name, pk)
    form = posted.form if mine and posted.form is not None else form_for(name, seen.to_rate, auto_id=f"{name}-{pk}-%s")
    version = summons.version if summons is not None else seen.whistle.version
    route, of = ("whistle-summons-act", pk) if pk else ("whistle-act", seen.whistle.pk)
    url = reverse(f"web:desk:{route}", args=[of, name])
    return Offer(name, ACTS[name], form, pk, version, main, url, posted.objections if mine else (), mine)


def offers_of(one: SeenSummons, seen: Seen, posted: Posted) -> Sequence[Offer]:
    """What this person can do about one department now, what is next in front."""
    names: list[tuple[str, bool]] = []
    if one.answers and one.turn is not None:
        names.append((TURNS[one.turn.step], True))
        if one.turn.step is Step.CONFIRM:
            names.append(("arrive", False))
    if one.may_see_arrival:
        names += [("came", True), ("not-came", False)]
    if one.decides:
        names.append(("decide", True))
    if one.proposes and (one.objection is None or not one.objection.proposed_at):
        names.append(("propose", not one.decides))
    names += [("object", False)] if one.may_object else []
    names += [("rate-fit", True)] if one.may_rate_fit else []
    names += [("send-back", False)] if one.may_send_back else []
    return [offer(name, seen, posted, summons=one.summons, main=main) for name, main in names]
