"""通知 in the sample: what the events of the last days tell people, through the same reactions as everywhere."""

from datetime import datetime, timedelta

from chuangwen.jobs.notices import notify, watch_deadlines
from chuangwen.journal.models import Event
from chuangwen.rules.notice_table import TABLE

SINCE, MOST = timedelta(days=2), 120


def load(*, now: datetime) -> None:
    """The latest events that are told of, in their order; then the deadlines. Every channel stays quiet."""
    kinds = {rule.event for rule in TABLE}
    latest = Event.objects.filter(at__gt=now - SINCE, at__lte=now, kind__in=kinds).order_by("-id")[:MOST]
    for event in sorted(latest, key=lambda event: event.pk):
        notify(event, event.at)
    watch_deadlines(now)
