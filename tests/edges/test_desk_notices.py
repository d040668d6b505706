"""通知 on the pages: the bell, the inbox of the desk and of the phone, how one wants to hear, and the channels' page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.jobs.loops import react_once
from chuangwen.jobs.sending import send_once
from chuangwen.notices.models import Delivery, Message, Notice, Preference, PushDevice
from chuangwen.notices.outbox import mark_failed, take_next
from chuangwen.people.models import User
from chuangwen.rules.case_flow import Status
from chuangwen.rules.notices import GATHER, Channel
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import NOW, World

Enter = Callable[[str], Client]
GIVEN = {
    "channels": ["email"], "email": "wy@cw.example", "pace": "at_once", "digest_at": "08:30", "quiet_from": "22:00",
    "quiet_to": "07:00", "quiet_on_rest_days": "on",
}  # fmt: skip
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture(autouse=True)
def _today(wednesday: None) -> None:
    """Requests believe that it is nine o'clock on the Wednesday of the small district."""


def dispatched(world: World, count: int = 1) -> None:
    """So many cases of the compound, told to its property firm."""
    for number in range(count):
        world.case_at(Status.DISPATCHED, title=f"第{number}件", now=NOW - timedelta(minutes=30))
    while react_once(NOW):
        pass


def test_the_bell_of_every_page_counts_what_is_new_to_this_person(world: World, enter: Enter) -> None:
    dispatched(world, 2)
    worker = enter("wy_worker")
    assert "通知，2 条未读" in read(worker.get("/desk/")).html
    assert "通知，2 条未读" in read(worker.get("/field/me/")).html
    assert "条未读" not in read(enter("clerk").get("/desk/")).html


def test_opening_a_notice_leads_to_its_matter_and_marks_it_read(world: World, enter: Enter) -> None:
    dispatched(world)
    worker = enter("wy_worker")
    page = read(worker.get("/desk/notices/"))
    notice = Notice.objects.get(user__username="wy_worker")
    assert notice.text in page.words
    assert "新派案件" in page.words
    answer = worker.post(f"/desk/notices/{notice.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/cases/{notice.matter_id}/")
    notice.refresh_from_db()
    assert notice.read
    assert notice.done_at is None  # it has to be done, not read
    assert worker.post(f"/field/notices/{notice.pk}/").headers["Location"] == f"/field/cases/{notice.matter_id}/"
    assert worker.get(answer.headers["Location"]).status_code == 200


def test_the_links_of_letters_lead_to_the_matter_for_everybody_who_may_see_it(world: World, enter: Enter) -> None:
    dispatched(world)
    notice = Notice.objects.get(user__username="wy_worker")
    address = f"/desk/about/case/{notice.matter_id}/"
    assert enter("wy_worker").get(address).headers["Location"] == f"/desk/cases/{notice.matter_id}/"
    notice.refresh_from_db()
    assert notice.read
    assert not Notice.objects.get(user__username="wy_chief").read
    assert enter("gz_clerk").get(address, follow=True).status_code == 404
    assert enter("wy_worker").get("/desk/about/sheep/1/").headers["Location"] == "/desk/notices/"
    assert Client().get(address).status_code == 302  # to the log-in


def test_nobody_opens_the_notice_of_somebody_else(world: World, enter: Enter) -> None:
    dispatched(world)
    notice = Notice.objects.get(user__username="wy_worker")
    assert enter("wy_chief").post(f"/desk/notices/{notice.pk}/").status_code == 404
    assert enter("wy_worker").get(f"/desk/notices/{notice.pk}/").status_code == 405


def test_an_empty_inbox_says_what_will_stand_there(enter: Enter) -> None:
    assert "没有新的通知" in read(enter("leader").get("/desk/notices/")).words
    assert "没有新的通知" in read(enter("inspector").get("/field/notices/")).words


def test_all_can_be_marked_read_at_once(world: World, enter: Enter) -> None:
    dispatched(world, 2)
    worker = enter("wy_worker")
    page = read(worker.post("/desk/notices/read/", follow=True))
    assert "都标为已读了" in page.words
    assert "条未读" not in page.html
    assert Notice.objects.filter(user__username="wy_worker", done_at=None).count() == 2


# --- how one wants to hear ---


def test_wishes_are_kept_and_shown_again(world: World, enter: Enter) -> None:
    worker = enter("wy_worker")
    assert "您现在：随时" in read(worker.get("/desk/notices/settings/")).words
    assert "您现在：每天汇总一次" in read(enter("leader").get("/desk/notices/settings/")).words
    assert worker.post("/desk/notices/settings/", {**GIVEN, "pace": "daily"}).status_code == 302
    page = read(worker.get("/field/notices/settings/"))
    assert 'value="wy@cw.example"' in page.html
    assert "您现在：每天汇总一次" in page.words
    assert "本系统还没有接通：手机推送、电子邮件、短信" in page.words


