"""Shapes of patrols, stops, checklists and findings."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from chuangwen.api.schemas.common import (
    Body,
    ClientKey,
    EditionBrief,
    Lat,
    LatIn,
    Lng,
    LngIn,
    Moment,
    PhotoIds,
    RowId,
    Text,
    UnitBrief,
    Word,
)


class PatrolQuery(Body):
    """Paging of the list."""

    after: int = Field(0, ge=0, le=2**63 - 1, description="上一页的 next_key")
    size: int = Field(50, ge=1, description="每页条数，最多 200")


class PatrolOut(Schema):
    """A round of places in a time window."""

    id: int
    title: str
    kind: str
    kind_label: str
    edition: EditionBrief
    starts_at: Moment
    ends_at: Moment
    cancelled_at: Moment | None

    @staticmethod
    def resolve_kind_label(patrol: Any) -> str:
        """The Chinese name of the kind."""
        return str(patrol.get_kind_display())


class PatrolRow(PatrolOut):
    """A round in a list, with how far it is."""

    stop_count: int
    done_count: int

    @staticmethod
    def resolve_stop_count(patrol: Any) -> int:
        """How many places."""
        return int(patrol.stop_count or 0)

    @staticmethod
    def resolve_done_count(patrol: Any) -> int:
        """How many of them somebody has finished."""
        return int(patrol.done_count or 0)


class PatrolPage(Schema):
    """One page of rounds, the latest planned first."""

    items: list[PatrolRow]
    next_key: str
    next: str


class StopSite(Schema):
    """The place of a stop, without anybody's telephone number."""

    id: int
    code: str
    name: str
    point_type: str
    address: str
    street: UnitBrief | None
    owner: UnitBrief
    lng: Lng
    lat: Lat


class VisitOut(Schema):
    """One inspector at one place."""

    inspector: str
    started_at: Moment
    finished_at: Moment | None
    failed: int

    @staticmethod
    def resolve_inspector(visit: Any) -> str:
        """Who."""
        return str(visit.inspector.display_name)


class StopOut(Schema):
    """A stop with its visits."""

    position: int
    site: StopSite
    visits: list[VisitOut]


class PatrolDetail(Schema):
    """A round with its stops in order."""

    patrol: PatrolOut
    stops: list[StopOut]


class CriterionOut(Schema):
    """One thing to look at."""

    code: str
    text: str
    how: list[Any]
    threshold: str
    photo_on_fail: bool
    severity: str
    carve_outs: str


class FindingRow(Schema):
    """One criterion judged."""

    criterion_code: str
    verdict: str
    note: str
    found_at: Moment
    case_id: int | None
    photo_ids: list[int]

    @staticmethod
    def resolve_criterion_code(finding: Any) -> str:
        """The code of what was judged."""
        return str(finding.criterion.code)

    @staticmethod
    def resolve_photo_ids(finding: Any) -> list[int]:
        """The pictures that prove it."""
        return [row.photo_id for row in finding.photos.all()]


class MyVisit(Schema):
    """The own visit at a stop."""

    started_at: Moment
    finished_at: Moment | None


class StopDetail(Schema):
    """A stop with its checklist and what the person has judged so far."""

    position: int
    site: StopSite
    contact_name: str
    contact_phone: str = Field(description="分派到本次巡查的巡查员和点位管理人员看得到全号")
    checklist: list[CriterionOut]
    visit: MyVisit | None
    findings: list[FindingRow]


class FindingIn(Body):
    """The verdict on one criterion at one stop; a position is kept only with a failed one."""

    site_id: RowId
    criterion_code: Word
    verdict: Literal["pass", "fail", "na"]
    note: Annotated[Text, Field(max_length=500)] = ""
    photo_ids: PhotoIds = ()
    lng: LngIn | None = None
    lat: LatIn | None = None
    client_key: ClientKey = None


class FindingOut(Schema):
    """The verdict as kept, and the case it opened."""

    id: int
    criterion_code: str
    verdict: str
    found_at: Moment
    case_id: int | None

    @staticmethod
    def resolve_criterion_code(finding: Any) -> str:
        """The code of what was judged."""
        return str(finding.criterion.code)


class FinishIn(Body):
    """Done here. `rest_passes`: everything not judged is in order."""

    rest_passes: bool = False


class FinishOut(Schema):
    """When the stop was finished."""

    site_id: int
    finished_at: Moment
