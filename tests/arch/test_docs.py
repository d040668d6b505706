"""Documents fail when they lag behind the code."""

import re
import tomllib

import pytest

from chuangwen.rules.case_flow import MOVE_LABELS, STATUS_LABELS, Move, Status
from chuangwen.rules.permissions import ROLE_LABELS
from tests.paths import ROOT

CODE = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "chuangwen").rglob("*.py"))]


def test_every_setting_is_in_the_table_and_every_line_of_the_table_is_a_setting() -> None:
    read = {f"CHUANGWEN_{name}" for text in CODE for name in re.findall(r'_env(?:_list)?\("([A-Z_]+)"', text)}
    read |= {name for text in CODE for name in re.findall(r'environ(?:\.get)?[(\[]"(CHUANGWEN_[A-Z_]+)"', text)}
    listed = set(
        re.findall(r"^\| `(CHUANGWEN_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.M)
    )
    assert listed == read


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=str
)
def test_every_link_between_the_documents_leads_somewhere(page: object) -> None:
    from pathlib import Path

    here = Path(str(page))
    text = here.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)\)", text) + re.findall(r'src="([^"]+)"', text):
        if not target.startswith(("http:", "https:")):
            assert (here.parent / target).exists(), f"{here.name} → {target}"


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for requirement in named:
        line = next(line for line in text.splitlines() if f'"{requirement}"' in line)
        assert "#" in line, f"{requirement} 没有说明用途"


def test_the_words_of_the_flow_are_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for identifier in [*Status, *Move]:
        assert identifier.value in glossary, identifier
    for word in [*STATUS_LABELS.values(), *MOVE_LABELS.values(), *ROLE_LABELS.values()]:
        assert word in glossary, word
