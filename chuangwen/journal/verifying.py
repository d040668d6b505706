"""Recomputes the whole trace from the rows and names everything that was edited, removed, inserted, moved or cut off.

It trusts nothing in the database: events are held to their leaves, leaves to the stored tree, and the tree to every
root that was ever recorded or published. Rights, triggers and the seal make tampering harder; this does not rest on them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max

from chuangwen.journal.log import event_ids, log_size
from chuangwen.journal.models import Event, Root, Tile
from chuangwen.journal.sealing import is_sealed
from chuangwen.rules.merkle import Peaks, appended, root_of, root_of_peaks
from chuangwen.rules.tiles import WIDTH, hashes_in
from chuangwen.rules.trace import commitment_of, digest_of, edited_fields, field_hashes, leaf_of, marks_of

STEP = 8  # lowest tiles that are looked at together
NOWHERE = bytes(32)  # stands for a leaf that is gone, so that no root above it fits
FIELD_NAMES = {
    "kind": "事件", "subject_kind": "对象类别", "subject_id": "对象编号", "actor_id": "经办人编号", "actor_name": "经办人",
    "at": "时间", "facts": "内容", "client_key": "提交标识", "commitment": "文字的承诺值", "words": "文字", "digest": "摘要",
    "marks": "各项校验",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: edited, words, removed, inserted, moved, truncated, tree or root; places count from 0."""

    kind: str
    text: str
    position: int | None = None
    last_position: int | None = None
    events: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A root that the log must have had: who says so, its hex, and at what size where that is known."""

    label: str
    root: str
    size: int | None = None


@dataclass
class Report:
    """What was looked at and what is wrong with it."""

    size: int = 0
    root: str = ""
    waiting: int = 0
    erased: int = 0
    roots: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify(*, claims: Iterable[Claim] = (), tell: Callable[[int, int], None] = lambda _done, _total: None) -> Report:
    """Recompute everything; `claims` are roots known from outside, beside those recorded in the database."""
    stored = [
        Claim(f"{at:%Y-%m-%d %H:%M} 记录的根值", root, size)
        for size, root, at in Root.objects.order_by("size").values_list("size", "root", "at")
    ]
    looking = _Looking([*stored, *claims])
    looking.sizes()
    for start in range(0, looking.size, STEP * WIDTH):
        looking.span(start, min(start + STEP * WIDTH, looking.size))
        tell(min(start + STEP * WIDTH, looking.size), looking.size)
    looking.end()
    return looking.report


class _Looking:
    """One walk over the log from its first entry to its last."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.report = Report(roots=len(claims))
        self.size = 0
        self.peaks: Peaks = ()
        self.tile_roots: list[bytes] = []
        self.missing: list[tuple[int, int | None]] = []
        self.erased: list[tuple[int, int]] = []
        self.good = 0  # the longest beginning that a claim confirms
        self.at_size: dict[int, list[Claim]] = {}
        self.anywhere: dict[str, Claim] = {}
        for claim in claims:
            if claim.size is None:
                self.anywhere[claim.root] = claim
            else:
                self.at_size.setdefault(claim.size, []).append(claim)
                self.anywhere.pop(claim.root, None)

    def fault(self, kind: str, text: str, **more: object) -> None:
        self.report.faults.append(Fault(kind, text, **more))  # type: ignore[arg-type]  # the fields of a fault

    def sizes(self) -> None:
        """How long the log says it is, and how long its lowest level is."""
        for _ in range(5):
            before, said, after = _tiled(), log_size(), _tiled()
            if before == after:
                break
        self.size = self.report.size = max(said, after)
        if said != after:
            self.fault("tree", f"留痕树记着 {said} 条，实际存有 {after} 条的叶子。")

    # --- one span of entries ---

    def span(self, start: int, end: int) -> None:
        tiles = Tile.objects.filter(level=0, number__gte=start // WIDTH, number__lt=-(-end // WIDTH))
        by_number = {tile.number: tile for tile in tiles}
        here = {event.position: event for event in _events(start, end, self.unreadable)}
        for number in range(start // WIDTH, -(-end // WIDTH)):
            tile = by_number.get(number)
            hashes = hashes_in(bytes(tile.hashes)) if tile else []
            owners = event_ids(bytes(tile.events)[: len(hashes) * 8]) if tile else []
            first = number * WIDTH
            for position in range(first, min(first + WIDTH, end)):
                at = position - first
                leaf = hashes[at] if at < len(hashes) else None
                owner = owners[at] if at < len(owners) else None
                self.place(position, leaf, owner, here.get(position))
            self.tile_roots += [root_of(hashes)] if len(hashes) == WIDTH else []

    def unreadable(self, event_id: int, position: int) -> None:
        self.fault(
            "edited",
            f"{_nth(position)}，留痕 {event_id}：有一项读不出来，被改过。",
            position=position,
            events=(event_id,),
        )

    def place(self, position: int, leaf: bytes | None, owner: int | None, event: Event | None) -> None:
        if leaf is None:
            self.fault("tree", f"{_nth(position)}：留痕树里的叶子没有了。", position=position)
        if event is not None:
            self._event(position, leaf, owner, event)
        elif not any(fault.position == position and fault.kind == "edited" for fault in self.report.faults[-WIDTH:]):
            self.missing.append((position, owner))
        self.peaks = appended(self.peaks, position, leaf or NOWHERE)
        self._claims(position + 1)

    def _event(self, position: int, leaf: bytes | None, owner: int | None, event: Event) -> None:
        if owner is not None and owner != event.pk:
            text = f"{_nth(position)}本应是留痕 {owner}，现在是留痕 {event.pk}：次序或编号被改过。"
            self.fault("moved", text, position=position, events=(owner, event.pk))
            return
        edited = _edited(event, leaf)
        if edited is not None:
            self._edited(position, event, edited)
        if (fields := _words_edited(event)) and "commitment" not in (edited or ()):
            text = f"{_nth(position)}，留痕 {event.pk}：文字与入树时的承诺值不符，被改过。"
            self.fault("words", text, position=position, events=(event.pk,), fields=fields)
        if event.is_erased and "commitment" not in (edited or ()):
            self.erased.append((event.pk, position))

    def _edited(self, position: int, event: Event, fields: tuple[str, ...]) -> None:
        names = "、".join(FIELD_NAMES[name] for name in fields)
        what = f"{names}被改过" if fields else "内容连同摘要被改过，或者树里的叶子被改过"
        text = f"{_nth(position)}，留痕 {event.pk}：{what}。"
        self.fault("edited", text, position=position, events=(event.pk,), fields=fields)

    def _claims(self, size: int) -> None:
        claims = self.at_size.pop(size, [])
        if not claims and not self.anywhere:
            return
        root = root_of_peaks(self.peaks).hex()
        self.anywhere.pop(root, None)
        for claim in claims:
            if claim.root == root:
                self.good = size
                continue
            text = f"{claim.label}（前 {size} 条）与重新算出的不符：第 {self.good + 1} 条到第 {size} 条之间被改写过。"
            self.fault("root", text, position=self.good, last_position=size - 1)

    # --- what is left when the walk is over ---

    def end(self) -> None:
        """Runs of missing events, the upper levels, roots beyond the end, events outside the log, copies, erasures."""
        self.report.root = root_of_peaks(self.peaks).hex()
        for run in _runs(self.missing):
            self._removed(run)
        self._upper_levels()
        self._beyond()
        self._outside()
        self._copies()
        self._erasures()

    def _removed(self, run: Sequence[tuple[int, int | None]]) -> None:
        first, last = run[0][0], run[-1][0]
        owners = tuple(owner for _, owner in run if owner is not None)
        tail = last == self.size - 1
        which = f"（留痕 {_listed(owners)}）" if owners else ""
        what = "末尾的留痕被截去" if tail else "留痕被删除"
        text = f"{_nth(first) if first == last else f'第 {first + 1} 条到第 {last + 1} 条'}{which}：{what}。"
        self.fault("truncated" if tail else "removed", text, position=first, last_position=last, events=owners)

    def _upper_levels(self) -> None:
        """The stored upper levels follow from the lowest one."""
        level, hashes = 1, self.tile_roots
        stored = {(row.level, row.number): bytes(row.hashes) for row in Tile.objects.filter(level__gt=0)}
        if len(self.tile_roots) < self.size // WIDTH:
            return  # leaves are missing and named already
        while hashes:
            for number in range(-(-len(hashes) // WIDTH)):
                right = b"".join(hashes[number * WIDTH : (number + 1) * WIDTH])
                if not stored.get((level, number), b"").startswith(right):
                    self.fault("tree", f"留痕树第 {level} 层第 {number} 块与下层不符：树被改过。")
            full = len(hashes) // WIDTH
            hashes = [root_of(hashes[at * WIDTH : (at + 1) * WIDTH]) for at in range(full)]
            level += 1

    def _beyond(self) -> None:
        for size in sorted(self.at_size):
            for claim in self.at_size[size]:
                text = f"{claim.label}含 {size} 条，现在只剩 {self.size} 条：末尾被截去 {size - self.size} 条。"
                self.fault("truncated", text, position=self.size, last_position=size - 1)
        for claim in self.anywhere.values():
            text = f"{claim.label} {claim.root}：从头到尾没有一处算得出它，它之前的留痕被改过，或者它不是本系统的根值。"
            self.fault("root", text, position=0, last_position=max(self.size - 1, 0))

    def _outside(self) -> None:
        """Events that are not in the log: they wait for it, or the house never wrote them."""
        for event in Event.objects.filter(position=None).order_by("id").iterator(2000):
            if _edited(event, None) is None and is_sealed(event.digest, event.seal):
                self.report.waiting += 1
            else:
                text = f"留痕 {event.pk}：不是本系统写入的，或写入后、进树前被改过。"
                self.fault("inserted", text, events=(event.pk,))
        for event in Event.objects.filter(position__lt=0).order_by("id"):
            self.fault("inserted", f"留痕 {event.pk}：没有本系统的封印，是插进来的。", events=(event.pk,))
        for event in Event.objects.filter(position__gte=max(self.size, log_size())).order_by("position"):
            text = f"留痕 {event.pk}：自称第 {event.position} 位，留痕树没有这么长，是插进来的。"
            self.fault("inserted", text, position=event.position, events=(event.pk,))

    def _copies(self) -> None:
        twice = Event.objects.exclude(digest=None).order_by().values("digest").annotate(n=Count("pk")).filter(n__gt=1)
        for row in twice:
            first, *copies = Event.objects.filter(digest=row["digest"]).order_by("id").values_list("pk", flat=True)
            text = f"留痕 {_listed(copies)}：照抄留痕 {first} 插进来的。"
            self.fault("inserted", text, events=tuple(copies))

    def _erasures(self) -> None:
        """Whatever was erased, an event says so."""
        said = set(
            Event.objects.filter(kind="journal.erased", subject_kind="event").values_list("subject_id", flat=True)
        )
        self.report.erased = len(self.erased)
        for event_id, position in self.erased:
            if event_id not in said:
                text = f"{_nth(position)}，留痕 {event_id}：文字没有了，却没有依法删除的留痕。"
                self.fault("words", text, position=position, events=(event_id,), fields=("words",))


def _tiled() -> int:
    """How many leaves the lowest level holds."""
    last = Tile.objects.filter(level=0).aggregate(last=Max("number"))["last"]
    if last is None:
        return 0
    tile = Tile.objects.filter(level=0, number=last).first()
    return int(last) * WIDTH + (len(bytes(tile.hashes)) // 32 if tile else 0)


def _events(start: int, end: int, unreadable: Callable[[int, int], None]) -> Iterator[Event]:
    """The events at these places; where one cannot be read at all, the others still are."""
    rows = Event.objects.filter(position__gte=start, position__lt=end)
    try:
        yield from list(rows)
        return
    except Exception:  # whatever the database's own reader stumbles over is a finding, not a failure
        places = list(rows.order_by("position").values_list("pk", "position"))
    for event_id, position in places:
        try:
            event = Event.objects.get(pk=event_id)
        except Exception:
            unreadable(event_id, position or 0)
        else:
            yield event


def _edited(event: Event, leaf: bytes | None) -> tuple[str, ...] | None:
    """Which fields are not as they were; None when all are, empty when something is and the fields cannot be told."""
    try:
        entry = event.entry()
        hashes = field_hashes(entry)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return ("facts",)
    digest, kept = digest_of(hashes), bytes(event.digest or b"")
    if digest != kept or (leaf is not None and leaf_of(event.pk, digest) != leaf):
        if leaf is not None and leaf_of(event.pk, digest) == leaf:
            return ("digest",)
        return edited_fields(entry, bytes(event.marks or b""))
    return None if bytes(event.marks or b"") == marks_of(hashes) else ("marks",)


def _words_edited(event: Event) -> tuple[str, ...]:
    if event.words is None:
        return ()
    try:
        kept = commitment_of(event.words, bytes(event.salt or b""))
    except (TypeError, ValueError, AttributeError):
        return ("words",)
    return () if event.commitment is not None and kept == bytes(event.commitment) else ("words",)


def _runs(places: Sequence[tuple[int, int | None]]) -> Iterator[list[tuple[int, int | None]]]:
    run: list[tuple[int, int | None]] = []
    for place in places:
        if run and place[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _listed(numbers: Sequence[int]) -> str:
    shown = "、".join(str(number) for number in numbers[:8])
    return f"{shown} 等 {len(numbers)} 条" if len(numbers) > 8 else shown


def _nth(position: int) -> str:
    return f"第 {position + 1} 条"
