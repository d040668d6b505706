"""Appeals of the sample district: some against the last released month, decided both ways, and one that waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chuangwen.appeals.models import Appeal
from chuangwen.appeals.operations import Plea, appeal_case, appeal_finding, review_appeal
from chuangwen.appeals.queries import window_of
from chuangwen.cases.models import Case
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username, actor_for
from chuangwen.rules.permissions import UNIT, Actor
from chuangwen.rules.refusals import Refused
from chuangwen.scores.models import ScoreLine, ScoreSheet

LATE, IN_VAIN, ELSEWHERE = (
    ("期限内已整改，系统记录有误", "当天下午已整改，因网络中断次日才提交，附保洁台账。"),
    ("不可抗力或上级原因致使超期", "当周检查较多，人手不足。"),
    ("不属本单位职责", "该处由市政养护单位管理，已函告。"),
)
WORKED = (
    "核对后台日志和保洁台账，整改在期限内完成，同意不计超期。",
    "人手安排不属于不可抗力，超期属实。",
    "经核对养护协议，该处不由街道管理。",
)


def _somebody_of(path: str, now: datetime) -> Actor | None:
    """A chief or worker of a unit or of one above it, the nearest first."""
    above = [path[: place + 1] for place, letter in enumerate(path) if letter == "/" and place]
    posts = Post.objects.filter(unit__path__in=above, role__in=[role.value for role in UNIT], user__is_demo=True)
    nearest = max(
        posts.select_related("user", "unit").order_by("pk"), key=lambda post: len(post.unit.path), default=None
    )
    return actor_for(nearest.user, now.date()) if nearest is not None else None


def _late_cases(sheet: ScoreSheet) -> Iterator[Case]:
    """Cases that count as late in a sheet, one a street, the last streets first."""
    for line in ScoreLine.objects.filter(sheet=sheet, place__isnull=False).order_by("-place", "pk"):
        late = line.basis.get("rectification", {}).get("late", [])
        if late:
            yield Case.objects.select_related("unit", "home").get(pk=late[0])


def _appeal(case: Case, claim: str, ground: tuple[str, str], *, now: datetime) -> Appeal | None:
    by = _somebody_of(case.unit.path, now) if case.unit else None
    if by is None:
        return None
    try:
        return appeal_case(case_id=case.pk, plea=Plea(claim, *ground), by=by, now=now)
    except Refused:  # this one is none of those that can be appealed
        return None


def _review(appeal: Appeal, outcome: str, reason: str, *, now: datetime) -> None:
    for hours, (step, name) in enumerate((("propose", "clerk"), ("decide", "chief"))):
        by = actor_by_username(name, now.date())
        moment = now + timedelta(hours=hours)
        review_appeal(appeal_id=appeal.pk, step=step, outcome=outcome, reason=reason, by=by, now=moment)


def settle_some(*, sheet: ScoreSheet, now: datetime) -> None:
    """One granted and one refused about late cases, one granted about a finding that another unit answers for."""
    cases = _late_cases(sheet)
    for ground, outcome, reason in ((LATE, "granted", WORKED[0]), (IN_VAIN, "refused", WORKED[1])):
        raised = (_appeal(case, "not_overdue", ground, now=now) for case in cases)
        if (appeal := next(filter(None, raised), None)) is not None:
            _review(appeal, outcome, reason, now=now + timedelta(hours=3))
    window, last = window_of(sheet.pk), ScoreLine.objects.filter(sheet=sheet, place__isnull=False).order_by("-place")
    line = last.select_related("unit").first()
    failed = line.basis.get("field", {}).get("failed", []) if line else []
    by = _somebody_of(line.unit.path, now) if line else None
    if window is not None and failed and by is not None:
        plea = Plea("not_this_unit", *ELSEWHERE)
        made = appeal_finding(window_id=window.pk, finding_id=failed[0], plea=plea, by=by, now=now)
        _review(made, "granted", WORKED[2], now=now + timedelta(hours=4))


def raise_one(*, sheet: ScoreSheet, now: datetime) -> None:
    """One that waits for its first review."""
    next(filter(None, (_appeal(case, "not_overdue", LATE, now=now) for case in _late_cases(sheet))), None)
