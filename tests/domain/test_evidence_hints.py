"""A photo used before is found and said to the verifier; other photos of such a place are left alone."""

import io
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from PIL import Image

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, CasePhoto
from chuangwen.cases.photo_hints import examine_photos, hint_photo_for, hints_for, pass_over_earlier_photos, set_aside
from chuangwen.evidence.models import Photo, PhotoHint
from chuangwen.evidence.operations import make_print, store_photo
from chuangwen.evidence.queries import earlier_matches
from chuangwen.jobs.loops import react_once
from chuangwen.journal.models import Event
from chuangwen.patrols.operations import record_finding
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import NotFound, Refused
from tests.paths import shared_data
from tests.pictures import EDITS, KINDS, jpeg, scene
from tests.rounds import small_patrol
from tests.world import NOW, World

LATER = NOW + timedelta(days=2)


def store(world: World, data: bytes, who: str = "inspector") -> int:
    return store_photo(data=data, by=world.actor(who), now=NOW).pk


def exif_of(**facts: Any) -> Image.Exif:
    exif = Image.Exif()
    if "software" in facts:
        exif[0x0131] = facts["software"]
    if "taken" in facts:
        exif.get_ifd(0x8769)[0x9003] = facts["taken"]
    if "lat" in facts:
        exif.get_ifd(0x8825).update({1: "N", 2: (facts["lat"], 0, 0), 3: "E", 4: (facts["lng"], 0, 0)})
    return exif


def case_with(world: World, data: bytes, **given: Any) -> Case:
    return world.open_case(**{"photo_ids": [store(world, data)], **given})


def kinds(case: Case) -> list[str]:
    return list(PhotoHint.objects.filter(subject_id=case.pk).values_list("kind", flat=True))


# Every edit of one kind of place, the kinds in turn. Which hashes come out is judged in tests/samples/test_pdq.py, and is the
# same on every database.
@pytest.mark.embedded
@pytest.mark.parametrize(("kind", "edit"), list(zip(cycle(KINDS), EDITS, strict=False)))
def test_an_edited_photo_of_an_earlier_case_is_found(world: World, kind: str, edit: str) -> None:
    original = scene(kind, 7)
    old = case_with(world, jpeg(original))
    new = case_with(world, jpeg(EDITS[edit](original)), now=LATER)
    assert examine_photos(now=LATER) == 2
    assert kinds(old) == []
    assert kinds(new) == ["same_picture"]
    hint = PhotoHint.objects.get()
    assert old.number in hint.fact
    assert hint.other_subject_id == old.pk


@pytest.mark.parametrize("edit", ["四边各裁 5%", "左边裁 10%"])
def test_the_uncut_photo_is_found_after_the_cut_one(world: World, edit: str) -> None:
    original = scene("street", 7)
    case_with(world, jpeg(EDITS[edit](original)))
    new = case_with(world, jpeg(original), now=LATER)
    examine_photos(now=LATER)
    assert kinds(new) == ["same_picture"]


def test_the_edits_of_the_real_photo_are_found(world: World) -> None:
    names = ("aaa-orig", "blur-a-little", "high-contrast", "sharpen-a-little", "shrink-a-lot", "square-512x512")
    photos = [store(world, (shared_data("photos") / f"bridge-{name}.jpg").read_bytes()) for name in names]
    for photo in photos:
        make_print(photo_id=photo)
    for photo in photos[1:]:
        assert photos[0] in [match.photo_id for match in earlier_matches(Photo.objects.get(pk=photo))]


@pytest.mark.parametrize("kind", KINDS)
def test_other_photos_of_the_same_kind_of_place_are_left_alone(world: World, kind: str) -> None:
    found = [case_with(world, jpeg(scene(kind, shot)), now=NOW + timedelta(days=shot)) for shot in range(6)]
    examine_photos(now=LATER)
    assert [kinds(case) for case in found] == [[]] * 6


def test_the_same_file_in_another_case_is_said(world: World) -> None:
    data = jpeg(scene("market", 2))
    old = case_with(world, data)
    new = case_with(world, data, now=LATER, site=world.lane)
    examine_photos(now=LATER)
    assert (kinds(old), kinds(new)) == ([], ["same_file"])


def test_a_photo_used_again_in_its_own_case_is_no_matter(world: World) -> None:
    before = jpeg(scene("street", 1))
    case = world.case_at(Status.HANDLING, photo_ids=[store(world, before)])
    again = store(world, jpeg(scene("street", 1), 50), "wy_worker")
    same = store(world, before, "wy_worker")
    cases.rectify(case_id=case.pk, note="已清", photo_ids=[again, same], by=world.actor("wy_worker"), now=LATER)
    examine_photos(now=LATER)
    assert kinds(case) == []


def test_one_photo_of_two_problems_of_one_visit_is_no_matter(world: World) -> None:
    data = jpeg(scene("corridor", 1))
    found = [case_with(world, data, now=NOW + timedelta(minutes=minutes)) for minutes in (0, 20)]
    examine_photos(now=LATER)
    assert [kinds(case) for case in found] == [[], []]


