"""What a new questionnaire begins with, read from usual.toml."""

import tomllib
from importlib.resources import files
from typing import Any

from chuangwen.rules.questionnaires import packed, unpacked


def usual_content() -> dict[str, Any]:
    """The questions."""
    return packed(unpacked(tomllib.loads(_text())))


def usual_rates() -> str:
    """The definitions of awareness, participation and contentment, as TOML text."""
    text = _text()
    return text[text.index("[[rate]]") :]


def _text() -> str:
    return (files("chuangwen.surveys") / "usual.toml").read_text(encoding="utf-8")
