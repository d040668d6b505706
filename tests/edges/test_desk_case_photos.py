"""Hints beside the photos of a case, and the copies that residents may see."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.cases.photo_hints import examine_photos
from chuangwen.evidence.models import Photo, PhotoHint, PublicCopy
from chuangwen.evidence.operations import store_photo
from chuangwen.evidence.queries import public_photo
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from tests.edges.desk_pages import read
from tests.pictures import jpeg, scene
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def suspected(world: World) -> Case:
    """A case that waits for its check, with the photo of an older case."""
    photo = store_photo(data=jpeg(scene("street", 1)), by=world.actor("inspector"), now=NOW).pk
    world.open_case(photo_ids=[photo], now=NOW - timedelta(days=5))
    again = store_photo(data=jpeg(scene("street", 1), 50), by=world.actor("inspector"), now=NOW).pk
    case = world.open_case(photo_ids=[again])
    examine_photos(now=NOW)
    return case


@pytest.fixture
def closed(world: World) -> Case:
    """A closed case with one photo."""
    exif = Image.Exif()
    exif[0x010F] = "Maker of phones"
    photo = store_photo(data=jpeg(scene("street", 1), exif=exif), by=world.actor("inspector"), now=NOW).pk
    case = world.case_at(Status.HANDLING, photo_ids=[photo])
    after = store_photo(data=jpeg(scene("street", 2)), by=world.actor("wy_worker"), now=NOW).pk
    cases.rectify(case_id=case.pk, note="已清", photo_ids=[after], by=world.actor("wy_worker"), now=NOW)
    cases.verify(case_id=case.pk, by=world.actor("inspector2"), now=NOW)
    return cases.close(case_id=case.pk, by=world.actor("clerk"), now=NOW)


def public_page(case: Case, photo_id: int | None = None) -> str:
    photo = photo_id or case.photos.order_by("id")[0].photo_id
    return f"/desk/cases/{case.pk}/photos/{photo}/public/"


def boxes(*rows: tuple[object, ...], **more: Any) -> dict[str, Any]:
    return {name: [row[place] for row in rows] for place, name in enumerate(("left", "top", "width", "height"))} | more


def test_the_verifier_sees_both_photos_and_a_harmless_reason(enter: Enter, suspected: Case) -> None:
    for username, address in (
        ("clerk", f"/desk/cases/{suspected.pk}/"),
        ("inspector2", f"/field/checks/{suspected.pk}/"),
    ):
        client = enter(username)
        page = read(client.get(address))
        for words in ("画面相同", "画面指纹相差", "也可能没有问题", "本案的照片", "早先的照片"):
            assert words in page.words
        hint = PhotoHint.objects.get()
        shown = client.get(f"/desk/cases/{suspected.pk}/hints/{hint.pk}/photo/?small=1")
        assert b"".join(shown.streaming_content).startswith(b"\xff\xd8\xff")  # type: ignore[attr-defined]  # a file


def test_nobody_else_sees_a_hint(enter: Enter, suspected: Case) -> None:
    hint = PhotoHint.objects.get()
    Case.objects.filter(pk=suspected.pk).update(unit=suspected.home)
    for username in ("wy_worker", "wy_chief", "leader", "xt_chief"):
        answer = enter(username).get(f"/desk/cases/{suspected.pk}/")
        assert "画面相同" not in answer.content.decode()
        assert enter(username).get(f"/desk/cases/{suspected.pk}/hints/{hint.pk}/photo/").status_code == 404
        aside = enter(username).post(f"/desk/cases/{suspected.pk}/hints/{hint.pk}/set-aside/", {"word": "x"})
        assert aside.status_code == 404
    assert PhotoHint.objects.get().set_aside_at is None


def test_one_word_sets_a_hint_aside_and_leads_back(enter: Enter, suspected: Case) -> None:
    address = f"/desk/cases/{suspected.pk}/hints/{PhotoHint.objects.get().pk}/set-aside/"
    client = enter("inspector2")
    refused = client.post(address, {"word": ""}, follow=True)
    assert "请写一句为什么不是问题" in refused.content.decode()
    answer = client.post(address, {"word": "现场看过，确已改好", "back": "field"})
    assert answer["Location"] == f"/field/checks/{suspected.pk}/#photo-hints"
    page = read(client.get(f"/field/checks/{suspected.pk}/"))
    assert "现场看过，确已改好" in page.words


def test_residents_see_only_the_covered_copy(enter: Enter, closed: Case, world: World) -> None:
    photo = closed.photos.order_by("id")[0].photo
    anybody = Client()
    assert anybody.get(f"/photos/{photo.pk}/").status_code == 404
    assert public_photo(photo.pk) is None
    answer = enter("clerk").post(public_page(closed), boxes((10, 20, 30, 40), (60, 60, 10, 10), ("", "", "", "")))
    assert answer.status_code == 302
    shown = anybody.get(f"/photos/{photo.pk}/")
    data = b"".join(shown.streaming_content)  # type: ignore[attr-defined]  # a file response
    image = Image.open(io.BytesIO(data))
    assert dict(image.getexif()) == {}
    assert b"Maker of phones" not in data
    covered = image.crop(
        (int(image.width * 0.12), int(image.height * 0.22), int(image.width * 0.38), int(image.height * 0.58))
    )
    extremes: Any = covered.getextrema()
    assert all(high - low <= 6 for low, high in extremes)
    assert [round(low / 16) for low, _ in extremes] == [6, 6, 6]
    place = read(anybody.get(f"/field/q/{world.compound.token}/"))
    assert "这里整改过的问题" in place.words


def test_the_original_stays_and_both_are_bound_in_the_journal(enter: Enter, closed: Case) -> None:
    photo = closed.photos.order_by("id")[0].photo
    with default_storage.open(photo.path) as file:
        before = file.read()
    enter("clerk").post(public_page(closed), boxes((10, 20, 30, 40)))
    with default_storage.open(photo.path) as file:
        assert file.read() == before
    copy, event = PublicCopy.objects.get(), Event.objects.get(kind="photo.masked")
    assert event.facts["original_sha256"] == photo.sha256
    assert event.facts["public_sha256"] == copy.sha256
    assert event.facts["boxes"] == [[0.1, 0.2, 0.3, 0.4]]


def test_a_photo_without_faces_is_cleared_by_a_person(enter: Enter, closed: Case) -> None:
    photo_id = closed.photos.order_by("id")[0].photo_id
    assert enter("clerk").post(public_page(closed), {"nothing": "1"}).status_code == 302
    found = public_photo(photo_id)
    assert found is not None
    assert not found.masked
    assert Event.objects.get(kind="photo.cleared").actor_name == "周文"


def test_neither_boxes_nor_a_word_releases_nothing_and_keeps_what_was_drawn(enter: Enter, closed: Case) -> None:
    client = enter("clerk")
    for sent, words in (
        ({}, "请在人脸和车牌上画框"),
        (boxes((10, 10, 20, 20), nothing="1"), "请改其中一处"),
        (boxes((95, 10, 20, 20)), "超出照片"),
        (boxes(("a", 10, 20, 20)), "不是数字"),
    ):
        page = read(client.post(public_page(closed), sent))
        assert (page.status, words in page.words) == (422, True)
    assert not PublicCopy.objects.exists()
    again = client.post(public_page(closed), boxes((95, 10, 21.5, 20))).content.decode()
    assert 'value="21.5"' in again


def test_new_boxes_replace_the_copy_and_a_withdrawn_one_is_gone(enter: Enter, closed: Case) -> None:
    client, photo_id = enter("clerk"), closed.photos.order_by("id")[0].photo_id
    client.post(public_page(closed), boxes((10, 20, 30, 40)))
    client.post(public_page(closed), boxes((50, 50, 30, 40)))
    assert PublicCopy.objects.filter(withdrawn_at=None).count() == 1
    assert read(client.post(public_page(closed), {"action": "withdraw", "reason": ""})).status == 422
    assert client.post(public_page(closed), {"action": "withdraw", "reason": "当事人要求"}).status_code == 302
    assert Client().get(f"/photos/{photo_id}/").status_code == 404
    assert Event.objects.get(kind="photo.withdrawn").note == "当事人要求"


def test_only_the_office_decides_what_residents_see(enter: Enter, closed: Case) -> None:
    for username in ("inspector", "wy_worker", "leader", "gz_clerk", "wf_chief"):
        assert enter(username).get(public_page(closed)).status_code == 404
        assert enter(username).post(public_page(closed), {"nothing": "1"}).status_code == 404
    other = store_photo(data=jpeg(scene("market", 1)), by=SYSTEM, now=NOW).pk
    assert enter("clerk").get(public_page(closed, other)).status_code == 404


def test_a_dangerous_upload_leaves_no_row_and_no_file(enter: Enter, world: World) -> None:
    case = world.case_at(Status.HANDLING)
    before = sum(1 for path in Path(default_storage.path("")).rglob("*") if path.is_file())
    for name, data in (("x.jpg", b"<svg/>"), ("x.heic", b"PK\x03\x04" + bytes(90)), ("x.png", b"")):
        sent = {"note": "已清", "photo": SimpleUploadedFile(name, data, "image/jpeg"), "client_key": name}
        assert enter("wy_worker").post(f"/desk/cases/{case.pk}/rectify/", sent).status_code == 422
    assert not Photo.objects.exists()
    assert sum(1 for path in Path(default_storage.path("")).rglob("*") if path.is_file()) == before
    assert Case.objects.get(pk=case.pk).status == Status.HANDLING


def test_a_picture_for_a_case_of_another_district_leaves_nothing(enter: Enter, world: World) -> None:
    case = world.case_at(Status.HANDLING)
    sent = {
        "note": "已清",
        "photo": SimpleUploadedFile("x.jpg", jpeg(scene("market", 1)), "image/jpeg"),
        "client_key": "a",
    }
    assert enter("wf_chief").post(f"/desk/cases/{case.pk}/rectify/", sent).status_code == 404
    assert not Photo.objects.exists()
    assert not [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]