def test_a_photo_of_a_passed_criterion_is_known_too(world: World) -> None:
    patrol, data = small_patrol(world), jpeg(scene("corridor", 5))
    record_finding(
        patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code="RES-01", verdict="pass",
        photo_ids=[store(world, data)], by=world.actor("inspector"), now=NOW,
    )  # fmt: skip
    case = case_with(world, data, now=LATER, site=world.lane)
    while react_once(LATER):
        pass
    assert kinds(case) == ["same_file"]
    assert "学田苑" in PhotoHint.objects.get().fact


def test_time_place_and_software_of_a_photo_are_said(world: World) -> None:
    exif = exif_of(software="Adobe Photoshop 21.0", taken="2018:06:24 09:00:00", lat=31.0, lng=121.0)
    case = case_with(world, jpeg(scene("market", 4), exif=exif))
    examine_photos(now=NOW)
    assert kinds(case) == ["time", "place", "edited"]
    assert "2.0 年" in PhotoHint.objects.get(kind="time").measure
    assert "公里" in PhotoHint.objects.get(kind="place").measure


def test_a_photo_stored_before_the_report_is_looked_at_when_it_arrives(world: World) -> None:
    data = jpeg(scene("market", 6))
    case_with(world, data, now=NOW - timedelta(days=9))
    new = case_with(world, jpeg(scene("market", 6), 40))
    while react_once(NOW + timedelta(minutes=1)):
        pass
    assert kinds(new) == ["same_picture"]
    assert all(photo.thumb_path for photo in Photo.objects.all())


def test_looking_again_changes_nothing(world: World) -> None:
    data = jpeg(scene("market", 2))
    case_with(world, data)
    new = case_with(world, data, now=LATER)
    examine_photos(now=LATER)
    CasePhoto.objects.update(examined_at=None)
    hint = PhotoHint.objects.get()
    set_aside(case_id=new.pk, hint_id=hint.pk, word="现场看过", by=world.actor("inspector2"), now=LATER)
    examine_photos(now=LATER + timedelta(hours=1))
    assert PhotoHint.objects.get().set_aside_word == "现场看过"


def test_a_photo_whose_file_is_gone_blocks_nobody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    lost = case_with(world, jpeg(scene("street", 1)))
    photo = lost.photos.get().photo
    photo.path = "photos/00/gone.jpg"
    photo.save()
    case_with(world, jpeg(scene("street", 2)))
    assert examine_photos(now=NOW) == 2
    assert examine_photos(now=NOW) == 0


def test_photos_from_before_the_comparison_are_found_but_not_suspected(world: World) -> None:
    data = jpeg(scene("street", 2))
    found = [case_with(world, data, now=NOW + timedelta(days=day)) for day in (0, 3)]
    pass_over_earlier_photos(now=LATER)
    new = case_with(world, data, now=NOW + timedelta(days=9))
    examine_photos(now=LATER)
    assert [kinds(case) for case in found] == [[], []]
    assert kinds(new) == ["same_file"]


def test_only_who_verifies_sees_a_hint_and_one_word_sets_it_aside(world: World) -> None:
    data = jpeg(scene("market", 2))
    case_with(world, data)
    new = case_with(world, io.BytesIO(data).getvalue(), now=LATER)
    examine_photos(now=LATER)
    hint = PhotoHint.objects.get(subject_id=new.pk)
    for who in ("wy_worker", "wy_chief", "grid", "leader"):
        assert not hints_for(world.actor(who), new)
        with pytest.raises(NotFound):
            hint_photo_for(world.actor(who), new.pk, hint.pk)
        with pytest.raises(NotFound):
            set_aside(case_id=new.pk, hint_id=hint.pk, word="x", by=world.actor(who), now=LATER)
    inspector = world.actor("inspector2")
    assert hint_photo_for(inspector, new.pk, hint.pk).pk == hint.other_id
    with pytest.raises(Refused):
        set_aside(case_id=new.pk, hint_id=hint.pk, word=" ", by=inspector, now=LATER)
    before = Case.objects.get(pk=new.pk).version
    set_aside(case_id=new.pk, hint_id=hint.pk, word="现场看过", by=inspector, now=LATER)
    set_aside(case_id=new.pk, hint_id=hint.pk, word="又一次", by=inspector, now=LATER)
    event = Event.objects.get(kind="photo.hint_set_aside")
    assert (event.subject_kind, event.note) == ("photo", "现场看过")
    assert Case.objects.get(pk=new.pk).version == before
    assert not Event.objects.filter(subject_kind="case", subject_id=new.pk, kind__contains="hint").exists()


def test_a_hint_blocks_no_move(world: World) -> None:
    data = jpeg(scene("market", 2))
    case_with(world, data)
    photo = store(world, data, "wy_worker")
    case = world.case_at(Status.HANDLING, now=LATER)
    cases.rectify(case_id=case.pk, note="已清", photo_ids=[photo], by=world.actor("wy_worker"), now=LATER)
    examine_photos(now=LATER)
    assert kinds(case) == ["same_file"]
    assert cases.verify(case_id=case.pk, by=world.actor("inspector2"), now=LATER).status == Status.VERIFIED
