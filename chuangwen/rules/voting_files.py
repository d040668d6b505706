"""Reads an owners' vote from JSON: every objection at once, led by the unit's id and the field; nothing is half read.

Areas are decimals from the first character on; no float is ever made.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.voting import Result, count, unlike_answers
from chuangwen.rules.voting_ballots import Ballot, CoOwner, Entry, LocalRules, Mark, Proxy, settle
from chuangwen.rules.voting_rules import Matter, RuleVersion, version_for

_VOTE_FIELDS: Final = ("rule", "matter", "date", "title", "closes_at", "local", "owners")
_LOCAL_FIELDS: Final = ("co_owners", "blank", "invalid", "parking", "absent", "proxy_most", "source")
_OWNER_FIELDS: Final = (
    *("id", "area", "answer", "owner", "ballots", "co_owners", "proxy", "developer_unsold", "kind", "delivered"),
)
_AREA: Final = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")
_LONGEST_TEXT: Final = 80
_MOST_DIGITS: Final = 30
_YEARS: Final = range(1990, 2200)
_MOST_SQUARE_METRES: Final = 10_000_000
E = TypeVar("E", bound=StrEnum)
W = TypeVar("W", bound=str)
D = TypeVar("D", date, datetime)


class _Object(dict[str, object]):
    """A JSON object that remembers the fields that were written twice."""

    doubled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vote:
    """A vote as it was handed in, readable and without a contradiction in a single unit."""

    version: RuleVersion
    matter: Matter
    entries: tuple[Entry, ...]
    local: LocalRules = field(default_factory=LocalRules)
    title: str = ""
    day: date | None = None
    closes_at: datetime | None = None


def count_vote(vote: Vote) -> Result:
    """Settle every unit's answer and count. Raises BadInput with every objection."""
    units, found = settle(vote.entries, vote.local, vote.closes_at)
    if found := found + unlike_answers(units):
        raise BadInput(found)
    follow = vote.local.follow_majority
    return count(units, version=vote.version, matter=vote.matter, follow_majority=follow)


def read_vote(data: bytes) -> Vote:
    """The vote in a JSON file (UTF-8). Raises BadInput with every objection of the whole file at once."""
    table = _Table(_loaded(data), "", [])
    table.strangers(_VOTE_FIELDS)
    title, day, closes_at = table.text("title", needed=False) or "", table.day("date"), table.moment("closes_at")
    version, matter = _version(table, day, closes_at), table.choice("matter", Matter)
    before = len(table.found)
    local = _local(table)
    clear = len(table.found) == before and not any(one.startswith("closes_at") for one in table.found)
    entries = _entries(table)
    if clear:
        units, more = settle(entries, local, closes_at)
        table.found += more + unlike_answers(units)
    if table.found or version is None or matter is None:
        raise BadInput(table.found)
    return Vote(version, matter, tuple(entries), local, title, day, closes_at)


def _loaded(data: bytes) -> _Object:
    try:
        told = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_number,
            parse_constant=str,
        )
    except UnicodeDecodeError as error:
        raise BadInput("文件不是 UTF-8 编码，请另存为 UTF-8。") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"文件不是 JSON：第 {error.lineno} 行第 {error.colno} 个字符处读不下去。") from error
    except RecursionError as error:
        raise BadInput("文件不是表决数据：嵌套太深。") from error
    if not isinstance(told, _Object):
        raise BadInput("文件应是一个 JSON 对象，里面有 rule、matter、owners。")
    return told


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what even a decimal can hold
        return text


