"""Appeals at the desk: from the case and the score line to the decision, the corrected sheet, and what each may see."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.appeals.models import Appeal, TermSet
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding
from chuangwen.rules.case_flow import Status
from chuangwen.scores.models import ScoreSheet
from tests.appealing import GROUND, OVER, about_case, about_part, closed_case, late_case, review, settled, shown_june
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.walks import JULY, june
from tests.world import NOW, World, picture

Enter = Callable[[str], Client]
At = Callable[[datetime], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Requests believe that it is this moment."""
    return lambda moment: monkeypatch.setattr("chuangwen.http.clock", lambda: moment)


@pytest.fixture
def shown(world: World, enter: Enter, at: At) -> ScoreSheet:
    """June lies open to its streets; it is the first of July."""
    june(world)
    at(JULY + timedelta(hours=2))
    return shown_june(world)


def typed(**changes: Any) -> dict[str, Any]:
    """An appeal as the form sends it."""
    return {"claim": "not_overdue", "ground": GROUND, "words": "26日已清理。", "client_key": "k1", **changes}


def test_a_unit_appeals_from_its_closed_case_once(world: World, enter: Enter) -> None:
    case = closed_case(world, now=NOW - timedelta(hours=1))
    client, address = enter("wy_worker"), f"/desk/cases/{case.pk}/appeal/"
    assert address in read(client.get(f"/desk/cases/{case.pk}/")).links
    assert address not in read(enter("clerk").get(f"/desk/cases/{case.pk}/")).links
    photo = SimpleUploadedFile("a.jpg", picture("blue"), "image/jpeg")
    for _ in range(2):
        answer = client.post(address, typed(photo=photo))
        photo.seek(0)
    appeal = Appeal.objects.get()
    assert answer["Location"] == f"/desk/appeals/{appeal.pk}/"
    page = read(client.get(answer["Location"]))
    assert "26日已清理。" in page.words
    assert f"/desk/appeals/{appeal.pk}/photos/{appeal.photos.get().photo_id}/" in page.links
    shown = client.get(f"/desk/appeals/{appeal.pk}/photos/{appeal.photos.get().photo_id}/")
    assert (shown.status_code, b"".join(shown)[:2]) == (200, b"\xff\xd8")
    shown.close()
    again = client.post(address, typed(client_key="k2"))
    assert (again.status_code, "只能申诉一次" in again.content.decode()) == (422, True)
    assert f"申诉 {appeal.pk} 号" in read(client.get(f"/desk/cases/{case.pk}/")).words


def test_a_refused_appeal_names_everything_and_keeps_words_and_pictures(world: World, enter: Enter) -> None:
    case = closed_case(world, now=NOW - timedelta(hours=1))
    photo = SimpleUploadedFile("a.jpg", picture("blue"), "image/jpeg")
    given = typed(claim="", words="", photo=photo)
    answer = enter("wy_worker").post(f"/desk/cases/{case.pk}/appeal/", given)
    page = read(answer)
    assert page.status == 422
    assert "请选择要求怎么计" in page.words
    assert "请写明情况和依据" in page.words
    assert "已收下 1 张照片" in page.words
    kept = next(form for form in page.forms.values() if "kept" in form.fields).fields["kept"][0]
    enter("wy_worker").post(f"/desk/cases/{case.pk}/appeal/", typed(kept=kept))
    assert Appeal.objects.get().photos.count() == 1


def test_where_nothing_can_be_appealed_the_page_says_why(world: World, enter: Enter) -> None:
    running = world.case_at(Status.HANDLING, now=NOW - timedelta(hours=1))
    client = enter("wy_worker")
    assert "/appeal/" not in client.get(f"/desk/cases/{running.pk}/").content.decode()
    assert client.get(f"/desk/cases/{running.pk}/appeal/").status_code in {403, 409, 422}
    assert enter("gz_clerk").get(f"/desk/cases/{running.pk}/appeal/").status_code == 404


