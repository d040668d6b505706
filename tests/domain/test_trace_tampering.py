"""A trace that cannot be altered unseen: what is edited, removed, inserted, moved or cut off is found and named."""

from datetime import timedelta

import pytest
from django.db import connection

from chuangwen.journal.log import root_at
from chuangwen.journal.models import Event, Log, Root, Tile
from chuangwen.journal.sealing import seal
from chuangwen.journal.verifying import Claim, verify
from chuangwen.rules.trace import digest_of, field_hashes, marks_of
from tests.trace import HALF, MANY, filled, happen, only, place_all, sql
from tests.world import NOW


@pytest.fixture
def log(db: None) -> list[int]:
    """The numbers of the events in the log."""
    return filled()


# --- tampering, with SQL ---

EDITS: dict[str, tuple[str, object]] = {
    "kind": ("kind = %s", "case.cancel"),
    "subject_kind": ("subject_kind = %s", "order"),
    "subject_id": ("subject_id = %s", 99_999),
    "actor_id": ("actor_id = %s", 5),
    "actor_name": ("actor_name = %s", "别人"),
    "at": ("at = %s", NOW - timedelta(days=1)),
    "facts": ("facts = %s", '{"step": 0}'),
    "client_key": ("client_key = %s", "another"),
    "commitment": ("commitment = %s", bytes(32)),
    "words": ("words = %s", '{"note": "李四"}'),
    "digest": ("digest = %s", bytes(32)),
    "marks": ("marks = %s", bytes(36)),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("place", [0, 260])
def test_an_edited_row_is_found_and_its_field_named(log: list[int], name: str, place: int) -> None:
    change, value = EDITS[name]
    sql(f"UPDATE journal_event SET {change} WHERE id = %s", value, log[place])
    fault = only(verify(), "words" if name == "words" else "edited")
    assert (fault.position, fault.events) == (place, (log[place],))
    assert fault.fields == (() if name == "marks" else (name,)) or name == "marks"
    assert str(log[place]) in fault.text


def rewritten(event: Event, **changes: object) -> Event:
    """An event with other facts whose own digest and marks fit again."""
    for name, value in changes.items():
        setattr(event, name, value)
    hashes = field_hashes(event.entry())
    event.digest, event.marks = digest_of(hashes), marks_of(hashes)
    event.save()
    return event


def test_an_edited_row_with_a_fitting_digest_is_found(log: list[int]) -> None:
    rewritten(Event.objects.get(pk=log[41]), actor_name="别人")
    fault = only(verify(), "edited")
    assert (fault.position, fault.events, fault.fields) == (41, (log[41],), ())


def test_an_edited_row_whose_leaf_and_tree_were_made_to_fit_breaks_the_roots(log: list[int]) -> None:
    event = rewritten(Event.objects.get(pk=log[200]), actor_name="别人")
    _rebuild()
    fault = only(verify(), "root")
    assert (fault.position, fault.last_position) == (HALF, MANY - 1)
    assert event.position in range(HALF, MANY)
    printed = Root.objects.get(size=MANY)
    Root.objects.filter(pk=printed.pk).update(root=root_at(MANY))
    assert verify().faults == []
    fault = only(verify(claims=[Claim("通报印的根值", printed.root, MANY)]), "root")
    assert "通报印的根值" in fault.text
    assert only(verify(claims=[Claim("您给的根值", printed.root)]), "root").kind == "root"


def _rebuild() -> None:
    """Somebody who knows our code writes the whole tree anew from the rows."""
    rows = list(Event.objects.order_by("position"))
    Tile.objects.all().delete()
    Log.objects.update(size=0)
    Event.objects.update(position=None)
    for row in rows:  # with the key of the installation the seal can be made as well
        Event.objects.filter(pk=row.pk).update(seal=seal(bytes(row.digest or b"")))
    place_all()


def test_removed_rows_are_found_and_named(log: list[int]) -> None:
    sql("DELETE FROM journal_event WHERE id IN (%s, %s, %s)", log[7], log[8], log[200])
    faults = verify().faults
    assert [(fault.kind, fault.position, fault.last_position) for fault in faults] == [
        ("removed", 7, 8), ("removed", 200, 200),
    ]  # fmt: skip
    assert faults[0].events == (log[7], log[8])


def test_a_truncated_tail_is_found_and_named(log: list[int]) -> None:
    sql("DELETE FROM journal_event WHERE position >= %s", MANY - 5)
    fault = only(verify(), "truncated")
    assert (fault.position, fault.last_position, fault.events) == (MANY - 5, MANY - 1, tuple(log[-5:]))


def test_a_tail_cut_off_from_the_tree_as_well_is_found_by_the_roots(log: list[int]) -> None:
    sql("DELETE FROM journal_event WHERE position >= %s", 250)
    _rebuild()
    fault = only(verify(), "truncated")
    assert (fault.position, fault.last_position) == (250, MANY - 1)
    assert "截去 50 条" in fault.text
    last = Root.objects.get(size=MANY).root
    Root.objects.filter(size=MANY).delete()
    assert verify().faults == []
    assert only(verify(claims=[Claim("通报印的根值", last, MANY)]), "truncated").position == 250


def test_rows_in_another_order_are_found_and_named(log: list[int]) -> None:
    sql("UPDATE journal_event SET position = -999999 WHERE id = %s", log[10])
    sql("UPDATE journal_event SET position = 10 WHERE id = %s", log[20])
    sql("UPDATE journal_event SET position = 20 WHERE id = %s", log[10])
    faults = verify().faults
    assert [(fault.kind, fault.position, fault.events) for fault in faults] == [
        ("moved", 10, (log[10], log[20])), ("moved", 20, (log[20], log[10])),
    ]  # fmt: skip


def test_rows_that_exchanged_their_numbers_are_found_and_named(log: list[int]) -> None:
    sql("UPDATE journal_event SET id = -1 WHERE id = %s", log[10])
    sql("UPDATE journal_event SET id = %s WHERE id = %s", log[10], log[20])
    sql("UPDATE journal_event SET id = %s WHERE id = -1", log[20])
    assert [(fault.kind, fault.position) for fault in verify().faults] == [("moved", 10), ("moved", 20)]


def test_leaves_in_another_order_are_found(log: list[int]) -> None:
    tile = Tile.objects.get(level=0, number=0)
    hashes, events = bytes(tile.hashes), bytes(tile.events)
    tile.hashes, tile.events = hashes[32:64] + hashes[:32] + hashes[64:], events[8:16] + events[:8] + events[16:]
    tile.save()
    kinds = {fault.kind for fault in verify().faults}
    assert kinds == {"moved", "tree", "root"}


COLUMNS = (
    "kind, subject_kind, subject_id, actor_id, actor_name, at, facts, words, salt, commitment, nonce, digest, marks, seal,"
    " next_try_at, attempts, last_error"
)


def insert_copy(source: int, **others: str) -> int:
    """A new row that copies one, but for these columns."""
    values = ", ".join(others.get(name.strip(), name.strip()) for name in COLUMNS.split(","))
    statement = f"INSERT INTO journal_event ({COLUMNS}) SELECT {values} FROM journal_event WHERE id = %s RETURNING id"
    with connection.cursor() as cursor:
        cursor.execute(statement, [source])
        (new,) = cursor.fetchone()
    return int(new)


INSERTED: dict[str, dict[str, str]] = {
    "a made-up row": {"actor_name": "'别人'", "digest": "NULL", "seal": "NULL", "nonce": "NULL", "marks": "NULL"},
    "a row with the digest of another": {"actor_name": "'别人'"},
    "a faithful copy": {},
}


@pytest.mark.parametrize("how", INSERTED)
@pytest.mark.parametrize("placed", [False, True], ids=["at once", "after the worker came round"])
def test_an_inserted_row_is_found_and_named(log: list[int], how: str, placed: bool) -> None:
    new = insert_copy(log[3], **INSERTED[how])
    if placed:
        place_all()
    faults = verify().faults
    assert any(new in fault.events for fault in faults)
    assert {fault.kind for fault in faults} <= {"inserted", "edited"}


def test_a_row_that_knows_how_to_hash_but_has_no_key_never_enters_the_log(log: list[int]) -> None:
    new = insert_copy(log[3], nonce="%s" % ("'\\x00'::bytea" if connection.vendor == "postgresql" else "x'00'"))
    event = Event.objects.get(pk=new)
    rewritten(event, actor_name="别人")
    assert only(verify(), "inserted").events == (new,)
    place_all()
    assert only(verify(), "inserted").events == (new,)
    assert Event.objects.get(pk=new).position == -new
    happen(3)
    place_all()
    assert verify().size == MANY + 3  # it blocks nobody


def test_a_row_put_between_others_or_beyond_the_end_is_found(log: list[int]) -> None:
    new = insert_copy(log[3])
    sql("UPDATE journal_event SET position = %s WHERE id = %s", MANY + 7, new)
    assert {fault.kind for fault in verify().faults} == {"inserted"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("DELETE FROM journal_tile WHERE level = 0 AND number = 1", "tree"),
        ("DELETE FROM journal_tile WHERE level = 1", "tree"),
        ("UPDATE journal_log SET size = 7", "tree"),
        ("DELETE FROM journal_log", "tree"),
        ("UPDATE journal_root SET root = '00' WHERE size = 300", "root"),
        ("DELETE FROM journal_tile", "tree"),
    ],
)
def test_a_damaged_tree_is_found(log: list[int], statement: str, kind: str) -> None:
    sql(statement)
    assert kind in {fault.kind for fault in verify().faults}


def test_a_row_that_cannot_even_be_read_is_named_and_hides_no_other(log: list[int]) -> None:
    if connection.vendor == "postgresql":
        sql("UPDATE journal_event SET at = 'infinity' WHERE id = %s", log[5])
    else:
        sql("UPDATE journal_event SET at = 'yesterday' WHERE id = %s", log[5])
    sql("UPDATE journal_event SET actor_name = 'x' WHERE id = %s", log[6])
    faults = verify().faults
    assert [(fault.kind, fault.events) for fault in faults] == [("edited", (log[5],)), ("edited", (log[6],))]
