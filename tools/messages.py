"""The English catalogue: compile it, or check that it is whole.

The catalogue `chuangwen/web/locale/en/LC_MESSAGES/django.po` is kept by hand. `python tools/messages.py` compiles it;
`--check` says what the frame (bases, components, log-in, errors, navigation) shows without an English sentence, and
whether the compiled file is that of today's catalogue; `--missing` lists the same for all pages, for whoever translates.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "chuangwen" / "web"
CATALOGUE = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"
FRAME_TEMPLATES = (
    "templates/*.html",
    "templates/*/base.html",
    "templates/partials/*.html",
    "templates/registration/*.html",
    "templates/errors/*.html",
    "templates/desk/gallery.html",
    "components/templates/components/*.html",
)
FRAME_MODULES = ("wording.py", "looks.py", "frame.py", "account.py", "templatetags/cw.py")
ALL_TEMPLATES = ("templates/**/*.html", "components/**/*.html")
ALL_MODULES = ("**/*.py",)
CALLS = ("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy")
IN_TEMPLATE = re.compile(r"""\b(?:_|n?gettext)\(\s*(?P<text>u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))""")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def words_of_template(source: str) -> set[str]:
    """Every sentence that a template hands to gettext."""
    return {ast.literal_eval(match["text"]) for match in IN_TEMPLATE.finditer(templatize(source))}


def words_of_module(source: str) -> set[str]:
    """Every sentence that a module hands to gettext."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def used(templates: Iterable[str], modules: Iterable[str]) -> dict[str, str]:
    """Sentence to the file that shows it first."""
    found: dict[str, str] = {}
    for path in _paths(templates):
        found = dict.fromkeys(words_of_template(path.read_text(encoding="utf-8")), _name(path)) | found
    for path in _paths(modules):
        found = dict.fromkeys(words_of_module(path.read_text(encoding="utf-8")), _name(path)) | found
    return found


def _paths(patterns: Iterable[str]) -> Iterator[Path]:
    return (path for pattern in patterns for path in sorted(WEB.glob(pattern)))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def untranslated(catalogue: polib.POFile, shown: dict[str, str]) -> list[str]:
    """One sentence for each text that is shown and has no English."""
    known = {entry.msgid for entry in catalogue.translated_entries()}
    return [
        f"{file}：“{text}”没有英文。"
        for text, file in sorted(shown.items(), key=lambda pair: pair[::-1])
        if text not in known
    ]


def broken(catalogue: polib.POFile) -> list[str]:
    """One sentence for each translation whose placeholders are not those of the original."""
    return [
        f"“{entry.msgid}”的英文里占位符不一致。"
        for entry in catalogue.translated_entries()
        if sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr))
    ]


def stale(catalogue: polib.POFile, path: Path = CATALOGUE) -> list[str]:
    """Whether the compiled file beside the catalogue is its compilation."""
    compiled = path.with_suffix(".mo")
    if compiled.is_file() and compiled.read_bytes() == catalogue.to_binary():
        return []
    return [f"{compiled.name} 不是由现在的 {path.name} 编译的，请运行 python tools/messages.py。"]


@click.command()
@click.option("--check", is_flag=True, help="只检查：框架的文字都有英文，.mo 是最新的。")
@click.option("--missing", is_flag=True, help="列出所有页面还没有英文的文字。")
def main(check: bool, missing: bool) -> None:
    """编译或检查英文文案。"""
    catalogue = polib.pofile(str(CATALOGUE))
    if missing:
        click.echo("\n".join(untranslated(catalogue, used(ALL_TEMPLATES, ALL_MODULES))))
        return
    if not check:
        CATALOGUE.with_suffix(".mo").write_bytes(catalogue.to_binary())
    said = untranslated(catalogue, used(FRAME_TEMPLATES, FRAME_MODULES)) + broken(catalogue) + stale(catalogue)
    for sentence in said:
        click.echo(sentence, err=True)
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
