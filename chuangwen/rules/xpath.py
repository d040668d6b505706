"""The part of XPath that relevance and constraints of a form are written in: reading it, and working it out.

XForms (https://getodk.github.io/xforms-spec/) lets conditions reach anywhere in a form. An edition holds conditions over
answers by name (`${name}`), the answer itself (`.`), literals, comparisons, arithmetic, `and`, `or` and the functions
below; anything more (paths, instances, positions, other functions) is refused here with the words for it, so that what
an edition holds is also what the server checks.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

Value = str | float | bool | dt.date

LONGEST: Final = 500
DEEPEST: Final = 30
MOST_TERMS: Final = 100
_LONGEST_PATTERN: Final = 100
_LONGEST_MATCHED: Final = 1000


class Unreadable(ValueError):
    """The text is no expression: a bracket missing, a word where none can stand."""


class NotHeld(ValueError):
    """The text may be a good expression, but uses what an edition does not hold."""


@dataclass(frozen=True)
class Node:
    """One step of an expression: `kind` is text, number, name, self, call or an operator; `parts` are its operands."""

    kind: str
    word: str = ""
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What an expression is worked out over: answers by name, the answer itself, the day."""

    answers: Mapping[str, Value]
    today: dt.date
    own: Value = ""


_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<name>\$\{[^{}]*\})
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | (?P<text>'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”)
  | (?P<sign><=|>=|!=|=|<|>|\+|-|\*|\(|\)|,)
  | (?P<word>[A-Za-z_][A-Za-z0-9_.:-]*)
  | (?P<self>\.)
  )""",
    re.VERBOSE,
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LEVELS: Final = (
    ("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"),
)  # fmt: skip


@dataclass
class _Reader:
    """Reads tokens by falling through the levels of binding, loosest first."""

    tokens: list[tuple[str, str]]
    at: int = 0
    depth: int = 0

    def next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.next()
        self.at += 1
        return token

    def want(self, sign: str) -> None:
        if self.take() != ("sign", sign):
            raise Unreadable(f"缺少“{sign}”")

    def level(self, number: int) -> Node:
        if number == len(_LEVELS):
            return self.single()
        found = self.level(number + 1)
        while self.next()[0] in {"sign", "word"} and self.next()[1] in _LEVELS[number]:
            operator = self.take()[1]
            found = Node(operator, "", (found, self.level(number + 1)))
        return found

    def single(self) -> Node:
        kind, word = self.take()
        self.depth += 1
        if self.depth > MOST_TERMS:
            raise NotHeld(f"条件超过 {MOST_TERMS} 项")
        if kind in {"text", "number", "name", "self"}:
            return Node(kind, word)
        if (kind, word) == ("sign", "-"):
            return Node("-", "", (Node("number", "0"), self.single()))
        if (kind, word) == ("sign", "("):
            inner = self.level(0)
            self.want(")")
            return inner
        if kind == "word" and self.next() == ("sign", "("):
            return self.call(word)
        raise Unreadable(f"“{word}”放错了位置" if word else "没有写完")

    def call(self, word: str) -> Node:
        self.want("(")
        parts: list[Node] = []
        while self.next() != ("sign", ")"):
            if parts:
                self.want(",")
            parts.append(self.level(0))
        self.want(")")
        return Node("call", word, tuple(parts))


def parse(text: str) -> Node:
    """The expression of a text; raises Unreadable or NotHeld with Chinese words for what is wrong."""
    if len(text) > LONGEST:
        raise NotHeld(f"条件超过 {LONGEST} 个字")
    if text.count("(") > DEEPEST:
        raise NotHeld(f"条件里的括号超过 {DEEPEST} 层")
    reader = _Reader(list(_tokens(text)))
    found = reader.level(0)
    if reader.next()[0] != "end":
        raise Unreadable(f"“{reader.next()[1]}”放错了位置")
    _refuse_unheld(found)
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    rest = text.rstrip()
    while at < len(rest):
        match = _TOKEN.match(rest, at)
        if match is None or rest.startswith("..", match.start("self") if match["self"] else at):
            raise _strange(rest[at:].strip())
        kind = str(match.lastgroup)
        word = match.group(kind)
        if kind == "name":
            word = word[2:-1].strip()
            if not _NAME.fullmatch(word):
                raise NotHeld(f"引用“${{{word}}}”")
        yield kind, word[1:-1] if kind == "text" else word
        at = match.end()


def _strange(rest: str) -> ValueError:
    if rest.startswith(("/", "[", "@", "|", "..")):
        return NotHeld(f"路径写法“{rest[:20]}”")
    return Unreadable(f"“{rest[:20]}”读不懂")


def _refuse_unheld(node: Node) -> None:
    if node.kind == "call":
        known = FUNCTIONS.get(node.word)
        if known is None:
            raise NotHeld(f"函数 {node.word}()")
        least, most, _ = known
        if not least <= len(node.parts) <= most:
            raise Unreadable(f"函数 {node.word}() 的参数个数不对")
        if node.word == "regex":
            _refuse_pattern(node.parts[1])
    if node.kind == "number" and len(node.word) > 15:
        raise NotHeld(f"数“{node.word}”位数太多")
    for part in node.parts:
        _refuse_unheld(part)


def _refuse_pattern(node: Node) -> None:
    """Only patterns that cannot run away: written out, no repeated groups, at most two open repetitions."""
    if node.kind != "text":
        raise NotHeld("regex() 里不是直接写出的规则")
    repeats = re.findall(r"(?<!\\)(?:[*+]|\{\d*,\d*\})", node.word)
    if len(node.word) > _LONGEST_PATTERN or re.search(r"\)[*+{]|\\[1-9]|\(\?", node.word) or len(repeats) > 2:
        raise NotHeld(f"太复杂的 regex 规则“{node.word[:30]}”")
    try:
        re.compile(node.word, re.ASCII)
    except re.error as trouble:
        raise Unreadable(f"regex 规则“{node.word[:30]}”写错了") from trouble


def references(node: Node) -> frozenset[str]:
    """The names an expression asks for."""
    own = {node.word} if node.kind == "name" else set()
    return frozenset(own.union(*(references(part) for part in node.parts)))


def uses_own(node: Node) -> bool:
    """Whether an expression asks for the answer itself (`.`)."""
    return node.kind == "self" or any(uses_own(part) for part in node.parts)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The text of an expression with references under other names."""
    return re.sub(r"\$\{\s*([^{}]*?)\s*\}", lambda m: "${" + names.get(m.group(1), m.group(1)) + "}", text)


