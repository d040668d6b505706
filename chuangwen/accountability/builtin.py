"""The ladders, measures and grounds of tolerance that come with the package, and ladders from a file. No Django."""

from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from chuangwen.rules.ladder_files import (
    Ladder,
    Measure,
    ToleranceGround,
    load_grounds,
    load_ladder,
    load_measures,
)
from chuangwen.rules.refusals import BadInput

_SUFFIX = ".toml"


def _package() -> Traversable:
    return files("chuangwen.accountability")


@cache
def measures() -> tuple[Measure, ...]:
    """The measures, the lightest first."""
    return load_measures((_package() / "measures.toml").read_text(encoding="utf-8"))


@cache
def grounds() -> tuple[ToleranceGround, ...]:
    """The grounds of tolerance that a unit may name."""
    return load_grounds((_package() / "grounds.toml").read_text(encoding="utf-8"))


def measure(key: str) -> Measure:
    """The measure of this key; KeyError for an unknown one."""
    return {one.key: one for one in measures()}[key]


def builtin_ladders() -> list[str]:
    """The names of the published ladders that come as samples, sorted."""
    folder = (_package() / "ladders").iterdir()
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in folder if entry.name.endswith(_SUFFIX))


def builtin_text(name: str) -> str:
    """The TOML of a sample; KeyError for an unknown name."""
    if name not in builtin_ladders():
        raise KeyError(name)
    return (_package() / "ladders" / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


@lru_cache(maxsize=64)
def read_text(text: str) -> Ladder:
    """A ladder with the package's measures; BadInput names everything that is wrong with it."""
    return load_ladder(text, measures())


def read_ladder(name_or_path: str) -> Ladder:
    """The sample of that name, else the ladder in the TOML file at that path; BadInput says what is wrong."""
    if name_or_path in builtin_ladders():
        return read_text(builtin_text(name_or_path))
    path = Path(name_or_path)
    if not path.is_file():
        names = "、".join(builtin_ladders())
        raise BadInput(f"没有叫“{name_or_path}”的阶梯，也没有这个文件。自带的阶梯有：{names}。")
    try:
        return read_text(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"阶梯文件“{name_or_path}”不是 UTF-8 编码，请另存为 UTF-8。") from error
    except OSError as error:
        raise BadInput(f"阶梯文件“{name_or_path}”读不出来，请检查权限。") from error
