"""Lists turn their pages by key: every row once, in order, forwards and backwards, also while rows come in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import BadInput
from chuangwen.web.desk.key_pages import KeyPage, key_page
from tests.world import World

Enter = Callable[[str], Client]


def _forwards(rows: Any, size: int) -> list[KeyPage]:
    page = key_page(rows, size=size)
    pages = [page]
    while page.after:
        page = key_page(rows, size=size, after=page.after)
        pages.append(page)
    return pages


@pytest.fixture
def places(world: World) -> World:
    """Seven places, so that there are pages to turn."""
    from chuangwen.places.models import Site

    lane = Site.objects.get(pk=world.lane.pk)
    for number in range(5):
        lane.pk, lane.code, lane.token = None, f"{world.lane.code}-{number}", f"page-{number}"
        lane.save(force_insert=True)
    return world


def _orders() -> dict[str, Any]:
    from chuangwen.cases.models import Case
    from chuangwen.people.models import User
    from chuangwen.places.models import Site

    return {
        "by code": Site.objects.order_by("code"),
        "many alike": Site.objects.order_by("point_type", "-street__name"),
        "newest first": Case.objects.order_by("-reported_at", "-id"),
        "empty last": Case.objects.order_by(F("due_at").desc(nulls_last=True), "id"),
        "empty first": Case.objects.order_by(F("rectified_at").asc(nulls_first=True), "-id"),
        "people": User.objects.order_by("display_name"),
    }


@pytest.mark.parametrize("name", ["by code", "many alike", "newest first", "empty last", "empty first", "people"])
@pytest.mark.parametrize("size", [1, 3])
def test_turning_every_page_shows_every_row_once_and_in_order(places: World, name: str, size: int) -> None:
    for status in ("reported", "handling", "rectified", "closed"):
        places.case_at(Status(status))
    rows = _orders()[name]
    pages = _forwards(rows, size)
    seen = [row.pk for page in pages for row in page.rows]
    assert sorted(seen) == sorted(rows.values_list("pk", flat=True))
    assert len(seen) > size
    back = pages[-1]
    for earlier in reversed(pages[:-1]):
        back = key_page(rows, size=size, before=back.before)
        assert [row.pk for row in back.rows] == [row.pk for row in earlier.rows]
    assert not back.before


def test_a_key_that_no_page_gave_is_refused_with_a_sentence(world: World) -> None:
    from chuangwen.places.models import Site

    for key in ("x", "[]", "{}", '["a"]', '[["a"],1]', "[null,1]"):
        with pytest.raises(BadInput, match="从第一页开始"):
            key_page(Site.objects.order_by("code", "pk"), size=2, after=key)


def test_the_next_page_goes_on_where_this_one_ended_although_a_row_came_in(places: World) -> None:
    from chuangwen.places.models import Site

    rows = Site.objects.order_by("code")
    first = key_page(rows, size=2)
    Site.objects.filter(pk=rows[len(rows) - 1].pk).update(code="0000")
    second = key_page(rows, size=2, after=first.after)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}


def test_the_list_of_sites_says_which_rows_these_are(
    places: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chuangwen.web.desk.lists.list_page.__kwdefaults__", {"size": 2})
    clerk = enter("clerk")
    first = clerk.get("/desk/sites/").context["page"]
    second = clerk.get("/desk/sites/" + first.next_url).context["page"]
    assert (first.first, first.last, second.first) == (1, 2, 3)
    assert [row.pk for row in clerk.get("/desk/sites/" + second.previous_url).context["page"].rows] == [
        row.pk for row in first.rows
    ]
    gone = clerk.get("/desk/sites/?after=nonsense")
    assert gone.status_code in {400, 422}
    assert "从第一页开始" in gone.content.decode()
