"""拉网式排查 and 专项行动: their life, what a special campaign can aim at, and who is in charge of a place.

Life: 草稿 -> 进行中 -> 已结束, or 已取消 from the first two. A table, so that every pair of status and move has an answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chuangwen.rules.refusals import Refused


class CampaignKind(StrEnum):
    """What a campaign is."""

    DRAGNET = "dragnet"
    SPECIAL = "special"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"dragnet": "拉网式排查", "special": "专项行动"}[self.value]


class CampaignStatus(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"draft": "草稿", "running": "进行中", "closed": "已结束", "cancelled": "已取消"}[self.value]


class CampaignMove(StrEnum):
    """The three steps that a person takes."""

    START = "start"
    CLOSE = "close"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"start": "启动", "close": "结束", "cancel": "取消"}[self.value]


CAMPAIGN_FLOW: Mapping[tuple[CampaignStatus, CampaignMove], CampaignStatus] = {
    (CampaignStatus.DRAFT, CampaignMove.START): CampaignStatus.RUNNING,
    (CampaignStatus.DRAFT, CampaignMove.CANCEL): CampaignStatus.CANCELLED,
    (CampaignStatus.RUNNING, CampaignMove.CLOSE): CampaignStatus.CLOSED,
    (CampaignStatus.RUNNING, CampaignMove.CANCEL): CampaignStatus.CANCELLED,
}


def next_campaign_status(status: CampaignStatus, move: CampaignMove) -> CampaignStatus:
    """Where the move leads. Refused with a sentence where the table has no arrow."""
    found = CAMPAIGN_FLOW.get((status, move))
    if found is None:
        raise Refused(f"现在是“{status.label}”，不能{move.label}。请刷新页面看最新情况。")
    return found


@dataclass(frozen=True)
class MeasureKind:
    """A figure that a special campaign can aim at. `at_most`: it is reached from above; a share is a percentage."""

    label: str
    at_most: bool
    is_share: bool
    meaning: str

    def reached(self, value: float | None, target: float) -> bool | None:
        """Whether the value meets the target; None where nothing could be measured."""
        if value is None:
            return None
        return value <= target if self.at_most else value >= target


MEASURES: Mapping[str, MeasureKind] = {
    "open_cases": MeasureKind("在办案件（件）", True, False, "专项区域里所选类别、到这一刻还没有办结的案件"),
    "on_time_rate": MeasureKind("按期整改率（%）", False, True, "这段时间到期的案件里，在期限前提交整改的占多少"),
    "recurrence": MeasureKind(
        "反复率（%）", True, True, "这段时间立案的里，同一点位同一立案标准在此前 60 天内刚办结过的占多少"
    ),
}


def in_charge(home: str, owner: str, areas: Iterable[str], units: Iterable[str]) -> str:
    """The unit that answers for a place in a dragnet check, by paths of the unit tree.

    The nearest unit in charge above its owner, else above its home; where none was named so near, the area it lies in.
    Empty when the place lies under none of them. The answer does not depend on the order of what is handed in.
    """
    named, grounds = sorted(units, key=len), sorted(areas, key=len)
    for path, above in ((owner, named), (home, named), (home, grounds)):
        found = [each for each in above if path.startswith(each)]
        if found:
            return found[-1]
    return ""
