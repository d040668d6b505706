"""What a phone takes along and what it sends late: the pack, photos ahead, wrong clocks, other people, cancelled rounds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.patrols.operations import cancel_patrol
from chuangwen.people.models import User
from chuangwen.rules.case_flow import Status
from chuangwen.standards.models import Criterion, Edition
from tests.budgets import budget
from tests.rounds import small_patrol
from tests.world import NOW, PASSWORD, World, picture

Enter = Callable[[str], Client]
JSON = {"Accept": "application/json"}


def pack(client: Client, have: str = "") -> dict[str, object]:
    """What the phone fetches."""
    answer = client.get("/field/pack/", {"have": have})
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    return body


def part(body: dict[str, object], name: str) -> object:
    """One part of the pack."""
    parts = body["parts"]
    assert isinstance(parts, dict)
    return parts[name]


def judge(client: Client, world: World, patrol: Patrol, headers: Any = JSON, **fields: Any) -> Any:
    """A verdict as the phone's queue sends it."""
    facts: dict[str, object] = {"criterion": "RES-01", "verdict": "pass", "client_key": "k1", **fields}
    address = f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/findings/"
    return client.post(address, facts, headers=headers)


def by_clock(off: timedelta, ago: timedelta) -> dict[str, str]:
    """What a phone whose clock is off by so much says of something judged a while ago."""
    return {"found_at": (NOW + off - ago).isoformat(), "sent_at": (NOW + off).isoformat()}


# --- the pack ---


def test_an_inspector_takes_along_rounds_places_checklists_and_fixes_to_check(world: World, enter: Enter) -> None:
    patrol, fix = small_patrol(world), world.case_at(Status.RECTIFIED)
    body = pack(enter("inspector2"))
    assert not any(name.startswith("patrol:") for name in body["versions"])  # type: ignore[attr-defined]  # a mapping
    body = pack(enter("inspector"))
    patrol_part = part(body, f"patrol:{patrol.pk}")
    assert [stop["name"] for stop in patrol_part["stops"]] == ["学田苑", "文峰巷"]  # type: ignore[index]  # a mapping
    codes = [row["code"] for row in part(body, f"list:{patrol.edition_id}/RES")]  # type: ignore[attr-defined]  # rows
    assert codes == ["RES-01", "RES-10", "RES-16"]
    check = part(pack(enter("inspector2")), "checks")[0]  # type: ignore[index]  # rows
    assert (check["id"], check["version"], check["said"]) == (fix.pk, fix.version, "已清理")


def test_only_what_changed_travels_again(world: World, enter: Enter) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    first = pack(client)
    versions = first["versions"]
    assert isinstance(versions, dict)
    have = ",".join(f"{name}@{version}" for name, version in versions.items())
    assert pack(client, have)["parts"] == {}
    judge(client, world, patrol)
    assert list(pack(client, have)["parts"]) == [f"patrol:{patrol.pk}"]  # type: ignore[call-overload]  # a mapping