def test_wrong_wishes_are_refused_with_every_reason_and_nothing_typed_is_lost(enter: Enter) -> None:
    answer = enter("wy_worker").post("/desk/notices/settings/", {**GIVEN, "email": "nobody", "digest_at": "soon"})
    page = read(answer)
    assert page.status == 422
    assert "邮箱看不懂" in page.words
    assert "时间请写成 08:30 的样子" in page.words
    assert 'value="nobody"' in page.html
    assert not Preference.objects.exists()


def test_a_browser_takes_pushes_and_stops(world: World, enter: Enter, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = settings.VAPID_CONTACT = "set"
    worker = enter("wy_worker")
    keys = {"p256dh": P256DH, "auth": AUTH}
    page = worker.post("/field/notices/devices/", {"endpoint": "https://fcm.googleapis.com/fcm/send/x", **keys})
    assert page.status_code == 302
    device = PushDevice.objects.get(user__username="wy_worker")
    assert "打开推送的浏览器" in read(worker.get("/field/notices/settings/")).words
    assert enter("wy_chief").post(f"/field/notices/devices/{device.pk}/drop/").status_code == 404
    assert worker.post(f"/field/notices/devices/{device.pk}/drop/").status_code == 302
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1/push", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com@10.0.0.1/x", "ftp://x", "", "https://[::1",
    ],
)  # fmt: skip
def test_nobody_makes_the_server_call_other_hosts(enter: Enter, endpoint: str) -> None:
    answer = enter("wy_worker").post(
        "/field/notices/devices/",
        {"endpoint": endpoint, "p256dh": P256DH, "auth": AUTH},
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 422
    assert len(answer.json()["objections"]) == 1
    assert not PushDevice.objects.exists()


# --- the channels ---


def test_only_who_looks_after_the_system_sees_the_channels(enter: Enter) -> None:
    seen = {
        name: enter(name).get("/desk/notices/channels/").status_code for name in ("admin", "chief", "clerk", "leader")
    }
    assert seen == {"admin": 200, "chief": 403, "clerk": 403, "leader": 403}


def test_a_quiet_house_says_so_and_tests_nothing(enter: Enter) -> None:
    admin = enter("admin")
    page = read(admin.get("/desk/notices/channels/"))
    assert page.words.count("没有接通（静默）") == len(Channel)
    assert "试发一条给我" not in page.words
    page = read(admin.post("/desk/notices/channels/email/test/"))
    assert page.status == 422
    assert "这个渠道没有接通" in page.words


def test_a_test_message_goes_to_oneself_only(world: World, enter: Enter, settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_HOST = "mail.cw.example"
    admin = enter("admin")
    assert "没有您的收件地址" in read(admin.post("/desk/notices/channels/email/test/")).words
    admin.post("/desk/notices/settings/", {**GIVEN, "email": "admin@cw.example"})
    assert "试发已排上" in read(admin.post("/desk/notices/channels/email/test/", follow=True)).words
    assert send_once(NOW)
    (letter,) = mailoutbox
    assert letter.to == ["admin@cw.example"]
    assert "收到就说明接通了" in letter.body


def test_what_could_not_be_sent_is_shown_with_its_reason_and_tried_again(
    world: World, enter: Enter, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.cw.example"
    enter("wy_worker").post("/desk/notices/settings/", GIVEN)
    dispatched(world)
    parcel = take_next(channels=[Channel.EMAIL], now=NOW + GATHER)
    assert parcel is not None
    mark_failed(parcel=parcel, reason="邮件服务器不收这个收件人。", lasting=True, now=NOW)
    admin = enter("admin")
    page = read(admin.get("/desk/notices/channels/"))
    for words in ("搁置的消息（1）", "邮件服务器不收这个收件人。", "电子邮件 · 物业承办人", "含 1 条通知"):
        assert words in page.words
    assert "wy@cw.example" not in page.html
    address = f"/desk/notices/messages/{parcel.message_id}/again/"
    assert enter("clerk").post(address).status_code == 403
    assert "已重新排队" in read(admin.post(address, follow=True)).words
    assert "没有被搁置" in read(admin.post(address)).words
    assert Message.objects.get().aside_at is None


# --- statements ---


def test_statements(world: World, enter: Enter, settings: Any) -> None:
    dispatched(world)
    case = Notice.objects.first()
    assert case is not None
    worker = User.objects.get(username="wy_worker")
    rows = [
        Notice(user=worker, key=f"k{n}", what="新派案件", text=f"第{n}件", matter_kind="case", matter_id=n, made_at=NOW)
        for n in range(60)
    ]
    Notice.objects.bulk_create(rows)
    client, admin = enter("wy_worker"), enter("admin")
    with budget("GET /desk/notices/"):
        client.get("/desk/notices/")
    with budget("GET /field/notices/"):
        client.get("/field/notices/")
    with budget("POST /desk/notices/{notice_id}/"):
        client.post(f"/desk/notices/{Notice.objects.filter(user=worker).latest('id').pk}/")
    with budget("GET /desk/notices/settings/"):
        client.get("/desk/notices/settings/")
    with budget("GET /desk/notices/channels/"):
        admin.get("/desk/notices/channels/")
    assert Delivery.objects.count() == 0
