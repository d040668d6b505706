"""Material for the next test: a drive with some thirty requirements; some accepted, some in review, returned, missing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import docx
from django.core.files.base import ContentFile

from chuangwen.declarations import occasions, operations
from chuangwen.declarations.checking import check_version
from chuangwen.declarations.disputes import raise_dispute
from chuangwen.declarations.handing_in import Handed, hand_in, review
from chuangwen.declarations.models import Drive, Requirement, Version
from chuangwen.declarations.spreadsheets import DutyRow, RequirementRow
from chuangwen.evidence.models import Document
from chuangwen.evidence.office_files import store_office_file
from chuangwen.evidence.operations import store_photo
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo.pictures import picture_pair
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.standards.models import Criterion, Edition

KINDS = ("statement", "picture", "normative", "table")
WORDS = (
    "关于{name}的说明\n{on}起，{unit}逐点排查，共整改问题 {n} 处，回访群众 {m} 户，满意率 96%。"
    "责任到人，每周巡查一次，情况在居务公开栏公布；重点时段增派志愿者 {k} 人次，投诉量比上年同期下降 31%。\n",
    "{unit}2019年度工作总结\n一年来，在上级的正确领导下，我们大力推进，环境明显改善。存在的问题仍然不少。下一步打算继续努力。\n",
)


def load(*, edition: Edition, now: datetime) -> None:
    """Through the same operations as people; a second or two."""
    clerk = actor_by_username("clerk", now.date())
    posts = _posts()
    if len(posts) < 4:
        return
    month = (now.astimezone(SHANGHAI).date().replace(day=1) + timedelta(days=40)).replace(day=1)
    began, due_at = now - timedelta(days=20), now + timedelta(days=9)
    drive = operations.open_drive(
        edition_id=edition.pk, name=f"{month.year} 年 {month.month} 月测评网上申报", test_month=month, due_at=due_at, by=clerk,
        now=began, client_key="demo-declaration",
    )  # fmt: skip
    operations.import_requirements(drive_id=drive.pk, rows=_rows(edition, posts, now), by=clerk, now=began)
    chiefs = {
        post.unit_id: post.user.username
        for post in Post.objects.filter(role=Role.UNIT_CHIEF.value).select_related("user")
    }
    duties = [
        DutyRow(place, post.unit.code, chiefs.get(post.unit_id, post.user.username), post.user.username)
        for place, post in enumerate(posts, start=2)
    ]
    operations.import_duties(drive_id=drive.pk, rows=duties, by=clerk, now=began)
    _walk(drive, posts, clerk, now)


def _posts() -> Sequence[Post]:
    """One worker of each of two streets and two departments."""
    rows = Post.objects.filter(role=Role.UNIT_WORKER.value).select_related("unit", "user").order_by("unit__path", "pk")
    one_each = {post.unit_id: post for post in rows.filter(unit__kind__in=["street", "department"])}
    streets = [post for post in one_each.values() if post.unit.kind == "street"][:2]
    return [*streets, *[post for post in one_each.values() if post.unit.kind == "department"][:2]]


def _rows(edition: Edition, posts: Sequence[Post], now: datetime) -> list[RequirementRow]:
    criteria = list(Criterion.objects.filter(edition=edition).select_related("content__item")[::9][:32])
    return [
        RequirementRow(
            place + 2, f"{place // 4 + 1}-{place % 4 + 1}", criterion.code, KINDS[place % 4], criterion.text[:60],
            2 if place % 4 == 1 else 1, posts[place % len(posts)].unit.code,
            due_on=(now - timedelta(days=1)).date() if place == 13 else None,
        )
        for place, criterion in enumerate(criteria)
    ]  # fmt: skip


def _word(text: str, by: Actor, now: datetime) -> Document:
    paper, out = docx.Document(), ContentFile(b"")
    for line in text.splitlines():
        paper.add_paragraph(line)
    paper.save(out)
    out.seek(0)
    return store_office_file(data=out.read(), by=by, now=now)


def _give(one: Requirement, post: Post, place: int, now: datetime) -> Version:
    by, on = (
        actor_by_username(post.user.username, now.date()),
        now.astimezone(SHANGHAI).date() - timedelta(days=60 + place),
    )
    if one.kind == "picture":
        given = Handed(f"实景 {place}", on, photo=store_photo(data=picture_pair(place % 3)[1], by=by, now=now))
    else:
        text = WORDS[place % 5 == 4].format(
            name=one.text[:20], unit=post.unit.name, n=40 + 7 * place, m=90 + 11 * place, k=20 + place,
            on=f"{on.year}年{on.month}月{on.day}日",
        )  # fmt: skip
        given = Handed(f"{one.text[:20]}的材料", on, document=_word(text, by, now), file_name="材料.docx")
    made = hand_in(requirement_id=one.pk, handed=given, by=by, now=now)
    check_version(version_id=made.pk, now=now)
    return made


def _walk(drive: Drive, posts: Sequence[Post], clerk: Actor, now: datetime) -> None:
    """The first twelve are handed in: most accepted, one of five returned, the last ones wait; then other beginnings."""
    asked = list(Requirement.objects.filter(drive=drive).order_by("pk"))
    for place, one in enumerate(asked[:12]):
        made = _give(one, posts[place % len(posts)], place, now - timedelta(days=12 - place))
        verdict = "returned" if place % 5 == 4 else "accepted" if place < 9 else ""
        if verdict:
            review(
                requirement_id=one.pk, version_id=made.pk, verdict=verdict, codes=["summary", "empty"] if verdict == "returned" else [],
                text="请对着标准写做法和数据" if verdict == "returned" else "", by=clerk, now=now - timedelta(days=1),
            )  # fmt: skip
    first, second = asked[14], asked[15]
    by = actor_by_username(posts[14 % len(posts)].user.username, now.date())
    raise_dispute(
        requirement_id=first.pk, reason="按职责分工，这项数据由区级部门统计", by=by, now=now - timedelta(days=2)
    )
    soon: date = now.astimezone(SHANGHAI).date() + timedelta(days=2)
    for one, name in ((second, "道德讲堂"), (asked[16], "志愿服务集中行动")):
        if one.window.holds(soon):
            occasions.plan_occasion(
                requirement_id=one.pk, name=name, planned_on=soon, by=clerk, now=now - timedelta(days=3)
            )
