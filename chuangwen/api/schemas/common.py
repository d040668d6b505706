"""What the shapes share: ids, texts, positions, units and sites in a few words."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from ninja import Schema
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MOST_PHOTOS = 20
BEIJING = ZoneInfo("Asia/Shanghai")


def _without_nul(text: str | None) -> str | None:
    if text and "\x00" in text:
        raise PydanticCustomError("nul", "PostgreSQL keeps no NUL in a text")
    return text


_KEPT = AfterValidator(_without_nul)
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Word = Annotated[str, Field(max_length=200), _KEPT]
Text = Annotated[str, Field(max_length=5000), _KEPT]
ClientKey = Annotated[
    str | None,
    Field(min_length=1, max_length=64, description="提交标识：同一标识重复提交只算一次"),
    _KEPT,
]
PhotoIds = Annotated[
    tuple[RowId, ...], Field(max_length=MOST_PHOTOS, description="先经 POST /api/photos 上传得到的编号")
]


def _six_decimals(degrees: Decimal) -> Decimal:
    """A phone gives thirteen decimals; six are a tenth of a metre, and what is kept."""
    return degrees.quantize(Decimal("0.000001"))


Lng = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="经度，WGS-84")]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="纬度，WGS-84")]
LngIn = Annotated[Decimal, Field(ge=-180, le=180, description="经度，WGS-84"), AfterValidator(_six_decimals)]
LatIn = Annotated[Decimal, Field(ge=-90, le=90, description="纬度，WGS-84"), AfterValidator(_six_decimals)]


def _in_beijing(moment: datetime) -> datetime:
    return moment.astimezone(BEIJING)


Moment = Annotated[datetime, AfterValidator(_in_beijing)]  # the same moment is the same text in every answer


class Body(BaseModel):
    """What a program sends; a misspelt name is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class UnitBrief(Schema):
    """A unit by code and name."""

    code: str
    name: str


class SiteBrief(Schema):
    """A site in one line."""

    id: int
    code: str
    name: str
    point_type: str


class EditionBrief(Schema):
    """An edition in one line."""

    id: int
    code: str
    version: str
    name: str
