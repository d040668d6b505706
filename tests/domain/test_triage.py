"""What reports are about, and the same trouble once: proposals, corrections and models, merging, hot topics."""

from datetime import date, timedelta
from typing import Any

import pytest

from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.merging import kept_of, merge, merged_of, split
from chuangwen.cases.models import Case
from chuangwen.cases.operations import accept, dispatch
from chuangwen.cases.personal import words_for
from chuangwen.cases.queries import counts, to_do
from chuangwen.jobs.reactions import REACTIONS
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.standards.queries import case_standards
from chuangwen.triage.index import asked_of, count_pairs, earlier
from chuangwen.triage.models import PairVerdict, TextClassifier
from chuangwen.triage.models_training import approve, ask_training, train_next
from chuangwen.triage.proposing import confirm, look_at_missing, look_at_report, model_in_use, proposal_of
from chuangwen.triage.topics import ask_topics, judge_pair, pairs_of, run_for, run_topics
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
MIXER = "学田苑旁边新建的搅拌站日夜开工，粉尘和噪音让业主无法开窗，请求把搅拌站搬走，电话13812345678"
AGAIN = "搅拌站粉尘太大了，就在学田苑边上，噪音吵得整晚睡不着，业主要求搅拌站什么时候搬走"
PARK = "文峰公园北门的路灯坏了半个月，晚上散步的老人看不清台阶，有人受伤，请尽快修好路灯"


def reported(world: World, text: str, **given: Any) -> Case:
    """A report that the worker has looked at."""
    fields: dict[str, Any] = {
        "site": None,
        "home": world.unit("XT-01"),
        "standard": None,
        "origin_kind": "report",
        "criterion_code": "",
        **given,
    }
    case = world.open_case(title=text[:16], text=text, **fields)
    assert look_at_report(case_id=case.pk, now=NOW)
    return case


def test_a_report_gets_proposals_with_words_and_a_person_confirms_or_corrects(world: World) -> None:
    case, clerk = reported(world, PARK), world.actor("clerk")
    row = proposal_of(case)
    assert row is not None
    (first, share, words), *_rest = row.offered["urgency"]
    assert (first, words) == ("紧急", ["受伤"])
    assert share > 0.6
    assert row.offered["class"]
    assert all(0 < offer[1] <= 1 for offers in row.offered.values() for offer in offers)
    given: dict[str, Any] = {"case_id": case.pk, "point_type": "", "unit": "", "now": NOW}
    with pytest.raises(Refused) as refused:
        confirm(**given, class_name="不存在的类", urgency_word="也许", by=clerk)
    assert len(refused.value.objections) == 2
    with pytest.raises(Refused):
        confirm(**given, class_name=row.offered["class"][0][0], urgency_word="紧急", by=world.actor("leader"))
    offered = row.offered["class"][0][0]
    assert confirm(**given, class_name=offered, urgency_word="一般", by=clerk, client_key="k").corrected
    again = confirm(**given, class_name=offered, urgency_word="紧急", by=clerk, client_key="k")
    assert again.chosen is not None
    assert (again.chosen["urgency"], Event.objects.filter(kind="triage.confirmed").count()) == ("一般", 1)
    first = {name: (row.offered[name] or [[""]])[0][0] for name in ("point_type", "unit")}
    assert not confirm(
        **{**given, **first}, class_name=offered, urgency_word="紧急", by=clerk, client_key="l"
    ).corrected
    assert not look_at_report(case_id=world.open_case(origin_kind="finding", origin_id=1).pk, now=NOW)
    assert "case.report" in REACTIONS


def test_earlier_reports_of_the_same_trouble_are_found_by_whoever_may_see_them(world: World) -> None:
    first, other = reported(world, MIXER), reported(world, PARK)
    new = reported(world, AGAIN)
    count_pairs(now=NOW)
    found = earlier(world.actor("clerk"), asked_of(Case.objects.select_related("standard").get(pk=new.pk)))
    assert [row.case.pk for row in found][:1] == [first.pk]
    assert other.pk not in [row.case.pk for row in found]
    assert any("搅拌站" in word for word in found[0].words)
    assert not earlier(world.actor("gz_clerk"), asked_of(new))
    assert look_at_missing(now=NOW) == 0