def _object(pairs: Sequence[tuple[str, object]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.doubled = tuple(sorted({name for name in names if names.count(name) > 1}))
    return found


def _version(table: "_Table", day: date | None, closes_at: datetime | None) -> RuleVersion | None:
    if any(one.startswith(("date", "closes_at")) for one in table.found):
        return None
    name = table.text("rule", needed=False)
    if "rule" in table.told and name is None:
        return None
    try:
        return version_for(name, day or (closes_at.astimezone(SHANGHAI).date() if closes_at else None))
    except BadInput as refusal:
        table.found += refusal.objections
        return None


def _local(table: "_Table") -> LocalRules:
    told = table.told.get("local")
    if told is None:
        return LocalRules()
    if not isinstance(told, _Object):
        table.object("local", "应是一个对象，写明议事规则的规定。")
        return LocalRules()
    local = _Table(told, "local.", table.found)
    local.strangers(_LOCAL_FIELDS)
    return LocalRules(
        co_owners=local.word("co_owners", ("abstain", "invalid")),
        blank=local.word("blank", ("abstain", "absent")),
        invalid=local.word("invalid", ("abstain", "absent")),
        parking=local.word("parking", ("count", "leave_out")),
        follow_majority=local.word("absent", ("follow_majority",)) is not None,
        proxy_most=local.whole("proxy_most"),
        source=local.text("source") or "",
    )


def _entries(table: "_Table") -> list[Entry]:
    rows = table.told.get("owners")
    if not isinstance(rows, list) or not rows:
        table.object("owners", "应是一份名单，每套房一条，不能是空的。")
        return []
    table.found += _claimed_twice(rows)
    found = [_entry(row, number, table.found) for number, row in enumerate(rows, start=1)]
    return [entry for entry in found if entry is not None]


def _claimed_twice(rows: Iterable[object]) -> list[str]:
    """Two lines for one flat; full-width figures are the same figures."""
    places: dict[str, list[tuple[int, str]]] = {}
    for number, row in enumerate(rows, start=1):
        if isinstance(row, _Object) and isinstance(row.get("id"), str):
            owner = row.get("owner")
            told = f"“{_plain(owner)}”" if isinstance(owner, str) else "没有写"
            places.setdefault(_plain(str(row["id"])), []).append((number, told))
    found = []
    for name, claims in places.items():
        if len(claims) > 1 and name and name.isprintable():
            numbers, owners = "、".join(str(at) for at, _ in claims), "、".join(told for _, told in claims)
            found.append(
                f"{name}：id：第 {numbers} 条都是这套房（业主：{owners}）；一套房只能有一条，共有人写在 co_owners，请核实产权。"
            )
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _entry(row: object, number: int, found: list[str]) -> Entry | None:
    if not isinstance(row, _Object):
        found.append(f"第 {number} 条：应是一个对象，写明 id、area、answer。")
        return None
    before = len(found)
    name = _Table(row, f"第 {number} 条：", found).text("id")
    table = _Table(row, f"{name or f'第 {number} 条'}：", found)
    table.strangers(_OWNER_FIELDS)
    mark, ballots, co_owners = table.answers()
    owner, proxy, area = table.text("owner", needed=False), table.proxy(), table.area()
    developer, delivered = table.flag("developer_unsold"), table.flag("delivered")
    parking = table.word("kind", ("home", "parking")) == "parking"
    if developer and owner:
        table.object("owner", "建设单位未售、未交付的房屋按一人计，不要再写 owner。")
    if len(found) > before or name is None or area is None:
        return None
    return Entry(name, area, mark, ballots, co_owners, owner, proxy, developer, parking, delivered)


class _Table:
    """One JSON object that is being read; `where` leads every objection."""

    def __init__(self, told: _Object, where: str, found: list[str]) -> None:
        self.told, self.where, self.found = told, where, found

    def object(self, field: str, sentence: str) -> None:
        self.found.append(f"{self.where}{field}：{sentence}")

    def strangers(self, known: Sequence[str]) -> None:
        for name in self.told.doubled:
            self.object(_shown(name), "这个字段写了两次。")
        for name in self.told:
            if name not in known:
                self.object(_shown(name), f"不认识这个字段，可用的有{'、'.join(known)}。")

    def text(self, field: str, *, needed: bool = True) -> str | None:
        if field not in self.told and not needed:
            return None
        value = self.told.get(field)
        plain = _plain(value) if isinstance(value, str) else ""
        if not plain or len(plain) > _LONGEST_TEXT or not plain.isprintable():
            self.object(field, f"应是 1 到 {_LONGEST_TEXT} 个字的文字，没有换行和控制字符。")
            return None
        return plain

    def word(self, field: str, known: Sequence[W]) -> W | None:
        if field not in self.told:
            return None
        value = self.told[field]
        found = next((one for one in known if one == value), None)
        if found is None:
            self.object(field, f"应是{'、'.join(known)}之一，不能是{_shown(value)}。")
        return found

    def choice(self, field: str, kind: type[E]) -> E | None:
        if field not in self.told:
            self.object(field, f"没有写，应是{'、'.join(kind)}之一。")
            return None
        return self.word(field, tuple(kind))

    def flag(self, field: str) -> bool:
        value = self.told.get(field, False)
        if not isinstance(value, bool):
            self.object(field, "应是 true 或 false。")
        return value is True

    def whole(self, field: str) -> int | None:
        if field not in self.told:
            return None
        value = self.told[field]
        if not isinstance(value, Decimal) or value not in range(1, 1000):
            self.object(field, "应是 1 到 999 的整数。")
            return None
        return int(value)

    def day(self, field: str) -> date | None:
        return self._calendar(field, date.fromisoformat, "日期，应写成 2024-05-01。")

    def moment(self, field: str) -> datetime | None:
        found = self._calendar(field, datetime.fromisoformat, "时刻，应写成 2024-05-01T18:00。")
        return found.replace(tzinfo=SHANGHAI) if found and not found.tzinfo else found

    def _calendar(self, field: str, read: Callable[[str], D], sentence: str) -> D | None:
        if field not in self.told:
            return None
        value = self.told[field]
        try:
            found = read(value if isinstance(value, str) else "")
        except ValueError:
            self.object(field, f"{_shown(value)}不是{sentence}")
            return None
        if found.year in _YEARS:
            return found
        self.object(field, f"年份应在 {_YEARS.start} 到 {_YEARS.stop - 1} 之间。")
        return None

    def area(self) -> Fraction | None:
        value = self.told.get("area")
        sentence = _area_objection(value)
        if sentence:
            self.object("area", sentence)
            return None
        return Fraction(value) if isinstance(value, Decimal | str) else None

    def rows(self, field: str) -> list["_Table"]:
        rows = self.told.get(field)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, _Object) for row in rows):
            self.object(field, "应是一份名单，每条是一个对象，不能是空的。")
            return []
        return [_Table(row, f"{self.where}{field} 第 {at} 条：", self.found) for at, row in enumerate(rows, start=1)]

    def answers(self) -> tuple[Mark | None, tuple[Ballot, ...], tuple[CoOwner, ...]]:
        """The answer, the ballots or the co-owners: exactly one of them."""
        given = [field for field in ("answer", "ballots", "co_owners") if field in self.told]
        if len(given) > 1:
            self.object("answer", f"{'、'.join(given)}只能写一种。")
        if "ballots" in given:
            return None, tuple(filter(None, map(_ballot, self.rows("ballots")))), ()
        if "co_owners" in given:
            return None, (), tuple(filter(None, map(_co_owner, self.rows("co_owners"))))
        return self.choice("answer", Mark), (), ()

    def proxy(self) -> Proxy | None:
        if "proxy" not in self.told:
            return None
        told = self.told["proxy"]
        if not isinstance(told, _Object):
            self.object("proxy", "应写明代理人 name 和委托书编号 authority。")
            return None
        table = _Table(told, f"{self.where}proxy：", self.found)
        table.strangers(("name", "authority"))
        name, authority = table.text("name"), table.text("authority")
        return Proxy(name, authority) if name and authority else None


