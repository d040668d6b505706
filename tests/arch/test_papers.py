"""Papers for people who change the code must not lag behind it."""

import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

import chuangwen
from chuangwen.rules.case_flow import Move, Status
from chuangwen.rules.permissions import Role
from tests.arch.source import modules
from tests.paths import ROOT

PAPERS = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
NOT_BUILT_YET = "## 以后的房间"
BOTH_STATUS_AND_MOVE = {status.label for status in Status} & {move.label for move in Move}
OUR_FOLDERS = ("chuangwen/", "tests/", "tools/", "docs/", "bench/")


def _rows(text: str) -> list[list[str]]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    return [row for row in rows if row[0] not in {"中文", "---"}]


@pytest.mark.parametrize("kind", [Status, Move, Role])
def test_the_glossary_calls_statuses_moves_and_roles_what_the_screen_calls_them(kind: type[StrEnum]) -> None:
    known = {(row[0], row[1]) for row in _rows(GLOSSARY)}
    wanted = {(member.label, f"`{member.value}`") for member in kind}  # type: ignore[attr-defined]  # all three have labels
    assert not wanted - known, "docs/glossary.md 缺少或写错了这些词"


def test_every_name_in_the_glossary_is_used_in_the_code() -> None:
    code = "\n".join(module.text for module in modules())
    words = set(re.findall(r"\w+", code))
    built = GLOSSARY.split(NOT_BUILT_YET)[0]
    names = {word for row in _rows(built) for quoted in re.findall(r"`([^`]+)`", row[1]) for word in _names(quoted)}
    assert not names - words, "docs/glossary.md 里这些名字代码里没有"


def _names(quoted: str) -> list[str]:
    return [] if "/" in quoted else re.findall(r"\w+", quoted)


def test_the_glossary_gives_each_name_one_meaning() -> None:
    terms = [row[0] for row in _rows(GLOSSARY)]
    assert len(terms) >= 70
    doubled = {term for term in terms if terms.count(term) > 1}
    assert not doubled - BOTH_STATUS_AND_MOVE, "docs/glossary.md 里这些词出现了两次"


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_file_that_a_paper_names_is_there(paper: Path) -> None:
    quoted = re.findall(r"`([^`\s]+)`", paper.read_text(encoding="utf-8"))
    paths = [path for path in quoted if path.startswith(OUR_FOLDERS) and not re.search(r"[<>*{…]", path)]
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing, f"{paper.name} 提到的这些文件不在"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert project["version"] == chuangwen.__version__ == newest
