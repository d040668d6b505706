"""One draw of the sample district with its results, so that lists, records and agreement can be looked at."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.patrols.operations import finish_visit, plan_patrol
from chuangwen.people.models import Post, Unit, UnitKind
from chuangwen.people.queries import actor_by_username, actor_for
from chuangwen.places.models import Site
from chuangwen.project.demo.people import INSPECTORS
from chuangwen.rechecks.models import Draw, Second, Task
from chuangwen.rechecks.operations import decide_draw, publish_draw
from chuangwen.rechecks.tasks import finish_recheck, judge_again
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_seeds import known_from
from chuangwen.rules.permissions import SYSTEM, Actor, Role
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import Criterion, Edition

SHARE = Decimal("0.3")  # more than usual, so that the sample shows something
SAMPLE_NUMBERS = ((3, 8, 15, 20, 26, 33), (7,), (4, 0, 4))
SAYS_SO = "样例号码，不是真实开奖结果"
EVERY = 11  # about so many second looks differ once


def load(*, now: datetime) -> Draw | None:
    """The draw from the week before last: published last Monday, decided the day after, most of it looked at again."""
    _all_in_order(now)
    _fixed_at_once(now)
    district = Unit.objects.filter(kind=UnitKind.DISTRICT, active=True).order_by("path").first()
    if district is None:
        return None
    today = now.astimezone(SHANGHAI).date()
    monday = today - timedelta(days=today.weekday() + 7)
    published_at = datetime.combine(monday, time(9), SHANGHAI)
    try:
        draw = publish_draw(
            starts_on=monday - timedelta(days=7), ends_on=monday - timedelta(days=1), share=SHARE,
            scope_code=district.code, days_to_do=14, by=SYSTEM, now=published_at,
        )  # fmt: skip
    except Refused:
        return None  # a very short story closes nothing in that week
    decided_at = known_from(draw.announced_on) + timedelta(minutes=20)
    clerk = actor_by_username("clerk", today)
    draw = decide_draw(draw_id=draw.pk, numbers=SAMPLE_NUMBERS, numbers_from=SAYS_SO, by=clerk, now=decided_at)
    _look_again(draw, decided_at, now)
    return draw


def _look_again(draw: Draw, decided_at: datetime, now: datetime) -> None:
    """Everybody but the account that visitors of the sample log in with has done theirs."""
    waiting = Task.objects.filter(candidate__draw=draw, inspector__isnull=False)
    for place, task in enumerate(waiting.exclude(inspector__username=INSPECTORS[0]).select_related("inspector")):
        at = min(decided_at + timedelta(hours=12 + place % 8, minutes=7 * (place % 6)), now)
        if task.inspector is not None:
            _one_look(task, actor_for(task.inspector, now.date()), at)


def _one_look(task: Task, by: Actor, at: datetime) -> None:
    for row in Second.objects.filter(task=task, criterion__photo_on_fail=False).select_related("criterion"):
        if (row.pk * 7) % EVERY == 0:
            judge_again(
                task_id=task.pk, criterion_code=row.criterion.code, verdict="fail", note="复核时又出现", by=by, now=at
            )
    finish_recheck(task_id=task.pk, rest_passes=True, by=by, now=at)


def _all_in_order(now: datetime) -> None:
    """A round on which nothing at all failed: a row for the list of those that are too clean."""
    edition = Edition.objects.filter(published_at__isnull=False).order_by("-published_at").first()
    long = Criterion.objects.filter(edition=edition, method="field", point_type__isnull=False).values("point_type")
    longest = long.annotate(n=Count("pk")).order_by("-n", "point_type").first()
    if edition is None or longest is None:
        return
    sites = list(Site.objects.filter(point_type=longest["point_type"], active=True).order_by("code")[:6])
    start = (now.astimezone(SHANGHAI) - timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    by = actor_by_username(INSPECTORS[1], now.date())
    patrol = plan_patrol(
        title=f"日巡查（{start.month}月{start.day}日）", edition_id=edition.pk, site_ids=[site.pk for site in sites],
        inspector_ids=[by.user_id or 0], starts_at=start, ends_at=start + timedelta(hours=9), by=SYSTEM,
        now=start - timedelta(hours=1),
    )  # fmt: skip
    for place, site in enumerate(sites, start=1):
        at = start + timedelta(minutes=25 * place)
        finish_visit(patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=by, now=at)


def _fixed_at_once(now: datetime) -> None:
    """A fault put right within minutes of what otherwise takes a day: a row for the list of those that are too fast."""
    usual = Case.objects.filter(rectified_at__isnull=False, rework_count=0, standard__isnull=False).values("standard")
    busiest = usual.annotate(n=Count("pk")).order_by("-n", "standard").first()
    if busiest is None:
        return
    waiting = Case.objects.filter(status=Status.DISPATCHED.value, standard=busiest["standard"], order=None)
    for case in waiting.select_related("unit").order_by("-id"):
        post = Post.objects.filter(unit=case.unit, role=Role.UNIT_CHIEF.value).select_related("user").first()
        begun = case.clock_started_at
        if post is not None and begun is not None:
            by = actor_for(post.user, now.date())
            cases.receive(case_id=case.pk, by=by, now=begun + timedelta(minutes=1))
            cases.rectify(case_id=case.pk, note="已清理", by=by, now=begun + timedelta(minutes=2))
            return
