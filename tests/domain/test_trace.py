"""The trace of the journal as it should be: placed, rooted, proven, and words erasable by law."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chuangwen.cases import operations as cases
from chuangwen.jobs.loops import place_once, react_once
from chuangwen.jobs.timetable import TIMETABLE
from chuangwen.journal.admitting import admit
from chuangwen.journal.erasing import erase_personal
from chuangwen.journal.log import place_waiting, record_root, root_at
from chuangwen.journal.models import ERASED, Event, Root
from chuangwen.journal.operations import record
from chuangwen.journal.proofs import consistency, inclusion
from chuangwen.journal.queries import events_of
from chuangwen.journal.verifying import verify
from chuangwen.rules.case_flow import Status
from chuangwen.rules.merkle import root_of
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.proof_files import check_proof
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.trace import digest_of, field_hashes, leaf_of
from tests.trace import HALF, LATER, MANY, filled, happen, only, place_all, sql
from tests.world import NOW, World


@pytest.fixture
def log(db: None) -> list[int]:
    """The numbers of the events in the log."""
    return filled()


# --- what is normal ---


def test_an_untouched_trace_has_no_fault(log: list[int]) -> None:
    report = verify()
    assert report.faults == []
    assert (report.size, report.waiting, report.roots) == (MANY, 0, 2)
    assert report.root == Root.objects.get(size=MANY).root == root_at(MANY)


def test_the_root_is_the_one_of_the_standard_over_the_leaves(log: list[int]) -> None:
    events = Event.objects.order_by("position")
    leaves = [leaf_of(event.pk, digest_of(field_hashes(event.entry()))) for event in events]
    assert root_of(leaves).hex() == root_at(MANY)
    assert [event.pk for event in events] == log


def test_recording_costs_one_statement_and_locks_nothing_shared(db: None) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        record(kind="case.note", subject_kind="case", subject_id=1, by=SYSTEM, now=NOW, note="一句话")
    assert len(captured) == 1
    assert captured[0]["sql"].startswith('INSERT INTO "journal_event"')


def test_events_of_every_room_verify_after_the_worker_came_round(world: World) -> None:
    world.case_at(Status.CLOSED)
    while react_once(LATER):
        pass
    assert place_once() is False
    report = verify()
    assert report.faults == []
    assert report.size == Event.objects.count() > 50


def test_what_waits_for_its_place_is_no_fault(log: list[int]) -> None:
    happen(3)
    assert (verify().waiting, verify().faults) == (3, [])


def test_an_empty_trace_verifies_and_has_no_root(db: None) -> None:
    assert verify().faults == []
    assert place_waiting() == 0
    assert record_root(now=NOW) is None


def test_a_root_is_recorded_every_hour_and_once_for_the_same_entries(log: list[int]) -> None:
    entry = next(entry for entry in TIMETABLE if entry.name == "记录留痕根值")
    assert entry.last_moment(NOW + timedelta(minutes=59)) == NOW
    happen(2)
    entry.work(NOW, LATER)
    entry.work(LATER, LATER + timedelta(hours=1))
    assert list(Root.objects.values_list("size", flat=True)) == [MANY + 2, MANY, HALF]


def test_the_log_grows_in_any_batches_to_the_same_root(db: None) -> None:
    happen(MANY)
    for size in (1, 254, 3, 40):
        assert place_waiting(at_most=size) == size
    place_all()
    assert verify().faults == []


def test_what_cannot_be_hashed_alike_later_is_not_recorded(db: None) -> None:
    with pytest.raises(TypeError, match="facts cannot hold"), transaction.atomic():
        record(kind="x", subject_kind="case", subject_id=1, by=SYSTEM, now=NOW, share=float("inf"))


def test_events_of_an_import_keep_their_old_clocks(db: None) -> None:
    with transaction.atomic():
        for years in (9, 1, 5):
            then = NOW - timedelta(days=365 * years, microseconds=years)
            record(kind="case.report", subject_kind="case", subject_id=1, by=SYSTEM, now=then, share=0.25, whole=2.0)
    place_all()
    assert verify().faults == []


# --- erasing by law ---


def test_words_can_be_erased_by_law_and_the_trace_still_verifies(world: World, log: list[int]) -> None:
    place_all()
    root, event = record_root(now=NOW), Event.objects.get(pk=log[0])
    assert event.note == "张三 13812345678"
    assert root is not None
    chief = world.actor("chief")
    told = erase_personal(event_id=event.pk, reason="本人申请", by=chief, now=LATER)
    event.refresh_from_db()
    assert (event.words, event.salt, event.note, event.facts) == (None, None, ERASED, {"step": 1})
    assert (told.kind, told.subject_id, told.note, told.facts) == (
        "journal.erased", event.pk, "本人申请", {"erased": ["note"]},
    )  # fmt: skip
    place_all()
    report = verify()
    assert (report.faults, report.erased) == ([], 1)
    assert check_proof(inclusion(event_id=event.pk, root=str(root.size))).faults == ()


def test_nothing_of_erased_words_stays_in_the_journal(world: World, log: list[int]) -> None:
    for event_id in log[:HALF]:
        erase_personal(event_id=event_id, reason="本人申请", by=world.actor("chief"), now=LATER)
    with connection.cursor() as cursor:
        for table in ("journal_event", "journal_tile", "journal_root"):
            cursor.execute(f"SELECT * FROM {table}")
            assert "张三" not in repr(cursor.fetchall())


def test_words_that_went_without_a_word_about_it_are_found(log: list[int]) -> None:
    sql("UPDATE journal_event SET words = NULL, salt = NULL WHERE id = %s", log[4])
    fault = only(verify(), "words")
    assert (fault.events, fault.fields) == ((log[4],), ("words",))


@pytest.mark.parametrize(
    ("username", "reason", "place", "said"),
    [
        ("clerk", "本人申请", 0, "文明办主任"),
        ("chief", "  ", 0, "请写明删除的理由"),
        ("chief", "x" * 501, 0, "最多 500 字"),
        ("admin", "本人申请", -1, "没有可删除的文字"),
    ],
)
def test_erasing_is_refused_with_a_reason(
    world: World, log: list[int], username: str, reason: str, place: int, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        erase_personal(event_id=log[place], reason=reason, by=world.actor(username), now=LATER)
    assert Event.objects.get(pk=log[0]).note


def test_erasing_twice_is_refused_and_an_unknown_event_is_not_found(world: World, log: list[int]) -> None:
    admin = world.actor("admin")
    erase_personal(event_id=log[0], reason="本人申请", by=admin, now=LATER)
    with pytest.raises(Refused, match="已经删除过"):
        erase_personal(event_id=log[0], reason="本人申请", by=admin, now=LATER)
    with pytest.raises(NotFound):
        erase_personal(event_id=10**9, reason="本人申请", by=admin, now=LATER)


def test_a_history_reads_as_before(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    cases.add_note(case_id=case.pk, note="业主已联系", by=world.actor("wy_worker"), now=LATER)
    last = events_of("case", case.pk)[-1]
    assert (last.note, last.words, last.facts) == ("业主已联系", {"note": "业主已联系"}, {})


# --- proofs ---


def test_a_proof_of_every_event_holds_by_itself(log: list[int]) -> None:
    for place in (0, 1, 149, 150, 255, 256, 298, 299):
        proof = inclusion(event_id=log[place])
        assert (proof["position"], proof["tree_size"]) == (place, MANY)
        assert check_proof(proof).faults == ()
    assert inclusion(event_id=log[0], root=str(HALF))["tree_size"] == HALF
    assert check_proof(inclusion(event_id=log[0], root=Root.objects.get(size=HALF).root[:10])).faults == ()


def test_a_proof_tells_no_words_unless_asked(log: list[int]) -> None:
    assert "张三" not in str(inclusion(event_id=log[0]))
    told = inclusion(event_id=log[0], with_words=True)
    assert told["words"] == {"note": "张三 13812345678"}
    assert check_proof(told).faults == ()
    assert check_proof({**told, "words": {"note": "李四"}}).faults


def test_a_younger_event_is_proven_against_the_log_as_it_stands(log: list[int]) -> None:
    (young,) = happen(1)
    with pytest.raises(Refused, match="还没有进入留痕树"):
        inclusion(event_id=young)
    place_all()
    proof = inclusion(event_id=young)
    assert (proof["recorded_at"], proof["tree_size"]) == (None, MANY + 1)
    assert check_proof(proof).faults == ()
    with pytest.raises(Refused, match="只含前 300 条"):
        inclusion(event_id=young, root="300")


def test_two_roots_are_proven_consistent_in_either_order(log: list[int]) -> None:
    proof = consistency(old="150", new="300")
    assert proof == consistency(old="300", new="150")
    assert check_proof(proof).faults == ()
    with pytest.raises(Refused, match="没有记录过根值"):
        consistency(old="150", new="301")
    with pytest.raises(Refused, match="没有记录过根值"):
        consistency(old="150", new="ab")


def test_a_proof_reads_few_rows_of_a_long_log(log: list[int]) -> None:
    with CaptureQueriesContext(connection) as captured:
        inclusion(event_id=log[0])
    assert len(captured) <= 8


# --- set aside by mistake ---


def test_events_under_a_lost_key_are_set_aside_and_can_be_admitted(db: None, settings: Any) -> None:
    settings.SECRET_KEY = "a key that only one process knew"
    (lost,) = happen(1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the key of all", []
    (other,) = happen(1)
    place_all()
    assert [fault.events for fault in verify().faults] == [(lost,)]
    with pytest.raises(Refused, match="没有被挡在树外"):
        admit(event_ids=[other], reason="密钥换过", now=LATER)
    with pytest.raises(Refused, match="请写明"):
        admit(event_ids=[lost], reason="", now=LATER)
    assert admit(event_ids=[lost], reason="密钥换过", now=LATER) == 1
    place_all()
    assert (verify().faults, verify().size) == ([], 3)
    assert Event.objects.get(kind="journal.admitted").note == "密钥换过"


def test_events_under_an_older_key_that_is_still_named_enter_the_log(db: None, settings: Any) -> None:
    settings.SECRET_KEY = "the key of yesterday"
    happen(1)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the key of today", ["the key of yesterday"]
    place_all()
    assert (verify().faults, verify().size) == ([], 1)


# --- the past ---


def test_events_from_before_the_trace_are_sealed_by_the_migration(db: None) -> None:
    happen(3, note="张三")
    Event.objects.update(
        facts={"step": 1, "note": "张三"}, words=None, salt=None, commitment=None, nonce=None, digest=None, marks=None,
        seal=None,
    )  # fmt: skip
    assert verify().faults
    migration = import_module("chuangwen.journal.migrations.0004_trace_of_the_past")
    with connection.schema_editor() if connection.vendor == "postgresql" else _Editor() as editor:
        migration.seal_the_past(apps, editor)
    event = Event.objects.order_by("id")[0]
    assert (event.facts, event.note) == ({"step": 1}, "张三")
    place_all()
    assert (verify().faults, verify().size) == ([], 3)


class _Editor:
    """SQLite has no schema editor inside a transaction; the migration only asks for the connection."""

    connection = connection

    def __enter__(self) -> "_Editor":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was begun."""
