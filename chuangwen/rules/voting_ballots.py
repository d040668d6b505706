"""From what came back to one answer per unit: several ballots, co-owners, proxies, blank and invalid papers, parking spaces.

Where the law leaves a question to the owners, nothing is assumed: the file must state the owners' own rule (`LocalRules`)
or the case is an objection. Sources: 法释〔2009〕8号 articles 2, 8 and 9; the Ministry's guideline 建房〔2009〕274号, which has
co-owners name one of them to vote and lets owners send a proxy with a written authority.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from chuangwen.rules.voting import Answer, ExclusivePart


class Mark(StrEnum):
    """What is on a ballot, or that there is none."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    ABSENT = "absent"
    BLANK = "blank"
    INVALID = "invalid"

    @property
    def label(self) -> str:
        """The mark in Chinese."""
        return _MARK_LABELS[self]


_MARK_LABELS = {
    Mark.FOR: "同意",
    Mark.AGAINST: "反对",
    Mark.ABSTAIN: "弃权",
    Mark.ABSENT: "未参与",
    Mark.BLANK: "空白票",
    Mark.INVALID: "无效票",
}
Channel = Literal["paper", "electronic"]
CHANNEL_LABELS: dict[Channel, str] = {"paper": "纸质票", "electronic": "电子票"}
Returned = Literal["abstain", "absent"]
Split = Literal["abstain", "invalid"]
Parking = Literal["count", "leave_out"]


@dataclass(frozen=True)
class LocalRules:
    """What the owners' own rules say where the law leaves it to them; None: they say nothing.

    `co_owners`: what unlike answers of the co-owners of one unit make of its vote. `blank`, `invalid`: whether such a
    ballot abstains or did not take part. `parking`: whether parking spaces with an owner of their own count.
    `follow_majority`: see `voting.count`. `proxy_most`: how many owners one proxy may stand for.
    `source` names the article of the owners' rules.
    """

    co_owners: Split | None = None
    blank: Returned | None = None
    invalid: Returned | None = None
    parking: Parking | None = None
    follow_majority: bool = False
    proxy_most: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Ballot:
    """One ballot that came back; `at` may be missing for paper, never for an electronic one when there is a closing."""

    channel: Channel
    mark: Mark
    at: datetime | None = None


@dataclass(frozen=True)
class CoOwner:
    """One of several owners of a unit, and what that person said."""

    name: str
    mark: Mark


@dataclass(frozen=True)
class Proxy:
    """Who voted for the owner, and the number of the written authority."""

    name: str
    authority: str


@dataclass(frozen=True)
class Entry:
    """One unit as it was entered; exactly one of `mark`, `ballots` and `co_owners` is given."""

    id: str
    area: Fraction
    mark: Mark | None = None
    ballots: tuple[Ballot, ...] = ()
    co_owners: tuple[CoOwner, ...] = ()
    owner: str | None = None
    proxy: Proxy | None = None
    developer: bool = False
    parking: bool = False
    delivered: bool = False


def settle(
    entries: Sequence[Entry], local: LocalRules, closes_at: datetime | None
) -> tuple[list[ExclusivePart], list[str]]:
    """The units that count and can be told, each with one answer; every objection to the rest, led by the unit's id."""
    found: list[str] = []
    units: list[ExclusivePart] = []
    for entry in entries:
        reading = _Reading(entry, local, closes_at)
        answer = reading.answer()
        found += reading.found
        if answer is not None and not (entry.parking and local.parking == "leave_out"):
            units.append(ExclusivePart(entry.id, entry.area, answer, entry.owner, entry.developer, entry.delivered))
    return units, found + list(_proxy_objections(entries, local))


