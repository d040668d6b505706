"""Words about people are recorded only under names that stay erasable, and only record() makes events."""

import ast
from collections.abc import Iterator

from chuangwen.rules.trace import PERSONAL
from tests.arch.source import modules

STEMS = frozenset(
    {
        "note",
        "notes",
        "reason",
        "text",
        "reply",
        "answer",
        "words",
        "statement",
        "phone",
        "contact",
        "address",
        "reporter",
    }
)
RECORDERS = ("record", "_record", "record_step")
MAKERS = ("create", "bulk_create", "get_or_create", "update_or_create")


def recorded_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name under which a fact is recorded, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in RECORDERS:
            yield from ((node.lineno, keyword.arg) for keyword in node.keywords if keyword.arg)


def sounds_personal(name: str) -> bool:
    """Whether words of or about people are likely to stand under this name."""
    return bool(STEMS & set(name.split("_"))) and name not in PERSONAL


def events_made(tree: ast.AST) -> list[int]:
    """Lines on which events are made directly."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MAKERS
        if ast.unparse(node.func.value).startswith("Event.objects")
    ]


def test_words_about_people_stay_erasable() -> None:
    found = [
        f"{module.path}:{line} {name}"
        for module in modules()
        for line, name in recorded_names(module.tree)
        if sounds_personal(name)
    ]
    assert not found, (
        "这些名字下面像是有人写的话或个人信息，进了留痕树就删不掉（个人信息保护法第四十七条）。"
        "请改用 chuangwen/rules/trace.py 的 PERSONAL 里的名字，或加进去：\n" + "\n".join(found)
    )


def test_only_record_makes_events() -> None:
    found = [f"{module.path}:{line}" for module in modules() for line in events_made(module.tree)]
    assert not found, "留痕只由 record() 写入，否则没有摘要和封印，进不了留痕树：\n" + "\n".join(found)


def test_the_detectors_find_what_they_are_for() -> None:
    text = 'record(kind="x", by=by, visitor_phone=p, note=n, unit=u)\nEvent.objects.bulk_create(rows)'
    assert [name for _, name in recorded_names(ast.parse(text)) if sounds_personal(name)] == ["visitor_phone"]
    assert events_made(ast.parse(text)) == [2]
