"""Every move from its form on the case page: done, refused with nothing lost, repeated, overtaken by somebody else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, Extension
from chuangwen.cases.queries import case_for, moves_for
from chuangwen.evidence.models import Photo
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import BY_HAND, Move, Status
from chuangwen.rules.permissions import Permission, may
from chuangwen.standards.queries import work_calendar
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import BEIJING, NOW, PEOPLE, World, photo_id, picture

Enter = Callable[[str], Client]

# move -> who does it, from where, what is typed, where it leads
WALKS: dict[str, tuple[str, Status, dict[str, Any], Status]] = {
    Move.ACCEPT: ("clerk", Status.REPORTED, {"standard": "T-4WH"}, Status.ACCEPTED),
    Move.REFUSE: ("clerk", Status.REPORTED, {"reason": "不归城区管"}, Status.REFUSED),
    Move.DISPATCH: ("clerk", Status.ACCEPTED, {}, Status.DISPATCHED),
    Move.ASSIGN: ("xt_chief", Status.DISPATCHED, {"unit_text": "学田社区（XT-01）"}, Status.DISPATCHED),
    Move.RETURN: ("wy_chief", Status.HANDLING, {"reason": "不是我们的楼"}, Status.RETURNED),
    Move.RECEIVE: ("wy_worker", Status.DISPATCHED, {}, Status.HANDLING),
    Move.RECTIFY: ("wy_worker", Status.HANDLING, {"note": "已清走"}, Status.RECTIFIED),
    Move.VERIFY: ("inspector2", Status.RECTIFIED, {"note": "干净了"}, Status.VERIFIED),
    Move.REJECT: ("inspector2", Status.RECTIFIED, {"reason": "二楼还有"}, Status.HANDLING),
    Move.CLOSE: ("clerk", Status.VERIFIED, {}, Status.CLOSED),
    Move.FORCE_CLOSE: ("chief", Status.HANDLING, {"reason": "楼已拆除"}, Status.FORCE_CLOSED),
    Move.CANCEL: ("chief", Status.DISPATCHED, {"reason": "重复上报"}, Status.CANCELLED),
    Move.SUSPEND: ("chief", Status.HANDLING, {"reason": "等道路大修", "until": "2020-07-30"}, Status.SUSPENDED),
    Move.RESUME: ("clerk", Status.SUSPENDED, {"note": "路修好了"}, Status.HANDLING),
}


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """An hour after the cases began to walk."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))


def case_for_move(world: World, move: str) -> Case:
    """A case from which this move can be made by the one who makes it in WALKS."""
    case = world.case_at(WALKS[move][1])
    if move == Move.ASSIGN:  # the street has it and passes it on
        cases.return_back(case_id=case.pk, reason="请街道安排", by=world.actor("wy_worker"), now=NOW)
        cases.dispatch(case_id=case.pk, unit_id=world.unit("XT").pk, by=world.actor("clerk"), now=NOW)
    case.refresh_from_db()
    return case


def post_move(client: Client, case: Case, move: str, **typed: Any) -> Any:
    """Open the page and send this form as a browser would, with what is typed."""
    form = read(client.get(f"/desk/cases/{case.pk}/")).forms[f"move-{move}"]
    return client.post(form.action, form.filled(**typed))


def upload(colour: str = "red", name: str = "after.jpg") -> SimpleUploadedFile:
    """A picture as a browser sends it."""
    return SimpleUploadedFile(name, picture(colour), "image/jpeg")


@pytest.mark.parametrize("move", sorted(BY_HAND))
def test_each_move_is_made_from_its_form(world: World, enter: Enter, move: Move) -> None:
    username, _, typed, target = WALKS[move]
    case = case_for_move(world, move)
    client = enter(username)
    answer = post_move(client, case, move, **typed)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == f"/desk/cases/{case.pk}/"
    case.refresh_from_db()
    assert case.flow_status is target
    last = Event.objects.filter(subject_kind="case", subject_id=case.pk).latest("id")
    assert (last.kind, last.actor_name) == (f"case.{move.value}", world.actor(username).name)
    words = read(client.get(answer["Location"])).words
    for text in (typed.get("reason"), typed.get("note")):
        assert text is None or text in words


