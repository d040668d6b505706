"""Surveys from the draft to the results: frozen versions, the verifiable sample, answers that lead to nobody."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chuangwen.bulletins.files import as_docx
from chuangwen.bulletins.survey_paper import survey_paper
from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.people.operations import put_unit
from chuangwen.rules.draw_records import differences
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.questionnaires import Kind, Question
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.surveys import operations as work
from chuangwen.surveys.answering import Sent, forget_senders, leave_out, open_case_from, submit
from chuangwen.surveys.models import Answer, Channel, Invitation, Remark, Wave
from chuangwen.surveys.queries import (
    flagged_answers,
    progress_of,
    questionnaire_rates,
    visit_for,
    visits_for,
    wave_for,
)
from chuangwen.surveys.results import answers_csv, compute_results
from chuangwen.surveys.sampling import decide_sample, note_visit, publish_frame
from tests.surveyed import FIRST_DAY, NUMBERS, SHEET, held
from tests.world import NOW, World

pytestmark = pytest.mark.embedded


def sent(channel: Channel = Channel.LINK, **more: Any) -> Sent:
    """A filled sheet of the usual questionnaire."""
    return Sent(given=SHEET | more.pop("given", {}), channel=channel, **more)


def test_a_published_version_is_frozen_and_a_copy_goes_on(world: World) -> None:
    clerk, chief = world.actor("clerk"), world.actor("chief")
    survey = work.create_survey(title="居民问卷", by=clerk, now=NOW, client_key="k")
    assert work.create_survey(title="居民问卷", by=clerk, now=NOW, client_key="k") == survey
    form = survey.forms.get()
    extra = Question("pet", Kind.TEXT, {"zh": "养狗的意见"}, required=False)
    work.save_question(form_id=form.pk, question=extra, by=clerk, now=NOW, seen_version=1)
    with pytest.raises(Conflict):
        work.move_question(form_id=form.pk, code="pet", step=-1, by=clerk, now=NOW, seen_version=1)
    work.move_question(form_id=form.pk, code="pet", step=-1, by=clerk, now=NOW)
    with pytest.raises(Refused, match="已经用过"):
        work.save_question(form_id=form.pk, question=replace(extra, code="know"), by=clerk, now=NOW)
    with pytest.raises(Refused) as refusal:
        work.save_head(form_id=form.pk, title={}, intro={}, languages=["xx"], rates="", by=clerk, now=NOW)
    assert len(refusal.value.objections) == 3
    with pytest.raises(Refused, match="主任"):
        work.publish_form(form_id=form.pk, by=clerk, now=NOW)
    with pytest.raises(NotFound):
        work.publish_form(form_id=form.pk, by=world.actor("gz_clerk"), now=NOW)
    work.publish_form(form_id=form.pk, by=chief, now=NOW)
    with pytest.raises(Refused, match="不能再改"):
        work.move_question(form_id=form.pk, code="pet", step=0, by=clerk, now=NOW)
    copy = work.copy_form(survey_id=survey.pk, by=clerk, now=NOW)
    assert (copy.number, copy.content["questions"][-2]["code"]) == (2, "pet")
    broken = work.move_question(form_id=copy.pk, code="know", step=0, by=clerk, now=NOW)
    with pytest.raises(Refused) as found:
        work.publish_form(form_id=broken.pk, by=chief, now=NOW)
    assert any("知晓率" in sentence for sentence in found.value.objections)
    with pytest.raises(Refused) as refused:
        work.plan_wave(
            survey_id=survey.pk, facts=work.WaveFacts("", None, None, least=1, quotas={"XT": 0}), by=clerk, now=NOW
        )
    assert len(refused.value.objections) == 4


def test_households_are_drawn_so_that_anybody_can_recompute_it_and_codes_answer_once(world: World) -> None:
    clerk = world.actor("clerk")
    wave = held(world, open_link=False, started=False)
    with pytest.raises(Refused, match="谁也不能填"):
        work.start_wave(wave_id=wave.pk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="不认识街道"):
        publish_frame(wave_id=wave.pk, text="户,街道\n1,月球\n", wanted=1, by=clerk, now=NOW)
    rows = "".join(f"H{n},{'学田街道' if n % 3 else 'WF'},学田苑{n}号\n" for n in range(30))
    with pytest.raises(Refused, match="抽取户数"):
        publish_frame(wave_id=wave.pk, text="户编号,街道,地址\n" + rows, wanted=1, by=clerk, now=NOW)
    publish_frame(wave_id=wave.pk, text="户编号,街道,地址\n" + rows, wanted=6, by=clerk, now=NOW)
    with pytest.raises(Refused, match="号码要到"):
        decide_sample(wave_id=wave.pk, numbers=NUMBERS, by=clerk, now=NOW)
    later = NOW + timedelta(days=5)
    with pytest.raises(Refused, match="双色球"):
        decide_sample(wave_id=wave.pk, numbers=[[1], [2], [3]], by=clerk, now=later)
    drawn = decide_sample(wave_id=wave.pk, numbers=NUMBERS, by=clerk, now=later)
    assert drawn.record is not None
    assert not differences(drawn.record, published_sha256=wave_for(clerk, wave.pk).frame_sha256)
    assert drawn.addresses == {}
    invited = list(Invitation.objects.filter(wave=wave).select_related("street"))
    assert sorted(one.street.code for one in invited) == ["WF", "WF", "XT", "XT", "XT", "XT"]
    work.start_wave(wave_id=wave.pk, by=clerk, now=later)
    first = next(one for one in invited if one.street.code == "XT")
    with pytest.raises(Refused, match="邀请码"):
        submit(wave_id=wave.pk, sent=sent(street_code="XT"), by=SYSTEM, now=later)
    with pytest.raises(Refused, match="没有这个邀请码"):
        submit(wave_id=wave.pk, sent=sent(Channel.CODE, code="AAAA-BBBB-CCCC"), by=SYSTEM, now=later)
    code = first.code.lower().replace("-", " ")
    answer = submit(wave_id=wave.pk, sent=sent(Channel.CODE, code=code, client_key="c1"), by=SYSTEM, now=later)
    assert submit(wave_id=wave.pk, sent=sent(Channel.CODE, code=code, client_key="c1"), by=SYSTEM, now=later) == answer
    with pytest.raises(Refused, match="每户只填一次"):
        submit(wave_id=wave.pk, sent=sent(Channel.CODE, code=code, client_key="c2"), by=SYSTEM, now=later)
    grid, wf = world.actor("grid"), world.actor("wf_chief")
    mine, theirs = list(visits_for(grid)), list(visits_for(wf))
    assert {one.street_id for one in mine} == {first.street_id}
    assert (len(mine), len(theirs)) == (3, 2)
    with pytest.raises(NotFound):
        visit_for(grid, theirs[0].pk)
    note_visit(invitation_id=mine[0].pk, outcome="nobody", by=grid, now=later)
    note_visit(invitation_id=mine[1].pk, outcome="gone", by=grid, now=later)
    submit(wave_id=wave.pk, sent=sent(Channel.VISIT, invitation_id=mine[2].pk), by=grid, now=later)
    line = next(line for line in progress_of(wave_for(clerk, wave.pk)) if line.code == "XT")
    assert (line.drawn, line.answers, line.rate) == (4, 2, 2 / 3)
    told = str(list(Event.objects.filter(subject_kind="wave").values_list("facts", "words")))
    assert all(one.code not in told and one.household not in told for one in invited)
    assert not {field.name for field in Answer._meta.get_fields()} & {"invitation", "code", "household", "address"}


def test_odd_sheets_are_flagged_never_dropped_and_people_decide(world: World, settings: Any) -> None:
    clerk = world.actor("clerk")
    wave = held(world, quotas={"XT": 2})
    with pytest.raises(Refused) as refusal:
        submit(
            wave_id=wave.pk,
            sent=Sent(given={"content": ["11"], "age": ["young"]}, channel=Channel.LINK),
            by=SYSTEM,
            now=NOW,
        )
    assert len(refusal.value.objections) == 5
    wish = {"wish": ["信报箱坏了，电话 13912345678，身份证 320602199001011234 <script>alert(1)</script>'; DROP TABLE"]}
    common: dict[str, Any] = {"street_code": "XT", "sender": "203.0.113.9"}
    first = submit(wave_id=wave.pk, sent=sent(given=wish, seconds=90, **common), by=SYSTEM, now=NOW)
    second = submit(wave_id=wave.pk, sent=sent(given=wish, seconds=3, **common), by=SYSTEM, now=NOW)
    third = submit(wave_id=wave.pk, sent=sent(street_code="XT", seconds=40, sender="203.0.113.9"), by=SYSTEM, now=NOW)
    fourth = submit(wave_id=wave.pk, sent=sent(street_code="WF", seconds=40), by=SYSTEM, now=NOW)
    assert (first.flags, second.flags, third.flags, fourth.flags) == ([], ["fast", "same"], ["over_quota"], [])
    remark = Remark.objects.filter(wave=wave).earliest("id")
    assert "13912345678" not in remark.text
    assert "320602199001011234" not in remark.text
    assert "<script>" in remark.text  # kept as it was written; pages escape it
    assert "wish" not in first.answers
    assert flagged_answers(wave).count() == 2
    leave_out(wave_id=wave.pk, answer_id=str(second.pk), reason="同一人重复", by=clerk, now=NOW)
    assert Answer.objects.filter(wave=wave).count() == 4
    case = open_case_from(remark_id=remark.pk, title="信报箱损坏", place="学田苑", by=clerk, now=NOW)
    assert open_case_from(remark_id=remark.pk, title="又一次", place="学田苑", by=clerk, now=NOW) == case
    assert (case.origin_kind, case.home.code, case.reported_by_id) == ("survey", "XT", clerk.user_id)
    settings.RESIDENT_REPORTS_PER_HOUR = 1  # so that three sheets an hour are taken from one address
    with pytest.raises(Refused, match="太多"):
        submit(wave_id=wave.pk, sent=sent(given={"content": ["5"]}, **common), by=SYSTEM, now=NOW)
    assert forget_senders(now=NOW + timedelta(hours=2)) > 0
    assert Case.objects.filter(origin_kind="survey").count() == 1


def test_results_have_intervals_change_and_hide_small_cells(world: World) -> None:
    clerk, chief = world.actor("clerk"), world.actor("chief")
    for code in ("HC", "RG"):
        put_unit(code=code, name=f"{code}街道", kind="street", parent_code="CC", by=SYSTEM, now=NOW)
    margins = {
        "street": {"XT": 500.0, "WF": 300.0, "HC": 100.0, "RG": 100.0},
        "age": {"18-34": 3.0, "35-59": 4.0, "60+": 3.0},
    }
    waves: list[Wave] = []
    for turn, known in enumerate(("no", "heard")):
        wave = held(
            world,
            of=waves[0].survey if waves else None,
            margins=margins,
            day=date(2020, 4, 1) if not turn else FIRST_DAY,
        )
        Answer.objects.bulk_create(
            [
                Answer(
                    wave=wave, street=world.unit(code), channel="link", day=NOW.date(), fingerprint=f"{code}{n}",
                    answers={"age": ("18-34", "35-59", "60+")[n % 3], "know": known if n % 2 else "well", "content": 1 + n % 5, "joined": ["none"]},
                )
                for code, size in (("XT", 40), ("WF", 30), ("HC", 30), ("RG", 4))
                for n in range(size)
            ]
        )  # fmt: skip
        work.close_wave(wave_id=wave.pk, by=clerk, now=NOW)
        compute_results(wave_id=wave.pk, now=NOW)
        waves.append(wave)
    results = Wave.objects.get(pk=waves[1].pk).results
    assert results is not None
    aware, joined, content = results["rates"]
    assert (aware["rate"], joined["rate"]) == (1.0, 0.0)
    assert aware["change"]["certain"]
    assert aware["change"]["low"] < aware["change"]["difference"] == pytest.approx(0.5, abs=0.01)
    assert {row["code"] for row in content["streets"] if row["shown"]} == {"XT", "WF"}
    assert "rate" not in next(row for row in content["streets"] if row["code"] == "RG")
    assert results["design_effect"] > 1
    rows = answers_csv(waves[1]).splitlines()
    assert len(rows) == 105
    assert "H1" not in rows[0]
    told = questionnaire_rates(waves[1].edition_id or 0, now=NOW)
    assert [(row.name, row.respondents) for row in told] == [("创建知晓率", 104), ("创建参与率", 104), ("满意率", 104)]
    assert questionnaire_rates(999, now=NOW) == ()
    assert as_docx(survey_paper(chief, waves[1].pk, now=NOW)).startswith(b"PK")
