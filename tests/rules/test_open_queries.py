"""What programs ask, read from the words of an address; the shapes of answers."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.case_flow import Move, Status
from chuangwen.rules.data_package import TABLES, description, header
from chuangwen.rules.open311 import UPDATES, as_xml, state_of, update_of
from chuangwen.rules.open_queries import Box, read_box, read_list, read_moment, read_number, read_span
from chuangwen.rules.refusals import BadInput

NINE = datetime(2020, 6, 24, 1, tzinfo=UTC)


def test_boxes_have_four_numbers_or_six_with_heights() -> None:
    assert read_box("120.8,32,120.9,32.1") == Box(120.8, 32, 120.9, 32.1) == read_box("120.8,32,-5,120.9,32.1,99")
    for wrong in ("", "1,2,3", "a,b,c,d", "2,0,1,0", "nan,0,1,1", "-181,0,1,1", "0,0,0,91", "0,0,inf,1"):
        with pytest.raises(BadInput):
            read_box(wrong)


def test_times_may_be_days_instants_or_open_stretches() -> None:
    assert read_moment("2020-06-24T01:00:00Z", "x") == NINE == read_moment("2020-06-24T09:00:00 08:00", "x")
    assert read_moment("2020-06-24T09:00:00", "x") == NINE  # without an offset it is Beijing time
    start, end = read_span("2020-06-24")
    assert start is not None
    assert end is not None
    assert start <= NINE <= end
    assert read_span("../2020-06-24")[0] is None
    assert read_span("2020-06-24/")[1] is None
    for wrong in ("", "a", "2020-06-25/2020-06-24", "1/2/3", "0001-01-01T00:00:00+14:00"):
        with pytest.raises(BadInput):
            read_span(wrong)


@given(st.text(max_size=30))
def test_no_words_break_the_readers(text: str) -> None:
    for reader in (read_box, read_span, lambda words: read_number(words, "n", least=1, most=10)):
        with suppress(BadInput):
            reader(text)
    assert "" not in read_list(text)


@given(st.text())
def test_xml_is_always_well_formed_and_says_the_same(text: str) -> None:
    root = ElementTree.fromstring(as_xml("services", [{"description": text, "metadata": True, "lat": None}]).encode())
    said = root.findtext("service/description") or ""
    assert root.findtext("service/metadata") == "true"
    if text.isprintable():
        assert said == text


def test_every_move_that_residents_are_told_of_has_a_status_and_every_status_is_open_or_closed() -> None:
    assert set(UPDATES) == set(Move) - {Move.ASSIGN}
    assert all(words for _status, words in map(update_of, UPDATES))
    assert {state_of(status) for status in Status} == {"open", "closed"}
    assert state_of(Status.VERIFIED) == "closed"


def test_the_package_describes_every_column_and_none_is_about_a_person() -> None:
    files = dict.fromkeys(TABLES, (1, "0" * 64))
    said: dict[str, Any] = description(name="n", title="t", made_at=NINE, home="https://x", files=files)
    assert [row["name"] for row in said["resources"]] == list(TABLES)
    for resource in said["resources"]:
        names = [field["name"] for field in resource["schema"]["fields"]]
        assert names == header(resource["name"])
        assert set(resource["schema"]["primaryKey"]) <= set(names)
        assert not {"title", "reply", "note", "phone", "contact_name", "leader_name", "reported_by"} & set(names)
