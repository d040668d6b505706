"""通知: who is told of what, what ends by itself, how somebody wants to hear, what leaves the building and how it fails."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chuangwen.cases import operations as cases
from chuangwen.cases.extensions import ask_extension, decide_extension
from chuangwen.cases.models import Case
from chuangwen.cases.orders import issue_order
from chuangwen.gateways.outgoing import Gateway, Outgoing, Unsent
from chuangwen.jobs.loops import react_once
from chuangwen.jobs.notices import notify, watch_deadlines
from chuangwen.jobs.sending import send_once
from chuangwen.journal.models import Event
from chuangwen.notices.making import forget_old, remind
from chuangwen.notices.models import Delivery, Message, Notice, PushDevice
from chuangwen.notices.operations import mark_all_read, mark_read, save_preference, try_again
from chuangwen.notices.outbox import LEASE, take_next
from chuangwen.notices.queries import inbox, set_aside
from chuangwen.people.models import User
from chuangwen.rules.case_flow import Status
from chuangwen.rules.notices import GATHER, MOST_TRIES, Channel
from chuangwen.rules.refusals import NotFound, Refused
from tests.whistling import whistled
from tests.world import NOW, World

LATER = NOW + timedelta(minutes=30)


@dataclass
class Fake:
    """A gateway that keeps what it is given; it fails as often as `fails` says."""

    given: list[Outgoing] = field(default_factory=list)
    fails: list[Unsent] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.given.append(outgoing)

    def __call__(self, _channel: Channel) -> Gateway:
        return self


def react(now: datetime = LATER) -> None:
    """Let the worker handle every event that waits."""
    while react_once(now):
        pass


def told(username: str) -> list[str]:
    """What the inbox of this account says, oldest first."""
    rows = Notice.objects.filter(user__username=username, done_at=None).order_by("id")
    return list(rows.values_list("what", flat=True))


def wishes(world: World, username: str, **given: Any) -> None:
    """This person wants e-mail, at once and at any hour, unless said otherwise."""
    usual: dict[str, Any] = {
        "channels": ["email"], "email": f"{username}@cw.example", "pace": "at_once", "digest_at": time(8, 30),
        "quiet_from": time(0), "quiet_to": time(0), "quiet_on_rest_days": False,
    }  # fmt: skip
    save_preference(**{**usual, **given}, by=world.actor(username), now=NOW)


@pytest.fixture
def mail_is_on(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.cw.example"


# --- who is told ---


def test_a_case_that_is_dispatched_is_told_to_everybody_who_works_in_its_unit(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    react()
    assert told("wy_worker") == told("wy_chief") == ["新派案件"]
    assert told("xt01_worker") == told("cg_worker") == told("clerk") == told("leader") == []
    notice = Notice.objects.get(user__username="wy_worker")
    assert case.number in notice.text
    assert "学田苑" in notice.text
    assert notice.due_at == case.due_at


def test_a_notice_holds_no_words_that_people_wrote(world: World) -> None:
    world.case_at(Status.RETURNED, title="王阿姨 13900001234 反映楼道堆物")
    react()
    assert Notice.objects.exists()
    for text in Notice.objects.values_list("text", flat=True):
        assert "王阿姨" not in text
        assert "1390000" not in text
        assert "不属于本单位" not in text


def test_whoever_acts_next_is_told_and_what_they_had_to_do_ends(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    react()
    assert told("wy_worker") == []  # they received it: it is in their list, not news
    cases.rectify(case_id=case.pk, note="已清理", by=world.actor("wy_worker"), now=LATER)
    react()
    assert told("inspector2") == ["待核查"]
    cases.reject(case_id=case.pk, reason="仍有纸箱", by=world.actor("inspector2"), now=LATER)
    react()
    assert told("inspector") == told("inspector2") == []
    assert told("wy_worker") == told("wy_chief") == ["退回重办"]
    cases.return_back(case_id=case.pk, reason="产权单位自管", by=world.actor("wy_chief"), now=LATER)
    react()
    assert told("clerk") == ["单位退回"]
    assert told("wy_worker") == told("gz_clerk") == []


def test_nobody_is_told_of_what_they_did_themselves(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    ask_extension(case_id=case.pk, reason="等配件", by=world.actor("wy_chief"), now=LATER)
    react()
    assert told("clerk") == ["申请延期"]
    decide_extension(case_id=case.pk, granted=True, by=world.actor("clerk"), now=LATER)
    react()
    assert told("clerk") == []
    assert told("wy_chief") == told("wy_worker") == ["同意延期"]


def test_a_report_of_a_resident_is_told_to_the_office_but_not_what_comes_by_the_thousand(world: World) -> None:
    world.open_case(origin_kind="message", origin_id=1)
    world.open_case(origin_kind="resident", origin_id=2)
    react()
    assert told("clerk") == ["群众上报"]


def test_an_order_is_told_to_those_who_answer_for_its_units_until_its_last_case_is_done(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    issue_order(
        number="崇文明〔2020〕7号", title="整改", issuer="区文明办", deadline=NOW + timedelta(days=9), case_ids=[case.pk],
        by=world.actor("clerk"), now=LATER,
    )  # fmt: skip
    react()
    assert told("wy_chief") == ["整改任务书"]
    assert told("wy_worker") == []
    Case.objects.filter(pk=case.pk).update(status=Status.CLOSED.value)
    watch_deadlines(LATER)
    assert told("wy_chief") == []


def test_a_unit_without_accounts_has_those_above_it_told(world: World) -> None:
    case = world.case_at(Status.ACCEPTED)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("WF-01").pk, by=world.actor("clerk"), now=LATER)
    react()
    assert told("wf_chief") == ["新派案件"]


def test_an_event_handled_twice_late_or_out_of_order_tells_nothing_wrong(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    dispatched, received = (
        Event.objects.get(subject_kind="case", subject_id=case.pk, kind=f"case.{move}")
        for move in ("dispatch", "receive")
    )
    notify(received, LATER)
    notify(dispatched, LATER)
    assert told("wy_worker") == []
    case = world.case_at(Status.DISPATCHED)
    event = Event.objects.get(subject_id=case.pk, kind="case.dispatch")
    assert notify(event, LATER) == 2
    assert notify(event, LATER) == 0
    assert (
        notify(
            Event.objects.get(subject_id=world.case_at(Status.DISPATCHED).pk, kind="case.dispatch"),
            NOW + timedelta(days=30),
        )
        == 0
    )


def test_departments_that_a_street_calls_hear_of_it_until_the_whistle_ends(world: World) -> None:
    whistle = whistled(world)
    react()
    notice = Notice.objects.filter(what="街道吹哨").first()
    assert notice is not None
    assert whistle.number in notice.text
    assert not notice.acts
    units = whistle.summonses.values_list("part__unit_id", flat=True)
    assert set(Notice.objects.filter(what="街道吹哨").values_list("user__posts__unit_id", flat=True)) <= set(units)


# --- deadlines ---


def test_a_deadline_is_told_when_it_is_near_and_when_it_passed_each_once(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    assert case.due_at is not None
    assert watch_deadlines(NOW + timedelta(minutes=5)) == 0
    near, late = case.due_at - timedelta(minutes=30), case.due_at + timedelta(minutes=5)
    assert (watch_deadlines(near), watch_deadlines(near + timedelta(minutes=10))) == (2, 0)
    assert told("wy_worker") == ["快到期"]
    assert (watch_deadlines(late), watch_deadlines(late + timedelta(minutes=10))) == (2, 0)
    assert told("wy_worker") == ["已超期"]  # the older one gave way
    cases.rectify(case_id=case.pk, note="已清理", by=world.actor("wy_worker"), now=late)
    react(late)
    assert told("wy_worker") == []


def test_what_was_not_done_is_sent_again_once_a_day_and_not_on_rest_days(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker", digest_at=time(8, 30))
    world.case_at(Status.DISPATCHED)
    react()
    assert remind(now=NOW + timedelta(hours=3)) == 0  # told today
    assert remind(now=NOW + timedelta(days=1)) == 0  # the festival
    sunday = NOW + timedelta(days=4) - timedelta(hours=3)
    assert remind(now=sunday) == 1
    remind(now=sunday + timedelta(hours=1))
    assert Delivery.objects.exclude(reminder_day=None).count() == 1


# --- reading ---


def test_a_notice_that_asks_for_nothing_is_done_when_it_was_read(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    ask_extension(case_id=case.pk, reason="等配件", by=world.actor("wy_chief"), now=LATER)
    decide_extension(case_id=case.pk, granted=True, by=world.actor("clerk"), now=LATER)
    other = world.case_at(Status.DISPATCHED)
    react()
    worker = world.actor("wy_worker")
    assert mark_all_read(by=worker, now=NOW) == 0  # nothing of it was there yet
    assert mark_all_read(by=worker, now=LATER) == 2
    assert [notice.matter_id for notice in inbox(worker)] == [other.pk]


def test_nobody_reads_the_notices_of_others(world: World) -> None:
    world.case_at(Status.DISPATCHED)
    react()
    notice = Notice.objects.get(user__username="wy_worker")
    with pytest.raises(NotFound):
        mark_read(notice_id=notice.pk, by=world.actor("wy_chief"), now=LATER)
    assert not Event.objects.filter(kind__contains="read").exists()  # reading leaves no trace


def test_a_wish_that_cannot_be_followed_is_refused_with_every_reason(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        wishes(world, "wy_worker", channels=["email", "pigeon"], email="", pace="never", digest_at=None)
    assert len(refusal.value.objections) == 4


# --- out of the building ---


def test_a_quiet_house_plans_nothing_and_sends_nothing(world: World) -> None:
    wishes(world, "wy_worker")
    world.case_at(Status.DISPATCHED)
    react()
    assert told("wy_worker") == ["新派案件"]
    assert Delivery.objects.count() == 0
    assert not send_once(LATER + timedelta(days=1))


def test_what_happens_together_goes_out_as_one_message_and_only_once(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    for number in range(3):
        world.case_at(Status.DISPATCHED, title=f"第{number}件")
    react()
    fake = Fake()
    assert not send_once(LATER, fake)  # it gathers for two minutes
    assert send_once(LATER + GATHER, fake)
    assert not send_once(LATER + GATHER, fake)
    (letter,) = fake.given
    assert letter.address.email == "wy_worker@cw.example"
    assert letter.words.title == "3 条通知：新派案件 3 件"
    assert letter.words.url == "http://127.0.0.1:8000/desk/notices/"
    assert Message.objects.get().sent_at is not None


def test_what_was_done_meanwhile_does_not_go_out(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    case = world.case_at(Status.DISPATCHED)
    react()
    cases.receive(case_id=case.pk, by=world.actor("wy_worker"), now=LATER)
    react()
    assert not send_once(LATER + GATHER, Fake())
    assert Delivery.objects.get().dropped_at is not None


def test_a_failure_is_tried_again_with_the_same_key_and_later_set_aside(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    world.case_at(Status.DISPATCHED)
    react()
    now, fake = LATER + GATHER, Fake(fails=[Unsent("对方回答 503。") for _ in range(MOST_TRIES)])
    keys = set()
    for _ in range(MOST_TRIES):
        assert send_once(now, fake)
        message = Message.objects.get()
        keys.add(message.key)
        now = max(message.next_try_at, now)
    assert len(keys) == 1
    assert [row.error for row in set_aside()] == ["对方回答 503。"]
    assert not send_once(now + timedelta(days=9), fake)
    with pytest.raises(Refused):
        try_again(message_id=message.pk, by=world.actor("clerk"), now=now)
    try_again(message_id=message.pk, by=world.actor("admin"), now=now)
    assert send_once(now, fake)
    assert {letter.key for letter in fake.given} == keys


def test_a_lasting_failure_is_set_aside_at_once_and_holds_up_nobody(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    wishes(world, "wy_chief")
    world.case_at(Status.DISPATCHED)
    react()
    fake = Fake(fails=[Unsent("邮件服务器不收这个收件人。", lasting=True)])
    assert send_once(LATER + GATHER, fake)
    assert send_once(LATER + GATHER, fake)
    assert len(fake.given) == len(set_aside()) == 1


def test_a_gateway_that_does_not_answer_rests_as_a_whole(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    wishes(world, "wy_chief")
    world.case_at(Status.DISPATCHED)
    react()
    now, fake = LATER + GATHER, Fake(fails=[Unsent("对方没有应答。", wait=timedelta(minutes=1), whole=True)])
    assert send_once(now, fake)
    assert not send_once(now + timedelta(seconds=30), fake)
    assert send_once(now + timedelta(minutes=2), fake)
    assert send_once(now + timedelta(minutes=2), fake)
    assert len(fake.given) == 2


def test_a_receiver_that_asks_for_patience_does_not_hold_up_the_others(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    wishes(world, "wy_chief")
    world.case_at(Status.DISPATCHED)
    react()
    now, fake = LATER + GATHER, Fake(fails=[Unsent("对方回答 429。", wait=timedelta(minutes=10))])
    assert [send_once(now, fake) for _ in range(3)] == [True, True, False]
    assert len(fake.given) == 1
    assert not send_once(now + timedelta(minutes=9), fake)
    assert send_once(now + timedelta(minutes=10), fake)


def test_a_program_error_says_no_address_and_no_key(
    world: World, mail_is_on: None, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def send(self, outgoing: Outgoing) -> None:
            raise ValueError(f"{outgoing.address.email} key=SECRET")

    wishes(world, "wy_worker")
    world.case_at(Status.DISPATCHED)
    react()
    send_once(LATER + GATHER, lambda _: Broken())
    assert Message.objects.get().error == "发送程序出错（ValueError）。"
    assert "SECRET" not in caplog.text
    assert "cw.example" not in caplog.text


def test_a_worker_that_dies_between_sending_and_marking_leads_to_a_second_message_with_the_same_key(
    world: World, mail_is_on: None
) -> None:
    wishes(world, "wy_worker")
    world.case_at(Status.DISPATCHED)
    react()
    now = LATER + GATHER
    taken = take_next(channels=[Channel.EMAIL], now=now)  # sent, and the machine stops here
    assert taken is not None
    fake = Fake()
    assert not send_once(now + LEASE / 2, fake)  # it may still be at work
    assert send_once(now + LEASE, fake)
    assert [letter.key for letter in fake.given] == [taken.key]
    assert not send_once(now + LEASE * 2, fake)


def test_the_group_of_a_unit_hears_once_for_all_and_never_of_what_is_for_some(world: World, settings: Any) -> None:
    settings.WECOM_ROBOTS = {"XT": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k", "CC": "https://x"}
    case = world.case_at(Status.HANDLING)
    world.case_at(Status.DISPATCHED)
    cases.rectify(case_id=case.pk, note="已清理", by=world.actor("wy_worker"), now=LATER)
    react()
    assert list(Notice.objects.filter(user=None).values_list("group", "what")) == [("XT", "新派案件")]
    fake = Fake()
    assert send_once(LATER + GATHER, fake)
    assert [outgoing.address.group for outgoing in fake.given] == ["XT"]


def test_a_robot_gets_at_most_twenty_messages_a_minute_and_what_waits_is_merged(db: None, settings: Any) -> None:
    settings.WECOM_ROBOTS = {"XT": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"}
    facts: dict[str, Any] = {"group": "XT", "what": "新派案件", "text": "一件", "matter_kind": "case", "made_at": NOW}
    rows = Notice.objects.bulk_create(Notice(**facts, key=f"k{n}", matter_id=n) for n in range(12))
    Delivery.objects.bulk_create(
        Delivery(notice=row, channel="wecom", target="XT", item=row.key, send_at=NOW + timedelta(seconds=place))
        for place, row in enumerate(rows)
    )
    fake = Fake()
    moments = [now for now in (NOW + timedelta(seconds=step) for step in range(16)) if send_once(now, fake)]
    assert all(later - earlier >= timedelta(seconds=3.5) for earlier, later in pairwise(moments))
    assert [message.deliveries.count() for message in Message.objects.order_by("id")] == [1, 4, 4, 3]


def test_what_is_tried_again_keeps_to_the_pace_of_the_robot_as_well(db: None, settings: Any) -> None:
    settings.WECOM_ROBOTS = {"XT": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k"}
    facts: dict[str, Any] = {"channel": "wecom", "target": "XT", "made_at": NOW, "next_try_at": NOW, "tries": 1}
    Message.objects.bulk_create(Message(**facts, key=f"k{n}") for n in range(3))
    fake = Fake()
    went = [step for step in range(9) if send_once(NOW + timedelta(seconds=step), fake)]
    assert went == [0, 4, 8]


def test_an_address_that_has_gone_needs_no_message(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    world.case_at(Status.DISPATCHED)
    react()
    User.objects.filter(username="wy_worker").update(is_active=False)
    fake = Fake()
    assert send_once(LATER + GATHER, fake)
    assert (fake.given, set_aside()) == ([], [])


def test_a_browser_that_took_its_permission_back_is_forgotten(world: World, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = settings.VAPID_CONTACT = "set"
    PushDevice.objects.create(
        user=User.objects.get(username="wy_worker"), endpoint="https://e", digest="d", made_at=NOW
    )
    wishes(world, "wy_worker", channels=[], email="")
    world.case_at(Status.DISPATCHED)
    react()
    assert send_once(LATER + GATHER, Fake(fails=[Unsent("410", lasting=True, gone=True)]))
    assert (PushDevice.objects.count(), set_aside()) == (0, [])


def test_what_is_long_done_is_forgotten(world: World, mail_is_on: None) -> None:
    wishes(world, "wy_worker")
    case = world.case_at(Status.DISPATCHED)
    react()
    send_once(LATER + GATHER, Fake())
    cases.receive(case_id=case.pk, by=world.actor("wy_worker"), now=LATER)
    react()
    assert forget_old(now=LATER + timedelta(days=91)) == 2
    assert (Notice.objects.count(), Delivery.objects.count(), Message.objects.count()) == (0, 0, 0)
