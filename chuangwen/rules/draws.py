"""Draws that anybody can recompute: the verifiable selection of RFC 3797, and a stratified draw on top of it.

Source: D. Eastlake 3rd, RFC 3797, Publicly Verifiable Nominations Committee (NomCom) Random Selection, June 2004,
section 4 (the algorithm) and section 6 (the worked example, held by a test). MD5 is what the RFC says; here it only
spreads numbers that nobody can choose, so its weakness against made-up collisions is of no use to anyone.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from chuangwen.rules.refusals import BadInput

LARGEST_POOL = 65_535  # the two bytes that bracket the key
LONGEST_KEY = 4_000


@dataclass(frozen=True)
class Source:
    """One public source of randomness: numbers (their order does not matter) or a text. The name is for people."""

    name: str = ""
    numbers: tuple[Decimal, ...] = ()
    text: str = ""

    def canonical(self) -> str:
        """RFC 3797 section 4: numbers smallest first, each with a period, no needless zeros; text upper case ASCII."""
        if self.text:
            plain = unicodedata.normalize("NFKD", self.text).encode("ascii", "ignore").decode()
            return re.sub(r"[^0-9A-Z]", "", plain.upper()) + "/"
        return "".join(map(_decimal, sorted(self.numbers))) + "/"


def _decimal(number: Decimal) -> str:
    whole, _, fraction = f"{number:f}".partition(".")
    return f"{whole.lstrip('0') or '0'}.{fraction.rstrip('0')}"


def key_of(sources: Sequence[Source]) -> str:
    """The key string of these sources in their published order."""
    objections = [] if sources else ["没有种子来源：至少要有一组公开的数字。"]
    for place, source in enumerate(sources, start=1):
        if source.canonical() == "/":
            objections.append(f"第 {place} 个来源“{source.name or source.text}”里没有可用的数字或字母。")
        if any(not number.is_finite() or number < 0 for number in source.numbers):
            objections.append(f"第 {place} 个来源“{source.name}”有负数或不是数的值。")
    if objections:
        raise BadInput(objections)
    return "".join(source.canonical() for source in sources)


def read_sources(text: str) -> tuple[Source, ...]:
    """One source a line: `name: 3 8 15`, the name is optional; lines that begin with # and empty lines are left out."""
    found = []
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, colon, values = line.replace("：", ":").rpartition(":")
        words = re.split(r"[\s,，、+]+", values.strip())
        numeric = all(re.fullmatch(r"\d{1,30}(\.\d{1,30})?", word) for word in words)
        label = name.strip() if colon else ""
        if numeric:
            found.append(Source(label, tuple(Decimal(word) for word in words)))
        else:
            found.append(Source(label, text=values.strip()))
    return tuple(found)


def select_objections(*, key: str, pool: int, count: int) -> list[str]:
    """Everything that keeps RFC 3797 from selecting."""
    objections = [] if key else ["缺少密钥串：用 --key 写明种子数字按规则拼成的字串。"]
    if len(key) > LONGEST_KEY:
        objections.append(f"密钥串超过 {LONGEST_KEY} 个字符。")
    if any("\ud800" <= letter <= "\udfff" for letter in key):
        objections.append("密钥串里有不能编码的字符。")
    if not 1 <= pool <= LARGEST_POOL:
        objections.append(f"候选总数 {pool} 不行：须在 1 到 {LARGEST_POOL} 之间。")
    if count < 1:
        objections.append(f"抽取个数 {count} 不行：至少抽 1 个。")
    if pool >= 1 and count > pool:
        objections.append(f"要抽 {count} 个，候选只有 {pool} 个。")
    return objections


def select(*, key: str, pool: int, count: int) -> list[int]:
    """RFC 3797 section 4: numbers from 1 to `pool` in the order in which they are selected.

    Round i hashes the key between two big-endian bytes pairs of i; the 128-bit remainder by the number of those left
    picks one of them, which is then taken out.
    """
    if objections := select_objections(key=key, pool=pool, count=count):
        raise BadInput(objections)
    left, selected = list(range(1, pool + 1)), []
    for round_ in range(count):
        bracket = round_.to_bytes(2, "big")
        digest = hashlib.md5(bracket + key.encode() + bracket, usedforsecurity=False).digest()
        selected.append(left.pop(int.from_bytes(digest, "big") % len(left)))
    return selected


