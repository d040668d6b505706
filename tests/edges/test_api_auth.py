"""Who gets in at the interface for other programs, and what everybody else is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.api.main import api
from chuangwen.cases import extensions
from chuangwen.journal.models import Event
from chuangwen.people.models import ApiToken, Post, User
from chuangwen.people.operations import put_user, revoke_token, set_active
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from tests.edges.programs import Program, objections, program
from tests.rounds import small_patrol
from tests.world import NOW, PEOPLE, World, photo_id, picture

pytestmark = pytest.mark.usefixtures("wednesday")
OPERATIONS = {
    f"{method.upper()} {path}"
    for path, methods in api.get_openapi_schema(path_prefix="/api/")["paths"].items()
    for method in methods
}


def endpoints(world: World) -> dict[str, dict[str, Any] | None]:
    """Every endpoint with an address and a body that make sense for somebody; None as body means GET."""
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(world.actor("inspector"))])
    extensions.ask_extension(case_id=case.pk, reason="等配件", by=world.actor("wy_chief"), now=NOW)
    patrol = small_patrol(world)
    why = {"reason": "理由"}
    at = {
        "{case_id}": case.pk, "{photo_id}": case.photos.get().photo_id, "{patrol_id}": patrol.pk,
        "{site_id}": world.compound.pk,
    }  # fmt: skip
    bodies: dict[str, dict[str, Any] | None] = {
        "POST /api/cases": {"title": "楼道堆物", "site_id": world.compound.pk},
        "POST /api/cases/{case_id}/dispatch": {"unit": "XT-01-WY"},
        "POST /api/cases/{case_id}/assign": {"unit": "XT-01-WY"},
        "POST /api/cases/{case_id}/rectify": {"note": "已清"},
        "POST /api/cases/{case_id}/suspend": {**why, "until": "2020-09-01T00:00:00+08:00"},
        "POST /api/cases/{case_id}/notes": {"note": "请看"},
        "POST /api/cases/{case_id}/extensions": why,
        "POST /api/cases/{case_id}/extensions/decision": {"granted": False, **why},
        "POST /api/patrols/{patrol_id}/findings": {
            "site_id": world.compound.pk, "criterion_code": "RES-01", "verdict": "pass",
        },
        "POST /api/patrols/{patrol_id}/stops/{site_id}/finish": {"rest_passes": True},
        **{f"POST /api/cases/{{case_id}}/{move}": why for move in ("refuse", "return_back", "reject", "force_close", "cancel")},
        **{f"POST /api/cases/{{case_id}}/{move}": {} for move in ("accept", "receive", "verify", "close", "resume")},
    }  # fmt: skip
    found = {}
    for operation in sorted(OPERATIONS):
        address = operation
        for word, number in at.items():
            address = address.replace(word, str(number))
        found[address] = None if operation.startswith("GET") else bodies.get(operation, {})
    unprepared = OPERATIONS - bodies.keys() - {op for op in OPERATIONS if op.startswith("GET")} - {"POST /api/photos"}
    assert not unprepared, "请为新的接口准备一份能用的请求"
    return found


def call(acting: Program, address: str, body: dict[str, Any] | None) -> Any:
    """One request; the test client lets an error of the machine through, so that it fails the test with its trace."""
    method, path = address.split(" ")
    rest = path.removeprefix("/api/")
    if path == "/api/photos":
        return acting.send_photo(picture("red"))
    if path == "/api/sites/grid":
        return acting.get(rest, lng=120.875, lat=32.015)
    return acting.get(rest) if method == "GET" else acting.post(rest, **(body or {}))


def postless(world: World) -> Program:
    """Somebody with an account and no post."""
    user, _ = put_user(username="nopost", display_name="未任职", by=SYSTEM, now=NOW)
    user.must_change_password = False
    user.save()
    return program(world, "nopost")


@pytest.mark.parametrize("username", [*(row[0] for row in PEOPLE), "nopost"])
def test_every_endpoint_answers_everybody_without_breaking(world: World, username: str) -> None:
    acting = postless(world) if username == "nopost" else program(world, username)
    for address, body in endpoints(world).items():
        for sent in (body, {} if body else body):
            answer = call(acting, address, sent)
            assert answer.status_code < 500, address
            if answer.streaming:
                assert b"".join(answer)
            if answer.status_code >= 400:
                objections(answer)


def test_nobody_gets_in_without_a_key_or_a_session(world: World) -> None:
    before = Event.objects.count()
    prepared = endpoints(world)
    before = Event.objects.count()
    for headers in ({}, {"Authorization": "Bearer cw_wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": "é"}):
        stranger = Program("", Client(headers=headers))
        for address, _body in prepared.items():
            method, path = address.split(" ")
            answer = stranger.client.generic(method, path, b"{}", content_type="application/json")
            assert answer.status_code == 401, address
            assert answer["WWW-Authenticate"] == "Bearer"
            assert objections(answer) == ["请先登录，或在 Authorization 里带上有效的密钥。"]
    assert Event.objects.count() == before


def test_a_revoked_key_stops_working_at_once(world: World) -> None:
    clerk = program(world, "clerk")
    assert clerk.get("cases").status_code == 200
    revoke_token(token_id=ApiToken.objects.get().pk, by=world.actor("clerk"), now=NOW)
    assert clerk.get("cases").status_code == 401


def test_the_key_of_a_person_who_left_stops_working(world: World) -> None:
    clerk = program(world, "clerk")
    set_active(username="clerk", active=False, by=world.actor("admin"), now=NOW)
    assert clerk.get("cases").status_code == 401


def test_a_key_reaches_only_as_far_as_the_posts_of_today(world: World) -> None:
    case = world.case_at(Status.REPORTED)
    clerk = program(world, "clerk")
    assert clerk.get(f"cases/{case.pk}").status_code == 200
    Post.objects.filter(user__username="clerk").update(ends_on=NOW.date() - timedelta(days=1))
    assert clerk.get(f"cases/{case.pk}").status_code == 404
    assert clerk.get("sites").status_code == 403


def test_nobody_acts_before_a_password_that_was_set_for_them_is_changed(world: World) -> None:
    User.objects.filter(username="clerk").update(must_change_password=True)
    answer = program(world, "clerk").get("cases")
    assert (answer.status_code, objections(answer)) == (403, ["请先登录网页修改密码，再使用接口。"])


def test_another_district_finds_nothing_by_guessing_numbers(world: World) -> None:
    foreign = program(world, "gz_clerk")
    prepared = endpoints(world)
    before = Event.objects.count()
    for address, body in prepared.items():
        if "/cases/" in address or "/stops/" in address or address.rsplit("/", 1)[-1].isdigit():
            if "/patrols/" in address and address.startswith("GET"):
                continue  # a round belongs to no district: every office sees all of them
            assert call(foreign, address, body).status_code == 404, address
    assert Event.objects.count() == before


def test_our_own_pages_get_in_with_their_session(world: World) -> None:
    client = Client()
    client.force_login(User.objects.get(username="clerk"))
    assert client.get("/api/cases").status_code == 200


def test_a_session_changes_something_only_with_the_token_against_forgery(world: World) -> None:
    case = world.case_at(Status.REPORTED)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="clerk"))
    address = f"/api/cases/{case.pk}/accept"
    forged = client.post(address, {}, content_type="application/json")
    assert (forged.status_code, objections(forged)) == (403, ["页面已过期，请刷新后重试。"])
    client.cookies["csrftoken"] = "a" * 32
    meant = client.post(address, {}, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert (meant.status_code, meant.json()["status"]) == (200, "accepted")


def test_a_key_needs_no_token_against_forgery(world: World) -> None:
    case = world.case_at(Status.REPORTED)
    clerk = program(world, "clerk")
    clerk.client = Client(enforce_csrf_checks=True)
    assert clerk.post(f"cases/{case.pk}/accept").status_code == 200


def test_a_wrong_key_stays_wrong_where_a_session_is_open(world: World) -> None:
    client = Client()
    client.force_login(User.objects.get(username="clerk"))
    assert client.get("/api/cases", headers={"Authorization": "Bearer cw_wrong"}).status_code == 401


def test_answers_are_kept_by_no_cache_on_the_way(world: World) -> None:
    assert program(world, "clerk").get("cases")["Cache-Control"] == "no-store"


def test_a_picture_that_is_none_or_too_large_is_refused(world: World, settings: Any) -> None:
    clerk = program(world, "clerk")
    for data in (b"", b"not a picture"):
        answer = clerk.send_photo(data)
        assert answer.status_code == 400
        objections(answer)
    settings.PHOTO_MAX_BYTES = 10
    assert clerk.send_photo(picture()).status_code == 400
    assert objections(clerk.client.post("/api/photos", headers=clerk.headers)) == ["缺少 photo。"]


def test_the_same_picture_twice_is_one(world: World) -> None:
    clerk = program(world, "clerk")
    assert clerk.send_photo(picture("red")).status_code == 201
    assert clerk.photo_id("red") == clerk.photo_id("red") != clerk.photo_id("blue")
