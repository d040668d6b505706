"""Choosing a unit among nine hundred: a few sensible suggestions, and a box in which a name or a code is typed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chuangwen.cases.worklist import Case
from chuangwen.people.queries import branch, units_in_scope
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput

COMMON_KINDS = ("street", "department", "regulator")
WHOLE_DISTRICT = ("city", "district", "district_office")  # their branch is everything: no help in a list
MOST_OPTIONS, MOST_NAMED = 300, 3
_CODE_AT_END = re.compile(r"（([^（）]+)）$")


@dataclass(frozen=True)
class UnitName:
    """A unit as pages offer it."""

    pk: int
    code: str
    name: str

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


@dataclass(frozen=True)
class UnitChoices:
    """Suggestions with the reason for each, the best one first, and what the typing box offers."""

    suggested: Sequence[tuple[int, str]] = ()
    initial: int | None = None
    options: Sequence[UnitName] = ()


def _named(rows: Iterable[tuple[int, str, str]]) -> list[UnitName]:
    return [UnitName(*row) for row in rows]


def _suggestions(case: Case, units: dict[int, UnitName]) -> list[tuple[int, str]]:
    owner = case.site.owner_id if case.site else None
    wanted = ((owner, _("点位责任单位")), (case.street_id, _("所在街道")), (case.home_id, _("属地单位")))
    found: dict[int, str] = {}
    for pk, reason in wanted:
        if pk is not None and pk in units and pk not in found:
            back = _("，刚退回") if case.flow_status is Status.RETURNED and pk == case.unit_id else ""
            found[pk] = f"{units[pk].name}（{reason}{back}）"
    return list(found.items())


def dispatch_choices(actor: Actor, case: Case) -> UnitChoices:
    """To whom a case can sensibly go: the owner of its site first, unless it was just sent back from there. One statement."""
    near = {case.home_id, case.street_id or 0, case.site.owner_id if case.site else 0}
    reach = Q(pk__in=near)
    if case.home.kind not in WHOLE_DISTRICT:
        reach |= Q(path__startswith=case.home.path)
    for scope in actor.scopes():
        reach |= Q(kind__in=COMMON_KINDS, path__startswith=scope)
    rows = branch("").filter(reach, active=True).values_list("pk", "code", "name")
    options = _named(rows[:MOST_OPTIONS])
    units = {unit.pk: unit for unit in options}
    suggested = _suggestions(case, units)
    sent_back = case.unit_id if case.flow_status is Status.RETURNED else None
    initial = next((pk for pk, _label in suggested if pk != sent_back), None)
    return UnitChoices(suggested, initial, options)


def assign_choices(case: Case) -> UnitChoices:
    """The units below the one that has the case; the owner of the site first when it is among them. One statement."""
    if case.unit is None:
        return UnitChoices()
    rows = branch(case.unit.path).filter(active=True).exclude(pk=case.unit.pk).values_list("pk", "code", "name")
    options = _named(rows[:MOST_OPTIONS])
    owner = next((unit for unit in options if case.site and unit.pk == case.site.owner_id), None)
    if owner is None:
        return UnitChoices(options=options)
    return UnitChoices(((owner.pk, f"{owner.name}（{_('点位责任单位')}）"),), owner.pk, options)


def common_units(actor: Actor, also: str = "") -> Sequence[tuple[UnitName, str]]:
    """Streets and departments of the actor's branches with their kind, for filters; `also`: a code to add."""
    wanted = Q(kind__in=COMMON_KINDS)
    if also:
        wanted |= Q(code=also)
    rows = units_in_scope(actor).filter(wanted, active=True).values_list("pk", "code", "name", "kind")
    return [(UnitName(pk, code, name), kind) for pk, code, name, kind in rows[:MOST_OPTIONS]]


def find_unit(actor: Actor, text: str) -> UnitName:
    """The one unit of the actor's branches that was meant, as `find_among` says."""
    return find_among(units_in_scope(actor), text)


def unit_names(units: QuerySet[Any]) -> Sequence[UnitName]:
    """Units as the typing box offers them. One statement."""
    return _named(units.values_list("pk", "code", "name")[:MOST_OPTIONS])


def find_among(units: QuerySet[Any], text: str) -> UnitName:
    """The one unit that was meant: by code, by whole name, by name（code） as the box offers it, or by a part of one name.

    Refuses with a sentence when nothing fits, and names what fits when it is more than one.
    """
    text = text.strip()
    wanted = Q(code__iexact=text) | Q(code__iexact=_code(text)) | Q(name__icontains=text)
    return one_of(_named(units.filter(wanted, active=True).values_list("pk", "code", "name")[:50]), text)


def _code(text: str) -> str:
    at_end = _CODE_AT_END.search(text)
    return at_end[1] if at_end else text


def one_of(units: Iterable[UnitName], text: str) -> UnitName:
    """The same choice among units that are at hand."""
    text = text.strip()
    code = _code(text)
    rows = [
        unit for unit in units if unit.code.lower() in {text.lower(), code.lower()} or text.lower() in unit.name.lower()
    ]
    for fitting in (
        [unit for unit in rows if unit.code.lower() == text.lower()],
        [unit for unit in rows if unit.name == text],
        [unit for unit in rows if unit.code.lower() == code.lower()],
        rows,
    ):
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            named = "、".join(str(unit) for unit in fitting[:MOST_NAMED])
            more = _("等") if len(fitting) > MOST_NAMED else ""
            raise BadInput(
                _("“%(text)s”对应不止一个单位：%(units)s%(more)s。请从列表里选，或写编码。")
                % {"text": text, "units": named, "more": more}
            )
    raise BadInput(_("没有找到单位“%(text)s”。请从列表里选，或写单位全称、编码。") % {"text": text})