def holds(node: Node, over: Surroundings) -> bool:
    """Whether a condition is true."""
    return as_bool(value_of(node, over))


def value_of(node: Node, over: Surroundings) -> Value:
    """What an expression comes to."""
    if node.kind == "text":
        return node.word
    if node.kind == "number":
        return float(node.word)
    if node.kind == "name":
        return over.answers.get(node.word, "")
    if node.kind == "self":
        return over.own
    if node.kind == "call":
        return FUNCTIONS[node.word][2](node.parts, over)
    return _operated(node, over)


def _operated(node: Node, over: Surroundings) -> Value:
    if node.kind in {"and", "or"}:
        first = holds(node.parts[0], over)
        return first if first == (node.kind == "or") else holds(node.parts[1], over)
    left, right = (value_of(part, over) for part in node.parts)
    if node.kind in {"=", "!="}:
        return _equal(left, right) == (node.kind == "=")
    a, b = as_number(left), as_number(right)
    if node.kind in _COMPARED:
        return _COMPARED[node.kind](a, b)
    return _counted(node.kind, a, b)


_COMPARED: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return as_bool(left) == as_bool(right)
    if isinstance(left, float | dt.date) or isinstance(right, float | dt.date):
        return as_number(left) == as_number(right)
    return left == right


def _counted(operator: str, a: float, b: float) -> float:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if operator == "mod":
        return math.nan if b == 0 or math.isinf(a) else math.fmod(a, b)
    if b == 0:  # as IEEE 754 has it, and every phone
        return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)
    return a / b


def as_bool(value: Value) -> bool:
    """XPath's boolean(): a number that is not nought, a text that is not empty."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def as_number(value: Value) -> float:
    """XPath's number(): NaN for what is none; a day counts from 1970, as ODK counts."""
    if isinstance(value, bool | float):
        return float(value)
    if isinstance(value, dt.date):
        return float((value - dt.date(1970, 1, 1)).days)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        day = _day_of(value)
        return as_number(day) if day else math.nan
    return float(value) if re.fullmatch(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", value, re.ASCII) else math.nan


def _day_of(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def as_text(value: Value) -> str:
    """XPath's string(): whole numbers without a point, none with an exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _number_text(number: float) -> str:
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


_BLANK: Final = " \t\n\r\f\v"


def _words(text: str) -> list[str]:
    return re.findall(rf"[^{_BLANK}]+", text)


Worker = Callable[[tuple[Node, ...], Surroundings], Value]


def _texts(work: Callable[..., Value]) -> Worker:
    return lambda parts, over: work(*(as_text(value_of(part, over)) for part in parts))


def _numbers(work: Callable[..., Value]) -> Worker:
    return lambda parts, over: work(*(as_number(value_of(part, over)) for part in parts))


def _chosen(parts: tuple[Node, ...], over: Surroundings) -> Value:
    return value_of(parts[1] if holds(parts[0], over) else parts[2], over)


def _first(parts: tuple[Node, ...], over: Surroundings) -> Value:
    found = value_of(parts[0], over)
    return found if as_text(found) else value_of(parts[1], over)


def _rounded(number: float) -> float:
    return float(math.floor(number + 0.5)) if math.isfinite(number) else number


def _whole(number: float) -> float:
    return float(math.trunc(number)) if math.isfinite(number) else number


def _day(parts: tuple[Node, ...], over: Surroundings) -> Value:
    return _day_of(as_text(value_of(parts[0], over))[:10]) or ""


def _fits(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text[:_LONGEST_MATCHED], re.ASCII) is not None


# Name: least and most arguments, and the work. All of them exist in ODK with this meaning.
FUNCTIONS: Final[dict[str, tuple[int, int, Worker]]] = {
    "true": (0, 0, lambda _parts, _over: True),
    "false": (0, 0, lambda _parts, _over: False),
    "not": (1, 1, lambda parts, over: not holds(parts[0], over)),
    "boolean": (1, 1, lambda parts, over: holds(parts[0], over)),
    "string": (1, 1, _texts(lambda text: text)),
    "number": (1, 1, _numbers(lambda number: number)),
    "int": (1, 1, _numbers(_whole)),
    "round": (1, 1, _numbers(_rounded)),
    "today": (0, 0, lambda _parts, over: over.today),
    "date": (1, 1, _day),
    "if": (3, 3, _chosen),
    "coalesce": (2, 2, _first),
    "concat": (1, 20, _texts(lambda *texts: "".join(texts))),
    "contains": (2, 2, _texts(lambda text, part: part in text)),
    "starts-with": (2, 2, _texts(lambda text, start: text.startswith(start))),
    "string-length": (1, 1, _texts(lambda text: float(len(text)))),
    "selected": (2, 2, _texts(lambda text, word: word.strip(_BLANK) in _words(text))),
    "count-selected": (1, 1, _texts(lambda text: float(len(_words(text))))),
    "regex": (2, 2, _texts(_fits)),
}
