"""What the sample district is made of: plain rows that a loader writes through the real operations."""

from dataclasses import dataclass
from typing import Any

NOTICE = (
    "样例数据：街道和部门名称取自公开报道，社区、网格、点位、人员、电话、边界均为虚构，"
    "位置仅求形似；巡查与案件由程序模拟，不代表任何真实单位的工作情况。"
)


@dataclass(frozen=True)
class UnitRow:
    """One unit of the tree; parents come before their children. `sample` is true where the name is invented."""

    code: str
    name: str
    kind: str  # city district district_office department regulator street community grid property_firm
    #            owners_committee volunteer_team party_branch
    parent_code: str  # "" for the city
    sample: bool
    site_code: str = ""  # the compound of an owners' committee


@dataclass(frozen=True)
class AreaRow:
    """One area; the boundary is a GeoJSON polygon in WGS-84 with six decimals. Children tile their parent exactly."""

    code: str
    name: str
    kind: str  # district street community grid
    parent_code: str  # "" for the district
    unit_code: str
    boundary: dict[str, Any]


@dataclass(frozen=True)
class SiteRow:
    """One point (点位) of one of the fifteen types; it lies inside its grid."""

    code: str
    name: str
    point_type: str  # code prefix: RES COM ROAD LANE SQ MKT MALL WIN HOSP BUS CULT SCH SITE RIVER FOOD
    grid_code: str
    owner_unit_code: str
    address: str
    lng: float
    lat: float
    contact_name: str
    contact_phone: str
    leader_name: str


@dataclass(frozen=True)
class PersonRow:
    """One invented person; the phone begins with 000, which no real number does."""

    username: str
    display_name: str
    phone: str
    posts: tuple[tuple[str, str], ...]  # (role, unit code)


@dataclass(frozen=True)
class District:
    """The whole sample: every code is unique in its own tuple."""

    notice: str
    units: tuple[UnitRow, ...]
    areas: tuple[AreaRow, ...]
    sites: tuple[SiteRow, ...]
    people: tuple[PersonRow, ...]
    demo_accounts: tuple[tuple[str, str], ...]  # (username, what the account is for)
