"""A printed code: who scans it decides what it opens; anybody may report here and see what became of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.intake.models import RecentSender, ResidentReport
from chuangwen.intake.operations import forget_phones
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import finish_visit, record_finding
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.rounds import small_edition, small_patrol
from tests.supervised import TITLE, round_of, secret, walked
from tests.world import NOW, PEOPLE, World, photo_id, picture

Enter = Callable[[str], Client]


def code_of(world: World) -> str:
    """The address in the compound's code."""
    return f"/field/q/{world.compound.token}/"


def form_of(world: World) -> str:
    """Where a report at the compound is written."""
    return f"/q/{world.compound.token}/report/"


def send(world: World, client: Client | None = None, **said: Any) -> Any:
    """A report of somebody who is not logged in."""
    return (client or Client()).post(form_of(world), {"text": "二楼楼道堆着纸箱", "client_key": "r1", **said})


# --- who scans ---


def test_an_inspector_on_one_round_lands_on_the_checklist(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    answer = enter("inspector").get(code_of(world))
    assert answer["Location"] == f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/"


def test_an_inspector_on_several_rounds_chooses(world: World, enter: Enter) -> None:
    edition = small_edition()
    rounds = [small_patrol(world, edition=edition) for _ in range(2)]
    page = read(enter("inspector").get(code_of(world)))
    for patrol in rounds:
        assert f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/" in page.links


def test_an_inspector_without_a_round_reports_or_begins_one(world: World, enter: Enter) -> None:
    small_edition()
    client = enter("inspector")
    page = read(client.get(code_of(world)))
    assert "上报问题" in page.words
    (form,) = [name for name in page.forms if name.endswith("/start/")]
    for _ in range(2):
        answer = client.post(form)
    patrol = Patrol.objects.get()
    assert answer["Location"] == f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/"
    assert [stop.site for stop in patrol.stops.all()] == [world.compound]
    assert client.get(code_of(world))["Location"] == answer["Location"]
    assert "学田苑临时巡查（6月24日）" in client.get("/field/").content.decode()
    named = client.get(f"/field/report/?site={world.compound.name}").content.decode()
    assert 'value="学田苑"' in named


def test_nobody_but_an_inspector_begins_a_round(world: World, enter: Enter) -> None:
    small_edition()
    for username in ("clerk", "xt_chief", "grid"):
        assert enter(username).post(f"{code_of(world)}start/").status_code == 403
    assert Client().post(f"{code_of(world)}start/").status_code == 302
    assert not Patrol.objects.exists()


def test_a_units_worker_sees_their_own_cases_first(world: World, enter: Enter) -> None:
    mine = world.case_at(Status.HANDLING)
    page = read(enter("wy_worker").get(code_of(world)))
    assert "要您整改的" in page.words
    assert f"/desk/cases/{mine.pk}/" in page.links
    assert "要您整改的" not in read(Client().get(code_of(world))).words
    assert f"/desk/cases/{mine.pk}/" not in read(enter("wf_chief").get(code_of(world))).links


# --- what anybody sees ---


def checked(world: World) -> Case:
    """The compound walked this morning: one of two failed."""
    patrol, by = small_patrol(world), world.actor("inspector")
    found = record_finding(
        patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code="RES-10", verdict="fail", note="2单元王先生家门口",
        photo_ids=[photo_id(by)], by=by, now=NOW,
    )  # fmt: skip
    finish_visit(patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=by, now=NOW)
    assert found.case is not None
    return found.case


def test_anybody_sees_the_standard_the_last_result_and_what_is_being_fixed(world: World, wednesday: None) -> None:
    case = checked(world)
    page = read(Client().get(code_of(world)))
    for words in (
        "道路平整无坑洼",
        "2020年6月24日",
        "看了 3 条，合格 2 条",
        "没有做到“楼道无堆放杂物”",
        "前改好",
        "在这里报告问题",
    ):
        assert words in page.words, words
    assert case.due_at is not None
    named = [name for _account, name, _role, _unit in PEOPLE] + [
        "王先生",
        "物业经理",
        "13900001234",
        "学田文峰日常巡查",
    ]
    assert not [name for name in named if name in page.html]
    assert f"/desk/cases/{case.pk}/" not in page.html


def test_a_report_that_nobody_checked_yet_is_no_problem_of_the_place(world: World, wednesday: None) -> None:
    small_edition()
    send(world)
    assert "现在没有正在整改的问题" in read(Client().get(code_of(world))).words


def test_a_secret_visit_is_no_result_for_anybody(world: World, wednesday: None) -> None:
    small_edition()
    task = secret(world)
    walked(world, round_of(world, task))
    page = read(Client().get(code_of(world)))
    assert "还没有公开的检查结果" in page.words
    assert TITLE not in page.html


def test_a_place_that_is_no_more_in_use_has_no_page(world: World, wednesday: None) -> None:
    world.compound.active = False
    world.compound.save()
    assert Client().get(code_of(world)).status_code == 404
    assert Client().get(form_of(world)).status_code == 404
    assert send(world).status_code == 404


# --- reporting ---


def test_a_resident_reports_and_follows_it_by_the_receipt(world: World, wednesday: None) -> None:
    small_edition()
    photo = SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg")
    answer = send(world, criterion="RES-10", phone="138 1234 5678", photo=photo)
    report = ResidentReport.objects.get()
    case = report.case
    assert re.fullmatch(r"/receipts/[0-9A-Z]{4}(-[0-9A-Z]{4}){2}/", answer["Location"])
    assert (case.origin_kind, case.flow_status, case.reported_by) == ("resident", Status.REPORTED, None)
    assert (case.site, case.criterion_code, case.severity) == (world.compound, "RES-10", "A")
    assert case.photos.count() == 1
    page = Client().get(answer["Location"])
    assert "已收到" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert "二楼楼道堆着纸箱" not in page.content.decode()
    found = Client().get("/receipts/", {"number": report.receipt.replace("-", "").lower()})
    assert found["Location"] == answer["Location"]
    assert Client().get(f"/receipts/{case.pk}/").status_code == 404
    assert "没有这个回执号" in read(Client().get("/receipts/", {"number": "AAAA"})).words


def test_the_receipt_tells_how_it_goes_on_and_nothing_of_the_work(world: World, wednesday: None) -> None:
    address = send(world)["Location"]
    case, clerk, unit = Case.objects.get(), world.actor("clerk"), world.actor("wy_worker")
    cases.accept(case_id=case.pk, by=clerk, now=NOW)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("XT-01-WY").pk, note="请抓紧", by=clerk, now=NOW)
    assert "应在6月" in read(Client().get(address)).words
    cases.rectify(case_id=case.pk, note="内部说明", reply="已经清走", by=unit, now=NOW)
    assert "已经清走" not in read(Client().get(address)).words
    cases.verify(case_id=case.pk, by=world.actor("inspector"), now=NOW)
    page = read(Client().get(address)).words
    assert "已经清走" in page
    assert "内部说明" not in page
    assert "请抓紧" not in page


