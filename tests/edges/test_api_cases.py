"""Cases through the interface for other programs: the same doors, moves and refusals as on the pages."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from chuangwen.api.schemas.cases import CaseQuery
from chuangwen.cases import extensions, operations, orders
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import BY_HAND, TABLE, Move, Status
from tests.edges.programs import Program, objections, program
from tests.world import NOW, World, photo_id

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come an hour after the cases of the small district began to walk, a minute a step."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: LATER)


def ids(answer: Any) -> list[int]:
    """The cases on a page."""
    assert answer.status_code == 200, answer.content.decode()
    return [row["id"] for row in answer.json()["items"]]


# --- the list ---


def test_the_list_offers_every_filter_of_the_pages() -> None:
    assert set(CaseQuery.model_fields) == {field.name for field in fields(CaseFilter)} | {"after", "size"}


@pytest.fixture
def many(world: World) -> World:
    """A case at every status, one elsewhere, one in an order, one reworked."""
    for status in Status:
        world.case_at(status)
    world.open_case(
        title="路灯不亮", site=world.lane, severity="C", criterion_code="LANE-01", now=NOW - timedelta(days=2)
    )
    back = world.case_at(Status.RECTIFIED)
    operations.reject(case_id=back.pk, reason="仍有杂物", by=world.actor("inspector"), now=LATER)
    listed = world.case_at(Status.ACCEPTED)
    orders.issue_order(
        number="崇创整〔2020〕1号", title="整改", issuer="市文明办", deadline=NOW + timedelta(days=9), case_ids=[listed.pk],
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    return world


NARROWINGS = (
    {"q": "路灯"}, {"state": "open"}, {"state": "done"}, {"status": "handling"}, {"unit": "XT"}, {"street": "WF"},
    {"point_type": "LANE"}, {"criterion": "LANE-01"}, {"severity": "C"}, {"origin": "report", "sort": "oldest"},
    {"late": "no"}, {"rework": "1"}, {"since": "2020-06-24"}, {"until": "2020-06-23"}, {"sort": "due"},
)  # fmt: skip


@pytest.mark.parametrize("wanted", NARROWINGS, ids=str)
def test_a_filter_leaves_the_same_cases_as_on_the_pages(many: World, wanted: dict[str, str]) -> None:
    page = page_of(many.actor("clerk"), CaseFilter.read(wanted), now=LATER)
    answer = program(many, "clerk").get("cases", **wanted)
    assert ids(answer) == [case.pk for case in page.rows]
    assert answer.json()["total"] == page.total > 0


def test_filters_by_order_and_by_site_take_their_ids(many: World) -> None:
    clerk = program(many, "clerk")
    listed = Case.objects.get(order__isnull=False)
    assert ids(clerk.get("cases", order=listed.order_id)) == [listed.pk]
    assert ids(clerk.get("cases", site=many.lane.pk)) == [Case.objects.get(site=many.lane).pk]
    assert ids(clerk.get("cases", q=listed.number)) == [listed.pk]


@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "reported"])
def test_walking_the_pages_shows_every_case_once(many: World, sort: str) -> None:
    clerk, seen = program(many, "clerk"), []
    answer = clerk.get("cases", sort=sort, size=4)
    seen += ids(answer)
    while following := answer.json()["next"]:
        answer = clerk.client.get(following, headers=clerk.headers)
        assert len(answer.json()["items"]) <= 4
        seen += ids(answer)
    assert len(seen) == len(set(seen)) == answer.json()["total"] == Case.objects.count()


def test_a_page_has_at_most_two_hundred_cases(world: World) -> None:
    row = world.open_case()
    Case.objects.bulk_create(
        Case(status="reported", origin_kind="report", title=f"第{n}件", home=row.home, reported_at=NOW, act_by=NOW)
        for n in range(230)
    )
    assert len(ids(program(world, "clerk").get("cases", size=1000))) == 200


def test_filters_that_make_no_sense_are_all_named_and_nothing_is_shown(world: World) -> None:
    clerk = program(world, "clerk")
    bad = clerk.get("cases", state="gone", since="昨天", order="²", late="maybe")
    assert bad.status_code == 400
    assert len(objections(bad)) == 4
    misspelt = clerk.get("cases", statuss="handling")
    assert misspelt.status_code == 400
    assert "statuss" in objections(misspelt)[0]
    for key in ("x", "~²", "2020-06-24T09:00:00~5"):
        assert clerk.get("cases", sort="due", after=key).status_code == 400


def test_a_page_without_matches_is_empty(world: World) -> None:
    answer = program(world, "gz_clerk").get("cases")
    assert (ids(answer), answer.json()["total"], answer.json()["next"]) == ([], 0, "")


# --- one case ---


def test_the_detail_says_what_the_case_is_what_can_be_done_and_how_it_came_here(world: World) -> None:
    picture = photo_id(world.actor("inspector"))
    case = world.case_at(Status.HANDLING, photo_ids=[picture])
    chief = program(world, "wy_chief").get(f"cases/{case.pk}").json()
    assert chief["case"]["status"] == "handling"
    assert chief["case"]["status_label"] == "整改中"
    assert chief["case"]["unit"] == {"code": "XT-01-WY", "name": "学田苑物业"}
    assert chief["case"]["reported_by"] == "巡查员甲"
    assert {move["move"] for move in chief["moves"]} == {"return_back", "rectify", "assign"}
    assert next(move for move in chief["moves"] if move["move"] == "rectify")["needs"] == ["note"]
    assert [(event["label"], event["after"]) for event in chief["history"]] == [
        ("上报", "reported"), ("受理", "accepted"), ("派遣", "dispatched"), ("签收", "handling"),
    ]  # fmt: skip
    assert chief["photos"][0]["id"] == picture
    assert chief["may_ask_extension"] is True
    assert program(world, "leader").get(f"cases/{case.pk}").json()["moves"] == []


def test_photos_come_out_through_the_door_of_their_case_only(world: World) -> None:
    inspector = program(world, "inspector")
    case = world.case_at(Status.REPORTED, photo_ids=[inspector.photo_id()])
    other = world.open_case(title="没有照片")
    photo = inspector.get(f"cases/{case.pk}").json()["photos"][0]
    for address in (photo["url"], photo["small_url"]):
        answer = inspector.client.get(address, headers=inspector.headers)
        assert answer["Content-Type"] == "image/jpeg"
        assert b"".join(answer).startswith(b"\xff\xd8")
    assert inspector.get(f"cases/{other.pk}/photos/{photo['id']}").status_code == 404
    assert inspector.get(f"cases/{case.pk}/photos/{2**70}").status_code == 422
    assert program(world, "gz_clerk").get(f"cases/{case.pk}/photos/{photo['id']}").status_code == 404


def test_who_wrote_to_us_is_not_named(world: World) -> None:
    case = world.open_case(origin_kind="message", by="clerk")
    told = program(world, "wy_chief").get(f"cases/{case.pk}")
    assert told.status_code == 404  # not handed to them yet
    seen = program(world, "chief").get(f"cases/{case.pk}")
    assert seen.json()["case"]["reported_by"] == ""
    assert seen.json()["history"][0]["actor"] == ""
    assert "周文" not in seen.content.decode()


# --- reporting ---


def test_a_report_at_a_site_takes_over_where_it_is(world: World) -> None:
    inspector = program(world, "inspector")
    answer = inspector.post(
        "cases", title="楼道堆物", site_id=world.compound.pk, standard="T-4WH", severity="A",
        photo_ids=[inspector.photo_id()],
    )  # fmt: skip
    assert answer.status_code == 201, answer.content.decode()
    case = Case.objects.select_related("standard", "site", "home").get(pk=answer.json()["id"])
    assert (case.site, case.home.code, case.street_id) == (world.compound, "XT-01", world.unit("XT").pk)
    assert (case.lng, case.lat) == (world.compound.lng, world.compound.lat)
    assert case.standard is not None
    assert case.photos.count() == 1
    assert answer.json()["number"] == case.number


def test_a_report_from_a_position_finds_its_grid(world: World) -> None:
    answer = program(world, "grid").post("cases", title="站台小广告", lng=120.8751234567891, lat=32.0151234567891)
    assert answer.status_code == 201, answer.content.decode()
    case = Case.objects.get()
    assert (case.home.code, str(case.lng), str(case.lat)) == ("XT-01-G1", "120.875123", "32.015123")
    assert case.street == world.unit("XT")


def test_a_report_can_name_the_unit_at_home_there(world: World) -> None:
    answer = program(world, "xt_chief").post("cases", title="路面积水", home="XT-01", place="人民路口")
    assert answer.status_code == 201, answer.content.decode()
    assert Case.objects.get().place == "人民路口"


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 400, "点位"),
        ({"lng": 120.87}, 400, "一起"),
        ({"lng": 10, "lat": 10}, 400, "网格"),
        ({"home": "nowhere"}, 400, "nowhere"),
        ({"site_id": 99999}, 400, "99999"),
        ({"home": "XT", "standard": "none"}, 400, "none"),
        ({"home": "XT", "photo_ids": [77]}, 404, "照片"),
        ({"home": "GZ"}, 403, "本辖区"),
    ],
    ids=str,
)
def test_a_report_that_cannot_be_taken_says_why(world: World, body: dict[str, Any], status: int, word: str) -> None:
    answer = program(world, "inspector").post("cases", title="问题", **body)
    assert answer.status_code == status, answer.content.decode()
    assert word in objections(answer)[0]
    assert not Case.objects.exists()


def test_a_report_sent_twice_is_one_case_and_its_key_opens_nobody_elses(world: World) -> None:
    body = {"title": "楼道堆物", "site_id": world.compound.pk, "client_key": "r-1"}
    first, again = (program(world, "inspector").post("cases", **body) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert Case.objects.count() == 1
    foreign = program(world, "gz_clerk").post("cases", title="别处的", home="GZ", client_key="r-1")
    assert foreign.status_code == 403
    assert first.json()["number"] not in foreign.content.decode()


def test_what_the_schema_refuses_is_said_in_chinese_and_all_at_once(world: World) -> None:
    answer = program(world, "inspector").post(
        "cases",
        text="x" * 5001,
        site_id="七",
        severity="Z",
        lng=200,
        lat="nan",
        photo_ids=[0],
        colour="红",
        place="a\0b",
    )
    assert answer.status_code == 422
    said = objections(answer)
    assert len(said) == 9
    assert "缺少 title。" in said
    assert "不认识 colour，请检查拼写。" in said
    assert "photo_ids 第 1 项 不能小于 1。" in said
    assert not any(sentence.endswith("的值不符合要求。") for sentence in said)


def test_a_body_that_is_no_json_is_told_so(world: World) -> None:
    inspector = program(world, "inspector")
    for data in ("{", "[]", "3"):
        answer = inspector.client.post("/api/cases", data, content_type="application/json", headers=inspector.headers)
        assert answer.status_code in {400, 422}
        objections(answer)


# --- moves ---

WHO_AND_WHAT: dict[Move, tuple[str, Callable[[World, Program], dict[str, Any]]]] = {
    Move.ACCEPT: ("clerk", lambda _w, _p: {}),
    Move.REFUSE: ("clerk", lambda _w, _p: {"reason": "不在受理范围"}),
    Move.DISPATCH: ("clerk", lambda _w, _p: {"unit": "XT-01-WY", "note": "请尽快"}),
    Move.ASSIGN: ("xt_chief", lambda _w, _p: {"unit": "XT-01-WY"}),
    Move.RETURN: ("wy_worker", lambda _w, _p: {"reason": "不属于本单位"}),
    Move.RECEIVE: ("wy_worker", lambda _w, _p: {}),
    Move.RECTIFY: ("wy_worker", lambda _w, p: {"note": "已清理", "reply": "已办", "photo_ids": [p.photo_id("red")]}),
    Move.VERIFY: ("inspector2", lambda _w, p: {"note": "已看", "photo_ids": [p.photo_id("blue")]}),
    Move.REJECT: ("inspector2", lambda _w, p: {"reason": "仍有杂物", "photo_ids": [p.photo_id("blue")]}),
    Move.CLOSE: ("clerk", lambda _w, _p: {"note": "归档"}),
    Move.FORCE_CLOSE: ("chief", lambda _w, _p: {"reason": "责任单位已撤销"}),
    Move.CANCEL: ("chief", lambda _w, _p: {"reason": "重复上报"}),
    Move.SUSPEND: ("chief", lambda _w, _p: {"reason": "等大修", "until": "2020-09-01T00:00:00+08:00"}),
    Move.RESUME: ("clerk", lambda _w, _p: {}),
}


def at_status(world: World, status: Status, move: Move) -> Case:
    """A case with a photo from which this move can be made; the street holds it where it is to be assigned."""
    picture = photo_id(world.actor("inspector"), "green")
    if move is not Move.ASSIGN:
        return world.case_at(status)
    case = world.case_at(Status.ACCEPTED, photo_ids=[picture])
    operations.dispatch(case_id=case.pk, unit_id=world.unit("XT").pk, by=world.actor("clerk"), now=NOW)
    if status is Status.HANDLING:
        operations.receive(case_id=case.pk, by=world.actor("xt_chief"), now=NOW)
    return Case.objects.get(pk=case.pk)


@pytest.mark.parametrize(
    "arrow", [step for step in TABLE.values() if step.move in BY_HAND], ids=lambda arrow: f"{arrow.source}-{arrow.move}"
)
def test_every_move_of_the_table_can_be_made(world: World, arrow: Any) -> None:
    case = at_status(world, arrow.source, arrow.move)
    username, body = WHO_AND_WHAT[arrow.move]
    acting = program(world, username)
    given = body(world, acting)
    for _ in range(2):  # sent twice, made once
        answer = acting.post(
            f"cases/{case.pk}/{arrow.move.value}", **given, client_key="k-1", seen_version=case.version
        )
        assert answer.status_code == 200, answer.content.decode()
    told = answer.json()
    assert (told["status"], told["status_label"]) == (arrow.target.value, arrow.target.label)
    assert told["version"] == case.version + 1
    offered = acting.get(f"cases/{case.pk}").json()["moves"]
    assert told["moves"] == offered
    event = Event.objects.get(client_key="k-1")
    assert (event.kind, event.actor_name) == (f"case.{arrow.move.value}", world.actor(username).name)


def test_a_move_that_is_not_allowed_names_every_objection_and_changes_nothing(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    answer = program(world, "inspector").post(f"cases/{case.pk}/return_back", reason=" ")
    assert answer.status_code == 403
    assert len(objections(answer)) == 2
    assert Case.objects.get(pk=case.pk).status == "dispatched"


def test_a_move_that_does_not_lead_from_here_is_refused(world: World) -> None:
    case = world.case_at(Status.CLOSED)
    answer = program(world, "clerk").post(f"cases/{case.pk}/accept")
    assert (answer.status_code, objections(answer)) == (403, ["案件现在是“已结案”，不能“受理”。"])


def test_somebody_elses_change_in_between_gives_both_texts(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    operations.rectify(case_id=case.pk, note="我先清了", by=world.actor("wy_chief"), now=NOW)
    worker = program(world, "wy_worker")
    answer = worker.post(f"cases/{case.pk}/rectify", note="我清的", seen_version=case.version)
    assert answer.status_code == 409
    objections(answer)
    assert (answer.json()["yours"], answer.json()["theirs"]) == ("我清的", "我先清了")


@pytest.mark.parametrize(
    ("username", "status", "move", "body", "code"),
    [
        ("clerk", Status.ACCEPTED, "dispatch", {"unit": "nowhere"}, 400),
        ("clerk", Status.ACCEPTED, "dispatch", {}, 422),
        ("chief", Status.HANDLING, "suspend", {"reason": "等", "until": "2020-09-01T00:00:00"}, 422),
        ("chief", Status.HANDLING, "suspend", {"reason": "等", "until": "2029-09-01T00:00:00Z"}, 403),
        ("clerk", Status.REPORTED, "accept", {"standard_id": 99999}, 403),
        ("wy_worker", Status.HANDLING, "rectify", {"note": "已清", "photo_ids": [999]}, 404),
        ("wy_worker", Status.HANDLING, "rectify", {"note": "已清", "photo_ids": list(range(1, 22))}, 422),
    ],
)
def test_a_move_with_bad_facts_changes_nothing(
    world: World, username: str, status: Status, move: str, body: dict[str, Any], code: int
) -> None:
    case = world.case_at(status)
    answer = program(world, username).post(f"cases/{case.pk}/{move}", **body)
    assert answer.status_code == code, answer.content.decode()
    objections(answer)
    assert Case.objects.get(pk=case.pk).version == case.version


def test_a_note_is_for_everybody_who_sees_the_case(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    assert program(world, "leader").post(f"cases/{case.pk}/notes", note="请加快").status_code == 200
    history = program(world, "wy_worker").get(f"cases/{case.pk}").json()["history"]
    assert (history[-1]["label"], history[-1]["note"]) == ("备注", "请加快")
    assert program(world, "leader").post(f"cases/{case.pk}/notes", note=" ").status_code == 403


def test_an_extension_is_asked_by_the_unit_and_decided_by_the_office(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    chief, clerk = program(world, "wy_chief"), program(world, "clerk")
    assert chief.post(f"cases/{case.pk}/extensions", reason="等配件", client_key="e-1").status_code == 200
    waiting = clerk.get(f"cases/{case.pk}").json()
    assert (waiting["extension"]["reason"], waiting["extension"]["asked_by"]) == ("等配件", "物业负责人")
    assert waiting["may_ask_extension"] is False
    decided = clerk.post(f"cases/{case.pk}/extensions/decision", granted=True)
    assert decided.status_code == 200
    assert decided.json()["due_at"] > waiting["case"]["due_at"]
    assert clerk.post(f"cases/{case.pk}/extensions/decision", granted=False).status_code == 403
    assert program(world, "wy_worker").post(f"cases/{case.pk}/extensions", reason="我来").status_code == 403


def test_a_refused_extension_leaves_the_deadline(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    extensions.ask_extension(case_id=case.pk, reason="等", by=world.actor("wy_chief"), now=NOW)
    answer = program(world, "clerk").post(f"cases/{case.pk}/extensions/decision", granted=False, reason="时间够")
    assert answer.status_code == 200
    case.refresh_from_db()
    assert case.extension_count == 0
