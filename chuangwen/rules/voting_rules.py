"""Which share of the owners decides what: the versions of the law as data, each with its source and its dates.

Read for the figures: Civil Code (民法典) article 278; Regulation on Property Management (物业管理条例, 2018) articles
11 and 12; Property Law (物权法) article 76. What belongs to "other major matters" under the older law, and how heads are
counted, is said by the Supreme Court's interpretation 法释〔2009〕8号, articles 7 to 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, Literal

from chuangwen.rules.refusals import BadInput


class Matter(StrEnum):
    """What the owners decide together, in the order of article 278; its item 8 is two matters here."""

    RULES = "rules"
    COVENANT = "covenant"
    ELECT_COMMITTEE = "elect_committee"
    ENGAGE_FIRM = "engage_firm"
    USE_FUND = "use_fund"
    RAISE_FUND = "raise_fund"
    REBUILD = "rebuild"
    CHANGE_USE = "change_use"
    COMMERCIAL_USE = "commercial_use"
    OTHER_MAJOR = "other_major"

    @property
    def label(self) -> str:
        """The matter in Chinese."""
        return MATTER_LABELS[self]


MATTER_LABELS: Final[Mapping[Matter, str]] = {
    Matter.RULES: "制定和修改业主大会议事规则",
    Matter.COVENANT: "制定和修改管理规约",
    Matter.ELECT_COMMITTEE: "选举业主委员会或者更换委员",
    Matter.ENGAGE_FIRM: "选聘和解聘物业服务企业",
    Matter.USE_FUND: "使用维修资金",
    Matter.RAISE_FUND: "筹集维修资金",
    Matter.REBUILD: "改建、重建建筑物及其附属设施",
    Matter.CHANGE_USE: "改变共有部分的用途",
    Matter.COMMERCIAL_USE: "利用共有部分从事经营活动",
    Matter.OTHER_MAJOR: "其他重大事项",
}

Base = Literal["participating", "whole"]
BASE_LABELS: Final[Mapping[Base, str]] = {"participating": "参与表决的", "whole": "全体业主的"}


@dataclass(frozen=True)
class Threshold:
    """A share to be reached in area and in heads; `inclusive`: exactly this share is enough (三分之二以上)."""

    share: Fraction
    inclusive: bool
    words: str

    def met(self, part: Fraction, whole: Fraction) -> bool:
        """Whether `part` is enough of `whole`; nothing is enough of nothing."""
        needed = self.share * whole
        return whole > 0 and (part >= needed if self.inclusive else part > needed)


# Civil Code article 1259: 以上 takes in the figure itself; 过半数 is strictly more than half.
OVER_HALF: Final = Threshold(Fraction(1, 2), False, "过半数")
TWO_THIRDS: Final = Threshold(Fraction(2, 3), True, "三分之二以上")
THREE_QUARTERS: Final = Threshold(Fraction(3, 4), True, "四分之三以上")


@dataclass(frozen=True)
class RuleVersion:
    """One version of the law, in force from `since` to `until` (both days included).

    `turnout` is of all owners; `heavy` matters need `higher`, the others `usual`, of `base`. `by_date` tells whether the
    version is found by the day of a vote; one that only repeats another must be asked for by name.
    """

    name: str
    title: str
    source: str
    since: date
    until: date | None
    turnout: Threshold
    base: Base
    usual: Threshold
    higher: Threshold
    heavy: frozenset[Matter]
    by_date: bool = True

    def approval(self, matter: Matter) -> Threshold:
        """The share of `base` that must be for the matter."""
        return self.higher if matter in self.heavy else self.usual

    def holds_on(self, day: date) -> bool:
        """Whether votes of that day were counted by this version."""
        return self.since <= day and (self.until is None or day <= self.until)


_CODE_SINCE: Final = date(2021, 1, 1)
_OLD_SINCE: Final = date(2007, 10, 1)  # Property Law and the Regulation's first revision came into force together
_OLD_HEAVY: Final = frozenset({Matter.USE_FUND, Matter.RAISE_FUND, Matter.REBUILD})

CIVIL_CODE: Final = RuleVersion(
    name="civil-code-278",
    title="《民法典》第二百七十八条",
    source="《中华人民共和国民法典》第二百七十八条，2021年1月1日起施行",
    since=_CODE_SINCE,
    until=None,
    turnout=TWO_THIRDS,
    base="participating",
    usual=OVER_HALF,
    higher=THREE_QUARTERS,
    heavy=frozenset({Matter.RAISE_FUND, Matter.REBUILD, Matter.CHANGE_USE, Matter.COMMERCIAL_USE}),
)
# Article 76 names no turnout. More than half of the whole must agree anyway, so the Regulation's turnout changes nothing.
PROPERTY_LAW: Final = RuleVersion(
    name="property-law-76",
    title="《物权法》第七十六条",
    source="《中华人民共和国物权法》第七十六条，2007年10月1日施行，2021年1月1日废止；到会比例依《物业管理条例》第十二条",
    since=_OLD_SINCE,
    until=_CODE_SINCE - timedelta(days=1),
    turnout=OVER_HALF,
    base="whole",
    usual=OVER_HALF,
    higher=TWO_THIRDS,
    heavy=_OLD_HEAVY,
)
REGULATION: Final = RuleVersion(
    name="property-regulation-12",
    title="《物业管理条例》第十二条",
    source="《物业管理条例》（2018年3月19日修订）第十一条、第十二条；比例自2007年10月1日未变，2021年1月1日起以《民法典》为准",
    since=_OLD_SINCE,
    until=_CODE_SINCE - timedelta(days=1),
    turnout=OVER_HALF,
    base="whole",
    usual=OVER_HALF,
    higher=TWO_THIRDS,
    heavy=_OLD_HEAVY,
    by_date=False,
)
VERSIONS: Final[Mapping[str, RuleVersion]] = {one.name: one for one in (CIVIL_CODE, PROPERTY_LAW, REGULATION)}


def version_for(name: str | None, day: date | None) -> RuleVersion:
    """The version asked for by name, or the one in force on the day of the vote.

    Raises BadInput when neither is given, the name is unknown, no version here covers the day, or the named version was
    not in force on it. Without a day an older version may be named, to count an old vote again.
    """
    if name is None:
        return _by_day(day)
    version = VERSIONS.get(name)
    if version is None:
        raise BadInput(f"rule：没有“{name}”这个规则，可用的有{'、'.join(VERSIONS)}。")
    if day is not None and not version.holds_on(day):
        raise BadInput(f"rule：{day.isoformat()} 的表决不适用{version.title}，{_instead(day)}")
    return version


def _by_day(day: date | None) -> RuleVersion:
    if day is None:
        raise BadInput(f"rule：请写明规则（{'、'.join(VERSIONS)}），或者用 date 写明表决日期。")
    found = _in_force(day)
    if found is None:
        raise BadInput(f"date：{_instead(day)}")
    return found


def _in_force(day: date) -> RuleVersion | None:
    return next((one for one in VERSIONS.values() if one.by_date and one.holds_on(day)), None)


def _instead(day: date) -> str:
    found = _in_force(day)
    if found is None:
        return "2007年10月1日以前按投票权表决，不按面积和人数，本命令不计。"
    return f"应按{found.title}（{found.name}）计票。"
