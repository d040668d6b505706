"""What about a photo a verifier may want to look at: its time, its place, the software that wrote it, its use elsewhere.

A hint says a fact, the measure behind it, and how it may well be harmless. It never decides: 《关于防治“指尖上的
形式主义”的若干意见》（中央网信委 2023 年）asks for results on the ground, so a person looks, and nothing is counted.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

CLOCK_SLACK = timedelta(minutes=10)  # phones' clocks differ by minutes
EARLY_REPORT = timedelta(days=1)  # a photo may be handed in the day after, where there was no signal
FAR = 500  # metres; phone positions between tall houses and mixed coordinate systems are off by up to that much
SAME_ROUND = timedelta(hours=2)  # one photo may show two problems of one visit

# What such programs write into a photo's own "software" field; cameras and watermark cameras are not among them.
EDITORS = (
    "photoshop", "lightroom", "gimp", "snapseed", "picsart", "meitu", "美图", "醒图", "hypic", "pixelmator", "affinity",
    "paint.net", "facetune", "faceapp", "luminar", "acdsee", "canva", "稿定", "picasa", "photoscape", "photodirector",
    "polarr", "vsco", "darktable", "capture one", "photo editor", "photos.exe",
)  # fmt: skip


class Role(StrEnum):
    """What the photo shows in its case."""

    BEFORE = "before"
    AFTER = "after"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Taken:
    """What a photo says of itself, and when it came in. Degrees are WGS-84."""

    stored_at: datetime
    taken_at: datetime | None = None
    lng: Decimal | None = None
    lat: Decimal | None = None
    software: str = ""


@dataclass(frozen=True)
class Use:
    """What it is used for: when the problem was reported, and where."""

    role: Role
    reported_at: datetime
    lng: Decimal | None = None
    lat: Decimal | None = None


@dataclass(frozen=True)
class Hint:
    """One thing to look at: kind (as in evidence.HintKind), fact, measure, how it may be harmless."""

    kind: str
    fact: str
    measure: str
    harmless: str


def span_words(span: timedelta) -> str:
    """A length of time as people say it."""
    minutes = round(abs(span.total_seconds()) / 60)
    if minutes < 120:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} 小时"
    days = round(minutes / 1440)
    return f"{days} 天" if days < 365 else f"{days / 365.25:.1f} 年"


def metres_between(lng: Decimal, lat: Decimal, other_lng: Decimal, other_lat: Decimal) -> float:
    """Along the surface of the earth (haversine, mean radius 6,371 km)."""
    one, other = math.radians(lat), math.radians(other_lat)
    across = math.radians(float(other_lng) - float(lng))
    half = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(across / 2) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(half)))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _time(taken: Taken, use: Use) -> Hint | None:
    at = taken.taken_at
    if at is None:
        return None
    if at > taken.stored_at + CLOCK_SLACK:
        return _timed("拍摄时间比上传时间还晚", at, "上传", taken.stored_at)
    if use.role is Role.AFTER and at < use.reported_at - CLOCK_SLACK:
        return _timed("整改后的照片拍在问题上报之前", at, "上报", use.reported_at)
    if use.role is Role.BEFORE and at < use.reported_at - EARLY_REPORT:
        return _timed("照片拍得比上报早得多", at, "上报", use.reported_at)
    if use.role is Role.REFERENCE and at < taken.stored_at - EARLY_REPORT:
        return _timed("照片拍得比上传早得多", at, "上传", taken.stored_at)
    return None


def _timed(fact: str, at: datetime, what: str, moment: datetime) -> Hint:
    measure = f"拍摄 {_moment(at)}，{what} {_moment(moment)}，相差 {span_words(at - moment)}"
    return Hint("time", fact, measure, "手机时钟不准、当时没有信号事后补传，或选照片时点错了一张。")


def _place(taken: Taken, use: Use) -> Hint | None:
    if taken.lng is None or taken.lat is None or use.lng is None or use.lat is None:
        return None
    metres = metres_between(taken.lng, taken.lat, use.lng, use.lat)
    if metres <= FAR:
        return None
    words = f"{metres:,.0f} 米" if metres < 10_000 else f"{metres / 1000:,.0f} 公里"
    return Hint(
        "place", "拍摄位置离点位较远", f"相距 {words}（超过 {FAR} 米才提示）",
        "手机定位在高楼间误差大，点位范围本身大，或点位坐标登记得不准。",
    )  # fmt: skip


def _edited(taken: Taken) -> Hint | None:
    if not any(name in taken.software.lower() for name in EDITORS):
        return None
    return Hint(
        "edited", "照片经修图软件保存过", f"照片里写明的软件：{taken.software}",
        "可能只是裁剪、调亮、加水印，或用它导出了照片。",
    )  # fmt: skip


def own_hints(taken: Taken, use: Use) -> tuple[Hint, ...]:
    """What the photo alone gives to look at, at most one hint of each kind."""
    found = (_time(taken, use), _place(taken, use), _edited(taken))
    return tuple(hint for hint in found if hint is not None)


def same_round(one_site: int | None, one_at: datetime, other_site: int | None, other_at: datetime) -> bool:
    """Whether two uses of one photo are two problems seen on one visit, which is no matter."""
    return one_site is not None and one_site == other_site and abs(one_at - other_at) <= SAME_ROUND


def reuse_hint(where: str, apart: int | None, *, was_cut: bool = False) -> Hint:
    """The photo was used before. `where`: where and when; `apart`: bits of 256 that differ, None for the very file."""
    if apart is None:
        return Hint(
            "same_file", f"同一个文件早先用在{where}", "文件内容完全相同（SHA-256）",
            "一张照片可能同时反映两个问题，或选照片时点错了一张。",
        )  # fmt: skip
    cut = "，按裁剪过的画面比对" if was_cut else ""
    return Hint(
        "same_picture", f"画面和{where}的一张照片几乎相同", f"画面指纹相差 {apart}/256{cut}",
        "可能是同一张照片经压缩、转发后又传了一次，或同一机位连拍的两张。",
    )  # fmt: skip
