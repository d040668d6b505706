"""A zip whose every byte is known before it is written: entries as they are, sizes and checksums given.

So a package is a function of its list: it can be sent from any byte on, without being stored a second time. Layout:
PKWARE APPNOTE 6.3.10; names are UTF-8 (bit 11), offsets beyond 4 GiB and more than 65,535 entries use ZIP64.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_UTF8: Final = 0x0800
_FULL: Final = 0xFFFFFFFF
_DAY: Final = (1 << 5) | 1  # 1980-01-01, the first day a zip knows: the same list gives the same bytes


@dataclass(frozen=True)
class Entry:
    """A file in the zip: its name there, its bytes in number, their CRC-32. Below 4 GiB each."""

    name: str
    size: int
    crc: int


def _local(entry: Entry) -> bytes:
    name = entry.name.encode()
    head = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, _UTF8, 0, 0, _DAY, entry.crc, entry.size, entry.size, len(name), 0
    )
    return head + name


def _central(entry: Entry, offset: int) -> bytes:
    name = entry.name.encode()
    extra = struct.pack("<2HQ", 1, 8, offset) if offset >= _FULL else b""
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 45 if extra else 20, 45 if extra else 20, _UTF8, 0, 0, _DAY, entry.crc, entry.size,
        entry.size, len(name), len(extra), 0, 0, 0, 0o600 << 16, min(offset, _FULL),
    )  # fmt: skip
    return head + name + extra


class Layout:
    """Where everything stands in the zip of these entries."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        offsets, at = [], 0
        for entry in self.entries:
            offsets.append(at)
            at += 30 + len(entry.name.encode()) + entry.size
        self.offsets = offsets
        self._tail = self._end(at)
        self._tail_at = at
        self.size = at + len(self._tail)

    def _end(self, at: int) -> bytes:
        central = b"".join(_central(entry, offset) for entry, offset in zip(self.entries, self.offsets, strict=True))
        count, wide = len(self.entries), b""
        if count > 0xFFFE or at + len(central) >= _FULL:
            wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(central), at)
            wide += struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(central), 1)
        few = min(count, 0xFFFF)
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, few, few, min(len(central), _FULL), min(at, _FULL), 0)
        return central + wide + end

    def pieces(self, start: int, read: Callable[[int, int], Iterator[bytes]]) -> Iterator[bytes]:
        """The bytes from `start` to the end. `read(place, skip)` gives the content of an entry without its first bytes."""
        place = max(0, bisect_right(self.offsets, start) - 1)
        while start < self._tail_at and place < len(self.entries):
            entry = self.entries[place]
            head = _local(entry)
            into = max(0, start - self.offsets[place])
            if into < len(head):
                yield head[into:]
            if (skip := max(0, into - len(head))) < entry.size:
                yield from read(place, skip)
            place += 1
        yield self._tail[max(0, start - self._tail_at) :]
