"""A rectification letter of the city, due on the 20th, with eight items: done, handed in, under way, said late, missed.

And a month's bounds for what may be asked of each role.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from chuangwen.asked.operations import months_ahead, read_burden
from chuangwen.burden.operations import put_budget
from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.directives import operations, replies, reporting
from chuangwen.directives.models import Directive, Item, Part
from chuangwen.evidence.operations import store_photo
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo.pictures import picture_pair
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.directive_rows import ItemRow
from chuangwen.rules.permissions import SYSTEM, Actor, Role

ITEMS = (
    "背街小巷路面破损、积水点位逐处修复",
    "农贸市场周边占道经营整治，长效管理到位",
    "老旧小区楼道堆物、飞线充电清理",
    "校园周边二百米内文明秩序整治",
    "主次干道公益广告破损、褪色更换",
    "河道驳岸护栏缺损修复",
    "建筑工地围挡和扬尘整治",
    "社区文明实践站阵地规范开放",
)
HOURS = ((Role.INSPECTOR, 240), (Role.UNIT_WORKER, 80), (Role.UNIT_CHIEF, 20))


def load(*, now: datetime) -> None:
    """Through the same operations as people; a second or two."""
    clerk, chief = actor_by_username("clerk", now.date()), actor_by_username("chief", now.date())
    units = _units()
    if len(units) < 4:
        return
    _letter(units, clerk, now)
    for month in months_ahead(now):
        for role, hours in HOURS:
            put_budget(role=role, month=month, minutes=hours * 60, by=chief, now=now)
    read_burden(by=SYSTEM, now=now)


def _units() -> list[Post]:
    """Workers of two streets and two departments."""
    rows = Post.objects.filter(role=Role.UNIT_WORKER.value).select_related("unit", "user").order_by("unit__path", "pk")
    streets = list(rows.filter(unit__kind="street")[:2])
    return [*streets, *rows.filter(unit__kind="department")[:2]]


def _at(day: date) -> datetime:
    return datetime.combine(day, time(18), SHANGHAI)


def _twentieth(now: datetime) -> datetime:
    """The next 20th that is at least a week away."""
    day = (now + timedelta(days=7)).astimezone(SHANGHAI).date()
    return _at(day.replace(day=20) if day.day <= 20 else (day.replace(day=1) + timedelta(days=32)).replace(day=20))


def _letter(units: Sequence[Post], clerk: Actor, now: datetime) -> None:
    began, deadline = now - timedelta(days=24), _twentieth(now)
    year = began.astimezone(SHANGHAI).year
    facts = operations.PaperFacts(
        level="city", issuer="市创建指挥部办公室", number=f"通创办督〔{year}〕18号",
        title="关于限期整改文明城市创建突出问题的通知", received_on=began.astimezone(SHANGHAI).date(), deadline=deadline,
        note="逐项整改，逐项销号，20 日前书面报告整改情况；确有困难不能按期完成的，期限前说明。",
    )  # fmt: skip
    paper = operations.register_directive(
        facts=facts, items=[ItemRow(text) for text in ITEMS], by=clerk, now=began, client_key="demo-directive"
    )
    soon, passed = now + timedelta(days=2), now - timedelta(days=2)
    for number, due in enumerate(
        (passed, passed, soon, soon, soon, soon, passed), start=1
    ):  # the eighth is not given yet
        lead, joint = units[(number + 1) % 4], units[(number + 2) % 4]
        operations.break_down(
            item_id=_item(paper, number).pk, lead_id=lead.unit_id, joint_ids=[joint.unit_id] if number % 2 else [],
            due_at=min(_at(due.astimezone(SHANGHAI).date()), deadline), by=clerk, now=began + timedelta(hours=2),
        )  # fmt: skip
    _walk(paper, clerk, now)


def _item(paper: Directive, number: int) -> Item:
    return paper.items.get(number=number)


def _shares(paper: Directive, number: int) -> list[tuple[Part, Actor]]:
    found = []
    for part in Part.objects.filter(item__directive=paper, item__number=number).select_related("unit"):
        post = Post.objects.filter(unit=part.unit_id, role=Role.UNIT_WORKER.value).select_related("user").first()
        if post is not None:
            found.append((part, actor_by_username(post.user.username, part.due_at.date())))
    return found


def _hand_in(paper: Directive, number: int, text: str, now: datetime) -> None:
    for part, by in _shares(paper, number):
        photo = store_photo(data=picture_pair(number % 3)[1], by=by, now=now).pk
        reporting.hand_in(item_id=part.item_id, part_id=part.pk, text=text, photos=[photo], by=by, now=now)


def _walk(paper: Directive, clerk: Actor, now: datetime) -> None:
    """1 signed, 2 handed in, 3 carried out by a case, 4 said late, 5 a new date, 6 under way, 7 missed without a word."""
    before = now - timedelta(days=4)
    _hand_in(paper, 1, "涉及的 14 处路面已全部修复，积水点加装雨水口 3 个", before)
    result = "14 处路面全部修复，3 处积水点加装雨水口"
    operations.sign_off(item_id=_item(paper, 1).pk, result=result, by=clerk, now=before + timedelta(hours=5))
    _hand_in(paper, 2, "流动摊贩已引导入市，早晚高峰定岗值守", before + timedelta(hours=1))
    _by_case(paper, clerk, now)
    _late(paper, clerk, now)
    part, by = _shares(paper, 6)[0]
    reporting.report_progress(
        item_id=part.item_id, part_id=part.pk, text="护栏已定制，下周安装", by=by, now=now - timedelta(days=1)
    )
    replies.draft_reply(directive_id=paper.pk, by=clerk, now=now - timedelta(hours=1))


def _by_case(paper: Directive, clerk: Actor, now: datetime) -> None:
    """A case of the lead unit's branch that is put right already: its words and photos wait to be taken over."""
    lead, _by = _shares(paper, 3)[0]
    done = [Status.RECTIFIED.value, Status.VERIFIED.value, Status.CLOSED.value]
    pictured = CasePhoto.objects.filter(role=PhotoRole.AFTER).values("case")
    cases = Case.objects.filter(unit__path__startswith=lead.unit.path, status__in=done, pk__in=pictured)
    numbers = [case.number for case in cases.order_by("-reported_at")[:2]]
    if numbers:
        operations.link_cases(item_id=lead.item_id, numbers=numbers, by=clerk, now=now - timedelta(days=3))


def _late(paper: Directive, clerk: Actor, now: datetime) -> None:
    for number, ground, reason, needs in (
        (4, "beyond", "两所学校门前道路属市管，隔离设施须市级批准", "请市级部门审批隔离设施"),
        (5, "funds", "第二批公益广告须列入追加预算", "追加经费 18 万元"),
    ):
        part, by = _shares(paper, number)[0]
        made = reporting.declare_delay(
            item_id=part.item_id, part_id=part.pk, ground=ground, reason=reason, needs=needs,
            proposed_at=part.item.deadline + timedelta(days=30), by=by, now=now - timedelta(days=2),
        )  # fmt: skip
        if number == 5:
            reporting.decide_delay(
                item_id=part.item_id, declaration_id=made.pk, ask_above=True, note="已书面向市创建办申请延期", by=clerk,
                now=now - timedelta(days=1, hours=5),
            )  # fmt: skip
            reporting.answer_delay(
                item_id=part.item_id, declaration_id=made.pk, new_deadline=made.proposed_at, note="市创建办复函同意延期 30 天",
                by=clerk, now=now - timedelta(hours=6),
            )  # fmt: skip