def test_a_residents_case_waits_for_an_answer_before_it_is_filed(world: World, wednesday: None) -> None:
    send(world)
    case, clerk = Case.objects.get(), world.actor("clerk")
    cases.accept(case_id=case.pk, by=clerk, now=NOW)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("XT-01-WY").pk, by=clerk, now=NOW)
    cases.rectify(case_id=case.pk, note="已清", by=world.actor("wy_worker"), now=NOW)
    cases.verify(case_id=case.pk, by=world.actor("inspector"), now=NOW)
    assert not cases.close_checked(case_id=case.pk, now=NOW)


def test_the_same_submission_is_one_report(world: World, wednesday: None) -> None:
    first, second = send(world), send(world)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1
    assert send(world, client_key="r2")["Location"] == first["Location"]  # the same words at the same place
    other = send(world, client_key="r3", text="三楼也堆着纸箱")
    assert other["Location"] != first["Location"]


def test_a_refused_report_names_everything_loses_nothing_and_stores_nothing(world: World, wednesday: None) -> None:
    small_edition()
    photo = SimpleUploadedFile("x.jpg", picture("green"), "image/jpeg")
    answer = send(world, text=" ", criterion="LANE-01", phone="不知道", photo=photo)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("选的这一条不在这里的要求里", "电话号码看不懂", "照片没有存下，请重新选"):
        assert words in page, words
    assert 'value="不知道"' in page
    empty = send(world, text="")
    assert "请选一条没有做到的" in empty.content.decode()
    broken = SimpleUploadedFile("y.jpg", b"no picture", "image/jpeg")
    assert "y.jpg：" in send(world, photo=broken).content.decode()
    two = [SimpleUploadedFile(f"{name}.jpg", picture(name), "image/jpeg") for name in ("red", "blue")]
    assert "最多附一张照片" in send(world, photo=two).content.decode()
    assert not Case.objects.exists()
    assert not Photo.objects.exists()


