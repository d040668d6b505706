"""What programs ask of the open interfaces, read from the words of an address: boxes, times, lists, pages.

OGC API Features Core 1.0 (OGC 17-069r4): bbox 7.15.3, datetime 7.15.4, limit 7.15.2. Open311 GeoReport v2: times as in W3C
note-datetime.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from chuangwen.rules.refusals import BadInput

BEIJING = timezone(timedelta(hours=8))
Span = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Box:
    """A rectangle in degrees (WGS-84), its edges included."""

    west: float
    south: float
    east: float
    north: float


def read_box(text: str) -> Box:
    """`west,south,east,north` or, with heights that are passed over, six numbers. Refuses what crosses the antimeridian."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4:
        raise BadInput("bbox 应是四个数（西,南,东,北）或六个数。")
    west, south, east, north = numbers
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadInput("bbox 的范围不对：应为西≤东、南≤北，经度 -180 至 180，纬度 -90 至 90。")
    return Box(west, south, east, north)


def read_moment(text: str, name: str, *, end: bool = False) -> datetime:
    """A W3C / RFC 3339 time; without an offset it is Beijing time, a bare day is its first (`end`: last) moment."""
    plain = text.strip().replace(" ", "+")  # a plus that nobody escaped
    try:
        if len(plain) == 10:
            day = date.fromisoformat(plain)
            first = datetime.combine(day, time(), BEIJING)
            return first + timedelta(days=1, microseconds=-1) if end else first
        moment = datetime.fromisoformat(plain)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
        return moment.astimezone(BEIJING)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{name} 应是时间，例如 2020-06-28T11:00:00+08:00。") from error


def read_span(text: str) -> Span:
    """OGC `datetime`: an instant, or `from/to` where either end may be `..` or empty. Both ends are included."""
    parts = text.split("/")
    if len(parts) > 2:
        raise BadInput("datetime 应是一个时刻，或用一个“/”隔开的起止。")
    if len(parts) == 1:
        return read_moment(parts[0], "datetime"), read_moment(parts[0], "datetime", end=True)
    opened = ("", "..")
    start = None if parts[0] in opened else read_moment(parts[0], "datetime")
    finish = None if parts[1] in opened else read_moment(parts[1], "datetime", end=True)
    if start and finish and start > finish:
        raise BadInput("datetime 的起晚于止。")
    return start, finish


def read_number(text: str, name: str, *, least: int, most: int) -> int:
    """A whole number; more than `most` means `most`, less than `least` is refused."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) < least:
        raise BadInput(f"{name} 应是不小于 {least} 的整数。")
    return min(int(text), most)


def read_list(text: str) -> tuple[str, ...]:
    """Words between commas, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
