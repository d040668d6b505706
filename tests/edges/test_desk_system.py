"""What keeps the house running, for who looks after it; and a person's own keys for programs."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from chuangwen.journal.models import Event, Run
from chuangwen.journal.operations import claim_run, finish_run, push_ahead
from chuangwen.people.models import ApiToken, User
from chuangwen.people.queries import user_by_token
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Permission, may
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import NOW, PEOPLE, World

Enter = Callable[[str], Client]


# --- system ---


@pytest.mark.parametrize("username", [row[0] for row in PEOPLE])
def test_only_who_looks_after_the_system_opens_its_page(world: World, enter: Enter, username: str) -> None:
    allowed = may(world.actor(username), Permission.OUTBOX_SEE)
    assert enter(username).get("/desk/system/").status_code == (200 if allowed else 403)


def test_all_well_is_said_as_well(enter: Enter) -> None:
    page = read(enter("admin").get("/desk/system/"))
    for words in (
        "没有失败的后续工作",
        "还没有做过定时工作",
        "SQLite" if "SQLite" in page.words else "PostgreSQL",
        "0.1.0",
    ):
        assert words in page.words
    assert "不统计谁用了多少" in page.words


def test_work_that_failed_is_named_with_its_reason_and_its_case(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    event = Event.objects.filter(subject_kind="case", subject_id=case.pk).latest("id")
    Event.objects.filter(pk=event.pk).update(attempts=3)
    event.refresh_from_db()
    push_ahead(event=event, error="ConnectionError: 短信网关没有应答", now=NOW)
    page = read(enter("admin").get("/desk/system/"))
    for words in ("还在重试的后续工作（1）", "ConnectionError: 短信网关没有应答", "3 次", f"案件 {case.pk}"):
        assert words in page.words


def test_scheduled_work_is_listed_with_how_it_ended(enter: Enter) -> None:
    well, badly, _open = (
        claim_run(name=name, moment=NOW, now=NOW) for name in ("恢复到期挂账", "起草周通报", "补充工作日历")
    )
    assert well is not None
    assert badly is not None
    finish_run(run=well, now=NOW)
    finish_run(run=badly, now=NOW, error="磁盘已满")
    page = read(enter("admin").get("/desk/system/"))
    for words in (
        "恢复到期挂账 今天 09:00 完成",
        "起草周通报 今天 09:00 失败 磁盘已满",
        "补充工作日历 今天 09:00 没有做完",
    ):
        assert words in page.words


def test_the_page_says_nothing_about_who_uses_the_software(world: World, enter: Enter) -> None:
    world.case_at(Status.CLOSED)
    page = read(enter("admin").get("/desk/system/"))
    frame = page.words.split("看后台工作是否正常")[1]
    assert not [name for _account, name, _role, _unit in PEOPLE if name in frame]


# --- keys ---


def issued(client: Client, name: str = "大数据平台") -> str:
    """A new key, as it is shown."""
    found = re.search(r"<code>(cw_[\w-]+)</code>", client.post("/desk/tokens/", {"name": name}).content.decode())
    assert found is not None
    return found[1]


def test_a_key_is_shown_once_and_acts_for_its_person(enter: Enter) -> None:
    clerk = enter("clerk")
    answer = clerk.post("/desk/tokens/", {"name": "大数据平台"})
    assert "no-store" in answer["Cache-Control"]
    token = issued(clerk, "第二个")
    assert user_by_token(token, NOW) == User.objects.get(username="clerk")
    page = read(clerk.get("/desk/tokens/"))
    assert token not in page.html
    assert "大数据平台" in page.words
    assert "发放过的密钥（2）" in page.words


def test_a_key_needs_a_purpose(enter: Enter) -> None:
    page = read(enter("clerk").post("/desk/tokens/", {"name": "  "}))
    assert page.status == 422
    assert "请写明这个密钥给哪个程序用。" in page.words
    assert ApiToken.objects.count() == 0


def test_a_revoked_key_stops_working_and_revoking_twice_does_no_harm(enter: Enter) -> None:
    clerk = enter("clerk")
    token = issued(clerk)
    row = ApiToken.objects.get()
    for _ in range(2):
        assert clerk.post(f"/desk/tokens/{row.pk}/revoke/").status_code == 302
    assert user_by_token(token, NOW + timedelta(seconds=1)) is None
    assert Event.objects.filter(kind="token.revoked").count() == 1
    page = read(clerk.get("/desk/tokens/"))
    assert "已作废" in page.words
    assert "今天 09:00 作废" in page.words


def test_nobody_sees_or_revokes_the_keys_of_others(enter: Enter) -> None:
    token = issued(enter("clerk"), "专员的程序")
    other = enter("chief")
    assert "专员的程序" not in read(other.get("/desk/tokens/")).words
    assert other.post(f"/desk/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404
    assert user_by_token(token, NOW) is not None


def test_keys_are_revoked_by_post_only(enter: Enter) -> None:
    issued(enter("clerk"))
    assert enter("clerk").get(f"/desk/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 405


# --- statements ---


def test_statements(world: World, enter: Enter) -> None:
    for minute in range(20):
        claim_run(name="恢复到期挂账", moment=NOW - timedelta(minutes=10 * minute), now=NOW)
    world.case_at(Status.HANDLING)
    Event.objects.update(attempts=1, last_error="x")
    assert Run.objects.count() == 20
    admin = enter("admin")
    with budget("GET /desk/system/"):
        admin.get("/desk/system/")
    with budget("GET /desk/tokens/"):
        admin.get("/desk/tokens/")