def test_a_program_that_fills_in_everything_is_refused(world: World, wednesday: None) -> None:
    assert send(world, homepage="http://example.org").status_code == 422
    assert not Case.objects.exists()


def test_a_form_from_elsewhere_is_refused(world: World, wednesday: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert send(world, strict).status_code == 403
    page = strict.get(form_of(world)).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"', maxsplit=1)[0]
    assert send(world, strict, csrfmiddlewaretoken=token).status_code == 302


def test_a_flood_from_one_address_is_held_back_and_the_address_is_not_kept(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RESIDENT_REPORTS_PER_HOUR = 3
    monkeypatch.setattr("chuangwen.rules.proofs.FREE_AN_HOUR", 9)
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW)
    answers = [send(world, client_key=f"k{number}", text=f"第 {number} 层堆着纸箱").status_code for number in range(5)]
    assert answers == [302, 302, 302, 422, 422]
    assert send(world, Client(REMOTE_ADDR="10.1.1.1"), client_key="other").status_code == 302
    assert not [row for row in RecentSender.objects.all() if "127.0.0.1" in row.digest]
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(minutes=61))
    assert send(world, client_key="later").status_code == 302
    assert RecentSender.objects.count() == 1


def test_a_telephone_number_is_masked_everywhere_and_forgotten(world: World, enter: Enter) -> None:
    send(world, text="请打 13812345678 找我", phone="13912345678")
    case = Case.objects.get()
    assert "13812345678" not in f"{case.title}{case.text}"
    office = enter("clerk").get(f"/desk/cases/{case.pk}/").content.decode()
    assert "139****5678" in office
    assert "13912345678" not in office
    assert "139****5678" not in enter("wy_worker").get(f"/desk/cases/{case.pk}/").content.decode()
    told = "".join(f"{event.facts}{event.words}{event.actor_name}" for event in Event.objects.all())
    assert "5678" not in told
    assert forget_phones(now=NOW + timedelta(days=60)) == 0
    cases.cancel(case_id=case.pk, reason="重复", by=world.actor("chief"), now=NOW)
    assert forget_phones(now=NOW + timedelta(days=29)) == 0
    assert forget_phones(now=NOW + timedelta(days=31)) == 1
    assert ResidentReport.objects.get().phone == ""


def test_the_pages_of_a_code_stay_within_their_statements(world: World, enter: Enter) -> None:
    checked(world)
    with budget("GET /field/q/{token}/"):
        Client().get(code_of(world))
    with budget("GET /q/{token}/report/"):
        Client().get(form_of(world))
    worker = enter("wy_worker")
    with budget("GET /field/q/{token}/ as a unit's worker"):
        worker.get(code_of(world))
    client = Client()
    client.get(form_of(world))
    with budget("POST /q/{token}/report/"):
        answer = send(world, client)
    with budget("GET /receipts/{number}/"):
        Client().get(answer["Location"])
