"""Which faces stand in a paper: the official names for .docx, and for PDF the first of each list that is on this machine.

The lists follow GB/T 9704-2012 (小标宋, 仿宋, 黑体, 楷体, 宋体): first the faces that offices buy or Windows brings, then
free ones of the same shape, last what any Linux with Chinese has (Noto, Source Han). Nothing is downloaded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst
from django.conf import settings

from chuangwen.rules.refusals import Refused

# As .docx names them: Chinese face -> what Word shows where it is missing.
WORD: Final = {"title": "方正小标宋简体", "fang": "仿宋_GB2312", "hei": "黑体", "kai": "楷体_GB2312", "song": "宋体"}
WORD_INSTEAD: Final = {
    "方正小标宋简体": "华文中宋",
    "仿宋_GB2312": "仿宋",
    "黑体": "SimHei",
    "楷体_GB2312": "楷体",
    "宋体": "SimSun",
}
LATIN_WORD: Final = "Times New Roman"

_SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN", "Source Han Serif")
_SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Source Han Sans")
_ANY = (*_SERIF, *_SANS, "AR PL UMing CN", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback")
_OWN: Final[dict[str, tuple[str, ...]]] = {
    "title": (
        "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK", "STZhongsong", "华文中宋",
    ),
    "fang": (
        "FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "华文仿宋", "FZFangSong-Z02S",
        "FZFangSong-Z02", "方正仿宋简体", "方正仿宋_GBK", "Zhuque Fangsong (technical preview)", "Zhuque Fangsong", "朱雀仿宋",
    ),
    "hei": ("SimHei", "黑体", "STHeiti", "华文黑体", "FZHei-B01S", "FZHei-B01", "方正黑体简体", "方正黑体_GBK"),
    "kai": (
        "KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "STKaiti", "华文楷体", "FZKai-Z03S", "FZKai-Z03", "方正楷体简体",
        "方正楷体_GBK", "AR PL KaitiM GB", "AR PL UKai CN", "LXGW WenKai GB", "LXGW WenKai",
    ),
    "song": ("SimSun", "宋体", "NSimSun", "STSong", "华文宋体", "FZShuSong-Z01S", "FZShuSong-Z01", "方正书宋_GBK"),
}  # fmt: skip
_FREE: Final = {"title": _ANY, "fang": _ANY, "hei": (*_SANS, *_ANY), "kai": _ANY, "song": _ANY}
_LATIN: Final = ("Times New Roman", "Liberation Serif", "Libertinus Serif")  # the last comes with typst
NO_FACE: Final = (
    "这台服务器上没有中文字体，PDF 里的字会显示不出来。请管理员安装：sudo apt-get install -y fonts-noto-cjk，"
    "或者把单位已有授权的字体文件放进一个文件夹，用设置 CHUANGWEN_FONTS 指定。Word 文档不受影响，可以先下载它。"
)


@dataclass(frozen=True)
class Face:
    """One role of a face: families in the order of choice, and how bold it has to be asked for."""

    families: tuple[str, ...]
    weight: str

    @property
    def chinese(self) -> str:
        """The family that the Chinese characters come from."""
        return self.families[1]


def chosen(installed: Iterable[str]) -> dict[str, Face]:
    """The face of each role on a machine with these families. Refuses with what to install where none is Chinese.

    A free serif stands in for 小标宋 in bold, because only 小标宋 itself is drawn heavier.
    """
    there = {family.casefold(): family for family in installed}
    latin = next((there[name.casefold()] for name in _LATIN if name.casefold() in there), _LATIN[-1])
    found: dict[str, Face] = {}
    for role, own in _OWN.items():
        names = [there[name.casefold()] for name in (*own, *_FREE[role]) if name.casefold() in there]
        if not names:
            raise Refused(NO_FACE)
        bold = role == "title" and names[0].casefold() not in {name.casefold() for name in own}
        found[role] = Face((latin, *dict.fromkeys(names)), "bold" if bold else "regular")
    return found


@lru_cache(maxsize=4)
def fonts(folder: str, modified: float) -> typst.Fonts:
    """The faces of this machine and of the office's folder. `modified` lets a changed folder be read again."""
    del modified
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[folder] if folder else [])


def here() -> tuple[typst.Fonts, dict[str, Face]]:
    """The faces of this machine with the one chosen for each role."""
    folder: str = settings.FONT_FOLDER
    path = Path(folder) if folder else None
    if path is not None and not path.is_dir():
        raise Refused(f"设置 CHUANGWEN_FONTS 指的文件夹“{folder}”不存在，请管理员改正。")
    found = fonts(folder, path.stat().st_mtime if path else 0.0)
    try:
        return found, chosen(found.families())
    except Refused:
        fonts.cache_clear()  # somebody may install one while we run
        raise