@pytest.mark.parametrize("move", sorted(BY_HAND))
def test_a_form_sent_twice_counts_once(world: World, enter: Enter, move: Move) -> None:
    username, _, typed, _ = WALKS[move]
    case = case_for_move(world, move)
    client = enter(username)
    before = Event.objects.filter(kind=f"case.{move.value}", subject_id=case.pk).count()
    form = read(client.get(f"/desk/cases/{case.pk}/")).forms[f"move-{move}"]
    answers = [client.post(form.action, form.filled(**typed)).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert Event.objects.filter(kind=f"case.{move.value}", subject_id=case.pk).count() == before + 1


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("username", [row[0] for row in PEOPLE if row[0] not in {"admin", "gz_clerk"}])
def test_the_page_offers_what_the_map_allows_and_nothing_else(
    world: World, enter: Enter, status: Status, username: str
) -> None:
    case = world.case_at(status)
    answer = enter(username).get(f"/desk/cases/{case.pk}/")
    actor = world.actor(username)
    if not may(actor, Permission.CASE_SEE, case.thing()):
        assert answer.status_code == 404
        return
    allowed = {arrow.move.value for arrow in moves_for(actor, case_for(actor, case.pk))}
    offered = read(answer).offers() - {"note", "ask_extension", "decide_extension", "object"}
    assert offered == allowed - {"assign"}  # the firm that has the case has nobody below it


@pytest.mark.parametrize("move", [move for move, walk in WALKS.items() if "reason" in walk[2] or move == Move.RECTIFY])
def test_a_missing_reason_is_refused_in_the_rules_own_words(world: World, enter: Enter, move: str) -> None:
    username, status, typed, _ = WALKS[move]
    case = case_for_move(world, move)
    page = read(post_move(enter(username), case, move, **dict.fromkeys(typed, "")))
    assert page.status == 422
    assert f"“{Move(move).label}”须写明" in page.words
    assert f"move-{move}" in page.ids
    case.refresh_from_db()
    assert case.flow_status is status


def test_every_objection_is_named_at_once_and_what_was_typed_stays(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    page = read(post_move(enter("chief"), case, Move.SUSPEND, reason="", until="30.7.2020"))
    assert page.status == 422
    assert "日期应写成 2020-06-28" in page.words
    assert "“挂账”须写明理由" in page.words
    assert "30.7.2020" in page.html


def test_a_unit_is_found_by_part_of_its_name_code_or_whole_name(world: World, enter: Enter) -> None:
    for typed, code in (("城管", "CC-CG"), ("wf-01", "WF-01"), ("学田街道", "XT"), ("文峰社区（WF-01）", "WF-01")):
        case = world.case_at(Status.ACCEPTED)
        assert post_move(enter("clerk"), case, Move.DISPATCH, unit_text=typed).status_code == 302
        case.refresh_from_db()
        assert case.unit is not None
        assert case.unit.code == code


def test_an_ambiguous_or_unknown_unit_is_said_and_nothing_is_sent(world: World, enter: Enter) -> None:
    case = world.case_at(Status.ACCEPTED)
    page = read(post_move(enter("clerk"), case, Move.DISPATCH, unit_text="社区", note="请尽快"))
    assert page.status == 422
    assert "“社区”对应不止一个单位" in page.words
    assert "学田社区（XT-01）" in page.words
    assert "请尽快" in page.html
    unknown = read(post_move(enter("clerk"), case, Move.DISPATCH, unit_text="港闸区"))
    assert "没有找到单位“港闸区”" in unknown.words  # it exists, in another district
    none = read(post_move(enter("clerk"), case, Move.DISPATCH, unit=""))
    assert "“派遣”须选定责任单位" in none.words
    case.refresh_from_db()
    assert case.flow_status is Status.ACCEPTED


def test_the_owner_of_the_site_is_suggested_unless_it_sent_the_case_back(world: World, enter: Enter) -> None:
    new = read(enter("clerk").get(f"/desk/cases/{world.case_at(Status.ACCEPTED).pk}/"))
    assert new.forms["move-dispatch"].fields["unit"] == [str(world.unit("XT-01-WY").pk)]
    back = read(enter("clerk").get(f"/desk/cases/{world.case_at(Status.RETURNED).pk}/"))
    assert back.forms["move-dispatch"].fields["unit"] == [str(world.unit("XT").pk)]
    assert "点位责任单位，刚退回" in back.words


def test_a_case_is_handed_in_with_a_picture(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(world.actor("inspector"))])
    client = enter("wy_worker")
    assert post_move(client, case, Move.RECTIFY, note="已清", photo=upload()).status_code == 302
    after = case.photos.get(role="after")
    assert f"/desk/cases/{case.pk}/photos/{after.photo_id}/" in read(client.get(f"/desk/cases/{case.pk}/")).links


def test_a_picture_of_a_refused_submission_needs_not_be_chosen_again(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(world.actor("inspector"))])
    client = enter("wy_worker")
    refused = read(post_move(client, case, Move.RECTIFY, note="", photo=upload()))
    assert refused.status == 422
    assert "已收下 1 张照片" in refused.words
    form = refused.forms["move-rectify"]
    assert client.post(form.action, form.filled(note="已清")).status_code == 302
    assert case.photos.filter(role="after").count() == 1


