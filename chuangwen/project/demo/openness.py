"""宣传和开放数据 in the sample: a month of events, news in every state, a key of a program, the data package."""

from datetime import datetime, timedelta

from chuangwen.cases.models import Case
from chuangwen.opendata.operations import issue_program_key
from chuangwen.opendata.packages import make_package
from chuangwen.people.models import Unit
from chuangwen.people.queries import actor_by_username
from chuangwen.publicity.drafting import draft_from_case
from chuangwen.publicity.operations import hold_outreach, plan_outreach, publish_brief, submit_brief
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.publicity import Audience

EVENTS = (  # name, audience, days from today, where, how many came
    ("文明办公区创建动员", Audience.OFFICES, -12, "区行政中心", 160),
    ("楼道清理日", Audience.COMMUNITIES, -9, "各社区", 430),
    ("门前三包进商户", Audience.ENTERPRISES, -5, "沿街商户", 88),
    ("小手拉大手：文明出行", Audience.SCHOOLS, -2, "实验小学", 520),
    ("最美家庭故事会", Audience.FAMILIES, 3, "社区活动室", None),
    ("市场经营户承诺签名", Audience.ENTERPRISES, 8, "农贸市场", None),
)


def load(*, now: datetime) -> None:
    """Through the same operations as everywhere; nobody is named."""
    clerk, chief, admin = (actor_by_username(name, now.date()) for name in ("clerk", "chief", "admin"))
    office = next((post.unit_id for post in clerk.posts), None)
    if office is None or not Unit.objects.filter(pk=office).exists():
        return
    today = now.date()
    for title, audience, days, place, reached in EVENTS:
        day = today + timedelta(days=days)
        row = plan_outreach(
            title=title, audience=audience.value, unit_id=office, starts_on=day, ends_on=day, place=place, by=clerk,
            now=now - timedelta(days=14),
        )  # fmt: skip
        if reached is not None:
            hold_outreach(outreach_id=row.pk, reached=reached, by=clerk, now=now)
    closed = Case.objects.filter(status=Status.CLOSED.value, site__isnull=False).order_by("-ended_at", "-id")[:3]
    for number, case in enumerate(closed):
        brief = draft_from_case(case_id=case.pk, by=clerk, now=now)
        if number < 2:
            submit_brief(brief_id=brief.pk, by=clerk, now=now)
        if number < 1:
            publish_brief(brief_id=brief.pk, by=chief, now=now)
    issue_program_key(name="市民随手拍（样例）", house="市大数据管理局", by=admin if admin.posts else SYSTEM, now=now)
    make_package(now=now)
