"""Whether the package of an .xlsx may be opened at all: no macros, no absurd size, no document type declarations."""

import zipfile
from io import BytesIO
from typing import Final
from xml.parsers import expat

from openpyxl.utils.cell import range_boundaries

from chuangwen.rules.refusals import BadInput

LARGEST_UNPACKED: Final = 80 * 2**20
MOST_CELLS: Final = 500_000
MOST_PARTS: Final = 2000
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin")


def check_package(content: bytes, *, no_workbook: str, save_as: str) -> None:
    """Raises BadInput with what is wrong; `no_workbook` is said of another kind of archive, `save_as` tells the way out.

    A damaged archive raises whatever zipfile and zlib raise.
    """
    with zipfile.ZipFile(BytesIO(content)) as package:
        parts = package.infolist()
        if "[Content_Types].xml" not in package.namelist():
            raise BadInput(no_workbook)
        # Python never unpacks more of a part than its stated size, so the stated sizes may be trusted here.
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
            raise BadInput("工作簿解压后大得不正常，不接收。请删去图片和多余的工作表再交。")
        named_macro = any(part.filename.lower().endswith("vbaproject.bin") for part in parts)
        if named_macro or b"macroEnabled" in package.read("[Content_Types].xml"):
            raise BadInput(f"工作簿带有宏，不接收。{save_as}")
        cells = 0
        for part in parts:
            if not part.filename.lower().endswith(_PICTURES):
                cells += _count_cells(package.read(part))
        if cells > MOST_CELLS:
            raise BadInput("工作表的单元格（含合并区域）多得不正常，不接收。请只保留有内容的行和列。")


def _count_cells(part: bytes) -> int:
    """How many cells a part asks for, merged areas counted in full: the reader would make each of them."""
    cells = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cells
        kind = name.rpartition(":")[2]
        if kind == "mergeCell":
            cells += _area(attributes.get("ref", "A1"))
        elif kind == "c":
            cells += 1

    def doctype(*_: object) -> None:
        raise BadInput("文件里有不该有的 XML 声明，不接收。")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        return cells  # not XML, or broken XML: the reader itself will say so
    return cells


def _area(reference: str) -> int:
    left, top, right, bottom = range_boundaries(reference)
    return ((right or 16_384) - (left or 1) + 1) * ((bottom or 1_048_576) - (top or 1) + 1)