def test_the_word_for_kept_pictures_serves_nobody_else(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(world.actor("inspector"))])
    refused = read(post_move(enter("wy_worker"), case, Move.RECTIFY, note="", photo=upload()))
    token = refused.forms["move-rectify"].fields["kept"]
    stolen = post_move(enter("wy_chief"), case, Move.RECTIFY, note="已清", kept=token)
    forged = post_move(enter("wy_worker"), case, Move.RECTIFY, note="已清", kept="eyJpZHMiOlsxXX0:x:y")
    assert (stolen.status_code, forged.status_code) == (422, 422)
    assert "须附整改后的照片" in stolen.content.decode()


def test_a_file_that_is_no_picture_is_said_beside_everything_else(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    broken = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    page = read(post_move(enter("wy_worker"), case, Move.RECTIFY, note="", photo=broken))
    assert page.status == 422
    assert "x.jpg：这个文件不是完整的照片" in page.words
    assert "请重新拍摄或选择" in page.words
    assert "“提交整改”须写明做了什么" in page.words


def test_somebody_who_came_first_is_not_overwritten_and_both_texts_are_shown(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    client = enter("wy_worker")
    form = read(client.get(f"/desk/cases/{case.pk}/")).forms["move-rectify"]
    cases.rectify(case_id=case.pk, note="负责人已清走", by=world.actor("wy_chief"), now=NOW)
    page = read(client.post(form.action, form.filled(note="我清的")))
    assert page.status == 409
    assert "有人刚刚办过这件案件" in page.words
    assert "我清的" in page.words
    assert "负责人已清走" in page.words
    assert "待核查" in page.words
    assert Event.objects.filter(kind="case.rectify", subject_id=case.pk).count() == 1


def test_after_a_look_at_the_new_state_the_same_words_can_be_sent(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    client = enter("wy_worker")
    form = read(client.get(f"/desk/cases/{case.pk}/")).forms["move-rectify"]
    extensions.ask_extension(case_id=case.pk, reason="等配件", by=world.actor("wy_chief"), now=NOW)
    extensions.decide_extension(case_id=case.pk, granted=True, by=world.actor("clerk"), now=NOW)
    conflict = read(client.post(form.action, form.filled(note="我清的")))
    assert conflict.status == 409
    again = conflict.forms["move-rectify"]
    assert "我清的" in conflict.html
    assert client.post(again.action, again.filled(note="我清的")).status_code == 302


def test_a_move_that_is_possible_no_more_gives_the_words_back(world: World, enter: Enter) -> None:
    case = world.case_at(Status.CLOSED)
    answer = enter("wy_worker").post(f"/desk/cases/{case.pk}/rectify/", {"note": "写了很久的说明"})
    page = read(answer)
    assert page.status == 422
    assert "案件现在是“已结案”，不能“提交整改”" in page.words
    assert "写了很久的说明" in page.words


def test_who_may_not_is_refused_and_who_may_not_see_finds_nothing(world: World, enter: Enter) -> None:
    case = world.case_at(Status.REPORTED)
    refused = enter("xt_chief").post(f"/desk/cases/{case.pk}/accept/", {})
    assert (refused.status_code, "这一步不由您办理" in refused.content.decode()) == (422, True)
    for username, body in (("gz_clerk", {}), ("wf_chief", {"photo": upload("blue")}), ("wf_chief", {"unit_text": "x"})):
        move = "rectify" if "photo" in body else "dispatch"
        assert enter(username).post(f"/desk/cases/{case.pk}/{move}/", body).status_code == 404
    assert not Photo.objects.exists()
    assert enter("clerk").post(f"/desk/cases/{case.pk}/celebrate/", {}).status_code == 404


def test_reloading_the_address_of_a_form_leads_back_to_the_case(world: World, enter: Enter) -> None:
    case = world.case_at(Status.REPORTED)
    assert enter("clerk").get(f"/desk/cases/{case.pk}/accept/")["Location"] == f"/desk/cases/{case.pk}/"
    assert enter("gz_clerk").get(f"/desk/cases/{case.pk}/accept/").status_code == 404


def test_more_time_is_asked_for_and_granted_or_refused(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    due = case.due_at
    chief, clerk = enter("wy_chief"), enter("clerk")
    assert "须写明理由" in read(post_move(chief, case, "ask_extension", reason="")).words
    assert post_move(chief, case, "ask_extension", reason="等配件到货").status_code == 302
    page = read(clerk.get(f"/desk/cases/{case.pk}/"))
    assert "等配件到货" in page.words
    refused = post_move(clerk, case, "decide_extension", granted="0", reason="")
    assert (refused.status_code, "不同意延期须写明理由" in refused.content.decode()) == (422, True)
    assert post_move(clerk, case, "decide_extension", granted="1").status_code == 302
    case.refresh_from_db()
    assert due is not None
    assert case.due_at is not None
    assert case.due_at > due
    assert Extension.objects.get().granted is True
    assert "同意延期" in read(chief.get(f"/desk/cases/{case.pk}/")).words


def test_a_remark_stands_in_the_history_for_all_who_see_the_case(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    assert "备注不能为空" in read(post_move(enter("leader"), case, "note", note=" ")).words
    assert post_move(enter("leader"), case, "note", note="周五我去看").status_code == 302
    assert "周五我去看" in read(enter("wy_worker").get(f"/desk/cases/{case.pk}/")).words


def test_a_suspension_ends_when_its_day_begins(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    assert post_move(enter("chief"), case, Move.SUSPEND, reason="等大修", until="2020-07-30").status_code == 302
    case.refresh_from_db()
    assert case.suspended_until == datetime(2020, 7, 30, tzinfo=BEIJING)
    today = world.case_at(Status.HANDLING)
    refused = post_move(enter("chief"), today, Move.SUSPEND, reason="等大修", until="2020-06-24")
    assert (refused.status_code, "须在今天之后、一年之内" in refused.content.decode()) == (422, True)


def test_a_residents_case_asks_for_an_answer_and_shows_no_name(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING, origin_kind="message", origin_id=7)
    client = enter("wy_worker")
    typed = {"note": "已清", "reply": "楼道已清理，感谢反映"}
    assert post_move(client, case, Move.RECTIFY, **typed).status_code == 302
    page = read(enter("clerk").get(f"/desk/cases/{case.pk}/"))
    assert "楼道已清理，感谢反映" in page.words
    assert world.actor("inspector").name not in page.words


@pytest.mark.parametrize("move", sorted(BY_HAND))
def test_the_cost_of_a_move(world: World, enter: Enter, move: Move) -> None:
    username, _, typed, _ = WALKS[move]
    case = case_for_move(world, move)
    client = enter(username)
    form = read(client.get(f"/desk/cases/{case.pk}/")).forms[f"move-{move}"]
    if "unit_text" in typed:  # choosing is one statement; looking a name up is one more
        typed = {"unit": world.unit("XT-01").pk}
    typed = {name: value for name, value in typed.items() if name != "standard"}
    work_calendar()
    with budget("POST /desk/cases/{case_id}/{move}/"):
        assert client.post(form.action, form.filled(**typed)).status_code == 302


def test_the_cost_of_a_move_with_a_picture_or_a_typed_name(world: World, enter: Enter) -> None:
    handling = world.case_at(Status.HANDLING, photo_ids=[photo_id(world.actor("inspector"))])
    accepted = world.case_at(Status.ACCEPTED)
    work_calendar()
    worker, clerk = enter("wy_worker"), enter("clerk")
    with budget("POST /desk/cases/{case_id}/{move}/ with one picture"):
        answer = worker.post(
            f"/desk/cases/{handling.pk}/rectify/", {"note": "已清", "photo": upload(), "client_key": "a"}
        )
    assert answer.status_code == 302
    with budget("POST /desk/cases/{case_id}/{move}/ with a name to look up"):
        answer = clerk.post(f"/desk/cases/{accepted.pk}/dispatch/", {"unit_text": "学田苑物业", "client_key": "b"})
    assert answer.status_code == 302