def test_the_pack_costs_few_statements(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    world.case_at(Status.RECTIFIED)
    client = enter("inspector")
    judge(client, world, patrol)
    with budget("GET /field/pack/"):
        pack(client)


def test_who_is_here_names_the_person_and_the_word_for_the_next_submissions(world: World, enter: Enter) -> None:
    body = enter("inspector").get("/field/who/", headers=JSON).json()
    assert body["id"] == world.actor("inspector").user_id
    assert len(body["token"]) == 64
    assert Client().get("/field/who/").status_code == 302


# --- the app ---


def test_the_app_installs_and_its_page_says_nothing_about_anybody(world: World, enter: Enter) -> None:
    client = enter("inspector")
    worker = client.get("/field/sw.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "app/field/views.js" in worker.content.decode()
    facts = client.get("/field/manifest.webmanifest").json()
    assert (facts["scope"], facts["display"]) == ("/field/", "standalone")
    page = client.get("/field/shell/").content.decode()
    assert world.actor("inspector").name not in page
    assert 'csrfmiddlewaretoken" value=""' in page or "csrfmiddlewaretoken" not in page
    assert "worker-src 'self'" in worker["Content-Security-Policy"]


def test_text_travels_compressed_and_pictures_as_they_are(world: World, enter: Enter) -> None:
    asks = {"Accept-Encoding": "gzip"}
    assert Client().get("/field/shell/", headers=asks)["Content-Encoding"] == "gzip"
    picture_of_the_app = Client().get("/static/app/icon-192.png", headers=asks)
    assert "Content-Encoding" not in picture_of_the_app
    picture_of_the_app.close()


# --- what arrives late ---


@pytest.mark.parametrize("years", [-2, 0, 2])
def test_a_phone_whose_clock_is_years_off_still_tells_when_it_was_judged(
    world: World, enter: Enter, years: int
) -> None:
    patrol = small_patrol(world)
    Patrol.objects.filter(pk=patrol.pk).update(created_at=NOW - timedelta(days=1))
    off = timedelta(days=365 * years)
    assert judge(enter("inspector"), world, patrol, **by_clock(off, timedelta(hours=3))).status_code == 200
    assert Finding.objects.get().found_at == NOW - timedelta(hours=3)
    assert Visit.objects.get().started_at == NOW - timedelta(hours=3)


def test_a_case_from_a_late_finding_starts_its_clock_when_it_arrives(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    Patrol.objects.filter(pk=patrol.pk).update(created_at=NOW - timedelta(days=1))
    late = by_clock(timedelta(), timedelta(hours=5))
    judge(enter("inspector"), world, patrol, verdict="fail", **late)
    assert Case.objects.get().reported_at == NOW
    assert Finding.objects.get().found_at == NOW - timedelta(hours=5)


def test_an_unreadable_moment_counts_as_the_moment_of_receipt(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    judge(enter("inspector"), world, patrol, found_at="yesterday", sent_at="99999-01-01")
    assert Finding.objects.get().found_at == NOW


def test_a_new_edition_meanwhile_changes_nothing_for_a_round_that_began_with_the_old_one(
    world: World, enter: Enter
) -> None:
    patrol = small_patrol(world)
    new = Edition.objects.create(code="T", version="2", name="新标准", updated_at=NOW, published_at=NOW)
    assert not Criterion.objects.filter(edition=new).exists()
    assert judge(enter("inspector"), world, patrol, **by_clock(timedelta(), timedelta(hours=1))).status_code == 200
    assert Finding.objects.get().criterion.edition_id == patrol.edition_id


def test_what_was_judged_before_a_round_was_cancelled_is_taken_and_what_came_after_is_not(
    world: World, enter: Enter
) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    Patrol.objects.filter(pk=patrol.pk).update(created_at=NOW - timedelta(days=1))
    cancelled = NOW - timedelta(hours=1)
    cancel_patrol(patrol_id=patrol.pk, reason="下雨", by=world.actor("clerk"), now=cancelled)
    assert judge(client, world, patrol, **by_clock(timedelta(), timedelta(hours=2))).status_code == 200
    refused = judge(client, world, patrol, criterion="RES-16", client_key="k2", **by_clock(timedelta(), timedelta()))
    assert refused.status_code == 422
    assert "已取消" in refused.json()["objections"][0]
    assert "上报" in refused.json()["objections"][0]


def test_a_round_that_is_over_still_takes_what_was_judged_in_time(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    later = NOW + timedelta(days=2)
    monkeypatch.setattr("chuangwen.http.clock", lambda: later)
    told = {"found_at": (NOW + timedelta(hours=1)).isoformat(), "sent_at": later.isoformat()}
    assert judge(client, world, patrol, **told).status_code == 200
    assert Finding.objects.get().found_at == NOW + timedelta(hours=1)


def test_the_same_submission_again_changes_nothing_even_after_a_correction(world: World, enter: Enter) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    judge(client, world, patrol, verdict="fail", client_key="first")
    judge(client, world, patrol, verdict="pass", client_key="second")
    assert judge(client, world, patrol, verdict="fail", client_key="first").status_code == 200
    assert Finding.objects.get().verdict == "pass"


def test_finishing_late_and_twice(world: World, enter: Enter) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    Patrol.objects.filter(pk=patrol.pk).update(created_at=NOW - timedelta(days=1))
    address = f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/finish/"
    told = {"rest_passes": "1", **by_clock(timedelta(days=-730), timedelta(hours=2))}
    answers = [client.post(address, told, headers=JSON).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert Visit.objects.get().finished_at == NOW - timedelta(hours=2)
    assert Finding.objects.count() == 3


# --- photos, positions, people ---


def photo() -> SimpleUploadedFile:
    """A picture from a phone."""
    return SimpleUploadedFile("x.jpg", picture(), "image/jpeg")


def test_a_photo_ahead_is_stored_once_and_belongs_to_who_sent_it(world: World, enter: Enter) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    ids = {client.post("/field/photos/", {"photo": photo()}, headers=JSON).json()["id"] for _ in range(2)}
    assert len(ids) == Photo.objects.count() == 1
    fields = {"criterion": "RES-10", "verdict": "fail", "photo_id": ids.pop()}
    assert judge(client, world, patrol, **fields).status_code == 200
    stolen = small_patrol(world, inspector="inspector2", edition=patrol.edition)
    fields["client_key"] = "k9"
    assert judge(enter("inspector2"), world, stolen, **fields).status_code == 404


def test_a_photo_ahead_that_is_none_is_named(world: World, enter: Enter) -> None:
    broken = SimpleUploadedFile("x.jpg", b"", "image/jpeg")
    for given in ({"photo": broken}, {}):
        answer = enter("inspector").post("/field/photos/", given, headers=JSON)
        assert answer.status_code == 422
        assert answer.json()["objections"]
    assert not Photo.objects.exists()


def test_nothing_is_taken_from_another_persons_queue(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    owner = {**JSON, "X-Field-Person": str(world.actor("inspector2").user_id)}
    refused = judge(enter("inspector"), world, patrol, headers=owner)
    assert (refused.status_code, refused.json()["code"]) == (403, "other_person")
    assert not Finding.objects.exists()
    own = {**JSON, "X-Field-Person": str(world.actor("inspector").user_id)}
    assert judge(enter("inspector"), world, patrol, headers=own).status_code == 200


def test_a_position_outside_the_district_is_kept_out_and_said(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    patrol, client = small_patrol(world), enter("inspector")
    monkeypatch.setattr("chuangwen.web.field.phone.outside_the_district", lambda lng, _lat: float(lng) < 100)
    said = judge(client, world, patrol, verdict="fail", lng="13.4", lat="52.5").json()["message"]
    assert "不在本区" in said
    assert Finding.objects.get().lng is None
    judge(client, world, patrol, criterion="RES-16", verdict="fail", lng="120.87", lat="32.01", client_key="k2")
    assert Finding.objects.get(criterion__code="RES-16").lng is not None


# --- checks, fixes, reports ---


def test_a_check_that_came_too_late_says_what_happened_and_the_words_become_a_remark(
    world: World, enter: Enter
) -> None:
    fix, client = world.case_at(Status.RECTIFIED), enter("inspector2")
    cases.verify(case_id=fix.pk, by=world.actor("inspector"), now=NOW)
    told = {"verdict": "fail", "note": "二楼还有纸箱", "version": fix.version, "client_key": "c1"}
    late = client.post(f"/field/checks/{fix.pk}/", told, headers=JSON)
    assert late.status_code == 409
    assert "核查通过" in late.json()["objections"][0]
    for _ in range(2):
        kept = client.post(f"/field/cases/{fix.pk}/note/", {"note": "二楼还有纸箱", "client_key": "c2"}, headers=JSON)
        assert kept.json()["ok"] is True


def test_a_unit_hands_in_its_fix_from_the_phone(world: World, enter: Enter) -> None:
    case, client = world.case_at(Status.HANDLING), enter("wy_worker")
    assert case.title in client.get("/field/").content.decode()
    assert "提交整改" in client.get(f"/field/cases/{case.pk}/").content.decode()
    told = {"version": case.version, "client_key": "r1"}

    def hand_in(note: str) -> int:
        fields = {**told, "note": note, "photo": photo()}
        return client.post(f"/field/cases/{case.pk}/", fields, headers=JSON).status_code

    assert [hand_in(""), hand_in("已清走"), hand_in("已清走")] == [422, 200, 200]
    case.refresh_from_db()
    assert case.flow_status is Status.RECTIFIED
    assert enter("grid").post(f"/field/cases/{case.pk}/", {"note": "x"}, headers=JSON).status_code != 200


def test_a_report_names_everything_that_is_missing_and_is_taken_once(world: World, enter: Enter) -> None:
    client = enter("grid")
    refused = client.post("/field/report/", {"title": "", "client_key": "p1"}, headers=JSON)
    assert refused.status_code == 422
    assert len(refused.json()["objections"]) == 2
    fields = {"title": "站台小广告", "lng": "120.875", "lat": "32.015", "client_key": "p1", "standard": "T-4WH"}
    for _ in range(2):
        assert client.post("/field/report/", fields, headers=JSON).json()["ok"] is True
    case = Case.objects.get()
    assert case.standard is not None
    assert case.standard.code == "T-4WH"


def test_logging_in_tells_the_phone_who_it_is(world: World, enter: Enter) -> None:
    user = User.objects.get(username="inspector")
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    came = client.post("/login/", {"username": "inspector", "password": PASSWORD})
    assert came.cookies["cw_person"].value == str(user.pk)
    assert client.post("/logout/").cookies["cw_person"].value == ""