def test_reviewers_find_their_work_and_decide_in_turn(world: World, enter: Enter, shown: ScoreSheet) -> None:
    appeal = about_case(world, late_case(), "neither")
    address = f"/desk/appeals/{appeal.pk}/"
    clerk, chief, unit = enter("clerk"), enter("chief"), enter("wf_chief")
    assert "等您审核的申诉" in read(clerk.get("/desk/")).words
    assert "等您审核的申诉" not in read(chief.get("/desk/")).words
    said = {"step": "propose", "outcome": "partly", "effect": "", "reason": "", "version": "1", "client_key": "r1"}
    wrong = read(clerk.post(address, said))
    assert wrong.status == 422
    assert "请写明理由" in wrong.words
    assert "部分成立须选定怎么计" in wrong.words
    said |= {"effect": "not_overdue", "reason": "返工属实，超期系统延误"}
    assert clerk.post(address, said).status_code == 302
    assert clerk.post(address, said).status_code == 302
    stale = chief.post(address, {**said, "step": "decide", "client_key": "r2"})
    assert (stale.status_code, "刚刚有人办过" in stale.content.decode()) == (409, True)
    assert chief.post(address, {**said, "step": "decide", "version": "2", "client_key": "r2"}).status_code == 302
    page = read(unit.get(address))
    assert "返工属实，超期系统延误" in page.words
    assert "申诉部分成立" in page.words
    assert "作出决定" not in page.words
    assert Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk).count() == 3


def test_a_refusal_is_taken_up_by_the_units_chief(world: World, enter: Enter, shown: ScoreSheet) -> None:
    appeal = settled(world, about_case(world, late_case()), "refused")
    address, unit = f"/desk/appeals/{appeal.pk}/", enter("wf_chief")
    assert "申请复核" in read(unit.get(address)).words
    assert unit.post(address, {"step": "escalate", "words": "", "version": "3"}).status_code == 422
    assert unit.post(address, {"step": "escalate", "words": "日志在附件", "version": "3"}).status_code == 302
    leader = enter("leader")
    assert "等您审核的申诉" in read(leader.get("/desk/")).words
    assert (
        leader.post(address, {"step": "finish", "outcome": "granted", "reason": "属实", "version": "4"}).status_code
        == 302
    )
    assert Appeal.objects.get().effect == "not_overdue"


def test_a_street_appeals_a_finding_and_a_part_of_its_line(world: World, enter: Enter, shown: ScoreSheet) -> None:
    street, failed = enter("wf_chief"), Finding.objects.get(criterion__code="LANE-01")
    line = f"/desk/scores/{shown.pk}/units/{world.unit('WF').pk}/"
    page = read(street.get(line))
    assert f"{line}appeal/?finding={failed.pk}" in page.links
    assert f"{line}appeal/?part=rework" in page.links
    assert f"{line}appeal/?part=rework" not in read(enter("xt_chief").get(line)).links
    for query, claim in ((f"finding={failed.pk}", "not_this_unit"), ("part=rework", "not_counted")):
        assert "提出申诉" in read(street.get(f"{line}appeal/?{query}")).words
        assert street.post(f"{line}appeal/?{query}", typed(claim=claim, client_key=query)).status_code == 302
    assert set(Appeal.objects.values_list("subject", flat=True)) == {"finding", "part"}
    for query in ("finding=999", "part=system", ""):
        assert street.get(f"{line}appeal/?{query}").status_code == 404
    assert enter("xt_chief").post(f"{line}appeal/?part=field", typed(claim="not_counted")).status_code == 422
    cases = read(street.get(f"{line}?part=rectification&group=late"))
    assert f"/desk/cases/{late_case().pk}/appeal/" in cases.links


def test_a_month_is_shown_appealed_corrected_and_released(world: World, enter: Enter, at: At) -> None:
    june(world)
    at(JULY)
    clerk, chief, street = enter("clerk"), enter("chief"), enter("wf_chief")
    clerk.post("/desk/scores/new/", {"rule": "district-month", "month": "2020-06", "client_key": "m"})
    sheet = ScoreSheet.objects.get()
    base = f"/desk/scores/{sheet.pk}/"
    assert f"{base}show/" in read(clerk.get(base)).links
    assert street.get(base).status_code == 404
    assert "3 个工作日内可以逐项申诉" in read(clerk.get(f"{base}show/")).words
    assert clerk.post(f"{base}show/").status_code == 302
    assert clerk.post(f"{base}show/").status_code == 422
    assert "公示期，到" in read(street.get(base)).words
    assert "公示期到7月6日18时为止" in read(chief.post(f"{base}release/")).words
    appeal = about_case(world, late_case())
    at(OVER)
    assert f"申诉 {appeal.pk} 号" in read(chief.post(f"{base}release/")).words
    settled(world, appeal)
    assert f"{base}correct/" in read(clerk.get(base)).links
    assert "文峰街道" in read(clerk.get(f"{base}correct/")).words
    corrected = clerk.post(f"{base}correct/")["Location"]
    line = read(street.get(f"{corrected}units/{world.unit('WF').pk}/?part=rectification&group=appealed"))
    assert f"/desk/appeals/{appeal.pk}/" in line.links
    assert f"申诉成立，不计 1 项（申诉 {appeal.pk} 号）" in line.words
    assert late_case().number in line.words
    assert chief.post(f"{corrected}release/").status_code == 302
    assert "40.00" in read(Client().get("/ranking/")).words


