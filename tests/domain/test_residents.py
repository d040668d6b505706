"""A resident reports, is held to one, is told, judges, has it done again; and what subscribers hear."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chuangwen.cases import operations as cases
from chuangwen.cases.extensions import ask_extension, decide_extension
from chuangwen.cases.models import Case
from chuangwen.gateways.outgoing import Outgoing, Unsent
from chuangwen.intake.models import RecentSender, ResidentReport, Subscription, Voice
from chuangwen.intake.operations import add_voice, ask_again, forget_phones, report_at, report_from
from chuangwen.intake.places import find_places, near, where_is
from chuangwen.intake.proofs import Proof, new_puzzle
from chuangwen.intake.queries import receipt_of, report_text, unmasked_text
from chuangwen.intake.subscriptions import confirm, news, subscribe, topic_of, unsubscribe
from chuangwen.jobs.residents import tell_one
from chuangwen.journal.models import Event
from chuangwen.replies.models import Reply, Verdict
from chuangwen.replies.operations import judge, send_reply, tell_moved_deadline
from chuangwen.replies.queries import draft, like_endings, unit_rates
from chuangwen.rules.case_flow import Status
from chuangwen.rules.proofs import is_solved, read_answer
from chuangwen.rules.refusals import NotFound, Refused
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
HERE = "10.0.0.1"


def reported(world: World, text: str = "二楼楼道堆着纸箱，住户无法通行", **said: Any) -> ResidentReport:
    """A report at the compound."""
    made = report_at(site=world.compound, text=text, sender=said.pop("sender", HERE), now=said.pop("now", NOW), **said)
    assert isinstance(made, ResidentReport)
    return made


def settle(world: World, case_id: int, *, reply: str = "", minutes: int = 10) -> None:
    """The office and the unit do their work up to the check."""
    now = NOW + timedelta(minutes=minutes)
    if Case.objects.get(pk=case_id).flow_status is Status.REPORTED:
        cases.accept(case_id=case_id, by=world.actor("clerk"), now=now)
        cases.dispatch(case_id=case_id, unit_id=world.unit("XT-01-WY").pk, by=world.actor("clerk"), now=now)
    cases.rectify(case_id=case_id, note="已清", reply=reply, by=world.actor("wy_worker"), now=now)
    cases.verify(case_id=case_id, by=world.actor("inspector"), now=now)


GOOD = "您反映的楼道堆着纸箱，学田苑物业已于6月24日清走，二楼住户可以通行。"


def test_a_hundred_equal_reports_in_a_minute_are_one_and_others_become_its_voices(world: World) -> None:
    made = [
        report_at(
            site=world.compound, text="楼道 堆满纸箱！" if n % 2 else "楼道堆满纸箱", sender=HERE, client_key=f"k{n}",
            now=NOW + timedelta(seconds=n / 2),
        )
        for n in range(100)
    ]  # fmt: skip
    assert len({row.receipt for row in made}) == 1
    assert (Case.objects.count(), ResidentReport.objects.count(), RecentSender.objects.count()) == (1, 1, 1)
    other = report_at(site=world.compound, text="楼道堆满纸箱", sender="10.0.0.2", now=NOW)
    assert isinstance(other, Voice)
    assert other.receipt != made[0].receipt
    shown = receipt_of(other.receipt)
    assert (shown.own, shown.voices, shown.case_id) == (False, 1, Case.objects.get().pk)
    later = report_at(site=world.compound, text="楼道堆满纸箱", sender=HERE, now=NOW + timedelta(hours=2))
    assert later.receipt != made[0].receipt


def test_after_two_reports_an_hour_a_network_shows_a_proof_once(world: World) -> None:
    for text in ("一楼堆物", "二楼堆物"):
        reported(world, text)
    with pytest.raises(Refused, match="小问题"):
        reported(world, "三楼堆物")
    puzzle = new_puzzle(NOW)
    first, second = (read_answer(sign) or 0 for sign in (puzzle.question[0], puzzle.question[2]))
    answer = Proof(puzzle.task, "", str(first + second))
    with pytest.raises(Refused, match="答得不对"):
        reported(world, "三楼堆物", proof=Proof(puzzle.task, "", "99"))
    reported(world, "三楼堆物", proof=answer)
    for proof, now in ((answer, NOW), (Proof(puzzle.task + "x", "", answer.answer), NOW)):
        with pytest.raises(Refused):
            reported(world, "四楼堆物", proof=proof, now=now)
    task = new_puzzle(NOW).task
    number = next(n for n in range(200_000) if is_solved(task, str(n)))
    with pytest.raises(Refused, match="太久"):
        Proof(task, str(number)).spend(NOW + timedelta(hours=3))
    reported(world, "四楼堆物", proof=Proof(task, str(number)))


def test_a_place_is_found_by_words_or_position_and_not_outside_the_district(world: World) -> None:
    assert [place.name for place in find_places("学田", {})] == ["学田街道", "学田社区", "学田苑"]
    assert find_places("南苑", {})[0].query == f"site={world.compound.pk}"
    known: dict[str, Any] = {"site_id": None, "unit_id": None, "lng": None, "lat": None, "words": ""}
    at = where_is(**{**known, "lng": Decimal("120.872"), "lat": Decimal("32.012"), "words": "桥下"})
    assert (at.home.code, at.name) == ("XT-01-G1", "桥下")
    street = where_is(**{**known, "unit_id": world.unit("WF").pk, "words": "桥下"})
    assert (street.home.code, street.name) == ("WF", "文峰街道 桥下")
    for wrong, words in (
        ({"lng": Decimal("116.4"), "lat": Decimal("39.9")}, "不在本区范围内"),
        ({}, "请说明在哪里"),
        ({"site_id": 99999}, "不在名单里"),
        ({"unit_id": world.unit("GZ").pk, "words": "x" * 200}, "最多写 120 字"),
    ):
        with pytest.raises(Refused, match=words):
            where_is(**{**known, **wrong})
    case = report_from(where=at, text="桥下堆垃圾", sender=HERE, now=NOW).case
    assert (case.place, case.site, case.street and case.street.code) == ("桥下", None, "XT")
    (row,) = near(at)
    assert (row.case_id, row.metres, row.unit) == (case.pk, 0, "")
    assert "桥下堆垃圾" not in f"{row}"


def test_a_voice_counts_once_a_browser_and_only_while_the_case_is_open(world: World) -> None:
    case = reported(world).case
    voices = [add_voice(case_id=case.pk, browser=browser, sender=browser, now=NOW) for browser in ("a", "a", "b")]
    assert voices[0] == voices[1] != voices[2]
    assert receipt_of(voices[0].receipt).voices == 2
    cases.refuse(case_id=case.pk, reason="外区", by=world.actor("clerk"), now=NOW)
    with pytest.raises(NotFound):
        add_voice(case_id=case.pk, browser="c", sender="c", now=NOW)


def test_numbers_are_covered_for_everybody_but_the_handler_and_forgotten(world: World) -> None:
    words = "请打13812345678，证件320602199001011234，<b>楼道</b>';DROP TABLE--"
    case = reported(world, words).case
    assert "13812345678" not in case.text + case.title + report_text(case.pk)
    assert "320602199001011234" not in case.text
    settle(world, case.pk)
    case = Case.objects.select_related("home", "unit").get(pk=case.pk)
    assert unmasked_text(world.actor("wy_worker"), case) == words
    assert unmasked_text(world.actor("clerk"), case) == words
    for other in ("inspector", "leader", "wf_chief", "grid"):
        assert unmasked_text(world.actor(other), case) == "", other
    assert "13812345678" not in "".join(f"{event.facts}{event.words}" for event in Event.objects.all())
    assert forget_phones(now=NOW + timedelta(days=500)) == 1
    assert unmasked_text(world.actor("clerk"), case) == ""


def test_a_reply_is_checked_sent_once_closes_the_case_and_is_judged_in_two_taps(world: World) -> None:
    report = reported(world)
    pk, unit = report.case_id, world.actor("wy_worker")
    said: dict[str, Any] = {"case_id": pk, "kind": "final", "by": unit, "now": NOW + timedelta(minutes=20)}
    with pytest.raises(NotFound):
        send_reply(**said, text=GOOD)
    cases.accept(case_id=pk, by=world.actor("clerk"), now=NOW)
    cases.dispatch(case_id=pk, unit_id=world.unit("XT-01-WY").pk, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="还没有整改完"):
        send_reply(**said, text=GOOD)
    settle(world, pk)
    with pytest.raises(Refused) as refused:
        send_reply(**said, text="高度重视")
    assert len(refused.value.objections) >= 4
    with pytest.raises(NotFound):
        send_reply(**{**said, "by": world.actor("inspector")}, text=GOOD)
    sent = [send_reply(**said, text=GOOD, client_key="once") for _ in range(2)]
    assert sent[0] == sent[1]
    assert Case.objects.get(pk=pk).flow_status is Status.CLOSED
    assert receipt_of(report.receipt).reply == GOOD
    with pytest.raises(Refused, match="请先选"):
        judge(receipt=report.receipt, satisfied="yes", now=NOW)
    judge(receipt=report.receipt, responded=True, solved=True, now=NOW)
    judge(receipt=report.receipt, satisfied="fair", now=NOW)
    judge(receipt=report.receipt, responded=False, solved=False, satisfied="no", now=NOW)
    verdict = Verdict.objects.get()
    assert (verdict.responded, verdict.solved, verdict.satisfied, verdict.on_time) == (True, True, "fair", True)
    (row,) = unit_rates(world.actor("clerk"), since=NOW.date(), until=NOW.date())
    assert (row.unit, row.rates["satisfied"].share, row.scores["beijing"]) == ("学田苑物业", 1.0, None)
    assert unit_rates(world.actor("gz_clerk"), since=NOW.date(), until=NOW.date()) == ()


def test_not_satisfied_it_is_done_again_once_by_its_reporter(world: World) -> None:
    report = reported(world, criterion_code="")
    voice = add_voice(case_id=report.case_id, browser="b", sender="b", now=NOW)
    with pytest.raises(Refused, match="还没有办完"):
        ask_again(receipt=report.receipt, reason="还在", now=NOW)
    settle(world, report.case_id, reply=GOOD)
    cases.close(case_id=report.case_id, by=world.actor("clerk"), now=NOW + timedelta(minutes=11))
    later = NOW + timedelta(days=9)
    assert receipt_of(report.receipt, later).reopening_open
    for number, reason in ((voice.receipt, "还在"), (report.receipt, " "), ("0000-0000-0000", "还在")):
        with pytest.raises((Refused, NotFound)):
            ask_again(receipt=number, reason=reason, now=later)
    ask_again(receipt=report.receipt, reason="三楼没清，打13812345678", now=later)
    case = Case.objects.get(pk=report.case_id)
    assert (case.flow_status, case.rework_count, case.reply, case.ended_at) == (Status.HANDLING, 1, "", None)
    assert case.due_at is not None
    assert case.due_at > later
    assert "138****5678" in report_text(case.pk)
    settle(world, case.pk, reply=GOOD, minutes=10 * 24 * 60)
    with pytest.raises(Refused, match="已经用过"):
        ask_again(receipt=report.receipt, reason="还在", now=later + timedelta(days=3))
    late = reported(world, "别的事", sender="c", now=NOW)
    settle(world, late.case_id, reply=GOOD)
    with pytest.raises(Refused, match="超过 60 天"):
        ask_again(receipt=late.receipt, reason="还在", now=NOW + timedelta(days=90))


def test_a_moved_deadline_tells_the_reporter_once_with_unit_and_day(world: World) -> None:
    report = reported(world)
    pk = report.case_id
    cases.accept(case_id=pk, by=world.actor("clerk"), now=NOW)
    cases.dispatch(case_id=pk, unit_id=world.unit("XT-01-WY").pk, by=world.actor("clerk"), now=NOW)
    ask_extension(case_id=pk, reason="等材料", by=world.actor("wy_chief"), now=NOW)
    decide_extension(case_id=pk, granted=True, by=world.actor("clerk"), now=NOW)
    for _ in range(2):
        tell_moved_deadline(case_id=pk, event_id=7, now=NOW)
    (reply,) = Reply.objects.all()
    assert "学田苑物业" in reply.text
    assert "6月" in reply.text
    case = Case.objects.select_related("home", "unit", "site", "standard").get(pk=pk)
    assert draft(case, NOW)[0] == "interim"
    assert like_endings(case) == ()
    other = world.case_at(Status.HANDLING)
    assert tell_moved_deadline(case_id=other.pk, event_id=8, now=NOW) is None


class Post:
    """A gateway that keeps what it is given, or refuses."""

    def __init__(self, gone: bool = False) -> None:
        self.sent: list[Outgoing] = []
        self.gone = gone

    def send(self, outgoing: Outgoing) -> None:
        """Keep it."""
        if self.gone:
            raise Unsent("没有收下。", gone=True)
        self.sent.append(outgoing)


def test_an_address_is_asked_then_told_daily_and_forgotten_with_one_click(world: World, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    post, street = Post(), topic_of(area=str(world.unit("XT").pk))
    rows = [subscribe(topic=street, email=email, sender=HERE, now=NOW) for email in ("A@b.cn", "a@b.cn")]
    assert rows[0] == rows[1]
    with pytest.raises(Refused, match="邮箱看不懂"):
        subscribe(topic=street, email="x", sender=HERE, now=NOW)
    with pytest.raises(Refused) as refused:
        topic_of(area="x", point_type="??", receipt="1")
    assert len(refused.value.objections) == 3
    assert tell_one(NOW, lambda _channel: post)
    assert "请确认订阅" in post.sent[0].words.title
    assert not tell_one(NOW + timedelta(hours=1), lambda _channel: post)
    confirm(token=rows[0].token, now=NOW)
    world.case_at(Status.HANDLING, now=NOW + timedelta(minutes=1))
    world.open_case(site=world.lane, by="wf_chief", now=NOW + timedelta(minutes=1))
    assert [item.unit for item in news(street)] == ["学田苑物业"]
    later = NOW + timedelta(hours=1)
    assert tell_one(later, lambda _channel: post)
    letter = post.sent[1]
    assert "学田苑" in letter.words.body
    assert "3号楼2单元" not in letter.words.body
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not tell_one(later + timedelta(hours=1), lambda _channel: post)
    report = reported(world, "井盖缺失")
    own = subscribe(topic=topic_of(receipt=report.receipt), email="a@b.cn", sender="z", now=NOW)
    confirm(token=own.token, now=NOW - timedelta(minutes=1))
    assert tell_one(NOW + timedelta(minutes=20), lambda _channel: Post(gone=True))
    assert not Subscription.objects.filter(pk=own.pk).exists()
    unsubscribe(token=rows[0].token)
    assert not Subscription.objects.exists()
