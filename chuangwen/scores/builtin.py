"""The scoring rules that come with the package, and rules from a file of one's own. Imports no Django."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.scoring import Rule, load_rule

_SUFFIX = ".toml"


def builtin_rules() -> list[str]:
    """Names of the built-in rules, sorted."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _folder().iterdir() if entry.name.endswith(_SUFFIX))


def builtin_text(name: str) -> str:
    """The TOML of a built-in rule; KeyError for an unknown name."""
    if name not in builtin_rules():
        raise KeyError(name)
    return (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def read_rule(name_or_path: str) -> Rule:
    """The built-in rule of that name, else the rule in the TOML file at that path; BadInput says what is wrong."""
    if name_or_path in builtin_rules():
        return load_rule(builtin_text(name_or_path))
    path = Path(name_or_path)
    if not path.is_file():
        names = "、".join(builtin_rules())
        raise BadInput(f"没有叫“{name_or_path}”的规则，也没有这个文件。自带的规则有：{names}。")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"规则文件“{name_or_path}”不是 UTF-8 编码，请另存为 UTF-8。") from error
    except OSError as error:
        raise BadInput(f"规则文件“{name_or_path}”读不出来，请检查权限。") from error
    return load_rule(text)


def _folder() -> Traversable:
    return files("chuangwen.scores") / "rules"
