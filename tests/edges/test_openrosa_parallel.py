"""The same filled form, or two forms of one place, sent at the same moment: findings once. Proven on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding, Visit
from chuangwen.submissions.models import Part, Submission
from tests.edges.collect import Phone, Sheet, phone
from tests.rounds import small_patrol
from tests.world import World, build, picture

pytestmark = [
    pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wednesday"),
]  # fmt: skip
AT_ONCE = 6


@pytest.fixture
def district(transactional_db: None) -> World:
    """The small district, really committed, on PostgreSQL."""
    assert connection.vendor == "postgresql", "这项检验只在 PostgreSQL 上有意义，请用 tools/postgres.sh run 运行。"
    return build()


def at_once(act: Callable[[int], Any]) -> Counter[int]:
    """The statuses that several threads get that send together."""
    ends: Counter[int] = Counter()
    gate = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        try:
            gate.wait(10)
            ends[act(number).status_code] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def failing(world: World) -> Sheet:
    """The compound's checklist with two failed criteria and their pictures."""
    return Sheet(
        small_patrol(world).edition_id, "RES", world.compound.pk, {"RES-01": "fail", "RES-10": "fail"},
        {"RES-01": "坑洼", "RES-10": "堆物"}, {"RES-01": "a.jpg", "RES-10": "b.jpg"},
    )  # fmt: skip


def apps(world: World) -> list[Phone]:
    """One connection of the inspector, used by several senders."""
    first = phone(world)
    return [Phone(first.username, first.password) for _ in range(AT_ONCE)]


def test_identical_uploads_at_the_same_moment_are_filed_once(district: World) -> None:
    xml, senders = failing(district).xml(), apps(district)
    files = {"a.jpg": picture("red"), "b.jpg": picture("blue")}
    assert at_once(lambda number: senders[number].send(xml, files)) == {201: 1, 202: AT_ONCE - 1}
    assert (Submission.objects.count(), Visit.objects.count(), Case.objects.count()) == (1, 1, 2)
    assert Finding.objects.filter(verdict="fail").count() == 2
    assert Event.objects.filter(kind="submission.received").count() == 1


def test_pictures_that_arrive_at_the_same_moment_complete_the_form_once(district: World) -> None:
    xml, senders = failing(district).xml(), apps(district)
    files = ({"a.jpg": picture("red")}, {"b.jpg": picture("blue")})
    ends = at_once(lambda number: senders[number].send(xml, files[number % 2]))
    assert ends == {201: 1, 202: AT_ONCE - 1}
    assert (Part.objects.count(), Finding.objects.filter(verdict="fail").count()) == (2, 2)


def test_several_forms_of_one_place_at_the_same_moment_finish_it_once(district: World) -> None:
    edition, senders = small_patrol(district).edition_id, apps(district)
    forms = [Sheet(edition, "RES", district.compound.pk, {"RES-01": "pass"}).xml() for _ in range(AT_ONCE)]
    assert at_once(lambda number: senders[number].send(forms[number])) == {201: 1, 409: AT_ONCE - 1}
    assert Visit.objects.count() == 1
    assert Submission.objects.count() == 1
