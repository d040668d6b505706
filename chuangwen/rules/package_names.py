"""How files are called in a package, and the page that lists them there. Names sort as the numbers count."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BAD: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
LONGEST: Final = 40
PAGE, SUMS, LIST = "00 目录.html", "00 SHA256SUMS.txt", "00 目录.csv"
_STYLE: Final = (
    "body{font:16px/1.6 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #bbb;padding:.3rem .5rem;text-align:start;overflow-wrap:anywhere}code{font-size:.75rem}"
)


@dataclass(frozen=True)
class Packed:
    """A file as the contents list shows it."""

    name: str
    item: str
    criterion: str
    number: str
    kind: str
    title: str
    unit: str
    said_on: str
    size: int
    sha256: str


def part_of_name(text: str) -> str:
    """A piece of a file name that every system takes: short, without separators, never empty, never hidden."""
    return _BAD.sub("-", " ".join(text.split())).strip(" .-")[:LONGEST].strip(" .-") or "未命名"


def file_name(
    *, item: tuple[int, str], criterion: tuple[int, str], number: str, place: int, title: str, suffix: str
) -> str:
    """Folders numbered by item and criterion, then the file: 01 公共环境/003 RES-01/3-1-2-01 标题.pdf."""
    folder = f"{item[0]:02} {part_of_name(item[1])}/{criterion[0]:03} {part_of_name(criterion[1])}"
    return f"{folder}/{part_of_name(number)}-{place:02} {part_of_name(title)}.{suffix}"


def check_sums(files: Sequence[Packed]) -> str:
    """What `sha256sum -c` reads."""
    return "".join(f"{one.sha256}  {one.name}\n" for one in files)


def contents_page(title: str, lead: str, files: Sequence[Packed]) -> str:
    """A page that opens from the unpacked folder without a network: every file with its unit, date and check sum."""
    rows, item = [], None
    for one in files:
        if one.item != item:
            rows.append(f'<tr><th colspan="6">{html.escape(one.item)}</th></tr>')
            item = one.item
        cells = (html.escape(text) for text in (one.number, one.kind, one.unit, one.said_on))
        link = f'<a href="{html.escape(_address(one.name))}">{html.escape(one.title)}</a>'
        rows.append(
            f"<tr><td>{link}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}<td><code>{one.sha256}</code></td></tr>"
        )
    head = "".join(f"<th>{word}</th>" for word in ("材料", "编号", "种类", "单位", "形成日期", "SHA-256"))
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(lead)}</p><table><tr>{head}</tr>{''.join(rows)}</table></html>\n"
    )


def _address(name: str) -> str:
    return name.replace("%", "%25").replace("#", "%23").replace("?", "%3F")
