"""Several workers on one outbox: each notice goes out once, a killed worker loses nothing. Proven on PostgreSQL."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from chuangwen.gateways.outgoing import Gateway, Outgoing
from chuangwen.jobs.loops import react_once
from chuangwen.jobs.sending import send_once
from chuangwen.notices import outbox
from chuangwen.notices.models import Delivery, Gate, Message, Notice, Preference
from chuangwen.people.models import User
from chuangwen.people.operations import put_user
from chuangwen.rules.case_flow import Status
from chuangwen.rules.notices import GAPS, Channel
from chuangwen.rules.permissions import SYSTEM
from tests.world import NOW, World, build

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE, EACH = 25, 20


class Counting:
    """A gateway that counts how often it told of each notice, and never tells two messages at once by one key."""

    def __init__(self) -> None:
        self.lines: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> None:
        with self.lock:
            self.keys[outgoing.key] += 1
            self.lines.update(line.split("。")[0] for line in outgoing.words.body.splitlines())

    def __call__(self, _channel: Channel) -> Gateway:
        return self


def _waiting() -> None:
    """Five hundred notices for twenty-five people, all due."""
    for number in range(PEOPLE):
        put_user(username=f"p{number}", display_name=f"第{number}人", by=SYSTEM, now=NOW)
    users = list(User.objects.filter(username__startswith="p"))

    Preference.objects.bulk_create(
        [Preference(user=user, channels=["email"], email=f"{user.username}@cw.example") for user in users]
    )
    notices = Notice.objects.bulk_create(
        [
            Notice(
                user=user, key=f"k{n}", what="新派案件", text=f"{user.username}第{n}件。", matter_kind="case", matter_id=n,
                made_at=NOW,
            )
            for user in users
            for n in range(EACH)
        ]
    )  # fmt: skip
    Delivery.objects.bulk_create(
        [
            Delivery(notice=row, channel="email", target=str(row.user_id), item=f"case:{row.matter_id}", send_at=NOW)
            for row in notices
        ]
    )


def _at_once(count: int, act: Any) -> None:
    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_four_workers_send_each_of_five_hundred_notices_exactly_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.cw.example"
    monkeypatch.setattr(outbox, "MOST_IN_ONE", 8)  # many small messages, so that the workers meet
    monkeypatch.setitem(GAPS, Channel.EMAIL, timedelta(0))
    _waiting()
    counting = Counting()

    def work() -> None:
        idle = 0
        while idle < 30:
            idle = 0 if send_once(NOW, counting) else idle + 1

    _at_once(4, work)
    assert len(counting.lines) == PEOPLE * EACH
    assert set(counting.lines.values()) == {1}
    assert set(counting.keys.values()) == {1}
    assert not Message.objects.filter(sent_at=None).exists()
    assert not Delivery.objects.filter(message=None).exists()


def test_a_worker_that_is_killed_after_sending_repeats_its_message_and_loses_none(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.cw.example"
    _waiting()
    counting = Counting()

    class Killed(BaseException):
        """The machine stops."""

    class Dying(Counting):
        def send(self, outgoing: Outgoing) -> None:
            counting.send(outgoing)
            raise Killed

    with pytest.raises(Killed):
        send_once(NOW, Dying())
    while send_once(NOW, counting):
        pass
    assert len(counting.keys) == PEOPLE
    assert Message.objects.filter(sent_at=None).count() == 1
    _at_once(4, lambda: send_once(NOW + outbox.LEASE, counting))
    assert sorted(counting.keys.values()) == [1] * (PEOPLE - 1) + [2]  # at least once: the one is told twice
    assert not Message.objects.filter(sent_at=None).exists()


def test_workers_pass_the_gate_of_a_robot_one_at_a_time(settings: Any) -> None:
    settings.WECOM_ROBOTS = {"XT": "https://x"}
    rows = [
        Notice(group="XT", key=f"k{n}", what="新派案件", text=f"第{n}件", matter_kind="case", matter_id=n, made_at=NOW)
        for n in range(40)
    ]
    Notice.objects.bulk_create(rows)
    Delivery.objects.bulk_create(
        [Delivery(notice=row, channel="wecom", target="XT", item=row.key, send_at=NOW) for row in rows]
    )
    counting = Counting()
    _at_once(6, lambda: [send_once(NOW, counting) for _ in range(3)])
    assert len(counting.keys) == 1
    assert Gate.objects.get(target="XT").opens_at > NOW


def test_workers_that_handle_the_same_events_tell_everybody_once() -> None:
    world: World = build()
    for _ in range(4):
        world.case_at(Status.DISPATCHED)
    _at_once(4, lambda: [react_once(NOW + timedelta(hours=1)) for _ in range(8)])
    told = Counter(Notice.objects.values_list("user__username", "matter_id"))
    assert len(told) == 8
    assert set(told.values()) == {1}
