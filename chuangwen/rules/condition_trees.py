"""Conditions as a phone takes them along: the tree that `xpath.parse` reads, as JSON, for an evaluator in JavaScript.

A node is a list, its kind first: ["text", "yes"], ["number", 3.0], ["name", "stalls"], ["self"], ["call", "not", …],
["<=", …, …]. Patterns of regex() are rewritten so that JavaScript (flag `u`) reads them as Python reads them; one that
cannot be rewritten makes a tree of ["unknown"], and the phone leaves that condition to the server.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from chuangwen.rules.xpath import Node, NotHeld, Unreadable, parse

Tree = list[Any]
UNKNOWN: Final[Tree] = ["unknown"]

_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/")
_ONE: Final = re.compile(
    r"""\\(?P<escaped>.)
  | (?P<repeat>[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\}) (?P<more>[+?]?)
  | (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
  | (?P<plain>.)""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS: Final = r" \t\n\r\f\v"
_OUTSIDE: Final = {".": r"[^\n]", "$": r"(?=\n?$)", "{": r"\{", "}": r"\}", "]": r"\]", "/": r"\/"}


class _Untold(ValueError):
    """JavaScript has no way to say this."""


def tree_of(condition: str) -> Tree | None:
    """The tree of a condition's text; None for none, ["unknown"] where only the server can tell."""
    if not condition:
        return None
    try:
        return _packed(parse(condition))
    except (Unreadable, NotHeld, _Untold):
        return UNKNOWN


def _packed(node: Node) -> Tree:
    if node.kind == "number":
        return ["number", float(node.word)]
    if node.kind == "call" and node.word == "regex":
        return ["call", "regex", _packed(node.parts[0]), ["text", javascript_pattern(node.parts[1].word)]]
    own = [node.word] if node.kind in {"text", "name", "call"} else []
    return [node.kind, *own, *(_packed(part) for part in node.parts)]


def javascript_pattern(pattern: str) -> str:
    """A pattern of Python (flag ASCII) in the words of JavaScript (flag `u`); raises ValueError where there are none."""
    return "".join(_rewritten(pattern))


def _rewritten(pattern: str) -> Iterator[str]:
    for found in _ONE.finditer(pattern):
        if found["escaped"]:
            yield _escape(found["escaped"])
        elif found["repeat"]:
            if found["more"] == "+":
                raise _Untold("possessive")
            yield found["repeat"].replace("{,", "{0,") + found["more"]
        elif found["set"]:
            yield _set(found["set"])
        else:
            yield _OUTSIDE.get(found["plain"], found["plain"])


def _escape(sign: str) -> str:
    if sign in "sS":
        return f"[{'^' if sign == 'S' else ''}{_BLANKS}]"
    if sign in "dDwWbBnrtfv":
        return "\\" + sign
    if sign.isalnum():
        raise _Untold(sign)
    return "\\" + sign if sign in _SYNTAX else sign


def _set(text: str) -> str:
    head = "[^" if text.startswith("[^") else "["
    said = [_member(found["escaped"], found["plain"]) for found in re.finditer(
        r"\\(?P<escaped>.)|(?P<plain>.)", text[len(head) : -1], re.DOTALL
    )]  # fmt: skip
    return f"{head}{''.join(said)}]"


def _member(escaped: str | None, plain: str | None) -> str:
    if plain is not None:
        return "\\" + plain if plain in "[]" else plain
    if escaped == "s":
        return _BLANKS
    if escaped is None or (escaped.isalnum() and escaped not in "dwnrtfv"):
        raise _Untold(escaped)
    return "\\" + escaped if escaped.isalnum() or escaped in _SYNTAX or escaped == "-" else escaped
