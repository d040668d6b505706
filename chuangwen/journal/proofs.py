"""Proofs out of the log that can be checked without it: see rules/trace.py and `chuangwen journal check-proof`."""

from typing import Any

from chuangwen.journal.log import log_size, root_at, tree
from chuangwen.journal.models import Event, Root
from chuangwen.rules.merkle import consistency_proof, inclusion_proof
from chuangwen.rules.proof_files import CONSISTENCY, INCLUSION, event_json
from chuangwen.rules.refusals import Refused
from chuangwen.rules.trace import leaf_of

SHORTEST = 8  # hex digits that name a recorded root


def recorded(name: str) -> Root:
    """A recorded root by its size or the beginning of its hex. Refuses what names none or several."""
    text = "".join(name.split()).lower()
    if text.isdecimal() and len(text) < SHORTEST:
        found = Root.objects.filter(size=int(text))
    else:
        found = Root.objects.filter(root__startswith=text) if len(text) >= SHORTEST else Root.objects.none()
    if not found and text.isdecimal() and len(text) < 19:
        found = Root.objects.filter(size=int(text))
    if len(rows := list(found[:2])) == 1:
        return rows[0]
    if rows:
        raise Refused(f"“{name}”对得上不止一个根值，请写全。")
    raise Refused(f"没有记录过根值“{name}”。请写条数，或根值开头至少 {SHORTEST} 位。")


def inclusion(*, event_id: int, root: str = "", with_words: bool = False) -> dict[str, Any]:
    """That an event stands in the log: against the root named, else the newest recorded one that has it, else the log
    as it stands. Refuses events that are unknown, not yet in the log, or younger than the root named.
    """
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        raise Refused(f"没有编号为 {event_id} 的留痕。")
    if event.position is None:
        raise Refused(f"留痕 {event_id} 还没有进入留痕树，后台工作进程几秒内会放进去；请稍后再试。")
    if event.position < 0 or event.digest is None:
        raise Refused(f"留痕 {event_id} 不是本系统写入的，不在留痕树里。请运行 chuangwen journal verify。")
    chosen = recorded(root) if root else Root.objects.filter(size__gt=event.position).order_by("-size").first()
    size = chosen.size if chosen else log_size()
    if event.position >= size:
        raise Refused(f"这个根值只含前 {size} 条，留痕 {event_id} 是第 {event.position + 1} 条。")
    digest = bytes(event.digest)
    words = {"words": event.words, "salt": bytes(event.salt).hex()} if with_words and event.words and event.salt else {}
    return {
        "format": INCLUSION, "event": event_json(event_id, event.entry()), **words, "digest": digest.hex(),
        "leaf": leaf_of(event_id, digest).hex(), "position": event.position, "tree_size": size,
        "root": chosen.root if chosen else root_at(size), "recorded_at": chosen.at.isoformat() if chosen else None,
        "path": [step.hex() for step in inclusion_proof(event.position, size, tree())],
    }  # fmt: skip


def consistency(*, old: str, new: str) -> dict[str, Any]:
    """That the log at the newer recorded root begins with the log at the older one."""
    first, second = sorted((recorded(old), recorded(new)), key=lambda root: root.size)
    return {
        "format": CONSISTENCY, "first": _root_json(first), "second": _root_json(second),
        "path": [step.hex() for step in consistency_proof(first.size, second.size, tree())],
    }  # fmt: skip


def _root_json(root: Root) -> dict[str, Any]:
    return {"tree_size": root.size, "root": root.root, "recorded_at": root.at.isoformat()}