def test_the_list_narrows_and_names_its_conditions(world: World, enter: Enter, shown: ScoreSheet, at: At) -> None:
    done = settled(world, about_case(world, late_case()))
    waiting = about_part(world, shown, "field")
    clerk = enter("clerk")
    both = read(clerk.get("/desk/appeals/?since=2020-06-01&until=2020-06-30"))
    assert {f"/desk/appeals/{pk}/" for pk in (done.pk, waiting.pk)} <= set(both.links)
    for query, here in (("outcome=granted", done), ("mine=on", waiting), ("state=raised", waiting)):
        page = read(clerk.get(f"/desk/appeals/?{query}"))
        assert [link for link in page.links if link in {f"/desk/appeals/{pk}/" for pk in (done.pk, waiting.pk)}] == [
            f"/desk/appeals/{here.pk}/"
        ]
    assert "没有符合条件的申诉" in read(clerk.get("/desk/appeals/?late=on")).words
    at(OVER)
    assert f"/desk/appeals/{waiting.pk}/" in read(clerk.get("/desk/appeals/?late=on")).links
    assert "还没有申诉" in read(enter("xt_chief").get("/desk/appeals/")).words


def test_the_chief_sets_times_and_grounds(world: World, enter: Enter) -> None:
    chief = enter("chief")
    form = next(one for one in read(chief.get("/desk/appeals/terms/")).forms.values() if "window_days" in one.fields)
    given = form.filled(grounds="问题不属实\n其他", window_days="0")
    answer = chief.post("/desk/appeals/terms/", given)
    assert (answer.status_code, "公示期为零须写明理由" in answer.content.decode()) == (422, True)
    assert chief.post("/desk/appeals/terms/", {**given, "window_note": "迎检期间"}).status_code == 302
    assert TermSet.objects.get().grounds == ["问题不属实", "其他"]
    assert enter("clerk").get("/desk/appeals/terms/").status_code == 403
    assert chief.post("/desk/appeals/terms/", form.filled(appeal_days="x")).status_code == 422


@pytest.mark.parametrize("username", ["gz_clerk", "xt_chief", "cg_worker"])
def test_others_find_no_appeal_by_its_number(world: World, enter: Enter, shown: ScoreSheet, username: str) -> None:
    appeal = about_case(world, late_case())
    assert enter(username).get(f"/desk/appeals/{appeal.pk}/").status_code == 404
    assert (
        enter(username).post(f"/desk/appeals/{appeal.pk}/", {"step": "propose", "outcome": "refused"}).status_code
        == 404
    )


def test_pages_of_appeals_stay_within_their_statements(world: World, enter: Enter, shown: ScoreSheet) -> None:
    appeal = about_case(world, late_case())
    about_part(world, shown, "field")
    review(world, appeal, "propose")
    chief, clerk, worker = enter("chief"), enter("clerk"), enter("wy_chief")
    with budget("GET /desk/appeals/"):
        assert chief.get("/desk/appeals/").status_code == 200
    with budget("GET /desk/appeals/{appeal_id}/"):
        assert chief.get(f"/desk/appeals/{appeal.pk}/").status_code == 200
    closed = closed_case(world, now=JULY)
    with budget("GET /desk/cases/{case_id}/"):
        assert worker.get(f"/desk/cases/{closed.pk}/").status_code == 200
    with budget("POST /desk/appeals/{appeal_id}/"):
        said = {"step": "decide", "outcome": "granted", "reason": "属实", "version": "2", "client_key": "b"}
        assert chief.post(f"/desk/appeals/{appeal.pk}/", said).status_code == 302
    with budget("GET /desk/scores/{sheet_id}/ while it is shown"):
        assert clerk.get(f"/desk/scores/{shown.pk}/").status_code == 200
    with budget("POST /desk/cases/{case_id}/appeal/"):
        assert worker.post(f"/desk/cases/{closed.pk}/appeal/", typed()).status_code == 302
