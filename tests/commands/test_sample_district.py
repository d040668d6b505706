"""The sample district: complete, tidy, the same every time."""

import csv
import json
import re
from collections import Counter
from functools import cache

import pytest
import shapely

from chuangwen.project.demo.district import District, sample_district
from chuangwen.project.demo.sites import POINT_TYPES
from chuangwen.rules.permissions import Role
from chuangwen.standards.sample_edition import sample_edition
from tests.paths import shared_data

SEED = 20200628


@cache
def grown(seed: int) -> District:
    return sample_district(seed)


def district() -> District:
    return grown(SEED)


@cache
def kinds() -> dict[str, str]:
    return {unit.code: unit.kind for unit in district().units}


@cache
def parents() -> dict[str, str]:
    return {unit.code: unit.parent_code for unit in district().units}


@cache
def shape(code: str) -> shapely.Polygon:
    area = next(area for area in district().areas if area.code == code)
    return shapely.from_geojson(json.dumps(area.boundary))


def street_of(grid_code: str) -> str:
    return parents()[parents()[grid_code]]


def test_every_street_of_the_published_ranking_is_there_and_chengdong() -> None:
    with shared_data("nantong_streets_2017_08.csv").open(encoding="utf-8-sig", newline="") as file:
        published = {row["unit"] for row in csv.DictReader(file)} | {"城东"}
    streets = {unit.name.removesuffix("街道") for unit in district().units if unit.kind == "street"}
    assert streets == published
    assert {area.name.removesuffix("街道") for area in district().areas if area.kind == "street"} == published


def test_the_tree_goes_from_city_to_grid_and_parents_come_first() -> None:
    seen: dict[str, str] = {}
    under = {
        "district": {"city"}, "district_office": {"district"}, "department": {"district"}, "regulator": {"district"},
        "street": {"district"}, "community": {"street"}, "grid": {"community"}, "property_firm": {"community"},
        "owners_committee": {"community"}, "party_branch": {"community"}, "volunteer_team": {"street", "community"},
    }  # fmt: skip
    for unit in district().units:
        if unit.kind == "city":
            assert unit.parent_code == ""
        else:
            assert seen[unit.parent_code] in under[unit.kind]
        seen[unit.code] = unit.kind
    assert set(seen.values()) == {"city", *under}
    assert {unit.name for unit in district().units} >= {"南通市", "崇川区", "区文明办", "区市场监管局", "公安分局"}


def test_streets_have_four_to_six_communities_and_those_three_to_five_grids() -> None:
    children = Counter((unit.parent_code, unit.kind) for unit in district().units)
    assert {children[code, "community"] for code, kind in kinds().items() if kind == "street"} == {4, 5, 6}
    assert {children[code, "grid"] for code, kind in kinds().items() if kind == "community"} == {3, 4, 5}


def test_codes_and_names_are_unique() -> None:
    rows = district()
    for codes in (rows.units, rows.areas, rows.sites):
        assert len({row.code for row in codes}) == len(codes)
        assert max(len(row.code) for row in codes) <= 32
    assert len({site.name for site in rows.sites}) == len(rows.sites)
    assert len({person.username for person in rows.people}) == len(rows.people)


def test_invented_units_are_marked_and_real_names_are_not() -> None:
    real = {"city", "district", "district_office", "department", "regulator", "street"}
    assert all(unit.sample == (unit.kind not in real) for unit in district().units)
    assert "样例" in district().notice
    assert "虚构" in district().notice


@pytest.mark.parametrize("seed", [SEED, 7])
def test_areas_tile_their_parent_without_gap_or_overlap(seed: int) -> None:
    areas = grown(seed).areas
    shapes = {area.code: shapely.from_geojson(json.dumps(area.boundary)) for area in areas}
    assert all(shapely.is_valid(one) and one.geom_type == "Polygon" for one in shapes.values())
    for parent in areas:
        children = [shapes[area.code] for area in areas if area.parent_code == parent.code]
        assert bool(children) == (parent.kind != "grid")
        if children:
            assert shapely.coverage_is_valid(children)
            assert shapely.union_all(children).symmetric_difference(shapes[parent.code]).area < 1e-9
            assert sum(child.area for child in children) == pytest.approx(shapes[parent.code].area, rel=1e-9)


def test_boundaries_lie_in_the_city_with_six_decimals_and_are_no_chessboard() -> None:
    west, south, east, north = shape("CC").bounds
    assert 120.80 <= west < east <= 120.95
    assert 31.93 <= south < north <= 32.10
    for area in district().areas:
        ring = area.boundary["coordinates"][0]
        assert ring[0] == ring[-1]
        assert all(round(value, 6) == value for position in ring for value in position)
        assert len(ring) > 8