def _ballot(table: _Table) -> Ballot | None:
    table.strangers(("channel", "answer", "at"))
    channel, mark, at = table.word("channel", ("paper", "electronic")), table.choice("answer", Mark), table.moment("at")
    if "channel" not in table.told:
        table.object("channel", "没有写，应是 paper、electronic 之一。")
    if mark is Mark.ABSENT:
        table.object("answer", "收回的票不会是 absent。")
    if channel is None or mark is None:
        return None
    return Ballot("paper" if channel == "paper" else "electronic", mark, at)


def _co_owner(table: _Table) -> CoOwner | None:
    table.strangers(("name", "answer"))
    name, mark = table.text("name"), table.choice("answer", Mark)
    return CoOwner(name, mark) if name and mark else None


def _area_objection(value: object) -> str:
    """What is wrong with an area; numbers are taken when two decimals hold them exactly."""
    usual = '应写成最多两位小数的平方米数，例如 "89.50"'
    if isinstance(value, Decimal):
        return _number_objection(value, usual)
    if not isinstance(value, str) or not _AREA.fullmatch(value):
        return f"{usual}，不能是{_shown(value)}。"
    return "" if Decimal(value) > 0 else "面积应大于 0。"


def _number_objection(value: Decimal, usual: str) -> str:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or len(digits) > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
        return f"{usual}。"
    if (Fraction(value) * 100).denominator != 1 or value >= _MOST_SQUARE_METRES:
        return f"{usual}，不能是{_shown(value)}。"
    return "" if value > 0 else "面积应大于 0。"


def _shown(value: object) -> str:
    if value is None:
        return "空的"
    if isinstance(value, bool | list | dict):
        return "这种内容"
    text = "".join(one if one.isprintable() else "?" for one in str(value))
    return f"“{text[:20]}{'…' if len(text) > 20 else ''}”"