def test_forty_reports_become_one_case_and_can_be_taken_apart_again(world: World) -> None:
    clerk = world.actor("clerk")
    kept, twin = reported(world, MIXER), reported(world, AGAIN)
    accept(case_id=twin.pk, by=clerk, now=NOW)
    dispatch(case_id=twin.pk, unit_id=world.unit("XT").pk, by=clerk, now=NOW)
    clock = Case.objects.values("due_at", "clock_started_at", "act_by", "status").get(pk=twin.pk)
    before = counts(clerk, CaseFilter(), NOW).opened
    with pytest.raises(Refused):
        merge(case_id=twin.pk, kept_id=kept.pk, by=world.actor("xt_chief"), now=NOW)
    with pytest.raises(NotFound):
        merge(case_id=twin.pk, kept_id=kept.pk, by=world.actor("gz_clerk"), now=NOW)
    with pytest.raises(Conflict):
        merge(case_id=twin.pk, kept_id=kept.pk, by=clerk, now=NOW, seen_version=1)
    for _twice in range(2):
        merge(case_id=twin.pk, kept_id=kept.pk, by=clerk, now=NOW, client_key="m")
    kept.refresh_from_db()
    twin = Case.objects.get(pk=twin.pk)
    assert (kept.voices, kept_of(twin), merged_of(kept)) == (2, kept, [twin])
    assert counts(clerk, CaseFilter(), NOW).opened == before - 1
    assert counts(clerk, CaseFilter(merged="1"), NOW).opened == before
    assert counts(clerk, CaseFilter(q=twin.number), NOW).opened == 1
    assert twin not in to_do(world.actor("xt_chief"))
    assert Case.objects.values("due_at", "clock_started_at", "act_by", "status").get(pk=twin.pk) == clock
    third = reported(world, PARK)
    for one, other in ((twin.pk, third.pk), (kept.pk, third.pk), (third.pk, twin.pk), (third.pk, third.pk)):
        with pytest.raises(Refused):
            merge(case_id=one, kept_id=other, by=clerk, now=NOW)
    with pytest.raises(Refused, match="已并入"):
        dispatch(case_id=twin.pk, unit_id=world.unit("XT").pk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="为什么"):
        split(case_id=twin.pk, reason=" ", by=clerk, now=NOW)
    split(case_id=twin.pk, reason="是另一个搅拌站", by=clerk, now=NOW)
    kept.refresh_from_db()
    assert (kept.voices, counts(clerk, CaseFilter(), NOW).opened) == (1, before + 1)
    assert twin in to_do(world.actor("xt_chief"))
    assert Case.objects.values("due_at", "clock_started_at", "act_by", "status").get(pk=twin.pk) == clock


def test_numbers_in_a_text_are_for_whoever_handles_the_case(world: World) -> None:
    case = reported(world, MIXER)
    assert "13812345678" in words_for(world.actor("clerk"), case, case.text)
    assert "138****5678" in words_for(world.actor("leader"), case, case.text)
    sent = world.case_at(Status.HANDLING, text=MIXER)
    assert "13812345678" in words_for(world.actor("wy_worker"), sent, sent.text)
    for other in ("clerk", "inspector", "leader", "cg_worker"):
        assert "13812345678" not in words_for(world.actor(other), sent, sent.text)


def test_corrections_train_a_model_that_serves_only_when_the_chief_says_so(world: World) -> None:
    clerk, chief = world.actor("clerk"), world.actor("chief")
    with pytest.raises(Refused, match="至少"):
        ask_training(target="urgency", by=chief, now=NOW)
    for number in range(20):
        case = reported(world, f"{'楼上漏水很急' if number % 2 else '公园种花的建议'}第{number}次反映")
        confirm(
            case_id=case.pk,
            class_name=case_standards()[0].class_name,
            point_type="",
            unit="",
            urgency_word="紧急" if number % 2 else "一般",
            by=clerk,
            now=NOW + timedelta(minutes=number),
        )
    with pytest.raises(Refused, match="主任"):
        ask_training(target="urgency", by=clerk, now=NOW)
    ask_training(target="urgency", by=chief, now=NOW)
    made = train_next(target="urgency", now=NOW)
    assert made is not None
    assert made.figures["held_out"] == 4
    assert made.figures["new"]["accuracy"] == 1
    assert made.figures["old"] is None
    assert model_in_use("urgency") is None
    with pytest.raises(Refused):
        approve(model_id=made.pk, by=clerk, now=NOW)
    approve(model_id=made.pk, by=chief, now=NOW)
    with pytest.raises(Refused, match="起用过"):
        approve(model_id=made.pk, by=chief, now=NOW)
    model = model_in_use("urgency")
    assert model is not None
    assert model.predict("楼上又漏水").category == "紧急"
    assert train_next(target="class", now=NOW) is None
    assert TextClassifier.objects.get().approved_by == chief.name


def test_topics_of_a_period_and_pairs_that_a_person_judges(world: World) -> None:
    clerk = world.actor("clerk")
    kept, _twin, _park = reported(world, MIXER), reported(world, MIXER + "请尽快"), reported(world, PARK)
    with pytest.raises(Refused):
        ask_topics(since=date(2020, 6, 30), until=date(2020, 6, 1), by=clerk, now=NOW)
    row = ask_topics(since=date(2020, 6, 1), until=date(2020, 6, 30), by=clerk, now=NOW, client_key="t")
    assert ask_topics(since=date(2020, 6, 1), until=date(2020, 6, 30), by=clerk, now=NOW, client_key="t") == row
    assert run_topics(run_id=row.pk, now=NOW)
    assert not run_topics(run_id=row.pk, now=NOW)
    row = run_for(clerk, row.pk)
    assert [topic["voices"] for topic in row.topics] == [2]
    assert "13812345678" not in str(row.topics)
    (pair,), judged = pairs_of(clerk, row)
    assert (judged.judged, pair.earlier.pk) == (0, kept.pk)
    for same in (False, True):
        judge_pair(run_id=row.pk, earlier_id=pair.earlier.pk, later_id=pair.later.pk, same=same, by=clerk, now=NOW)
    assert PairVerdict.objects.count() == 1
    assert pairs_of(clerk, row)[1].share == 1
    with pytest.raises(NotFound):
        judge_pair(run_id=row.pk, earlier_id=1, later_id=1, same=True, by=clerk, now=NOW)
    with pytest.raises(Refused):
        judge_pair(
            run_id=row.pk,
            earlier_id=pair.earlier.pk,
            later_id=pair.later.pk,
            same=True,
            by=world.actor("leader"),
            now=NOW,
        )
    with pytest.raises(NotFound):
        run_for(world.actor("gz_clerk"), row.pk)
