"""Mock examinations: drawn by announced numbers, seen twice blindly, a third time in dispute, frozen by another person."""

from datetime import timedelta

import pytest

from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.mocks.looks import candidates_for, finish_look, hand_look, judge
from chuangwen.mocks.models import Answer, Look, Mock
from chuangwen.mocks.operations import cancel_mock, close_mock, decide_mock, publish_mock, release_mock
from chuangwen.mocks.queries import my_look, observations, open_for, results
from chuangwen.mocks.reporting import report_of
from chuangwen.rules.draw_records import differences
from chuangwen.rules.refusals import NotFound, Refused
from tests.mocking import AFTER, ANNOUNCED, NUMBERS, assessor_of, do, looks, published_mock, running_mock
from tests.world import NOW, World

pytestmark = pytest.mark.embedded


def test_a_plan_names_every_mistake_and_is_fixed_once(world: World) -> None:
    mock = published_mock(world)
    clerk = world.actor("clerk")
    with pytest.raises(Refused) as refused:
        publish_mock(
            name=" ", edition_id=0, plan={"RES": 9, "LANE": 0, "ROAD": 1}, announced_on=NOW.date(), days_to_do=99,
            by=world.actor("inspector"), now=NOW,
        )  # fmt: skip
    said = " ".join(refused.value.objections)
    assert all(
        words in said for words in ("文明办安排", "名称", "已发布的测评标准", "明天到 30 天", "1 到 30 天", "要抽 9 处")
    )
    again = publish_mock(
        name="另一次", edition_id=mock.edition_id, plan={"RES": 1}, announced_on=ANNOUNCED, by=clerk, now=NOW,
        client_key="m-1",
    )  # fmt: skip
    assert (again.pk, Mock.objects.count()) == (mock.pk, 1)
    with pytest.raises(Refused, match="之后才能填"):
        decide_mock(mock_id=mock.pk, numbers=NUMBERS, numbers_from="公告", by=clerk, now=NOW)
    Mock.objects.filter(pk=mock.pk).update(snapshot=mock.snapshot.replace("学田", "文峰"))
    with pytest.raises(Refused, match="指纹不一致"):
        decide_mock(mock_id=mock.pk, numbers=NUMBERS, numbers_from="公告", by=clerk, now=AFTER)
    assert cancel_mock(mock_id=mock.pk, reason="名单有误", by=clerk, now=AFTER).state == "cancelled"


def test_the_draw_can_be_recomputed_and_gives_each_place_two_different_people(world: World) -> None:
    mock = running_mock(world)
    assert [differences(one) for one in mock.record or []] == [[], []]
    assert [len(one["selected"]) for one in mock.record or []] == [1, 3]  # LANE, RES
    for first, second in zip(looks(mock, 1), looks(mock, 2), strict=True):
        assert first.assessor_id
        assert second.assessor_id
        assert first.assessor_id != second.assessor_id
        assert Answer.objects.filter(look=first).count() == 3
    clerk = world.actor("clerk")
    same = decide_mock(mock_id=mock.pk, numbers=NUMBERS, numbers_from="公告", by=clerk, now=AFTER)
    assert same.drawn_at == mock.drawn_at
    with pytest.raises(Refused, match="不能再抽"):
        decide_mock(
            mock_id=mock.pk, numbers=[[1, 2, 3, 4, 5, 6], [7], [4, 0, 4]], numbers_from="公告", by=clerk, now=AFTER
        )
    taken = looks(mock, 1)[0]
    other = next(user for user in candidates_for(taken, AFTER) if user.pk != taken.assessor_id)
    barred = looks(mock, 2)[0].assessor_id or 0
    with pytest.raises(Refused, match="没有测过这个点位"):
        hand_look(look_id=taken.pk, assessor_id=barred, by=clerk, now=AFTER)
    assert hand_look(look_id=taken.pk, assessor_id=other.pk, by=clerk, now=AFTER).assessor_id == other.pk


