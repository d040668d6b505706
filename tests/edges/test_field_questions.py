"""Further questions on the phone: on a page of their own, asked as the answers go, checked on the server."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.standards.models import Criterion, Edition
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


def test_nobody_else_answers(patrol: Patrol, world: World, enter: Enter) -> None:
    assert enter("inspector2").get(at(patrol, world, "questions/")).status_code == 404
    assert enter("inspector2").post(at(patrol, world, "questions/"), {"a_canteen": "no"}).status_code == 404
    assert not Visit.objects.exists()
    empty = f"/field/patrols/{patrol.pk}/sites/{world.lane.pk}/questions/"
    assert enter("inspector").get(empty).status_code == 404
