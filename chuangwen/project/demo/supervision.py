"""Three supervisions of today: a leader's on the way, a regular one, an unannounced one that nobody supervised knows of yet.

And a resident's report at a printed code, so that the receipt page has something to say.
"""

from datetime import datetime, time, timedelta

from chuangwen.cases.models import Case
from chuangwen.intake.operations import report_at
from chuangwen.patrols.operations import Judgement, finish_visit, record_findings
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.places.models import Site
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.standards.models import Criterion, Edition
from chuangwen.standards.queries import case_standards
from chuangwen.supervision import operations as work
from chuangwen.supervision import remarks
from chuangwen.supervision.models import Task

SEEN = (
    ("主路人行道地砖松动，两处踩空", 3),
    ("宣传栏内容去年的，没有更换", 7),
    ("垃圾房门口污水横流，气味大", 1),
)


def load(*, edition: Edition, now: datetime) -> None:
    """Through the same operations as people; a few seconds."""
    clerk = actor_by_username("clerk", now.date())
    sites = list(Site.objects.filter(active=True).exclude(street=None).select_related("street").order_by("code")[:400])
    by_street: dict[str, list[Site]] = {}
    for site in sites:
        by_street.setdefault(site.street.name if site.street else "", []).append(site)
    places = [found for _street, found in sorted(by_street.items())][:3]
    if len(places) < 3 or not all(places):
        return
    _leader(places[0], clerk, now)
    _regular(places[1], edition, clerk, now)
    _unannounced(places[2], edition, clerk, now)
    _resident(places[0][0], now)


def _person(role: Role, now: datetime) -> Actor:
    post = Post.objects.filter(role=role.value).select_related("user").order_by("pk").first()
    if post is None:
        raise RuntimeError(f"the sample has nobody with the role {role.value}")
    return actor_by_username(post.user.username, now.date())


def _leader(sites: list[Site], clerk: Actor, now: datetime) -> None:
    """Three things seen on the way: one made a case, one put to the street, one still to be completed."""
    leader, street = _person(Role.LEADER, now), sites[0].street_id
    noted = [
        remarks.note_seen(
            task_id=None, text=text, unit_id=street, days=days, by=leader, now=now - timedelta(minutes=70 - 15 * place),
            client_key=f"demo-seen-{place}",
        )
        for place, (text, days) in enumerate(SEEN)
    ]  # fmt: skip
    standard = case_standards().order_by("code").first()
    remarks.make_case(
        remark_id=noted[0].pk, standard_id=standard.pk if standard else None, unit_id=sites[0].owner_id, site_id=sites[0].pk,
        by=clerk, now=now - timedelta(minutes=20),
    )  # fmt: skip
    deadline = datetime.combine(now.astimezone(SHANGHAI).date() + timedelta(days=7), time(18), SHANGHAI)
    remarks.send_remark(
        remark_id=noted[1].pk, unit_id=street, deadline=deadline, by=clerk, now=now - timedelta(minutes=15)
    )


def _task(sites: list[Site], edition: Edition, clerk: Actor, now: datetime, **changes: object) -> Task:
    inspector, chief = _person(Role.INSPECTOR, now), _person(Role.OFFICE_CHIEF, now)
    given = {
        "edition_id": edition.pk, "unit_ids": [sites[0].street_id], "team_ids": [chief.user_id, inspector.user_id],
        "starts_at": now - timedelta(hours=3), "ends_at": now + timedelta(days=2), **changes,
    }  # fmt: skip
    task = work.plan_task(facts=work.TaskFacts(**given), by=clerk, now=now - timedelta(hours=4))  # type: ignore[arg-type]  # one bag of mixed facts
    return work.order_task(task_id=task.pk, by=clerk, now=now - timedelta(hours=4))


def _regular(sites: list[Site], edition: Edition, clerk: Actor, now: datetime) -> None:
    """Every week, with open cases of the street among what is looked at."""
    task = _task(
        sites, edition, clerk, now, kind="regular", repeat="weekly", title=f"{sites[0].street}背街小巷每周督查",
        basis="区文明办常态督查安排", questions="上周不合格的条目是否改好\n保洁是否到位",
    )  # fmt: skip
    _walk(task, sites[:2], clerk, now)
    late = Case.objects.filter(street_id=sites[0].street_id, status__in=["dispatched", "handling"]).order_by("due_at")
    task.followed_cases.set(late[:4])


def _unannounced(sites: list[Site], edition: Edition, clerk: Actor, now: datetime) -> None:
    """Not released: log in as the street and look for it."""
    task = _task(
        sites, edition, clerk, now, kind="visit", secret=True, title=f"{sites[0].street}农贸市场周边暗访",
        basis="区领导批示", questions="占道经营\n垃圾堆放",
    )  # fmt: skip
    _walk(task, sites[:1], clerk, now)


def _walk(task: Task, sites: list[Site], clerk: Actor, now: datetime) -> None:
    """A round of the task; at its first place one thing is not in order."""
    inspector = _person(Role.INSPECTOR, now)
    patrol = work.add_patrol(
        task_id=task.pk, site_ids=[site.pk for site in sites], inspector_ids=[inspector.user_id or 0],
        starts_at=now - timedelta(hours=3), ends_at=now + timedelta(hours=5), by=clerk, now=now - timedelta(hours=3),
    )  # fmt: skip
    wanted = Criterion.objects.filter(edition_id=patrol.edition_id, point_type_id=sites[0].point_type, method="field")
    criterion = wanted.filter(photo_on_fail=False).order_by("position").first()
    seen = now - timedelta(hours=2)
    if criterion is None:
        return
    judged = Judgement(criterion.code, "fail", "现场多处，保洁员在场未处理")
    record_findings(patrol_id=patrol.pk, site_id=sites[0].pk, judgements=[judged], by=inspector, now=seen)
    finish_visit(
        patrol_id=patrol.pk, site_id=sites[0].pk, rest_passes=True, by=inspector, now=seen + timedelta(minutes=20)
    )


def _resident(site: Site, now: datetime) -> None:
    report_at(
        site=site, text="门口台阶缺了一块，老人容易绊倒", phone="13900000000", sender="sample", now=now - timedelta(minutes=40),
        client_key="demo-resident",
    )  # fmt: skip
