"""Counting an owners' vote: turnout first, then approval, each by exclusive area and by heads, in exact fractions.

Heads (法释〔2009〕8号, article 9): one unit counts as one head, but all units of one owner, and all units the developer has
not sold or not handed over, count as one. Area: everything the owner holds.

What holds for every vote, and is tested: a passed vote stays passed when an owner who was absent, against or abstained is
for it instead. (Each more "for" adds the same to both sides of a share that is at most one, and turnout never falls.) The
converse trap is real as well: one more "against" of an absent owner can bring the turnout that lets a vote pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.voting_rules import Matter, RuleVersion, Threshold


class Answer(StrEnum):
    """How an owner counts. Who abstains takes part, but is not for it."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    ABSENT = "absent"

    @property
    def label(self) -> str:
        """The answer in Chinese."""
        return ANSWER_LABELS[self]


ANSWER_LABELS: Final[Mapping[Answer, str]] = {
    Answer.FOR: "同意",
    Answer.AGAINST: "反对",
    Answer.ABSTAIN: "弃权",
    Answer.ABSENT: "未参与",
}


@dataclass(frozen=True)
class ExclusivePart:
    """One exclusive part (a flat, a shop, a parking space that counts): area in square metres, never a float.

    `owner` is a key that tells persons apart; units with the same key are one head, a unit without a key is one by itself.
    `developer`: not sold or not handed over yet. `delivered`: the ballot reached the owner (asked only of those who follow).
    """

    id: str
    area: Fraction
    answer: Answer
    owner: str | None = None
    developer: bool = False
    delivered: bool = False

    @property
    def head(self) -> tuple[str, str]:
        """Units with the same head are one owner."""
        if self.developer:
            return ("developer", "")
        return ("unit", self.id) if self.owner is None else ("owner", self.owner)


@dataclass(frozen=True)
class Head:
    """One owner with everything that is theirs."""

    area: Fraction
    answer: Answer
    delivered: bool


@dataclass(frozen=True)
class Measure:
    """One way of measuring owners: square metres or heads."""

    whole: Fraction
    by_answer: Mapping[Answer, Fraction]
    followed: Fraction = Fraction(0)  # of the absent, what was added to the majority

    @property
    def participating(self) -> Fraction:
        """What handed in a ballot that counts."""
        return self.whole - self.by_answer[Answer.ABSENT]


@dataclass(frozen=True)
class Check:
    """A part held against a threshold."""

    part: Fraction
    whole: Fraction
    threshold: Threshold

    @property
    def share(self) -> Fraction:
        """The part as a share of the whole; 0 when there is no whole."""
        return self.part / self.whole if self.whole else Fraction(0)

    @property
    def met(self) -> bool:
        """Whether it is enough."""
        return self.threshold.met(self.part, self.whole)


@dataclass(frozen=True)
class Checks:
    """The same test in area and in heads; both must be met."""

    area: Check
    heads: Check

    @property
    def met(self) -> bool:
        """Whether both are enough."""
        return self.area.met and self.heads.met


@dataclass(frozen=True)
class Result:
    """A counted vote. `majority` is what absent owners followed, if the owners' own rules say that they do."""

    version: RuleVersion
    matter: Matter
    area: Measure
    heads: Measure
    turnout: Checks
    approval: Checks
    majority: Answer | None = None
    follow: bool = False

    @property
    def passed(self) -> bool:
        """Enough took part, and enough of them agreed."""
        return self.turnout.met and self.approval.met


def count(
    units: Sequence[ExclusivePart], *, version: RuleVersion, matter: Matter, follow_majority: bool = False
) -> Result:
    """Count the vote.

    `follow_majority` is a rule that the owners may adopt themselves (建房〔2009〕274号 leaves it to them): when enough took
    part, absent owners whom the ballot reached join the side that has more than half of the participating area and of the
    participating heads. They never help the turnout. Without such a side nobody follows.
    Raises BadInput for no unit at all, an area that is not above 0, an id twice, or one owner with unlike answers.
    """
    heads = heads_of(units)
    area, number = _measure(heads, lambda head: head.area), _measure(heads, lambda _: Fraction(1))
    turnout = Checks(
        Check(area.participating, area.whole, version.turnout),
        Check(number.participating, number.whole, version.turnout),
    )
    majority = _majority(area, number) if follow_majority and turnout.met else None
    if majority:
        followers = [head for head in heads if head.answer is Answer.ABSENT and head.delivered]
        area = Measure(area.whole, area.by_answer, sum((head.area for head in followers), Fraction(0)))
        number = Measure(number.whole, number.by_answer, Fraction(len(followers)))
    approval = Checks(_approval(area, version, matter, majority), _approval(number, version, matter, majority))
    return Result(version, matter, area, number, turnout, approval, majority, follow_majority)


def _approval(measure: Measure, version: RuleVersion, matter: Matter, majority: Answer | None) -> Check:
    agreed = measure.by_answer[Answer.FOR] + (measure.followed if majority is Answer.FOR else 0)
    whole = measure.whole if version.base == "whole" else measure.participating + measure.followed
    return Check(agreed, whole, version.approval(matter))


def _majority(area: Measure, heads: Measure) -> Answer | None:
    for answer in (Answer.FOR, Answer.AGAINST):
        if all(one.by_answer[answer] * 2 > one.participating for one in (area, heads)):
            return answer
    return None


def _measure(heads: Iterable[Head], size: Callable[[Head], Fraction]) -> Measure:
    sums = dict.fromkeys(Answer, Fraction(0))
    for head in heads:
        sums[head.answer] += size(head)
    return Measure(sum(sums.values(), Fraction(0)), sums)


def heads_of(units: Sequence[ExclusivePart]) -> list[Head]:
    """The owners, each once with everything that is theirs. Raises BadInput as `count` does."""
    found = [] if units else ["owners：没有一套计入表决的房屋。"]
    found += [f"{unit.id}：area：面积应大于 0。" for unit in units if unit.area <= 0]
    found += [
        f"{name}：id：编号重复，一套房只能有一行。" for name, n in Counter(unit.id for unit in units).items() if n > 1
    ]
    if found := found + unlike_answers(units):
        raise BadInput(found)
    return [_head(group) for group in _groups(units).values()]


def _groups(units: Iterable[ExclusivePart]) -> dict[tuple[str, str], list[ExclusivePart]]:
    groups: dict[tuple[str, str], list[ExclusivePart]] = {}
    for unit in units:
        groups.setdefault(unit.head, []).append(unit)
    return groups


def _head(group: Sequence[ExclusivePart]) -> Head:
    area = sum((unit.area for unit in group), Fraction(0))
    return Head(area, group[0].answer, any(unit.delivered for unit in group))


def unlike_answers(units: Iterable[ExclusivePart]) -> list[str]:
    """An objection for every owner of several units whose answers differ: one head has one answer."""
    found = []
    for (kind, name), group in _groups(units).items():
        if len({unit.answer for unit in group}) > 1:
            who = "建设单位未售、未交付的房屋" if kind == "developer" else f"业主“{name}”的几套房"
            told = "、".join(f"{unit.id} {unit.answer.label}" for unit in group)
            found.append(f"{group[0].id}：answer：{who}按一人计，只能有一个答复（{told}），请核对。")
    return found
