"""Subscriptions: asked for, confirmed by whoever reads the address, told what changed, ended with one click."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import salted_hmac

from chuangwen.cases.models import Case
from chuangwen.intake.models import ResidentReport, Subscription
from chuangwen.intake.operations import hold_back_floods
from chuangwen.intake.places import words_of
from chuangwen.intake.proofs import Proof
from chuangwen.notices.addresses import push_objections
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.residents import read_receipt, said_of
from chuangwen.standards.models import PointType

EVERY, SOON, GIVEN_UP = timedelta(days=1), timedelta(minutes=10), 8
UNCONFIRMED_KEPT = timedelta(days=7)
MOST_NEWS = 30
_SHOWN = sorted(status.value for status in frozenset(Status) - {Status.REPORTED, Status.REFUSED, Status.CANCELLED})


@dataclass(frozen=True)
class Topic:
    """What the news are about: an area, a kind of place, both, or one's own report."""

    area: Unit | None = None
    point_type: str = ""
    report: ResidentReport | None = None

    @property
    def words(self) -> str:
        """For people."""
        if self.report is not None:
            return "您反映的问题"
        name = PointType.objects.filter(code=self.point_type).values_list("name", flat=True).first() or ""
        return "，".join(part for part in (self.area.name if self.area else "", name) if part) or "全区"


def topic_of(*, area: str = "", point_type: str = "", receipt: str = "") -> Topic:
    """A topic from what an address says (area: the id of a street or community). Refuses with every objection."""
    found = []
    unit = None
    if area:
        grounds = Unit.objects.filter(kind__in=[UnitKind.STREET, UnitKind.COMMUNITY], active=True)
        unit = grounds.filter(pk=int(area)).first() if area.isdecimal() and len(area) < 18 else None
        found += [] if unit else ["没有这个街道或社区，请重新选。"]
    if point_type and not PointType.objects.filter(code=point_type).exists():
        found.append("没有这一类地点，请重新选。")
    report = ResidentReport.objects.filter(receipt=read_receipt(receipt) or "-").first() if receipt else None
    found += ["没有这个回执号，请对照提交时的页面再输一次。"] if receipt and report is None else []
    if found:
        raise Refused(found)
    return Topic(unit, point_type, report)


@transaction.atomic
def subscribe(
    *,
    topic: Topic,
    email: str = "",
    endpoint: str = "",
    p256dh: str = "",
    auth: str = "",
    sender: str,
    proof: Proof | None = None,
    now: datetime,
) -> Subscription:
    """News of a topic to an e-mail address, after its reader confirmed, or to a browser, which confirmed by asking.

    The same again changes nothing, and its answer does not tell whether an address is known.
    """
    email = email.strip().lower()
    found = _address_objections(email) if not endpoint else []
    if endpoint:
        found = push_objections(endpoint=endpoint, p256dh=p256dh, auth=auth, allowed=settings.NOTICE_HOSTS)
    if found:
        raise Refused(found)
    target = f"{endpoint or email}|{topic.area and topic.area.pk}|{topic.point_type}|{topic.report and topic.report.pk}"
    key = salted_hmac("chuangwen.subscription", target, algorithm="sha256").hexdigest()
    known = Subscription.objects.filter(topic_key=key).first()
    if known is not None:
        return known
    hold_back_floods(sender=sender, proof=proof, now=now)
    return Subscription.objects.create(
        email="" if endpoint else email, endpoint=endpoint, p256dh=p256dh, auth=auth, topic_key=key, area=topic.area,
        point_type=topic.point_type, report=topic.report, token=secrets.token_urlsafe(32), made_at=now,
        confirmed_at=now if endpoint else None, told_until=now, try_at=now,
    )  # fmt: skip


def _address_objections(email: str) -> list[str]:
    try:
        validate_email(email)
    except ValidationError:
        return ["邮箱看不懂，请写成 name@example.com 的样子。"]
    return []


def subscription_by(token: str) -> Subscription:
    """The subscription that this link is of."""
    row = Subscription.objects.select_related("area", "report").filter(token=token).first()
    if row is None:
        raise NotFound("这个订阅已经退订，或者链接过期了。")
    return row


def topic_words(row: Subscription) -> str:
    """What a subscription is about."""
    return Topic(row.area, row.point_type, row.report).words


@transaction.atomic
def confirm(*, token: str, now: datetime) -> Subscription:
    """Whoever reads this address wants the news. Again changes nothing."""
    row = subscription_by(token)
    if row.confirmed_at is None:
        row.confirmed_at, row.told_until, row.try_at, row.tries = now, now, now, 0
        row.save(update_fields=["confirmed_at", "told_until", "try_at", "tries"])
    return row