def bits_needed(*, pool: int, count: int) -> float:
    """RFC 3797 section 3.3: how many bits the seeds should hold for every selection to be possible."""
    if not 0 < count < pool:
        return 0.0
    return (math.lgamma(pool + 1) - math.lgamma(count + 1) - math.lgamma(pool - count + 1)) / math.log(2)


@dataclass(frozen=True)
class Rule:
    """How many are drawn. Either a share of all (0 < share <= 1) or a count; `stratify` names a column.

    `at_least_one`: every stratum that has a candidate gives at least one.
    """

    share: Fraction | None = None
    count: int | None = None
    stratify: str = ""
    at_least_one: bool = False

    def objections(self) -> list[str]:
        """What is wrong with the rule by itself."""
        if (self.share is None) == (self.count is None):
            return ["请写明抽多少：份额（如 0.1）或个数，二选一。"]
        if self.share is not None and not 0 < self.share <= 1:
            return ["份额须大于 0、不超过 1，例如 0.1 表示抽十分之一。"]
        if self.count is not None and self.count < 1:
            return ["抽取个数至少是 1。"]
        return []

    def target(self, pool: int) -> int:
        """How many of all: the share rounded half up, or the count."""
        if self.count is not None:
            return self.count
        return math.floor((self.share or Fraction(0)) * pool + Fraction(1, 2))


def allocate_seats(sizes: Mapping[str, int], rule: Rule) -> dict[str, int]:
    """How many each stratum gives: in proportion, rounded by largest remainder (ties: the larger stratum, then by name).

    With `at_least_one` the strata that would get less than one get one, and the others share what is left; a share
    that is smaller than the number of strata is raised to it.
    """
    sizes = {name: size for name, size in sizes.items() if size > 0}
    pool, total = sum(sizes.values()), rule.target(sum(sizes.values()))
    if rule.at_least_one and rule.share is not None:
        total = max(total, len(sizes))
    if rule.count is not None and rule.count > pool:
        raise BadInput(f"要抽 {rule.count} 个，候选只有 {pool} 个。")
    if rule.at_least_one and total < len(sizes):
        raise BadInput(f"每层至少抽一个要 {len(sizes)} 个，只让抽 {total} 个。")
    small = {name for name, size in sizes.items() if rule.at_least_one and total * size < pool}
    rest = {name: size for name, size in sizes.items() if name not in small}
    return dict.fromkeys(small, 1) | _by_largest_remainder(rest, total - len(small))


def _by_largest_remainder(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    pool = sum(sizes.values())
    quotas = {name: Fraction(total * size, pool) for name, size in sizes.items()}
    seats = {name: math.floor(quota) for name, quota in quotas.items()}
    order = sorted(sizes, key=lambda name: (seats[name] - quotas[name], -sizes[name], name))
    for name in order[: total - sum(seats.values())]:
        seats[name] += 1
    return seats


@dataclass(frozen=True)
class StratumDraw:
    """What one stratum gave: `order` from 1 in the order of names, positions of rows from 1 in the whole list."""

    name: str
    order: int
    key: str
    size: int
    selected: tuple[int, ...]


def draw(*, strata: Sequence[str], key: str, rule: Rule) -> tuple[StratumDraw, ...]:
    """Draw from a list whose row i lies in `strata[i]`. Without strata (`rule.stratify` empty) this is RFC 3797 itself.

    Each stratum is drawn on its own, under the key with the stratum's number (by name, from 1) as one more source;
    otherwise two strata of one size would give the same places.
    """
    objections = [*rule.objections(), *select_objections(key=key, pool=len(strata), count=1)]
    if objections:
        raise BadInput(objections)
    names = strata if rule.stratify else [""] * len(strata)
    rows: dict[str, list[int]] = {}
    for position, name in enumerate(names, start=1):
        rows.setdefault(name, []).append(position)
    seats = allocate_seats({name: len(members) for name, members in rows.items()}, rule)
    drawn = []
    for order, name in enumerate(sorted(rows), start=1):
        own_key = f"{key}{order}./" if rule.stratify else key
        chosen = select(key=own_key, pool=len(rows[name]), count=seats[name]) if seats[name] else []
        drawn.append(
            StratumDraw(name, order, own_key, len(rows[name]), tuple(rows[name][place - 1] for place in chosen))
        )
    return tuple(drawn)
