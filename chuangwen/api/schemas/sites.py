"""Shapes of sites and grids."""

from ninja import Schema
from pydantic import Field

from chuangwen.api.schemas.common import Body, Lat, Lng, UnitBrief, Word


class SiteQuery(Body):
    """The filters of the site list; empty means all."""

    point_type: Word = Field("", description="点位类型编码")
    street: Word = Field("", description="街道编码")
    owner: Word = Field("", description="责任单位名称里的文字，或编码")
    q: Word = Field("", description="名称、地址或编码里的文字")
    after: Word = Field("", description="上一页的 next_key")
    size: int = Field(50, ge=1, description="每页条数，最多 200")


class SiteRow(Schema):
    """A site in the list, without anybody's telephone number."""

    id: int
    code: str
    name: str
    point_type: str
    address: str
    home: UnitBrief
    owner: UnitBrief
    street: UnitBrief | None
    lng: Lng
    lat: Lat


class SitePage(Schema):
    """One page; `next` is the address of the next one, empty on the last."""

    items: list[SiteRow]
    next_key: str
    next: str


class SiteDetail(Schema):
    """A site with whom to call there."""

    site: SiteRow
    active: bool
    leader_name: str
    contact_name: str
    contact_phone: str = Field(description="分派到此的巡查员和点位管理人员看得到全号，其他人只看得到前后几位")


class GridQuery(Body):
    """A position in WGS-84 degrees."""

    lng: Lng
    lat: Lat


class GridOut(Schema):
    """The grid that holds a position, and the unit at home there."""

    code: str
    name: str
    unit: UnitBrief
