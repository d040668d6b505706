"""A score sheet as pages show it, at the desk and to residents: places, parts, and how each total came about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from chuangwen.rules.scoring import Deduction, Part, Penalty, Rule, plain
from chuangwen.rules.scoring_rule import Rounding
from chuangwen.scores.queries import Table


@dataclass(frozen=True)
class Mark:
    """One part of a line: its value, and what it gives to the total; `imputed`: the mean of the others stands here."""

    label: str
    value: Decimal
    points: Decimal
    imputed: bool


@dataclass(frozen=True)
class Place:
    """One ranked unit."""

    place: int
    name: str
    total: str
    marks: Sequence[Mark]
    reasons: Sequence[str]
    url: str


@dataclass(frozen=True)
class League:
    """The units that are compared with each other; the only league has no name."""

    name: str
    places: Sequence[Place]


@dataclass(frozen=True)
class LeftOut:
    """A unit without a place, and why."""

    name: str
    reasons: Sequence[str]
    url: str


Address = Callable[[int], str]  # of the page of one unit's line, by the id of the unit; empty where there is none


def leagues(table: Table, address: Address) -> list[League]:
    """The ranked lines by league, in the order of their places."""
    rounding = table.sheet.rule.rounding
    found: dict[str, list[Place]] = {}
    for line in table.ranked:
        place = Place(
            line.place or 0,
            line.unit_name,
            line.total_shown,
            marks(line.parts, rounding),
            line.reasons,
            address(line.unit_id),
        )
        found.setdefault(line.league, []).append(place)
    return [League(name, places) for name, places in found.items()]


def marks(parts: Sequence[dict[str, object]], rounding: Rounding) -> list[Mark]:
    """The parts of a line as they are shown; both figures rounded as the total is."""
    return [
        Mark(
            str(part["label"]), rounding.shown(Decimal(str(part["value"]))), rounding.shown(Decimal(str(part["points"]))),
            bool(part["imputed"]),
        )
        for part in parts
    ]  # fmt: skip


def left_out(table: Table, address: Address) -> list[LeftOut]:
    """Who has no place, and why; never a zero."""
    return [LeftOut(line.unit_name, line.reasons, address(line.unit_id)) for line in table.left_out]


def formula(rule: Rule) -> str:
    """How a total is made, as one line: 总分 = 现场得分率 × 0.5 + 按期整改率 × 0.3."""
    return _("总分 = %(parts)s") % {"parts": " + ".join(_term(part) for part in rule.parts)}


def _term(part: Part) -> str:
    match part.deduction:
        case None if part.marks == 100:
            return f"{part.label} × {plain(part.weight)}"
        case None:
            return f"{part.label}% × {plain(part.full)}"
        case Penalty(each):
            return _("%(label)s（每次扣 %(each)s）") % {"label": part.label, "each": plain(each)}
        case Deduction(threshold, per_point, least):
            words = _("%(label)s（%(threshold)s 起得满分 %(full)s，每低 1 个百分点扣 %(per_point)s，最低 %(least)s）")
            return words % {
                "label": part.label, "threshold": plain(threshold), "full": plain(part.full),
                "per_point": plain(per_point), "least": plain(least),
            }  # fmt: skip


def conventions(rule: Rule) -> list[str]:
    """What the rule does about gaps, ties and rounding, one sentence each."""
    filled = [part.label for part in rule.parts if part.missing == "peers_mean"]
    needed = [part.label for part in rule.parts if part.missing == "leave_out"]
    said = [_("总分%(mode)s到 %(places)d 位小数。") % {"mode": rule.rounding.name, "places": rule.rounding.places}]
    tie = (
        _("公布的总分相同就并列，后面的名次顺延。")
        if rule.ties == "shown"
        else _("公布的总分相同的，按没有舍入的总分排先后。")
    )
    said.append(tie)
    if filled:
        said.append(_("%(parts)s没有观测的单位，这一项取同组其他单位的平均分。") % {"parts": "、".join(filled)})
    if needed:
        said.append(_("%(parts)s没有观测的单位不参加排名，也不按零分计。") % {"parts": "、".join(needed)})
    return [*said, _("各项都没有观测的单位不参加排名，也不按零分计。")]
