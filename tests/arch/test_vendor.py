"""What lies in the static files and templates: the named libraries unchanged, no other host, nothing inline."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chuangwen.web.field.words import field_words
from chuangwen.web.frame import DESK, FIELD, PUBLIC
from chuangwen.web.looks import DEADLINE_LOOKS, MESSAGE_LOOKS, SEVERITY_LOOKS, STATUS_LOOKS, VERDICT_LOOKS
from chuangwen.web.templatetags.cw import script_words
from tests.paths import ROOT

WEB = ROOT / "chuangwen" / "web"
STATIC = WEB / "static"
OWN = sorted(path for path in (STATIC / "app").rglob("*") if path.is_file())
TEMPLATES = sorted([*WEB.glob("templates/**/*.html"), *WEB.glob("components/**/*.html")])
ICONS = set(
    re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor/tabler-icons/sprite.svg").read_text(encoding="utf-8"))
)
ADDRESS = re.compile(r"(?:https?:)?//[a-zA-Z0-9][\w.-]*\.[a-z]{2,}[^\s\"'`)<>\\]*")
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LINE_COMMENT = re.compile(r"(?m)^\s*//.*$|\s//\s.*$")
NAMESPACES = ("http://www.w3.org/",)
# address in a library -> why it is never asked for
PUT_TOGETHER = "field_stop_"  # the scripts put the reason behind it
NEVER_ASKED: dict[str, str] = {
    "https://leafletjs.com": "地图署名里的链接，maps.js 已去掉这段署名",
    "https://github.com/microsoft/TypeScript-DOM-lib-generator/pull/1405": "idb 里的注释",
    "https://popper.js.org": "缺少 Popper 时报错的话，Popper 已在文件内",
}


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("tool", ["vendor.py", "messages.py"])
def test_the_tree_holds_what_the_tool_wrote(tool: str) -> None:
    order = [sys.executable, str(ROOT / "tools" / tool), "--check"]
    answer = subprocess.run(order, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_a_changed_a_missing_and_a_foreign_file_are_all_named(tmp_path: Path) -> None:
    vendor = _tool("vendor")
    copy = shutil.copytree(vendor.VENDOR, tmp_path / "vendor")
    (copy / "leaflet" / "leaflet.js").write_text("changed", encoding="utf-8")
    (copy / "echarts" / "NOTICE.txt").unlink()
    (copy / "jquery.js").write_text("", encoding="utf-8")
    said = vendor.objections(copy)
    assert len(said) == 3
    assert {name for name in ("leaflet/leaflet.js", "echarts/NOTICE.txt", "jquery.js") if name in " ".join(said)} == {
        "leaflet/leaflet.js",
        "echarts/NOTICE.txt",
        "jquery.js",
    }


def test_every_library_brings_its_licence() -> None:
    packages, files = _tool("vendor").read_lock()
    assert {f"{package.folder}/LICENSE.txt" for package in packages} <= files.keys()


def _addresses(path: Path) -> set[str]:
    text = BLOCK_COMMENT.sub("", path.read_text(encoding="utf-8"))
    if path.suffix == ".js" and "vendor" not in path.parts:
        text = LINE_COMMENT.sub("", text)
    return {found for found in ADDRESS.findall(text) if not found.startswith(NAMESPACES)}


def _code() -> list[Path]:
    return [path for path in sorted(STATIC.rglob("*")) if path.suffix in {".js", ".css", ".svg"}]


@pytest.mark.parametrize("path", _code(), ids=lambda path: path.name)
def test_no_static_file_names_another_host(path: Path) -> None:
    assert _addresses(path) - NEVER_ASKED.keys() == set()


def test_every_excused_address_is_still_there() -> None:
    assert NEVER_ASKED.keys() <= set().union(*map(_addresses, _code()))


@pytest.mark.parametrize("path", _code(), ids=lambda path: path.name)
def test_no_static_file_asks_for_what_is_not_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "sourceMappingURL" not in text
    assert "@import" not in text
    beside = [url for url in re.findall(r"""url\(["']?([^"')]+)""", text) if not url.startswith(("data:", "#"))]
    beside += re.findall(r"""from "(\.\.?/[^"]+)\"""", text) if path in OWN else []
    assert [name for name in beside if not (path.parent / name).is_file()] == []


def _without_comments(path: Path) -> str:
    return re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _inline(markup: str) -> list[str]:
    scripts = [
        tag for tag in re.findall(r"<script\b[^>]*>", markup) if " src=" not in tag and "application/json" not in tag
    ]
    handlers = re.findall(r"<[^>]*\son[a-z]+\s*=[^>]*>", markup)
    styles = re.findall(r"<style\b|<[^>]*\sstyle\s*=[^>]*>", markup)
    return scripts + handlers + styles + re.findall(r"javascript:", markup)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_template_carries_script_or_style_or_leads_to_another_host(path: Path) -> None:
    markup = _without_comments(path)
    assert _inline(markup) == [], "内容安全策略不许内联脚本和样式，请写到 static/app 里"
    assert ADDRESS.findall(markup) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<button onclick="go()">',
        '<p style="color:red">',
        '<a href="javascript:go()">',
        "<style>p{}</style>",
    ],
)
def test_something_inline_is_found(markup: str) -> None:
    assert _inline(markup)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_every_file_that_a_template_names_is_there(path: Path) -> None:
    named = re.findall(r"\{% static ['\"]([^'\"]+)['\"] %\}", path.read_text(encoding="utf-8"))
    assert [name for name in named if not (STATIC / name).is_file()] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_every_icon_that_a_template_names_is_in_the_sprite(path: Path) -> None:
    named = re.findall(r"""(?:\{% icon |icon=|item\.icon |firstof icon )["']([\w-]+)["']""", _without_comments(path))
    assert set(named) - ICONS == set(), "请把图标名加进 tools/vendor.lock.toml，再运行 python tools/vendor.py"


def test_every_icon_that_the_frame_names_is_in_the_sprite() -> None:
    looks = (STATUS_LOOKS, SEVERITY_LOOKS, VERDICT_LOOKS, MESSAGE_LOOKS, DEADLINE_LOOKS)
    named = {look.icon for table in looks for look in table.values()}
    named |= {place.icon for _, places in DESK for place in places} | {place.icon for place in (*FIELD, *PUBLIC)}
    assert named - ICONS == set(), "请把图标名加进 tools/vendor.lock.toml，再运行 python tools/vendor.py"


def test_the_scripts_say_only_sentences_that_the_page_hands_them() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in OWN if path.suffix == ".js")
    handed = script_words().keys() | field_words().keys()
    assert set(re.findall(r"""\bword(?:\(|:)\s*"(\w+)\"""", scripts)) <= handed
    named = set(re.findall(r"""["'`](\w+)["'`]""", scripts))
    assert [key for key in handed if key not in named and not key.startswith(PUT_TOGETHER)] == []
