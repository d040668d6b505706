"""When something was judged, told by a phone whose clock may be wrong and whose report may come days later.

The house's own rule, no standard asks for one: the server's receipt time is what it vouches for, and the phone only says
how long before sending it was judged. Both readings come from the same clock, so their difference holds even when the
clock is years off. What still cannot be true is replaced by the receipt time, and a note says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

DRIFT = timedelta(minutes=2)  # a slow upload or an ordinary clock: nothing to correct


@dataclass(frozen=True)
class Judged:
    """The moment that counts, and a sentence when it is not what the phone said."""

    at: datetime
    note: str = ""


def apart(span: timedelta) -> str:
    """The length of a span in its largest unit: 2 年, 3 天, 5 小时, 7 分钟."""
    minutes = int(abs(span).total_seconds() // 60)
    for size, word in ((525_600, "年"), (1_440, "天"), (60, "小时")):
        if minutes >= size:
            return f"{minutes // size} {word}"
    return f"{minutes} 分钟"


def judged_at(
    *, found_at: datetime | None, sent_at: datetime | None, received_at: datetime, earliest: datetime
) -> Judged:
    """When it was judged: `found_at` and `sent_at` by the phone's clock, `received_at` by the server's.

    The result lies between `earliest` (the round did not exist before) and `received_at`, both included.
    """
    if found_at is None or sent_at is None:
        return Judged(received_at)
    off = received_at - sent_at
    wrong = abs(off) > DRIFT
    at = found_at + off if wrong else found_at
    if at > received_at + DRIFT or at < earliest - DRIFT:
        return Judged(received_at, "手机上的判定时间不可信，按系统收到的时间记。")
    at = max(min(at, received_at), min(earliest, received_at))
    return Judged(at, f"手机时钟与系统相差约 {apart(off)}，判定时间已按系统时钟改正。" if wrong else "")