class _Reading:
    """One entry on its way to an answer."""

    def __init__(self, entry: Entry, local: LocalRules, closes_at: datetime | None) -> None:
        self.entry, self.local, self.closes_at = entry, local, closes_at
        self.found: list[str] = []

    def answer(self) -> Answer | None:
        self._parking()
        mark = self._mark()
        self._proxy(mark)
        answer = self._answer_for(mark) if mark else None
        return None if self.found else answer

    def _object(self, field: str, sentence: str) -> None:
        self.found.append(f"{self.entry.id}：{field}：{sentence}")

    def _parking(self) -> None:
        if self.entry.parking and self.local.parking is None:
            self._object("kind", "这是车位，请在 local.parking 写明车位计入（count）还是不计入（leave_out）。")

    def _mark(self) -> Mark | None:
        if self.entry.ballots:
            return self._from_ballots()
        return self._from_co_owners() if self.entry.co_owners else self.entry.mark

    def _from_ballots(self) -> Mark | None:
        for ballot in self.entry.ballots:
            self._in_time(ballot)
        if len({ballot.mark for ballot in self.entry.ballots}) > 1:
            told = "、".join(f"{CHANNEL_LABELS[one.channel]}{one.mark.label}" for one in self.entry.ballots)
            self._object("ballots", f"同一业主交了几张票，答复不一样（{told}），请核实以哪一张为准，只留一张。")
            return None
        return self.entry.ballots[0].mark

    def _in_time(self, ballot: Ballot) -> None:
        if self.closes_at is None:
            return
        label = CHANNEL_LABELS[ballot.channel]
        if ballot.at is None:
            if ballot.channel == "electronic":
                self._object("ballots", f"{label}没有写提交时刻（at），不能确认在截止以前。")
        elif ballot.at > self.closes_at:
            at, end = (one.isoformat(timespec="seconds") for one in (ballot.at, self.closes_at))
            self._object("ballots", f"{label}在 {at} 提交，已过截止时刻 {end}，不能计入。")

    def _from_co_owners(self) -> Mark | None:
        told = self.entry.co_owners
        marks = {one.mark for one in told} - {Mark.ABSENT}
        if len(marks) <= 1:
            return next(iter(marks), Mark.ABSENT)
        if self.local.co_owners is None:
            words = "、".join(f"{one.name}{one.mark.label}" for one in told)
            self._object(
                "co_owners", f"共有人答复不一致（{words}）；请推选一人表决，或在 local.co_owners 写明议事规则怎样计。"
            )
            return None
        return Mark.ABSTAIN if self.local.co_owners == "abstain" else Mark.INVALID

    def _proxy(self, mark: Mark | None) -> None:
        if self.entry.proxy and mark is Mark.ABSENT:
            self._object("proxy", f"委托了“{self.entry.proxy.name}”表决，答复却是未参与，请核对。")

    def _answer_for(self, mark: Mark) -> Answer | None:
        if mark not in {Mark.BLANK, Mark.INVALID}:
            return Answer(mark.value)
        stated = self.local.blank if mark is Mark.BLANK else self.local.invalid
        if stated is None:
            choices = "计为弃权（abstain）还是未参与（absent）"
            self._object("answer", f"是{mark.label}，请在 local.{mark.value} 写明议事规则把它{choices}。")
            return None
        return Answer(stated)


def _proxy_objections(entries: Sequence[Entry], local: LocalRules) -> Iterator[str]:
    """A proxy who stands for more owners than the owners' rules allow; several units of one owner are one."""
    if local.proxy_most is None:
        return
    asked: dict[str, dict[tuple[str, str], str]] = {}
    for entry in entries:
        if entry.proxy:
            head = ExclusivePart(entry.id, entry.area, Answer.ABSENT, entry.owner, entry.developer).head
            asked.setdefault(entry.proxy.name, {}).setdefault(head, entry.id)
    for name, owners in asked.items():
        if len(owners) > local.proxy_most:
            ids = list(owners.values())
            told = f"“{name}”代理了 {len(ids)} 位业主（{'、'.join(ids)}），最多代理 {local.proxy_most} 位"
            yield f"{ids[0]}：proxy：{told}（{local.source}）。"
