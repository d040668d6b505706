"""Many people and workers at once: one success, nothing twice. Proven on PostgreSQL."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, Order
from chuangwen.cases.orders import issue_order
from chuangwen.jobs.loops import react_once
from chuangwen.journal.models import Event
from chuangwen.journal.operations import claim_next, claim_run
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import Refused
from tests.world import NOW, World, build

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def district(transactional_db: None) -> World:
    """The small district, really committed, on PostgreSQL."""
    assert connection.vendor == "postgresql", "这项检验只在 PostgreSQL 上有意义，请用 tools/postgres.sh run 运行。"
    return build()


def at_once(count: int, act: Callable[[int], object]) -> Counter[str]:
    """Run the same thing in several threads that start together; says how each ended."""
    ends: Counter[str] = Counter()
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait(10)
            ends["done" if act(number) else "nothing"] += 1
        except Refused:
            ends["refused"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ends


def test_six_parallel_approvals_give_one_success(district: World) -> None:
    case = district.case_at(Status.HANDLING)
    extensions.ask_extension(case_id=case.pk, reason="等配件", by=district.actor("wy_chief"), now=NOW)
    clerk = district.actor("clerk")
    ends = at_once(6, lambda _: extensions.decide_extension(case_id=case.pk, granted=True, by=clerk, now=NOW))
    assert ends == {"done": 1, "refused": 5}
    case.refresh_from_db()
    assert case.extension_count == 1


def test_six_people_accept_the_same_report_and_one_does(district: World) -> None:
    case = district.case_at(Status.REPORTED)
    clerk = district.actor("clerk")
    ends = at_once(6, lambda _: cases.accept(case_id=case.pk, by=clerk, now=NOW))
    assert ends == {"done": 1, "refused": 5}
    assert Event.objects.filter(kind="case.accept").count() == 1


def test_one_submission_sent_six_times_is_taken_once(district: World) -> None:
    case = district.case_at(Status.HANDLING)
    worker = district.actor("wy_worker")
    ends = at_once(6, lambda _: cases.rectify(case_id=case.pk, note="已清", by=worker, now=NOW, client_key="same"))
    assert ends == {"done": 6}
    assert Event.objects.filter(kind="case.rectify").count() == 1


def test_one_report_sent_six_times_opens_one_case(district: World) -> None:
    ends = at_once(6, lambda _: district.open_case(client_key="same-report"))
    assert ends["done"] == 6
    assert Case.objects.count() == 1


def test_one_order_sent_six_times_is_issued_once(district: World) -> None:
    case = district.case_at(Status.HANDLING)
    clerk = district.actor("clerk")
    fields: dict[str, Any] = {
        "number": "1号",
        "title": "整改",
        "issuer": "市文明办",
        "deadline": NOW + timedelta(days=9),
    }
    ends = at_once(6, lambda _: issue_order(**fields, case_ids=[case.pk], by=clerk, now=NOW, client_key="same-order"))
    assert ends == {"done": 6}
    assert Order.objects.count() == 1


def test_each_event_is_handled_once_by_many_workers(district: World) -> None:
    for _ in range(5):
        district.case_at(Status.VERIFIED)
    at_once(6, lambda _: [react_once(NOW + timedelta(hours=1)) for _ in range(20)])
    assert Case.objects.filter(status=Status.CLOSED.value).count() == 5
    assert Event.objects.filter(kind="case.close").count() == 5
    assert claim_next(kinds=["case.verify"], now=NOW + timedelta(hours=1)) is None


def test_scheduled_work_is_claimed_by_one_worker(district: World) -> None:
    ends = at_once(6, lambda _: claim_run(name="起草周通报", moment=NOW, now=NOW))
    assert ends == {"done": 1, "nothing": 5}
