"""Open data: GeoJSON by OGC API Features, feeds, the data package."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.opendata.models import DataPackage
from chuangwen.opendata.packages import make_package
from chuangwen.patrols.models import Patrol, Secrecy
from chuangwen.patrols.operations import record_finding
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.rounds import small_patrol
from tests.world import NOW, World


def get(address: str, **query: str) -> Any:
    """The JSON of an address that opens for anybody."""
    answer = Client().get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def three_cases(world: World, wednesday: None) -> list[str]:
    """Numbers of three public cases, oldest first, beside what is not public."""
    world.case_at(Status.REPORTED)
    world.case_at(Status.CANCELLED)
    somewhere = world.case_at(Status.HANDLING, place="某户")
    Case.objects.filter(pk=somewhere.pk).update(site=None)
    return [world.case_at(status).number for status in (Status.HANDLING, Status.VERIFIED, Status.CLOSED)]


def test_a_map_program_finds_its_way_from_the_landing_page_to_every_feature(three_cases: list[str]) -> None:
    rels = {row["rel"]: row["href"].removeprefix("http://testserver") for row in get("/ogc/")["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= rels.keys()
    assert any(uri.endswith("/conf/core") for uri in get(rels["conformance"])["conformsTo"])
    described = get(rels["service-desc"])
    assert described["openapi"].startswith("3.0")
    assert "/collections/cases/items" in described["paths"]
    names = [row["id"] for row in get(rels["data"])["collections"]]
    assert names == ["cases", "sites"]
    assert get("/ogc/collections/cases")["extent"]["spatial"]["bbox"] == [[120.871, 32.001, 120.901, 32.011]]
    found: list[str] = []
    address = "/ogc/collections/cases/items?limit=2"
    while address:
        with budget("GET /ogc/collections/{name}/items"):
            page = get(address)
        assert page["type"] == "FeatureCollection"
        assert page["numberReturned"] == len(page["features"])
        found += [row["id"] for row in page["features"]]
        address = next((row["href"] for row in page["links"] if row["rel"] == "next"), "")
        address = address.removeprefix("http://testserver")
    assert found == three_cases[::-1]
    one = get(f"/ogc/collections/cases/items/{found[0]}")
    assert one["geometry"] == {"type": "Point", "coordinates": [120.871, 32.011]}
    assert one["properties"]["requirement"] == "楼道堆物"
    places = get("/ogc/collections/sites/items", limit="1")
    assert "13900001234" not in json.dumps(get("/ogc/collections/sites/items"))
    assert get(f"/ogc/collections/sites/items/{places['features'][0]['id']}")["type"] == "Feature"


def test_boxes_times_and_strange_parameters(three_cases: list[str]) -> None:
    items = "/ogc/collections/cases/items"
    assert get(items, bbox="120.87,32,120.88,32.02")["numberReturned"] == 3
    assert get(items, bbox="0,0,1,1")["numberReturned"] == 0
    assert get(items, datetime="2020-06-24")["numberReturned"] == 3
    assert get(items, datetime="2020-06-25/..")["numberReturned"] == 0
    for query in ("limit=0", "limit=x", "bbox=1", "datetime=x", "colour=red", "f=html", "after=-1"):
        answer = Client().get(f"{items}?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["description"], query
    for address in ("/ogc/collections/nix", "/ogc/collections/nix/items", f"{items}/202006240000001", f"{items}/x"):
        assert Client().get(address).status_code == 404, address


def test_the_package_holds_tables_as_described_and_nothing_of_a_person(three_cases: list[str], world: World) -> None:
    assert "还没有制作" in Client().get("/open-data/").content.decode()
    for _ in range(4):
        made = make_package(now=NOW)
    assert DataPackage.objects.count() == 3
    page = Client().get("/open-data/").content.decode()
    assert made.sha256 in page
    answer = Client().get(f"/open-data/{made.pk}/chuangwen-open-data.zip")
    whole = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file response
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        said = json.loads(archive.read("datapackage.json"))
        tables = {row["name"]: archive.read(row["path"]) for row in said["resources"]}
    for resource in said["resources"]:
        rows = list(csv.reader(io.StringIO(tables[resource["name"]].decode())))
        assert rows[0] == [field["name"] for field in resource["schema"]["fields"]]
        assert len(rows) - 1 == made.rows[resource["name"]]
        assert resource["bytes"] == len(tables[resource["name"]])
    assert [row["number"] for row in csv.DictReader(io.StringIO(tables["cases"].decode()))] == three_cases
    for secret in ("13900001234", "物业经理", "纸箱", "巡查员甲"):
        assert secret.encode() not in b"".join(tables.values()), secret
    assert Client().get("/open-data/999/chuangwen-open-data.zip").status_code == 404


def test_feeds_are_atom_and_show_only_what_is_public(three_cases: list[str], world: World) -> None:
    answer = Client().get("/feeds/cases.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    atom = {"a": "http://www.w3.org/2005/Atom"}
    entries = ElementTree.fromstring(answer.content).findall("a:entry", atom)
    assert [entry.findtext("a:title", "", atom) for entry in entries] == ["学田苑：楼道堆物"] * 3
    assert ElementTree.fromstring(Client().get("/feeds/cases.atom?street=WF").content).find("a:entry", atom) is None
    assert Client().get("/feeds/news.atom").status_code == 200


def test_what_a_secret_round_found_stays_out_until_it_is_disclosed(world: World, wednesday: None) -> None:
    patrol = small_patrol(world)
    found = record_finding(
        patrol_id=patrol.pk, site_id=world.lane.pk, criterion_code="LANE-01", verdict="fail", note="积水",
        by=world.actor("inspector"), now=NOW,
    )  # fmt: skip
    assert found.case_id is not None
    assert get("/ogc/collections/cases/items")["numberReturned"] == 1
    Patrol.objects.filter(pk=patrol.pk).update(secrecy=Secrecy.UNTIL_END, secret_home=world.unit("CC"))
    assert get("/ogc/collections/cases/items")["numberReturned"] == 0
    Patrol.objects.filter(pk=patrol.pk).update(disclosed_at=NOW)
    assert get("/ogc/collections/cases/items")["numberReturned"] == 1
