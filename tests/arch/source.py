"""Reads the package's own source, so that tests can judge its shape."""

import ast
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.paths import ROOT

PACKAGE = ROOT / "chuangwen"
EDGES = ("web", "api", "jobs", "http.py")
NOT_ROOMS = frozenset({*EDGES, "project", "rules", "__init__.py", "__main__.py"})
CLOCKS = frozenset(
    {
        *("now", "utcnow", "today", "localtime", "gmtime", "ctime", "localdate"),
        *("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "time_ns", "sleep"),
    }
)
CLOCK_OWNERS = frozenset({"datetime", "date", "time", "timezone"})
DICE = frozenset({"uuid1", "uuid4", "urandom", "getrandom", "token_bytes", "token_hex", "token_urlsafe"})
SEEDED = frozenset({"Random", "default_rng", "Generator", "PCG64", "SeedSequence"})
WRITES = frozenset(
    prefix + verb
    for prefix in ("", "a")
    for verb in (
        *("save", "create", "update", "delete", "bulk_create", "bulk_update"),
        *("get_or_create", "update_or_create"),
    )
)


@dataclass(frozen=True)
class Module:
    """One source file: its path from the project's root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The dotted name under which it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def top(self) -> str:
        """The room, edge or file directly under the package that it belongs to."""
        return Path(self.path).parts[1]


Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> tuple[Module, ...]:
    """Every source file of the package but the generated migrations; read once, and not before a test asks."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return tuple(Module(path, text, ast.parse(text)) for path, text in texts.items())


@cache
def walked(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of a tree; many questions are asked of the same one."""
    return tuple(ast.walk(tree))


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, otherwise an empty string (with what hangs on a call kept: `.c`)."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in walked(tree) if isinstance(node, ast.Call))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function in a tree, methods and inner ones too."""
    return (node for node in walked(tree) if isinstance(node, Function))


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines on which the clock is read, or handed on to be read (`default=timezone.now`)."""
    called = {node.func.lineno for node in calls(tree) if _is_clock(dotted(node.func))}
    handed_on = {
        node.lineno
        for node in walked(tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and dotted(node.value).split(".")[-1] in CLOCK_OWNERS
    }
    return sorted(called | handed_on)


def _is_clock(name: str) -> bool:
    return name == "time.time" or name.rsplit(".", 1)[-1] in CLOCKS


def dice_throws(tree: ast.AST) -> list[int]:
    """Lines that depend on chance without a seed that was handed in."""
    throws = {node.lineno for node in calls(tree) if _is_throw(node)}
    imported = {
        node.lineno
        for node in walked(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "random" and {a.name for a in node.names} - SEEDED
    }
    handed_on = {
        node.lineno
        for node in walked(tree)
        if isinstance(node, ast.Name | ast.Attribute) and dotted(node).rsplit(".", 1)[-1] in DICE
    }
    return sorted(throws | imported | handed_on)


def _is_throw(call: ast.Call) -> bool:
    *owners, last = dotted(call.func).split(".")
    if last in SEEDED:
        return not (call.args or call.keywords)
    return "random" in owners or "secrets" in owners


def row_writes(tree: ast.AST) -> list[tuple[int, str]]:
    """Calls that look like writing rows, as (line, receiver). A room's own `operations` module is the allowed door."""
    doors = operations_names(tree)
    found = [
        (node.lineno, ast.unparse(node.func.value))
        for node in calls(tree)
        if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    ]
    return [(line, receiver) for line, receiver in found if receiver not in doors]


@cache
def operations_names(tree: ast.AST) -> set[str]:
    """The names under which a module knows `operations` modules."""
    names = {"operations"}
    for node in walked(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {a.asname for a in node.names if a.asname and a.name.split(".")[-1] == "operations"}
    return names


def reached(module: Module) -> set[tuple[str, str]]:
    """What a module takes from other rooms of the package, as (dotted module, name)."""
    taken: set[tuple[str, str]] = set()
    aliases: dict[str, str] = {}
    for node in walked(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("chuangwen."):
            taken |= {(node.module, a.name) for a in node.names}
            aliases |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in walked(module.tree):
        if isinstance(node, ast.Attribute) and dotted(node.value) in aliases:
            taken.add((aliases[dotted(node.value)], node.attr))
    return {(where, name) for where, name in taken if where.split(".")[1] != module.top}


def changes(package: Sequence[Module], harmless: Set[tuple[str, str]] = frozenset()) -> set[str]:
    """Dotted names of all functions that change rows, themselves or through a function that they call.

    `harmless` are (file, receiver) that are no rows, such as a dict.
    """
    called: dict[str, set[str]] = {}
    found: set[str] = set()
    homes = homes_of(package)
    for module in package:
        known = _known_names(module)
        for node in module.tree.body:
            if isinstance(node, Function):
                name = f"{module.name}.{node.name}"
                called[name] = {at_home(_full_name(dotted(call.func), known), homes) for call in calls(node)}
                if {(module.path, receiver) for _, receiver in row_writes(node)} - harmless:
                    found.add(name)
    while more := {name for name, others in called.items() if name not in found and others & found}:
        found |= more
    return found


def homes_of(package: Sequence[Module]) -> dict[str, str]:
    """Where a name that a module only passes on was written: `cases.operations.open_case` -> `cases.opening.open_case`."""
    return {f"{module.name}.{name}": home for module in package for name, home in _known_names(module).items()}


def at_home(name: str, homes: dict[str, str]) -> str:
    """The name under which a function was written."""
    while homes.get(name, name) != name:
        name = homes[name]
    return name


@cache
def _known_names(module: Module) -> dict[str, str]:
    """What the names of a module stand for: its own functions, and what it imports."""
    own = {node.name: f"{module.name}.{node.name}" for node in module.tree.body if isinstance(node, Function)}
    imports = [node for node in walked(module.tree) if isinstance(node, ast.ImportFrom) and node.module]
    return own | {a.asname or a.name: f"{node.module}.{a.name}" for node in imports for a in node.names}


def _full_name(name: str, known: dict[str, str]) -> str:
    first, _, rest = name.partition(".")
    return ".".join(filter(None, (known.get(first, first), rest)))


def parameters(function: Function) -> tuple[list[str], list[str]]:
    """The positional and the keyword-only parameters of a function."""
    arguments = function.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return positional, [a.arg for a in arguments.kwonlyargs]


def length(function: Function) -> int:
    """Lines from `def` to the last statement, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1
