"""What of an event is hashed: the same after a round trip through a database, different after any edit."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chuangwen.rules.merkle import consistency_proof, inclusion_proof, over, root_of
from chuangwen.rules.proof_files import CONSISTENCY, INCLUSION, check_proof, event_json
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.trace import (
    FIELDS,
    Entry,
    canonical,
    commitment_of,
    digest_of,
    edited_fields,
    field_hashes,
    leaf_of,
    marks_of,
    moment,
    parted,
    plain,
    seal_of,
)

NOON = datetime(2020, 6, 24, 12, 0, tzinfo=timezone(timedelta(hours=8)))
ENTRY = Entry(
    "case.dispatch", "case", 12, 7, "王专员", NOON, {"to": "dispatched", "photos": [1, 2]}, "key-1", None, bytes(16)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False, width=32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def digest(entry: Entry) -> bytes:
    """The digest of an event."""
    return digest_of(field_hashes(entry))


@given(json_values)
def test_a_value_is_spelt_the_same_before_and_after_the_database(value: Any) -> None:
    try:
        spelt = canonical(value)
    except TypeError:
        assume(False)
    except UnicodeEncodeError:  # a lone half of a pair, which no database takes
        assume(False)
    assert canonical(json.loads(json.dumps(plain(value)))) == canonical(json.loads(spelt)) == spelt


def test_spelling_does_not_depend_on_order_or_on_how_a_number_is_written() -> None:
    assert (
        canonical({"b": 1.0, "a": (True, "区")})
        == canonical({"a": [True, "区"], "b": 1})
        == '{"a":[true,"区"],"b":1}'.encode()
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, {1: "x"}, object(), b"x", NOON])
def test_what_would_come_back_different_is_not_taken(value: object) -> None:
    with pytest.raises(TypeError, match="facts cannot hold"):
        canonical([value])


def test_a_moment_is_hashed_as_the_same_instant_everywhere() -> None:
    assert moment(NOON) == moment(NOON.astimezone(UTC)) == "2020-06-24T04:00:00.000000Z"
    assert digest(ENTRY) == digest(replace(ENTRY, at=NOON.astimezone(UTC)))


CHANGES: dict[str, Any] = {
    "kind": "case.cancel", "subject_kind": "order", "subject_id": 13, "actor_id": None, "actor_name": "李专员",
    "at": NOON + timedelta(microseconds=1), "facts": {"to": "dispatched", "photos": [2, 1]}, "client_key": None,
    "commitment": bytes(32),
}  # fmt: skip


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_counts_and_the_edited_one_is_named(name: str) -> None:
    marks, edited = marks_of(field_hashes(ENTRY)), replace(ENTRY, **{name: CHANGES[name]})
    assert digest(edited) != digest(ENTRY)
    assert edited_fields(ENTRY, marks) == ()
    assert edited_fields(edited, marks) == (name,)
    assert edited_fields(edited, marks[1:]) == ()


def test_the_number_of_an_event_is_part_of_its_leaf() -> None:
    assert leaf_of(1, digest(ENTRY)) != leaf_of(2, digest(ENTRY))


def test_the_same_event_twice_has_two_digests() -> None:
    assert digest(ENTRY) != digest(replace(ENTRY, nonce=bytes(15) + b"\x01"))


def test_words_of_people_are_parted_from_facts_of_the_work() -> None:
    facts, words = parted({"to": "x", "note": "赵六 13812345678", "reason": "", "unit": "环卫所", "remark": 5})
    assert facts == {"to": "x", "reason": "", "unit": "环卫所", "remark": 5}
    assert words == {"note": "赵六 13812345678"}


def test_a_commitment_says_nothing_without_its_salt() -> None:
    words = {"note": "赵六"}
    assert commitment_of(words, b"a" * 32) != commitment_of(words, b"b" * 32)
    assert commitment_of(words, b"a" * 32) == commitment_of(dict(words), b"a" * 32)
    assert commitment_of({"note": "赵七"}, b"a" * 32) != commitment_of(words, b"a" * 32)


def test_a_seal_needs_the_key() -> None:
    assert seal_of(b"ours", digest(ENTRY)) != seal_of(b"theirs", digest(ENTRY))


# --- proof files ---


def inclusion_file() -> dict[str, Any]:
    """Event 9 as the second of three entries, with its words."""
    words, salt = {"note": "门口"}, b"s" * 32
    entry = replace(ENTRY, commitment=commitment_of(words, salt))
    leaves = [leaf_of(8, bytes(32)), leaf_of(9, digest(entry)), leaf_of(10, bytes(32))]
    return {
        "format": INCLUSION, "event": event_json(9, entry), "words": words, "salt": salt.hex(),
        "digest": digest(entry).hex(), "leaf": leaves[1].hex(), "position": 1, "tree_size": 3,
        "root": root_of(leaves).hex(), "path": [step.hex() for step in inclusion_proof(1, 3, over(leaves))],
    }  # fmt: skip


def consistency_file() -> dict[str, Any]:
    """From three entries to five."""
    leaves = [leaf_of(number, bytes(32)) for number in range(5)]
    return {
        "format": CONSISTENCY, "first": {"tree_size": 3, "root": root_of(leaves[:3]).hex()},
        "second": {"tree_size": 5, "root": root_of(leaves).hex()},
        "path": [step.hex() for step in consistency_proof(3, 5, over(leaves))],
    }  # fmt: skip


@pytest.mark.parametrize("make", [inclusion_file, consistency_file])
def test_a_proof_file_is_enough_by_itself(make: Any) -> None:
    assert check_proof(json.loads(json.dumps(make()))).faults == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"event": {"actor_name": "李专员"}}, "摘要"),
        ({"event": {"id": 8}}, "编号"),
        ({"words": {"note": "后门"}}, "文字"),
        ({"position": 0}, "路径"),
        ({"path": []}, "路径"),
        ({"root": "00" * 32}, "路径"),
    ],
)
def test_a_changed_proof_file_does_not_hold_and_says_where(change: dict[str, Any], named: str) -> None:
    made = inclusion_file()
    for name, value in change.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    assert any(named in fault for fault in check_proof(made).faults)


def test_a_changed_consistency_file_does_not_hold() -> None:
    made = consistency_file()
    made["first"]["tree_size"] = 4
    assert len(check_proof(made).faults) == 1


@pytest.mark.parametrize("given_file", [None, [], {}, {"format": "x"}, "text", 5])
def test_what_is_no_proof_file_is_refused(given_file: object) -> None:
    with pytest.raises(BadInput, match="不是本系统的证明文件"):
        check_proof(given_file)


def test_everything_unreadable_in_a_proof_file_is_named_at_once() -> None:
    made = inclusion_file() | {"root": "xyz", "path": [5], "position": True}
    made["event"] = made["event"] | {"at": "昨天", "nonce": None}
    with pytest.raises(BadInput) as refused:
        check_proof(made)
    said = "".join(refused.value.objections)
    for name in ("root", "path", "position", "event.at", "event.nonce"):
        assert name in said
    with pytest.raises(BadInput, match=r"second\.tree_size"):
        check_proof({"format": CONSISTENCY, "first": {"tree_size": 1, "root": ""}, "second": {}, "path": []})


@pytest.mark.parametrize("facts", [{"x": 1e300}, {"x": float("nan")}, {"x": "\ud800"}])
def test_a_proof_file_with_impossible_facts_is_refused(facts: dict[str, Any]) -> None:
    made = inclusion_file()
    made["event"]["facts"] = facts
    with pytest.raises(BadInput, match="读不懂的内容"):
        check_proof(made)