@transaction.atomic
def unsubscribe(*, token: str) -> None:
    """Nothing more is sent, and the address is forgotten. Again changes nothing."""
    Subscription.objects.filter(token=token).delete()


@dataclass(frozen=True)
class NewsItem:
    """A case as its followers hear of it: kind of trouble, where, how it stands, whose. No words of any person."""

    case_id: int
    what: str
    where: str
    said: str
    unit: str
    at: datetime
    opened_at: datetime

    @property
    def line(self) -> str:
        """One line of a letter."""
        return f"{self.where}：{self.what}。{self.said}" + (f"责任单位：{self.unit}。" if self.unit else "")


def news(topic: Topic, *, since: datetime | None = None, at_most: int = MOST_NEWS) -> Sequence[NewsItem]:
    """What was taken up, handed in or settled, newest first; of one's own report every state. Two statements."""
    cases = Case.objects.select_related("site", "unit", "standard").defer("text", "reply", "title")
    if topic.report is not None:
        cases = cases.filter(pk=topic.report.case_id)
    else:
        cases = cases.filter(status__in=_SHOWN, merged_into=None)
        cases = cases.filter(home__path__startswith=topic.area.path) if topic.area else cases
        cases = cases.filter(point_type=topic.point_type) if topic.point_type else cases
    recent = list(cases.order_by("-reported_at", "-id")[: 10 * at_most])
    rows = [row for row in recent if since is None or _moment(row) > since]
    rows.sort(key=_moment, reverse=True)
    words = words_of(rows[:at_most])
    return [
        NewsItem(
            row.pk, words[row.pk], row.site.name if row.site else row.place, said_of(row.flow_status),
            row.unit.name if row.unit else "", _moment(row), row.reported_at,
        )
        for row in rows[:at_most]
    ]  # fmt: skip


def _moment(case: Case) -> datetime:
    known = (case.ended_at, case.rectified_at, case.dispatched_at, case.clock_started_at, case.reported_at)
    return max(moment for moment in known if moment is not None)


@dataclass(frozen=True)
class Due:
    """One letter or push that may be sent now. `items` empty: the question whether the address wants this at all."""

    row: Subscription
    topic: str
    items: Sequence[NewsItem]


def next_due(*, now: datetime, mail: bool, push: bool) -> Due | None:
    """Take one subscription that has something to say, for ten minutes; those with nothing new wait on. `mail`, `push`:
    whether these ways are set up.
    """
    rows = Subscription.objects.filter(try_at__lte=now, tries__lt=GIVEN_UP)
    rows = rows if mail else rows.filter(email="")
    rows = rows if push else rows.filter(endpoint="")
    for row in rows.select_related("area", "report").order_by("try_at", "id")[:50]:
        if not Subscription.objects.filter(pk=row.pk, try_at=row.try_at).update(try_at=now + SOON):
            continue  # another worker has it
        topic = Topic(row.area, row.point_type, row.report)
        if row.confirmed_at is None:
            if row.asked_at is None:
                return Due(row, topic.words, ())
            Subscription.objects.filter(pk=row.pk).update(try_at=now + UNCONFIRMED_KEPT)
            continue
        if items := news(topic, since=row.told_until):
            return Due(row, topic.words, items)
        Subscription.objects.filter(pk=row.pk).update(try_at=now + SOON)
    return None


@transaction.atomic
def mark_told(*, due: Due, now: datetime) -> None:
    """It went out: areas are told once a day, one's own report at every change."""
    if not due.items:
        Subscription.objects.filter(pk=due.row.pk).update(asked_at=now, tries=0, try_at=now + UNCONFIRMED_KEPT)
        return
    later = SOON if due.row.report_id else EVERY
    Subscription.objects.filter(pk=due.row.pk).update(told_until=now, tries=0, try_at=now + later)


@transaction.atomic
def mark_failed(*, due: Due, gone: bool, now: datetime) -> None:
    """It did not go: later again with growing patience; an address that is no more is forgotten."""
    if gone:
        Subscription.objects.filter(pk=due.row.pk).delete()
        return
    tries = due.row.tries + 1
    Subscription.objects.filter(pk=due.row.pk).update(tries=tries, try_at=now + SOON * 2**tries)


def forget_unconfirmed(*, now: datetime) -> int:
    """Addresses whose readers did not confirm within a week, and those that cannot be reached. Returns how many."""
    stale = Subscription.objects.filter(confirmed_at=None, made_at__lte=now - UNCONFIRMED_KEPT)
    return (stale | Subscription.objects.filter(tries__gte=GIVEN_UP)).delete()[0]
