"""Shapes of dragnet checks and special campaigns: head, figures, coverage."""

from datetime import date
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from chuangwen.api.schemas.common import Body, Lat, Lng, Moment, UnitBrief


class CampaignQuery(Body):
    """What the list is narrowed to."""

    kind: Literal["", "dragnet", "special"] = Field("", description="dragnet 拉网式排查，special 专项行动")
    status: Literal["", "draft", "running", "closed", "cancelled"] = Field("", description="状态")
    after: int = Field(0, ge=0, le=2**63 - 1, description="上一页的 next_key")
    size: int = Field(50, ge=1, description="每页条数，最多 200")


class CampaignOut(Schema):
    """A campaign in a list."""

    id: int
    kind: str
    kind_label: str
    title: str
    status: str
    status_label: str
    starts_on: date
    ends_on: date

    @staticmethod
    def resolve_kind_label(campaign: Any) -> str:
        """The Chinese name of the kind."""
        return str(campaign.get_kind_display())

    @staticmethod
    def resolve_status_label(campaign: Any) -> str:
        """The Chinese name of the status."""
        return str(campaign.get_status_display())


class CampaignPage(Schema):
    """One page of campaigns, the latest drafted first."""

    items: list[CampaignOut]
    next_key: str
    next: str


class TeamPart(Schema):
    """A unit of the team; `lead` names the person of its post, where one is named."""

    unit: UnitBrief
    lead: str


class MilestoneOut(Schema):
    """Something to be done by a day."""

    title: str
    due_on: date
    done_at: Moment | None
    done_by: str
    note: str


class TargetOut(Schema):
    """A figure to be reached: frozen before the start, now, and whether it is met. Shares are per cent."""

    measure: str
    label: str
    target: float
    baseline: float | None
    now: float | None
    reached: bool | None


class TrendWeek(Schema):
    """New cases of the week that begins on this Monday."""

    monday: date
    inside: int
    outside: int


class TrendOut(Schema):
    """New cases a week inside and outside the areas, and what the comparison says in words."""

    sites_inside: int
    sites_outside: int
    weeks_before: list[date]
    weeks_after: list[date]
    weeks: list[TrendWeek]
    difference: float | None = Field(description="两边变化之差，件/每 100 处点位每周")
    low: float | None
    high: float | None
    words: list[str]
    limits: list[str]


class CampaignDetail(Schema):
    """One campaign; `targets` and `trend` only of a special one."""

    campaign: CampaignOut
    aim: str
    conclusion: str
    areas: list[UnitBrief]
    team: list[TeamPart]
    milestones: list[MilestoneOut]
    targets: list[TargetOut]
    trend: TrendOut | None


class CoverageOut(Schema):
    """How many places are in each state; they add up to total."""

    done: int
    left: int
    unreachable: int
    total: int


class UnitCoverageOut(Schema):
    """The same of one unit in charge."""

    code: str
    name: str
    coverage: CoverageOut


class CoverageDay(Schema):
    """The end of a day, counted since the start; `done` is null for days to come."""

    day: date
    planned: int
    done: int | None


class CoveredPlace(Schema):
    """One place and its state."""

    site_id: int
    code: str
    name: str
    point_type: str
    unit_code: str
    lng: Lng
    lat: Lat
    state: Literal["done", "left", "unreachable"]
    covered_at: Moment | None
    planned_at: Moment | None
    unreachable_reason: str


class CoverageDetail(Schema):
    """The coverage of the places within reach."""

    whole: CoverageOut
    units: list[UnitCoverageOut]
    days: list[CoverageDay]
    places: list[CoveredPlace]
