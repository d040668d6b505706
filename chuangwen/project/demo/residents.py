"""What residents see: a report with an answer that was judged, and others who have the same trouble."""

from datetime import datetime, timedelta

from chuangwen.cases import operations as cases
from chuangwen.intake.models import ResidentReport
from chuangwen.intake.operations import add_voice, report_at
from chuangwen.people.operations import system_actor
from chuangwen.places.models import Site
from chuangwen.replies.operations import judge, send_reply

TEXTS = (
    ("东门非机动车停车架倒了一排，占了盲道", "盲道上的非机动车停车架已扶正固定，东门盲道恢复通行。", "yes"),
    ("西侧垃圾桶没有盖，夏天气味很大", "西侧垃圾桶已换成带盖的，每天早晚各清洗一次，气味已消除。", "fair"),
    ("南门台阶砖块松动，下雨天积水", "南门台阶砖块已重铺，雨天积水处加了排水孔。", "no"),
)


def load(*, now: datetime) -> None:
    """Three reports of the last days with their answers, verdicts and a few voices for an open one."""
    by = system_actor()
    sites = list(Site.objects.filter(active=True).select_related("home", "street", "owner").order_by("pk")[:4])
    for site, (text, done, satisfied), day in zip(sites, TEXTS, (9, 7, 5), strict=False):
        at = now - timedelta(days=day)
        made = report_at(site=site, text=text, sender=f"sample-{day}", now=at, client_key=f"demo-reply-{day}")
        if not isinstance(made, ResidentReport):
            continue
        pk = made.case_id
        cases.accept(case_id=pk, by=by, now=at + timedelta(minutes=20))
        cases.dispatch(case_id=pk, unit_id=site.owner_id, by=by, now=at + timedelta(minutes=30))
        cases.rectify(case_id=pk, note=done, by=by, now=at + timedelta(hours=1))
        cases.verify(case_id=pk, by=by, now=at + timedelta(hours=2))
        words = f"您反映的“{text}”，{site.owner.name}已于{at.month}月{at.day}日办好：{done}"
        send_reply(case_id=pk, kind="final", text=words, by=by, now=at + timedelta(hours=3))
        judge(receipt=made.receipt, responded=True, solved=satisfied != "no", now=at + timedelta(hours=5))
        judge(receipt=made.receipt, satisfied=satisfied, now=at + timedelta(hours=5))
    if len(sites) > len(TEXTS):
        opened = report_at(
            site=sites[-1], text="路灯晚上不亮，已经三天", sender="sample-0", now=now, client_key="demo-reply-0"
        )
        for browser in ("a", "b"):
            add_voice(case_id=opened.case_id, browser=browser, sender=f"sample-{browser}", now=now)
