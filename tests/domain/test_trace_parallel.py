"""Many who record and several workers: nobody waits, nothing is lost. Proven on PostgreSQL."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from chuangwen.journal.log import place_waiting
from chuangwen.journal.models import Event, Log
from chuangwen.journal.operations import record
from chuangwen.journal.verifying import verify
from chuangwen.rules.permissions import SYSTEM
from tests.trace import happen, place_all
from tests.world import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_an_event_that_commits_late_gets_a_later_place_and_stops_nobody() -> None:
    gate, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(kind="slow", subject_kind="case", subject_id=1, by=SYSTEM, now=NOW)
            gate.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert gate.wait(10)
    quick = happen(5)
    place_all()
    assert verify().size == 5
    go_on.set()
    thread.join(10)
    place_all()
    late = Event.objects.get(kind="slow")
    assert late.pk < quick[0]
    assert (late.position, verify().faults) == (5, [])


def test_many_writers_and_two_workers_make_one_log() -> None:
    done = threading.Event()

    def run(act: Callable[[], Any]) -> threading.Thread:
        def body() -> None:
            try:
                act()
            finally:
                connection.close()

        thread = threading.Thread(target=body)
        thread.start()
        return thread

    def work() -> None:
        while not done.is_set():
            place_waiting(at_most=7)

    writers = [run(lambda: [happen(3) for _ in range(20)]) for _ in range(4)]
    workers = [run(work) for _ in range(2)]
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in workers:
        thread.join(60)
    place_all()
    assert (verify().size, verify().faults) == (240, [])


def test_nobody_who_records_waits_for_the_log() -> None:
    happen(2)
    place_all()
    with transaction.atomic():
        Log.objects.select_for_update().get(pk=1)
        found: list[int] = []

        def other() -> None:
            found.extend(happen(1))
            found.append(place_waiting())
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
    assert found[1:] == [0]
