"""研判 in the sample district: the reports that wait get their proposals, and the last month its hot topics."""

from datetime import datetime, timedelta

from chuangwen.cases.models import Case
from chuangwen.people.queries import actor_by_username
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.triage.index import REPORTS, count_pairs
from chuangwen.triage.proposing import look_at_report
from chuangwen.triage.topics import ask_topics, run_topics

MOST = 60


def load(*, now: datetime) -> int:
    """Look at the newest reports, then find the topics of thirty days. Returns how many reports."""
    count_pairs(now=now)
    numbers = list(Case.objects.filter(origin_kind__in=REPORTS).order_by("-id").values_list("pk", flat=True)[:MOST])
    for case_id in reversed(numbers):
        look_at_report(case_id=case_id, now=now)
    today = now.astimezone(SHANGHAI).date()
    clerk = actor_by_username("clerk", today)
    row = ask_topics(since=today - timedelta(days=30), until=today, by=clerk, now=now)
    run_topics(run_id=row.pk, now=now)
    return len(numbers)
