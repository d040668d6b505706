"""The map: marks of the own branches with words beside colours, links to exactly their cases, and a bearable page."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.spots import spots
from chuangwen.places.models import Site
from chuangwen.places.operations import put_area, put_site
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from tests.budgets import budget
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def marked(world: World) -> World:
    """One overdue and one open case in the compound, one open in the lane, one beside every site, one without a place."""
    world.case_at(Status.HANDLING, now=NOW - timedelta(days=9))
    world.case_at(Status.RECTIFIED)
    world.open_case(by="clerk", site=world.lane)
    beside: dict[str, Any] = {
        "site": None,
        "home": world.compound.home,
        "street": world.compound.street,
        "origin_kind": "report",
    }
    cases.open_case(
        **beside,
        title="站台小广告",
        lng=Decimal("120.875000"),
        lat=Decimal("32.015000"),
        by=world.actor("clerk"),
        now=NOW,
    )
    cases.open_case(**beside, title="噪声扰民", by=world.actor("clerk"), now=NOW)
    return world


def data_of(client: Client, query: str = "") -> dict[str, Any]:
    """What the map draws."""
    answer = client.get(f"/desk/map/{query}")
    assert answer.status_code == 200
    found = re.search(
        r'<script id="map-data" type="application/json">(.*?)</script>', answer.content.decode(), re.DOTALL
    )
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def named(rows: Iterable[list[Any]]) -> dict[str, list[Any]]:
    """The marks by their words."""
    return {row[2]: row for row in rows}


def test_each_mark_says_how_many_and_leads_to_exactly_those(marked: World, enter: Enter) -> None:
    client = enter("clerk")
    data = data_of(client)
    rows = named(data["rows"])
    assert {name: (row[3], row[4]) for name, row in rows.items()} == {
        "学田苑": ("在办 2 件，超期 1 件", "late"),
        "文峰巷": ("在办 1 件", "open"),
        "站台小广告": ("在办 1 件", "case"),
    }
    for row in rows.values():
        answer = client.get(data["links"][row[4]].replace("{id}", str(row[5])))
        assert answer.status_code == 200
        if row[4] != "case":
            assert answer.context["page"].total == int(re.findall(r"\d+", row[3])[0])
    assert data["states"]["late"] == {"label": "有超期案件", "tone": "bad"}


def test_the_sums_above_the_map_lead_to_their_cases(marked: World, enter: Enter) -> None:
    client = enter("clerk")
    page = client.get("/desk/map/").content.decode()
    assert "另有 1 件没有位置" in page
    links = re.findall(r'<a href="(/desk/cases/[^"]*)">(\d+) 件</a>', page)
    assert [int(number) for _href, number in links] == [4, 1]
    assert client.get(unescape(links[1][0])).context["page"].total == 1
    assert client.get(unescape(links[0][0])).context["page"].total == 4 + 1  # with the one that has no place


def test_only_late_ones_or_every_site(marked: World, enter: Enter) -> None:
    client = enter("clerk")
    assert set(named(data_of(client, "?state=late")["rows"])) == {"学田苑"}
    put_site(
        code="S-Q", name="安静的点位", point_type="RES", owner_code="XT-01-WY", lng="120.872", lat="32.012",
        area_code="A-XT-01", by=SYSTEM, now=NOW,
    )  # fmt: skip
    rows = named(data_of(client, "?state=all")["rows"])
    assert rows["安静的点位"][3:5] == ["", "quiet"]
    assert client.get(f"/desk/sites/{rows['安静的点位'][5]}/").status_code == 200
    assert "安静的点位" not in named(data_of(client, "?state=open")["rows"])


def test_street_and_type_narrow_the_marks(marked: World, enter: Enter) -> None:
    client = enter("clerk")
    assert set(named(data_of(client, "?street=WF")["rows"])) == {"文峰巷"}
    assert set(named(data_of(client, "?street=XT&type=RES")["rows"])) <= {"学田苑", "站台小广告"}


def test_a_street_is_drawn_with_its_communities_once_it_is_chosen(marked: World, enter: Enter) -> None:
    square = {"type": "Polygon", "coordinates": [[[120.87, 32.01], [120.89, 32.01], [120.89, 32.03], [120.87, 32.01]]]}
    for code, unit in (("A-XT", "XT"), ("A-WF", "WF"), ("A-GZ", "GZ")):
        kind = "street" if code != "A-GZ" else "district"
        put_area(code=code, name=f"{unit}范围", kind=kind, unit_code=unit, boundary=square, by=SYSTEM, now=NOW)
    client = enter("clerk")
    streets = data_of(client)["boundaries"]["features"]
    assert {feature["properties"]["title"] for feature in streets} == {"XT范围", "WF范围"}
    assert {feature["properties"]["href"] for feature in streets} == {"?street=XT", "?street=WF"}
    chosen = data_of(client, "?street=XT")["boundaries"]["features"]
    assert {feature["properties"]["title"] for feature in chosen} == {"XT范围", "A-XT-01", "A-XT-01-G1"}


def test_everybody_sees_the_marks_of_their_own_cases(marked: World, enter: Enter) -> None:
    assert set(named(data_of(enter("wf_chief"))["rows"])) == {"文峰巷"}
    assert set(named(data_of(enter("wy_worker"))["rows"])) == {"学田苑"}
    assert data_of(enter("gz_clerk"))["rows"] == []
    assert enter("admin").get("/desk/map/").status_code == 403


def test_a_department_sees_where_its_case_is_beyond_its_own_branch(marked: World, enter: Enter) -> None:
    case = marked.case_at(Status.ACCEPTED)
    cases.dispatch(
        case_id=case.pk, unit_id=marked.unit("CC-CG").pk, by=marked.actor("clerk"), now=NOW + timedelta(minutes=9)
    )
    client = enter("cg_worker")
    data = data_of(client)
    assert set(named(data["rows"])) == {"学田苑"}
    (row,) = data["rows"]
    assert client.get(data["links"][row[4]].replace("{id}", str(row[5]))).context["page"].total == 1


def test_the_same_marks_stand_in_a_list(marked: World, enter: Enter) -> None:
    page = enter("clerk").get("/desk/map/").content.decode()
    listing = page[page.index("<details") :]
    for name in ("学田苑", "文峰巷", "站台小广告", "有超期案件", "在办 2 件，超期 1 件"):
        assert name in listing


def test_where_there_is_nothing_the_page_says_so(world: World, enter: Enter) -> None:
    assert "没有符合条件的点位" in enter("clerk").get("/desk/map/").content.decode()


def _many_sites(world: World, number: int) -> None:
    proto = world.compound
    Site.objects.bulk_create(
        Site(
            code=f"B{n}", name=f"第{n}号居民小区北门广场", point_type="RES", home=proto.home, street=proto.street, owner=proto.owner,
            lng=Decimal("120.85") + Decimal(n) / 100_000, lat=Decimal("32.00") + Decimal(n % 97) / 10_000, token=f"t{n}",
        )
        for n in range(number)
    )  # fmt: skip


def test_a_full_map_is_capped_with_a_sentence_and_stays_light(marked: World, enter: Enter) -> None:
    _many_sites(marked, 2100)
    client = enter("clerk")
    with budget("GET /desk/map/"):
        answer = client.get("/desk/map/?state=all")
    with budget("GET /desk/map/"):
        client.get("/desk/map/?state=open&street=XT")
    page = answer.content.decode()
    assert "图上只画前 2,000 处，共有 2,103 处" in page
    assert len(answer.content) < 300_000
    rows = data_of(enter("clerk"), "?state=all")["rows"]
    assert len(rows) == 2000
    assert "学田苑" in named(rows)


def test_the_cap_keeps_what_is_late(marked: World) -> None:
    found = spots(marked.actor("clerk"), showing="all", now=NOW, at_most=2)
    assert (len(found.rows), found.total) == (2, 3)
    assert found.rows[0].name == "学田苑"


def test_words_that_are_not_understood_narrow_nothing(marked: World, enter: Enter) -> None:
    client = enter("clerk")
    answer = client.get("/desk/map/?state=strange&street=nowhere")
    assert answer.status_code == 200
    assert len(data_of(client, "?state=strange&street=nowhere")["rows"]) == 3
