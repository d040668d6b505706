"""The log of the journal: committed events get consecutive places in a Merkle tree, and its roots are recorded.

Only whoever appends holds the row of the log; who records an event never waits for it. An event that commits late
simply gets a later place.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from struct import iter_unpack, pack

from django.db import connection, transaction
from django.db.models import Q

from chuangwen.journal.models import Event, Log, Root, Tile
from chuangwen.journal.sealing import is_sealed
from chuangwen.rules.merkle import Subtree
from chuangwen.rules.tiles import WIDTH, Place, grown, subtrees, tails_of
from chuangwen.rules.trace import leaf_of

BATCH = 4096
Octets = bytes | memoryview | None
Waiting = tuple[int, Octets, Octets]  # number, digest, seal


def place_waiting(*, at_most: int = BATCH) -> int:
    """Put committed events that wait into the log, oldest number first. Returns how many it dealt with.

    0 when nothing waits or another worker is at it. An event without the seal of the house is set aside and named by
    the verification, never put into the log.
    """
    if not Event.objects.filter(position=None).exists():
        return 0
    with transaction.atomic():
        log = _held()
        if log is None:
            return 0
        waiting = _waiting(at_most)
        sound = [(event_id, bytes(digest)) for event_id, digest, seal in waiting if digest and is_sealed(digest, seal)]
        known = {event_id for event_id, _ in sound}
        places = [(-event_id, event_id) for event_id, _, _ in waiting if event_id not in known]
        places += [(log.size + at, event_id) for at, (event_id, _) in enumerate(sound)]
        _append(log, sound)
        _set_places(places)
    return len(waiting)


def _held() -> Log | None:
    """The row of the log, locked; None when another worker holds it."""
    Log.objects.get_or_create(pk=1)
    rows = Log.objects.filter(pk=1)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return rows.first()


def _waiting(at_most: int) -> Sequence[Waiting]:
    """Events without a place; those that somebody else changes at this moment come next time."""
    rows = Event.objects.filter(position=None).order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.values_list("pk", "digest", "seal")[:at_most])


def _append(log: Log, sound: Sequence[tuple[int, bytes]]) -> None:
    if not sound:
        return
    tails = _tiles(tails_of(log.size))
    leaves = [leaf_of(event_id, digest) for event_id, digest in sound]
    changed = grown(log.size, leaves, {place: hashes for place, (hashes, _) in tails.items()})
    _, events = tails.get((0, log.size // WIDTH), (b"", b""))
    events += pack(f">{len(sound)}q", *(event_id for event_id, _ in sound))
    first = log.size // WIDTH
    rows = [
        Tile(level=level, number=number, hashes=hashes, events=_of_tile(events, number - first) if level == 0 else b"")
        for (level, number), hashes in changed.items()
    ]
    Tile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["level", "number"], update_fields=["hashes", "events"]
    )
    log.size += len(sound)
    log.save(update_fields=["size"])


def _of_tile(events: bytes, at: int) -> bytes:
    return events[at * 8 * WIDTH : (at + 1) * 8 * WIDTH]


def _set_places(places: Sequence[tuple[int, int]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE journal_event e SET position = given.place"
                " FROM unnest(%s::bigint[], %s::bigint[]) AS given(place, id) WHERE e.id = given.id",
                [[place for place, _ in places], [event_id for _, event_id in places]],
            )
        else:
            cursor.executemany("UPDATE journal_event SET position = %s WHERE id = %s", places)


def _tiles(places: Iterable[Place]) -> Mapping[Place, tuple[bytes, bytes]]:
    wanted = Q(pk__in=[])
    for level, number in places:
        wanted |= Q(level=level, number=number)
    rows = Tile.objects.filter(wanted).values_list("level", "number", "hashes", "events")
    return {(level, number): (bytes(hashes), bytes(events)) for level, number, hashes, events in rows}


def event_ids(tile: bytes) -> list[int]:
    """Whose the hashes of a lowest tile are, in their order."""
    return [number for (number,) in iter_unpack(">q", tile)]


# --- roots ---


def log_size() -> int:
    """How many entries the log has."""
    return Log.objects.filter(pk=1).values_list("size", flat=True).first() or 0


def tree() -> Subtree:
    """Subtrees of the stored log; each tile is read once."""
    kept: dict[Place, bytes] = {}

    def tile_at(level: int, number: int) -> bytes:
        if (level, number) not in kept:
            found = Tile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
            kept[level, number] = bytes(found or b"")
        return kept[level, number]

    return subtrees(tile_at)


def root_at(size: int) -> str:
    """The root over the first `size` (≥ 1) entries, in hex. Raises LookupError where the stored tree is damaged."""
    return tree()(0, size).hex()


def catch_up() -> None:
    """Put in what waits, within reason: a worker far behind goes on by itself."""
    for _ in range(20):
        if place_waiting() < BATCH:
            return


def record_root(*, now: datetime) -> Root | None:
    """Record the root of the log as it stands; the known one where nothing was added, None while the log is empty."""
    size = log_size()
    if size == 0:
        return None
    known = Root.objects.filter(size=size).first()
    return known or Root.objects.get_or_create(size=size, defaults={"root": root_at(size), "at": now})[0]
