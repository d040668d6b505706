"""A resident's report: what may be kept of it, its receipt number, and what a case says to whoever holds the number."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from chuangwen.rules.case_flow import Status
from chuangwen.rules.text import mask_phone

# Crockford's base 32 without I, L, O and U: nothing can be mistaken when it is read aloud or typed on a phone.
SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 12  # 60 bits
LONGEST_TEXT: Final = 2000
SAME_WITHIN: Final = 600  # seconds in which the same words about the same place are the same report
_TWINS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_PHONE: Final = re.compile(r"(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8})")
_NUMBER_IN_TEXT: Final = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}[- ]?\d{7,8}|\d{17}[\dXx])(?![\dXx])")


def receipt_number(chances: Sequence[int]) -> str:
    """Twelve signs in three groups, out of twelve numbers from 0 to 31 that nobody can guess (the caller's)."""
    signs = "".join(SIGNS[chance] for chance in chances)
    if len(signs) != LENGTH:
        raise ValueError(f"a receipt number has {LENGTH} signs")
    return "-".join(signs[at : at + 4] for at in range(0, LENGTH, 4))


def read_receipt(typed: str) -> str:
    """The receipt number that somebody typed, however they spaced it; empty when it can be none."""
    signs = re.sub(r"[\s\-－—]", "", typed).upper().translate(_TWINS)
    if len(signs) != LENGTH or set(signs) - set(SIGNS):
        return ""
    return "-".join(signs[at : at + 4] for at in range(0, LENGTH, 4))


def read_phone(typed: str) -> str | None:
    """A telephone number for an answer, without spaces; empty when none is given, None when it cannot be one."""
    plain = re.sub(r"[\s－—]", "", typed)
    if not plain:
        return ""
    return plain if _PHONE.fullmatch(plain) else None


def without_numbers(text: str) -> str:
    """The text with telephone and identity numbers masked: what residents write is read by many."""
    return _NUMBER_IN_TEXT.sub(lambda found: mask_phone(found[0]), text)


_SAID: Final = {
    Status.REPORTED: "已收到，等工作人员核实。",
    Status.ACCEPTED: "已核实，正在安排责任单位。",
    Status.REFUSED: "没有列入整改：不属于文明创建的范围，或者已经有人反映过。",
    Status.DISPATCHED: "已交给责任单位处理。",
    Status.RETURNED: "正在重新安排责任单位。",
    Status.HANDLING: "责任单位正在处理。",
    Status.RECTIFIED: "责任单位说已经改好，正在到现场核查。",
    Status.VERIFIED: "已经改好，现场核查通过。",
    Status.CLOSED: "已经改好，现场核查通过。",
    Status.FORCE_CLOSED: "已经办结。",
    Status.CANCELLED: "没有列入整改：与别的反映重复，或者现场没有看到这个问题。",
    Status.SUSPENDED: "一时解决不了，已经列入计划，到期接着办。",
}


def said_of(status: Status) -> str:
    """Where a report stands, for the person who made it: no reasons, names or notes of those who work on it."""
    return _SAID[status]


ANSWERED: Final = frozenset({Status.VERIFIED, Status.CLOSED, Status.FORCE_CLOSED})  # from here on the answer is shown
REOPEN_DAYS: Final = 60


def reopen_objections(status: Status, *, days_since: float, before: bool) -> tuple[str, ...]:
    """Why the reporter cannot ask for the work to be done again; empty when they can. `days_since` it was settled."""
    found = []
    if status not in ANSWERED:
        found.append("这件事还没有办完，办完后您不满意可以要求重新办理。")
    elif days_since > REOPEN_DAYS:
        found.append(f"办结已超过 {REOPEN_DAYS} 天，请重新反映，我们按新的问题办理。")
    if before:
        found.append("每件反映可以要求重新办理一次，这件已经用过；仍未解决请拨打 12345 或重新反映。")
    return tuple(found)


def same_text(text: str) -> str:
    """What two submissions must share to be the same one: the words without spaces and signs, in one case of letters."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def same_keys(digest: str, moment: float) -> tuple[str, str]:
    """The keys of this stretch of ten minutes and of the one before: a submission takes the first, and finds both."""
    stretch = int(moment // SAME_WITHIN)
    return f"{digest}:{stretch}", f"{digest}:{stretch - 1}"