def test_two_look_blindly_a_third_decides_and_another_person_releases(world: World) -> None:
    """Three compounds of three criteria and a lane of two.

    A: both see RES-01 fail, RES-10 pass, RES-16 pass. B: RES-01 in dispute, the third says fail; RES-16 missing.
    C: RES-01 not seen by anybody; the rest passes. Lane: only one look, all pass.
    """
    mock = running_mock(world)
    (a1, b1, c1), (a2, b2, c2), lane = looks(mock, 1), looks(mock, 2), looks(mock, 1, "LANE")[0]
    with pytest.raises(NotFound):
        judge(look_id=a1.pk, criterion_code="RES-01", verdict="pass", by=assessor_of(a2), now=AFTER)
    with pytest.raises(Refused, match="拍一张现场照片"):
        judge(look_id=a1.pk, criterion_code="RES-10", verdict="fail", by=assessor_of(a1), now=AFTER)
    with pytest.raises(Refused, match="还有 3 条没有判定"):
        finish_look(look_id=a1.pk, by=assessor_of(a1), now=AFTER)
    do(a1, RES_01="fail")
    assert all(row.verdict == "" for row in my_look(assessor_of(a2), a2.pk)[1])
    assert report_of(mock, now=AFTER)["total"]["observed"] == 0  # one look alone shows nothing
    do(a2, RES_01="fail")
    do(b1, RES_01="pass", RES_16="na")
    do(b2, RES_01="fail", RES_16="na")
    do(c1, RES_01="skip")
    do(c2, RES_01="skip")
    third = looks(mock, 3)[0]
    assert third.place_id == b1.place_id
    assert third.assessor_id not in (b1.assessor_id, b2.assessor_id)
    assert [row.criterion.code for row in my_look(assessor_of(third), third.pk)[1]] == ["RES-01"]
    live = report_of(mock, now=AFTER)
    assert (live["waiting"], live["disputed"], live["total"]["left_out"]) == (1, 1, 2)
    do(third, RES_01="fail", hours=2)
    do(lane)
    clerk, chief = world.actor("clerk"), world.actor("chief")
    with pytest.raises(Refused, match="还有 1 件"):
        close_mock(mock_id=mock.pk, by=clerk, now=AFTER)
    close_mock(mock_id=mock.pk, leave_rest=True, by=clerk, now=AFTER + timedelta(days=3))
    with pytest.raises(Refused):
        release_mock(mock_id=mock.pk, by=clerk, now=AFTER)
    done = release_mock(mock_id=mock.pk, by=chief, now=AFTER + timedelta(days=4))
    total = (done.report or {})["total"]
    # passed: A 2, B 1, C 2, lane 2 = 7; failed: A 1, B 1; B's RES-16 takes the mean of its peers, 1
    assert (total["passed"], total["observed"], total["imputed"], total["left_out"]) == (7, 9, 1, 1)
    assert total["rate"] == pytest.approx(8 / 10)
    assert total["low"] < 0.8 < total["high"]
    assert (done.report or {})["single"] == 1
    seen = list(observations(mock.edition_id))
    assert (len(seen), sum(one.passed for one in seen)) == (9, 7)
    assert {one.inspector_id for one in seen if one.criterion == "RES-01" and one.observed_at > AFTER + timedelta(hours=1)} == {
        third.assessor_id
    }  # fmt: skip
    assert [(one.name, one.rate, one.low, one.high) for one in results()] == [
        ("六月模拟测评", total["rate"], total["low"], total["high"])
    ]
    Answer.objects.exclude(verdict="").update(verdict="fail")
    assert results()[0].rate == total["rate"]  # frozen
    assert not Case.objects.exists()  # nobody learns from a case what another assessor saw
    assert {"mock.published", "mock.decided", "mock.disputed", "mock.closed", "mock.released"} <= set(
        Event.objects.values_list("kind", flat=True)
    )


def test_who_closed_it_does_not_release_it_and_who_still_looks_sees_no_rates(world: World) -> None:
    mock = running_mock(world)
    chief = world.actor("chief")
    own = looks(mock, 1)[0]
    Look.objects.filter(pk=own.pk).update(assessor=chief.user_id)
    with pytest.raises(NotFound, match="完成后才能看"):
        open_for(chief, mock.pk)
    assert open_for(world.actor("leader"), mock.pk).pk == mock.pk
    with pytest.raises(NotFound):
        open_for(world.actor("gz_clerk"), mock.pk)
    close_mock(mock_id=mock.pk, leave_rest=True, by=chief, now=AFTER)
    with pytest.raises(Refused, match="另一位负责人"):
        release_mock(mock_id=mock.pk, by=chief, now=AFTER)
    assert results() == ()
