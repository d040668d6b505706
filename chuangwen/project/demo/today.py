"""What waits today: so that whoever logs in finds something to do. Goes through the same operations as everything else."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, Extension
from chuangwen.cases.orders import issue_order
from chuangwen.cases.reporting import report_case
from chuangwen.journal.models import Event
from chuangwen.patrols.operations import plan_patrol
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.standards.models import Edition

REPORTS = (
    ("门口路灯不亮，晚上看不清台阶", "连续两晚不亮，老人进出不便"),
    ("绿化带里有装修垃圾", "约七八袋，靠近垃圾桶"),
    ("非机动车停到盲道上", "早高峰最多，占住约十米"),
    ("公示栏玻璃破了一角", "边缘锋利，怕划伤孩子"),
    ("下水口返味", "雨后更明显"),
)
RETURNS = "经现场核对，该处由产权单位自管，不在本单位管养范围。"
_RUNNING = [Status.DISPATCHED.value, Status.HANDLING.value]
ASKS = ("配件已订购，明日到货，申请延期一次。", "须与两家产权单位协调断电时间，申请延期一次。")


def load(*, edition: Edition, now: datetime) -> None:
    """Reports to accept, returns to route, extensions to decide, an order under way, rounds to walk."""
    _file_checked(now)
    _reports(now)
    running = list(
        Case.objects.filter(status__in=_RUNNING, due_at__gt=now + timedelta(hours=2), extension_count=0, order=None)
        .select_related("unit")
        .order_by("-id")[:40]
    )
    _returns(running[:2], now)
    _asks(running[2:], now)
    _order(running[2:], now)
    _rounds(edition, now)
    Event.objects.filter(handled_at=None).update(handled_at=now)


def _file_checked(now: datetime) -> None:
    """What was checked long ago was filed by the house soon after."""
    for case_id in Case.objects.filter(status=Status.VERIFIED.value).values_list("pk", flat=True):
        checked = Event.objects.filter(subject_kind="case", subject_id=case_id).latest("id").at
        cases.close_checked(case_id=case_id, now=min(checked + timedelta(minutes=1), now))


def _somebody(unit_id: int | None, role: Role, now: datetime) -> Actor | None:
    if unit_id is None:
        return None
    post = Post.objects.filter(unit_id=unit_id, role=role.value).select_related("user").first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _reports(now: datetime) -> None:
    workers = Post.objects.filter(role=Role.GRID_WORKER.value).select_related("user", "unit").order_by("pk")
    for number, (post, (title, text)) in enumerate(zip(workers[::7], REPORTS, strict=False)):
        site = Site.objects.filter(home__path__startswith=post.unit.path.rsplit("/", 2)[0]).order_by("code").first()
        by, when = actor_by_username(post.user.username, now.date()), now - timedelta(minutes=35 * (number + 1))
        place = site.address if site else post.unit.name
        report_case(title=title, text=text, place=place, by=by, now=when, client_key=f"demo-report-{number}")


def _returns(running: Sequence[Case], now: datetime) -> None:
    for case in running:
        by = _somebody(case.unit_id, Role.UNIT_WORKER, now) or _somebody(case.unit_id, Role.UNIT_CHIEF, now)
        if by is not None:
            cases.return_back(case_id=case.pk, reason=RETURNS, by=by, now=now - timedelta(minutes=50))


def _asks(running: Sequence[Case], now: datetime) -> None:
    asked = 0
    for case in running[:6]:
        by = _somebody(case.unit_id, Role.UNIT_CHIEF, now)
        if by is None or asked == len(ASKS):
            continue
        extensions.ask_extension(case_id=case.pk, reason=ASKS[asked], by=by, now=now - timedelta(minutes=20))
        asked += 1


def _order(running: Sequence[Case], now: datetime) -> None:
    waiting = Case.objects.filter(pk__in=[case.pk for case in running], status__in=_RUNNING)
    ids = list(
        waiting.exclude(pk__in=Extension.objects.filter(granted=None).values("case")).values_list("pk", flat=True)
    )
    if not ids:
        return
    deadline = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=12), time(18), SHANGHAI)
    issue_order(
        number=f"崇创整〔{now.year}〕1号", title="市模拟测评反馈问题整改任务书", issuer="市文明办", deadline=deadline,
        case_ids=ids, note="逐条整改，整改前后照片对照；确有困难的，到期前说明理由。",
        by=actor_by_username("clerk", now.date()), now=now - timedelta(minutes=10), client_key="demo-order",
    )  # fmt: skip


def _rounds(edition: Edition, now: datetime) -> None:
    posts = Post.objects.filter(role=Role.INSPECTOR.value).select_related("user").order_by("pk")
    streets = list(
        Site.objects.exclude(street=None).values_list("street__name", flat=True).distinct().order_by("street__path")
    )
    end = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=1), time(18), SHANGHAI)
    for number, post in enumerate(posts):
        street = streets[number * 3 % len(streets)]
        here = Site.objects.filter(street__name=street).order_by("point_type", "code")
        sites = list({site.point_type: site for site in here}.values())  # one of each type
        plan_patrol(
            title=f"{street}日巡查（{end.month}月{end.day}日止）", edition_id=edition.pk,
            site_ids=[site.pk for site in sites[:6]], inspector_ids=[post.user_id], starts_at=now - timedelta(hours=1),
            ends_at=end, by=actor_by_username("clerk", now.date()), now=now, client_key=f"demo-round-{number}",
        )  # fmt: skip
