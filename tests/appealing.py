"""The June of the walks shown to its streets, and appeals taken through the real operations."""

from datetime import datetime, timedelta
from typing import Any

from chuangwen.appeals.models import Appeal
from chuangwen.appeals.operations import Plea, appeal_case, appeal_finding, appeal_part, review_appeal
from chuangwen.appeals.queries import window_of
from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import Status
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.operations import compute_sheet
from chuangwen.scores.showing import show_sheet
from tests.walks import JULY
from tests.world import NOW, World

OVER = datetime(2020, 7, 6, 18, 0, tzinfo=JULY.tzinfo)  # when a window that opened on the first of July closes
GROUND = "期限内已整改，系统记录有误"


def plea(claim: str = "not_overdue", **changes: Any) -> Plea:
    """What a unit writes."""
    return Plea(**{"claim": claim, "ground": GROUND, "words": "26日已清理，提交时网络中断。", **changes})


def shown_june(world: World, *, now: datetime = JULY) -> ScoreSheet:
    """The sheet of June by the monthly rule, shown to its streets."""
    clerk = world.actor("clerk")
    sheet = compute_sheet(
        rule_name="district-month", start=NOW.date().replace(day=1), end=NOW.date().replace(day=30), by=clerk, now=now
    )
    show_sheet(sheet_id=sheet.pk, by=clerk, now=now)
    return ScoreSheet.objects.get(pk=sheet.pk)


def late_case() -> Case:
    """The one case of the lane that was handed in late."""
    return Case.objects.select_related("unit", "home").get(criterion_code="LANE-02")


def about_case(
    world: World, case: Case, claim: str = "not_overdue", *, by: str = "wf_chief", now: datetime = JULY, **more: Any
) -> Appeal:
    """The unit objects to how a case is counted."""
    return appeal_case(case_id=case.pk, plea=plea(claim), by=world.actor(by), now=now, **more)


def about_finding(
    world: World, sheet: ScoreSheet, finding_id: int, claim: str = "not_counted", *, by: str = "wf_chief", now: datetime = JULY
) -> Appeal:  # fmt: skip
    """A street objects to a finding."""
    window = window_of(sheet.pk)
    assert window is not None
    return appeal_finding(window_id=window.pk, finding_id=finding_id, plea=plea(claim), by=world.actor(by), now=now)


def about_part(world: World, sheet: ScoreSheet, part: str, *, by: str = "wf_chief", now: datetime = JULY) -> Appeal:
    """A street objects to a whole part."""
    window, unit = window_of(sheet.pk), world.unit("WF")
    assert window is not None
    return appeal_part(
        window_id=window.pk, unit_id=unit.pk, part=part, plea=plea("not_counted"), by=world.actor(by), now=now
    )


def review(
    world: World, appeal: Appeal, step: str, outcome: str = "granted", *, by: str = "", effect: str = "",
    now: datetime | None = None, **more: Any,
) -> Appeal:  # fmt: skip
    """One reviewer's word, by the person whose level it is."""
    who = by or {"propose": "clerk", "decide": "chief", "finish": "leader"}[step]
    return review_appeal(
        appeal_id=appeal.pk, step=step, outcome=outcome, effect=effect, reason="经核对后台日志。", by=world.actor(who),
        now=now or JULY + timedelta(hours=1), **more,
    )  # fmt: skip


def settled(world: World, appeal: Appeal, outcome: str = "granted", *, effect: str = "", now: datetime | None = None) -> Appeal:  # fmt: skip
    """Proposed by the clerk and decided by the chief in the same sense."""
    review(world, appeal, "propose", outcome, effect=effect, now=now)
    return review(world, appeal, "decide", outcome, effect=effect, now=now)


def closed_case(world: World, *, now: datetime = NOW) -> Case:
    """A closed case of the property firm."""
    return world.case_at(Status.CLOSED, now=now)