def test_area_and_unit_share_code_and_place_in_the_tree() -> None:
    for area in district().areas:
        assert kinds()[area.unit_code] == area.kind
        assert area.parent_code == ("" if area.kind == "district" else parents()[area.unit_code])


def test_every_point_lies_inside_its_grid() -> None:
    for site in district().sites:
        assert kinds()[site.grid_code] == "grid"
        assert shapely.contains_xy(shape(site.grid_code), site.lng, site.lat)
        assert (round(site.lng, 6), round(site.lat, 6)) == (site.lng, site.lat)


def test_all_fifteen_types_occur_in_believable_numbers() -> None:
    counts = Counter(site.point_type for site in district().sites)
    assert set(counts) == set(POINT_TYPES) == {row.code.split("-")[0] for row in sample_edition().criteria}
    assert 420 <= len(district().sites) <= 480
    assert counts.most_common(1)[0][0] == "RES"
    assert 2 <= counts["HOSP"] <= 4
    types = {(street_of(site.grid_code), site.point_type) for site in district().sites}
    assert min(Counter(street for street, _ in types).values()) >= 6


def test_every_point_has_an_owner_that_fits_its_type() -> None:
    offices = {
        "ROAD": "CC-CHENGGUAN", "SQ": "CC-CHENGGUAN", "BUS": "CC-JIAOTONG", "RIVER": "CC-SHUILI", "SCH": "CC-JIAOTI",
        "HOSP": "CC-WEIJIAN", "CULT": "CC-WENLV", "SITE": "CC-ZHUJIAN", "MALL": "CC-SHANGWU", "FOOD": "CC-SHIJIAN",
    }  # fmt: skip
    for site in district().sites:
        community = parents()[site.grid_code]
        if site.point_type == "RES":
            assert kinds()[site.owner_unit_code] == "property_firm"
            assert parents()[site.owner_unit_code] == community
        elif site.point_type in {"COM", "LANE", "MKT"}:
            assert site.owner_unit_code == community
        else:
            assert site.owner_unit_code == offices.get(site.point_type, street_of(site.grid_code))


def test_owners_committees_belong_to_a_compound_of_their_community() -> None:
    compounds = {site.code: site for site in district().sites if site.point_type == "RES"}
    committees = [unit for unit in district().units if unit.kind == "owners_committee"]
    assert committees
    for unit in committees:
        assert unit.name == f"{compounds[unit.site_code].name}业主委员会"
        assert parents()[compounds[unit.site_code].grid_code] == unit.parent_code


def test_no_phone_can_be_real_and_none_occurs_twice() -> None:
    phones = [site.contact_phone for site in district().sites] + [person.phone for person in district().people]
    assert all(re.fullmatch(r"000\d{8}", phone) for phone in phones)
    assert len(set(phones)) == len(phones)


def test_people_hold_known_roles_in_known_units() -> None:
    roles = Counter(role for person in district().people for role, _ in person.posts)
    assert set(roles) == {role.value for role in Role}
    assert (roles["system_admin"], roles["inspector"]) == (1, 6)
    for person in district().people:
        assert re.fullmatch(r"[a-z0-9_]{1,40}", person.username)
        assert len(person.display_name) <= 40
        assert all(unit in kinds() for _, unit in person.posts)


def test_whoever_owns_a_point_has_somebody_to_put_it_right() -> None:
    workers = {unit for person in district().people for role, unit in person.posts if role == "unit_worker"}
    chiefs = {unit for person in district().people for role, unit in person.posts if role == "unit_chief"}
    assert {site.owner_unit_code for site in district().sites} <= workers
    assert {code for code, kind in kinds().items() if kind in {"street", "department", "regulator"}} <= workers & chiefs
    assert {code for code, kind in kinds().items() if kind in {"community", "property_firm"}} <= workers


def test_the_accounts_to_print_exist_and_say_what_they_are_for() -> None:
    usernames = {person.username for person in district().people}
    assert 8 <= len(district().demo_accounts) <= 10
    for username, purpose in district().demo_accounts:
        assert username in usernames
        assert "：" in purpose


def test_the_same_seed_gives_the_same_district_and_another_gives_another() -> None:
    assert sample_district() == district()
    other = grown(7)
    assert other.sites != district().sites
    assert len(other.sites) == len(district().sites)
