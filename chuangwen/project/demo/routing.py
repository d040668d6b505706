"""Routing in the sample district: rules in force, a draft tried on last month's cases, objections of each kind.

Log in as clerk to decide the open objection, as chief to put the draft in force.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chuangwen.cases.models import Case
from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo.tree import office_code
from chuangwen.routing.objections import decide_objection, object_to_dispatch
from chuangwen.routing.operations import draft_set, move_rule, put_in_force, put_rule
from chuangwen.routing.queries import last_month, may_object
from chuangwen.routing.replays import start_replay
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role

Raw = dict[str, str]
RULES: tuple[Raw, ...] = (
    {"name": "食品和市场", "classes": "食品与市场", "to": office_code("shijian"), "reason": "市场监管部门的职责"},
    {"name": "学校内部", "point_types": "SCH", "to": "点位责任单位", "reason": "校园由学校负责"},
    {"name": "工地", "classes": "施工管理", "to": office_code("zhujian"), "reason": "建筑工地由住建部门监管"},
    {
        "name": "夜间占道", "classes": "街面秩序", "hours": "18:00-08:00", "to": office_code("chengguan"),
        "reason": "夜间街道没有值守，由城管值班中队处置",
    },
    {"name": "有主的点位", "to": "点位责任单位", "reason": "谁管的地方谁先办"},
    {"name": "其余", "to": "属地街道", "reason": "属地管理"},
)  # fmt: skip
CHANGE: Raw = {
    "name": "小区里的市容", "classes": "市容环境", "point_types": "RES", "to": "属地社区",
    "reason": "物业换得勤，先由社区牵头，再分给物业",
}  # fmt: skip
OBJECTS = (
    ("不属于本单位职责", "该处路灯由市照明中心管护，附移交清单。"),
    ("产权或管养责任属于其他单位", "沿街门面属商户自管，应由主管部门督促。"),
)


def load(*, now: datetime) -> None:
    """Through the same operations as people; a second or two."""
    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    _rules(clerk, chief, now)
    _objections(clerk, now)


def _rules(clerk: Actor, chief: Actor, now: datetime) -> None:
    began = now - timedelta(days=60)
    row = draft_set(name=f"{now.year}年派单规则", by=clerk, now=began)
    for raw in RULES:
        put_rule(set_id=row.pk, place=None, raw=raw, by=clerk, now=began)
    since, until = last_month(began.astimezone(SHANGHAI).date())
    start_replay(set_id=row.pk, since=since, until=until, by=clerk, now=began)
    day = began.astimezone(SHANGHAI).date()
    put_in_force(set_id=row.pk, from_day=day, by=chief, now=began, today=day)
    draft = draft_set(name="下一步：小区市容由社区牵头", copy_id=row.pk, by=clerk, now=now - timedelta(hours=5))
    place = len(RULES) - 1  # where the sites that have an owner stand; they move one down
    put_rule(set_id=draft.pk, place=None, raw=CHANGE, by=clerk, now=now - timedelta(hours=5))
    for here in (place + 2, place + 1):
        move_rule(set_id=draft.pk, place=here, up=True, by=clerk, now=now - timedelta(hours=5))
    since, until = last_month(now.astimezone(SHANGHAI).date())
    start_replay(set_id=draft.pk, since=since, until=until, by=clerk, now=now - timedelta(hours=4))


def _somebody(case: Case, now: datetime) -> Actor | None:
    roles = [Role.UNIT_WORKER.value, Role.UNIT_CHIEF.value]
    post = Post.objects.filter(unit=case.unit, role__in=roles).select_related("user").order_by("-role").first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _objections(clerk: Actor, now: datetime) -> None:
    """One that waits, and one that was rejected."""
    asked: list[Case] = []
    department = Unit.objects.filter(code=office_code("chengguan")).first()
    for case in _just_dispatched(now):
        by = _somebody(case, now)
        at = max(case.dispatched_at or now, now - timedelta(minutes=40))
        if by is None or department is None or may_object(by, case, (), passed_down=False, now=at) is None:
            continue
        ground, words = OBJECTS[len(asked)]
        object_to_dispatch(case_id=case.pk, ground=ground, words=words, wanted_id=department.pk, by=by, now=at)
        asked.append(case)
        if len(asked) == len(OBJECTS):
            reason = "现场核对，门前责任区在本单位管理范围内，请继续办理。"
            decide_objection(case_id=case.pk, upheld=False, reason=reason, by=clerk, now=at + timedelta(minutes=20))
            return


def _just_dispatched(now: datetime) -> Sequence[Case]:
    rows = Case.objects.filter(status=Status.DISPATCHED.value, dispatched_at__lte=now, order=None)
    rows = rows.exclude(unit__code=office_code("chengguan"))
    return list(rows.select_related("home", "unit").order_by("-dispatched_at", "-id")[:30])
