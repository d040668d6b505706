"""Five wrong passwords, then wait: the log-in failure control of GB/T 22239 level 2.

Failures are counted by account name, forgotten after the waiting time, and say nothing about successful log-ins.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chuangwen.people.models import FailedLogin


def _window() -> timedelta:
    return timedelta(minutes=settings.LOCKOUT_MINUTES)


def locked_until(username: str, *, now: datetime) -> datetime | None:
    """When the account may try again, or None when it may now."""
    recent = FailedLogin.objects.filter(username=username[:40], failed_at__gt=now - _window()).order_by("-failed_at")
    moments = list(recent.values_list("failed_at", flat=True)[: settings.LOCKOUT_FAILURES])
    return moments[-1] + _window() if len(moments) >= settings.LOCKOUT_FAILURES else None


@transaction.atomic
def note_failure(username: str, address: str, *, now: datetime) -> None:
    """Remember a wrong password; forget those that no longer count."""
    FailedLogin.objects.filter(failed_at__lte=now - _window()).delete()
    FailedLogin.objects.create(username=username[:40], address=address[:45], failed_at=now)


@transaction.atomic
def forget_failures(username: str) -> None:
    """The right password was given."""
    FailedLogin.objects.filter(username=username[:40]).delete()
