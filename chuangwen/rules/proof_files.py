"""Proof files: everything needed to check a proof offline, as JSON, and the check."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuangwen.rules.merkle import verify_consistency, verify_inclusion
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.trace import Entry, commitment_of, digest_of, field_hashes, leaf_of, moment

INCLUSION, CONSISTENCY = "chuangwen-inclusion-1", "chuangwen-consistency-1"
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_SAID = {
    "kind": str, "subject_kind": str, "subject_id": int, "actor_id": (int, type(None)), "actor_name": str, "at": str,
    "facts": dict, "client_key": (str, type(None)),
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What a proof shows, and everything that is wrong with it; it holds when nothing is."""

    shows: str
    faults: tuple[str, ...]


def event_json(event_id: int, entry: Entry) -> dict[str, Any]:
    """An event as proof files hold it: every field that is hashed."""
    return {
        "id": event_id, "kind": entry.kind, "subject_kind": entry.subject_kind, "subject_id": entry.subject_id,
        "actor_id": entry.actor_id, "actor_name": entry.actor_name, "at": moment(entry.at), "facts": dict(entry.facts),
        "client_key": entry.client_key, "commitment": entry.commitment.hex() if entry.commitment else None,
        "nonce": entry.nonce.hex(),
    }  # fmt: skip


class _Reader:
    """Takes values out of a proof file and collects what is missing or unreadable."""

    def __init__(self, given: Mapping[str, Any], within: str = "") -> None:
        self.given, self.within, self.objections = given, within, list[str]()

    def take(self, name: str, kind: Any) -> Any:
        value = self.given.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            self.objections.append(f"证明文件的 {self.within}{name} 缺失或读不懂。")
        return value

    def octets(self, name: str) -> bytes:
        value = self.given.get(name)
        if isinstance(value, str) and _HEX.fullmatch(value):
            return bytes.fromhex(value)
        self.objections.append(f"证明文件的 {self.within}{name} 不是十六进制文字。")
        return b""

    def path(self) -> list[bytes]:
        value = self.given.get("path")
        if isinstance(value, list) and all(isinstance(step, str) and _HEX.fullmatch(step) for step in value):
            return [bytes.fromhex(step) for step in value]
        self.objections.append("证明文件的 path 应是一列十六进制文字。")
        return []


def check_proof(given: Any) -> Verdict:
    """Check a proof file by itself. Raises BadInput naming everything unreadable in it."""
    found = given.get("format") if isinstance(given, Mapping) else None
    if found == INCLUSION:
        return _check_inclusion(given)
    if found == CONSISTENCY:
        return _check_consistency(given)
    raise BadInput("这不是本系统的证明文件：format 应为 " + f"{INCLUSION} 或 {CONSISTENCY}。")


def _check_inclusion(given: Mapping[str, Any]) -> Verdict:
    reader = _Reader(given)
    position, size = reader.take("position", int), reader.take("tree_size", int)
    root, path, digest, leaf = reader.octets("root"), reader.path(), reader.octets("digest"), reader.octets("leaf")
    event = reader.take("event", dict)
    event_id, entry, objections = _entry(event if isinstance(event, dict) else {})
    words, salt = (reader.take("words", dict), reader.octets("salt")) if "words" in given else (None, b"")
    if entry is None or reader.objections:
        raise BadInput([*reader.objections, *objections])
    faults = []
    if _digest(entry) != digest:
        faults.append("留痕的内容与摘要（digest）不符：内容被改过。")
    if leaf_of(event_id, digest) != leaf:
        faults.append("留痕的编号或摘要与叶子（leaf）不符。")
    if not verify_inclusion(leaf=leaf, index=position, size=size, path=path, root=root):
        faults.append("路径（path）算不到这个根值：这条留痕不在根值所指的位置上。")
    if words is not None and _commitment(words, salt) != entry.commitment:
        faults.append("文字（words）与承诺值（commitment）不符：文字被改过。")
    return Verdict(f"留痕 {event_id} 是前 {size} 条中的第 {position + 1} 条，根值 {root.hex()}。", tuple(faults))


def _digest(entry: Entry) -> bytes:
    try:
        return digest_of(field_hashes(entry))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadInput("证明文件的 event 里有读不懂的内容。") from error


def _commitment(words: Mapping[str, Any], salt: bytes) -> bytes:
    try:
        return commitment_of(words, salt)
    except (TypeError, ValueError) as error:
        raise BadInput("证明文件的 words 里有读不懂的内容。") from error


def _entry(event: Mapping[str, Any]) -> tuple[int, Entry | None, list[str]]:
    reader = _Reader(event, "event.")
    event_id = reader.take("id", int)
    said = {name: reader.take(name, kind) for name, kind in _SAID.items()}
    commitment = reader.octets("commitment") if event.get("commitment") is not None else None
    nonce = reader.octets("nonce")
    at = _at(said.pop("at"))
    if at is None:
        reader.objections.append("证明文件的 event.at 不是带时区的时刻。")
    if reader.objections or at is None:
        return 0, None, reader.objections
    return event_id, Entry(**said, at=at, commitment=commitment, nonce=nonce), []


def _at(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None


def _check_consistency(given: Mapping[str, Any]) -> Verdict:
    reader = _Reader(given)
    path = reader.path()
    trees = []
    for name in ("first", "second"):
        part = reader.take(name, dict)
        inner = _Reader(part if isinstance(part, dict) else {}, f"{name}.")
        trees.append((inner.take("tree_size", int), inner.octets("root")))
        reader.objections += inner.objections
    if reader.objections:
        raise BadInput(reader.objections)
    (first, first_root), (second, second_root) = trees
    holds = verify_consistency(
        first=first, second=second, first_root=first_root, second_root=second_root, path=path
    )  # fmt: skip
    shows = f"前 {first} 条（根值 {first_root.hex()}）原样保留在前 {second} 条（根值 {second_root.hex()}）里，后来只有添加。"
    return Verdict(shows, () if holds else ("路径（path）接不上这两个根值：两次之间有改动，或者文件不完整。",))
