"""Further questions on the phone: on a page of their own, asked as the answers go, checked on the server."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.standards.models import Criterion, Edition, FormPicture
from chuangwen.standards.operations import new_version
from tests.domain.test_checklist_import import canteen, edited, picture, taken
from tests.edges.desk_pages import read
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def patrol(world: World) -> Patrol:
    """A round by an edition that asks about a canteen."""
    draft = new_version(edition_id=small_edition().pk, version="2", by=world.actor("clerk"), now=NOW)
    taken(draft, edited(draft, canteen), world)
    Edition.objects.filter(pk=draft.pk).update(published_at=NOW)
    return small_patrol(world, edition=draft)


def at(patrol: Patrol, world: World, tail: str = "") -> str:
    """An address at the compound."""
    return f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/{tail}"


def test_the_checklist_says_how_many_questions_are_open(patrol: Patrol, world: World, enter: Enter) -> None:
    page = read(enter("inspector").get(at(patrol, world)))
    assert "附加问题（3）" in page.words
    assert "还有 1 题必须回答" in page.words
    assert "走一遍主路；不合格须写明情况" in page.words
    lane = enter("inspector").get(f"/field/patrols/{patrol.pk}/sites/{world.lane.pk}/")
    assert "附加问题" not in read(lane).words


def test_an_answer_brings_up_the_question_that_follows_from_it(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    page = read(client.get(at(patrol, world, "questions/")))
    assert "有没有食堂" in page.words
    assert "几张桌子" not in page.words
    assert "RES-01 道路平整无坑洼" in page.words
    again = read(client.post(at(patrol, world, "questions/"), {"a_canteen": "yes"}, follow=True))
    assert "下面多了 1 个问题" in again.words
    assert "几张桌子" in again.words
    answer = client.post(
        at(patrol, world, "questions/"),
        {"a_canteen": "yes", "a_tables": "8", "a_sign": SimpleUploadedFile("p.png", picture())}, follow=True,
    )  # fmt: skip
    assert "附加问题已保存。" in read(answer).words
    kept = Visit.objects.get().answers
    assert (kept["canteen"], kept["tables"]) == ("yes", "8")
    assert kept["sign"].isdecimal()
    client.post(at(patrol, world, "questions/"), {"a_canteen": "yes", "a_tables": "9"})
    assert Visit.objects.get().answers["sign"] == kept["sign"], "a photo that was not chosen again stays"


def test_a_wrong_answer_is_named_and_what_was_typed_stays(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    client.post(at(patrol, world, "questions/"), {"a_canteen": "yes"})
    page = read(client.post(at(patrol, world, "questions/"), {"a_canteen": "yes", "a_tables": "120"}))
    assert page.status == 422
    assert "桌子数应在 1 到 99 之间。" in page.words
    assert 'value="120"' in page.html
    assert "tables" not in Visit.objects.get().answers


def test_the_place_is_finished_once_the_questions_are_answered(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    page = read(client.post(at(patrol, world, "finish/"), {"rest_passes": "1"}))
    assert page.status == 422
    assert "「有没有食堂」必须回答。" in page.words
    client.post(at(patrol, world, "questions/"), {"a_canteen": "no"})
    client.post(at(patrol, world, "finish/"), {"rest_passes": "1"})
    asked = Criterion.objects.get(code="RES-16", edition__version="2")
    assert Finding.objects.get(criterion=asked).verdict == "na"
    assert "回答不能再改" in read(client.get(at(patrol, world, "questions/"))).words


# --- what a phone takes along, and what it sends late ---

JSON = {"Accept": "application/json"}


def test_a_phone_takes_the_questions_along_with_their_conditions(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    client.post(at(patrol, world, "questions/"), {"a_canteen": "yes"})
    parts = client.get("/field/pack/").json()["parts"]
    asked = parts[f"ask:{patrol.edition_id}/RES"]
    rows = {row["name"]: row for row in asked["questions"]}
    assert rows["tables"]["relevant"] == ["=", ["name", "canteen"], ["text", "yes"]]
    assert rows["tables"]["said"] == "桌子数应在 1 到 99 之间。"
    assert rows["sign"] == {"name": "sign", "type": "image", "label": "路牌照片", "criterion": "RES-01"}
    assert asked["choices"]["yn"] == [["yes", "有"], ["no", "没有"]]
    assert asked["groups"] == {"RES-16": ["=", ["name", "canteen"], ["text", "yes"]]}
    assert f"ask:{patrol.edition_id}/LANE" not in parts
    stop = parts[f"patrol:{patrol.pk}"]["stops"][0]
    assert (stop["answers"], stop["day"]) == ({"canteen": "yes"}, f"{NOW:%Y-%m-%d}")
    assert parts[f"list:{patrol.edition_id}/RES"][0]["must_note"] is True


def test_a_phone_speaks_the_language_of_its_person(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    client.cookies["django_language"] = "en"
    parts = client.get("/field/pack/").json()["parts"]
    assert parts[f"list:{patrol.edition_id}/RES"][0]["text"] == "The road is even"
    assert parts[f"ask:{patrol.edition_id}/RES"]["questions"][0]["label"] == "有没有食堂", "where nobody translated it"


def test_answers_from_a_phone_arrive_together_late_and_once(patrol: Patrol, world: World, enter: Enter) -> None:
    client, address = enter("inspector"), at(patrol, world, "questions/")
    Patrol.objects.update(created_at=NOW - timedelta(days=2))
    ahead = client.post("/field/photos/", {"photo": SimpleUploadedFile("p.png", picture())}, headers=JSON).json()["id"]
    ago = {"found_at": (NOW - timedelta(days=1)).isoformat(), "sent_at": NOW.isoformat()}
    told = {"a_canteen": "yes", "a_tables": "8", "photo_for": "sign", "photo_id": ahead, "client_key": "k1", **ago}
    first = client.post(address, told, headers=JSON).json()
    assert first["answers"] == {"canteen": "yes", "tables": "8", "sign": str(ahead)}
    later = client.post(address, {"a_canteen": "no", "a_tables": "", "client_key": "k2", **ago}, headers=JSON).json()
    assert later["answers"] == {"canteen": "no", "sign": str(ahead)}, "what is not asked any more is taken back"
    assert client.post(address, told, headers=JSON).json()["answers"] == later["answers"], (
        "the same again changes nothing"
    )
    assert Visit.objects.get().started_at == NOW - timedelta(days=1)
    stranger = {**JSON, "X-Field-Person": "999"}
    assert client.post(address, {"a_canteen": "yes"}, headers=stranger).json()["code"] == "other_person"


def test_the_server_looks_again_at_what_a_phone_sends(patrol: Patrol, world: World, enter: Enter) -> None:
    client, address = enter("inspector"), at(patrol, world, "questions/")
    wrong = client.post(address, {"a_canteen": "maybe", "a_tables": "120", "photo_for": "", "a_x": "1"}, headers=JSON)
    assert wrong.status_code == 422
    assert len(wrong.json()["objections"]) == 3
    assert not Visit.objects.exists()


def test_a_criterion_is_shown_only_where_it_is_asked(patrol: Patrol, world: World, enter: Enter) -> None:
    client = enter("inspector")
    hidden = 'id="criterion-RES-16" data-check data-verdict="" hidden'
    page = read(client.get(at(patrol, world)))
    assert hidden in page.html
    assert "<span data-check-total>2</span>" in page.html
    assert '"groups": {"RES-16": ["=", ["name", "canteen"], ["text", "yes"]]}' in page.html, "for the scripts"
    client.post(at(patrol, world, "questions/"), {"a_canteen": "yes"})
    page = read(client.get(at(patrol, world)))
    assert hidden not in page.html
    assert "<span data-check-total>3</span>" in page.html


def test_the_picture_of_a_criterion_is_small_named_by_what_it_holds_and_fetched_once(
    patrol: Patrol, world: World, enter: Enter
) -> None:
    client = enter("inspector")
    FormPicture.objects.create(edition=patrol.edition, name="road.png", content=noise(), sha256="5" * 64)
    Criterion.objects.filter(edition=patrol.edition, code="RES-01").update(media="road.png")
    key, size = client.get("/field/pack/").json()["parts"][f"list:{patrol.edition_id}/RES"][0]["picture"]
    assert f'src="/field/pictures/{key}/"' in read(client.get(at(patrol, world))).html
    answer = client.get(f"/field/pictures/{key}/")
    assert (len(answer.content), answer["Content-Type"]) == (size, "image/jpeg")
    assert size <= 40_000 < len(noise())
    assert "immutable" in answer["Cache-Control"]
    with Image.open(BytesIO(answer.content)) as shown:
        assert max(shown.size) <= 640
    assert client.get("/field/pictures/5555/").status_code == 404
    assert Client().get(f"/field/pictures/{key}/").status_code == 302


def noise() -> bytes:
    """A picture that does not grow small by itself."""
    told = BytesIO()
    Image.effect_noise((900, 700), 80).save(told, "PNG")
    return told.getvalue()


def test_nobody_else_answers(patrol: Patrol, world: World, enter: Enter) -> None:
    assert enter("inspector2").get(at(patrol, world, "questions/")).status_code == 404
    assert enter("inspector2").post(at(patrol, world, "questions/"), {"a_canteen": "no"}).status_code == 404
    assert not Visit.objects.exists()
    empty = f"/field/patrols/{patrol.pk}/sites/{world.lane.pk}/questions/"
    assert enter("inspector").get(empty).status_code == 404
