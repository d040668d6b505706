"""Material for the online submission (网上申报): what is asked, and what can be seen of a file without a person.

The four kinds and the window of valid dates follow the published practice of a provincial nomination (Ruzhou, 2017: a test
in August asks for material from August of the year before to July); the reasons for which material came back are those
that offices published: no measures, results or data, a summary instead of a statement, beside the criterion, blurred,
watermark, wrong compression. A finding never decides: an objection is for the reviewer to confirm, a hint to look at.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Final

from chuangwen.rules.material_dates import dates_in


class MaterialKind(StrEnum):
    """What a criterion may ask for."""

    NORMATIVE = "normative"
    STATEMENT = "statement"
    PICTURE = "picture"
    TABLE = "table"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return _KINDS[self]


_KINDS: Final = {
    MaterialKind.NORMATIVE: "规范性文件",
    MaterialKind.STATEMENT: "说明",
    MaterialKind.PICTURE: "实景图片",
    MaterialKind.TABLE: "统计表",
}
RETURN_REASONS: Final = {
    "empty": "没有写措施、成效或数据",
    "summary": "写成了工作总结，不是说明",
    "beside": "没有对着测评标准回答",
    "blurred": "图片不清楚",
    "watermark": "带水印",
    "packed": "压缩或格式不对，打不开或看不清",
    "dated": "时间不在有效期内",
}


class Grade(StrEnum):
    """How much a finding weighs."""

    OBJECTION = "objection"
    HINT = "hint"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return "要改" if self is Grade.OBJECTION else "请看一下"


@dataclass(frozen=True)
class Finding:
    """Something seen in a file; `code` is stable, `text` a sentence for the person who hands it in."""

    code: str
    grade: Grade
    text: str


@dataclass(frozen=True)
class Window:
    """The days from which material counts, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a day counts."""
        return self.first <= day <= self.last

    @property
    def words(self) -> str:
        """For a sentence."""
        return f"{self.first.isoformat()} 至 {self.last.isoformat()}"


def window_of(test_month: date) -> Window:
    """One year back from the month before the test: a test in 2017-08 asks for 2016-08-01 to 2017-07-31."""
    year, month = (test_month.year, test_month.month - 1) if test_month.month > 1 else (test_month.year - 1, 12)
    return Window(date(test_month.year - 1, test_month.month, 1), date(year, month, monthrange(year, month)[1]))


# --- what was read ---


class Form(StrEnum):
    """What kind of file it is."""

    PICTURE = "picture"
    PDF = "pdf"
    WORD = "word"
    SHEET = "sheet"


@dataclass(frozen=True)
class FileFacts:
    """What reading a file gave. `text` is empty where there is none to read; `width` and `height` are pixels;
    `sharpness` and `stamp` come from rules/picture_quality.py; `page_texts` the text of each page that was read.
    """

    form: Form
    pages: int = 0
    page_texts: tuple[str, ...] = ()
    unreadable: bool = False
    width: int = 0
    height: int = 0
    bytes_each_pixel: float | None = None
    sharpness: float | None = None
    stamp: bool = False
    taken_on: date | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.page_texts)


@dataclass(frozen=True)
class Ask:
    """What the requirement wants of each piece."""

    kind: MaterialKind
    window: Window


BLURRED: Final = 40.0  # see rules/picture_quality.sharpness
SMALLEST: Final = (1024, 768)
MOST_PAGES: Final = {MaterialKind.STATEMENT: 10, MaterialKind.NORMATIVE: 60, MaterialKind.TABLE: 30}
PACKED: Final = 0.03  # bytes for each pixel of a picture that was squeezed until it shows
FEWEST_SIGNS: Final = 20
FITTING: Final = {
    MaterialKind.NORMATIVE: {Form.PDF, Form.WORD, Form.PICTURE},
    MaterialKind.STATEMENT: {Form.PDF, Form.WORD},
    MaterialKind.PICTURE: {Form.PICTURE, Form.PDF},
    MaterialKind.TABLE: {Form.SHEET, Form.PDF, Form.WORD},
}
_FORMS: Final = {Form.PICTURE: "照片", Form.PDF: "PDF", Form.WORD: "Word 文档", Form.SHEET: "表格"}
_SUMMARY: Final = re.compile(r"(工作|情况|年度|半年|季度)总结|工作汇报|述职报告|总结报告")
_PLANS: Final = re.compile(r"下一步(工作)?(打算|计划|安排)|存在(的)?(问题|不足)|回顾(过去|今年|一年)|努力方向")
_DATA: Final = re.compile(r"\d")
_WATERMARK: Final = re.compile(
    r"水印|样稿|试用版|未注册|内部资料|仅供(参考|学习|内部)|扫描全能王|CamScanner|Evaluation|百度文库|道客巴巴|豆丁",
    re.IGNORECASE,
)


def check_file(facts: FileFacts, ask: Ask, said_on: date) -> tuple[Finding, ...]:
    """Everything that can be seen of a file that was handed in for this; `said_on` is the date that the unit named.

    Nothing is dropped: each finding stays with the file until a person has decided.
    """
    found = chain(
        _said(said_on, ask.window), _fit(facts, ask), _empty(facts), _dated(facts, ask, said_on), _picture(facts),
        _pages(facts, ask), _marks(facts), _summary(facts, ask),
    )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.grade is not Grade.OBJECTION, one.code)))


def _objection(code: str, text: str) -> Finding:
    return Finding(code, Grade.OBJECTION, text)


def _hint(code: str, text: str) -> Finding:
    return Finding(code, Grade.HINT, text)


def _said(said_on: date, window: Window) -> Iterable[Finding]:
    if not window.holds(said_on):
        yield _objection("said_date", f"填的形成日期 {said_on.isoformat()} 不在有效期 {window.words} 之内。")


def _fit(facts: FileFacts, ask: Ask) -> Iterable[Finding]:
    if facts.form not in FITTING[ask.kind]:
        fitting = "、".join(_FORMS[form] for form in Form if form in FITTING[ask.kind])
        yield _objection("form", f"要的是{ask.kind.label}，交的是{_FORMS[facts.form]}。请交{fitting}。")


def _empty(facts: FileFacts) -> Iterable[Finding]:
    if facts.form is Form.PICTURE:
        return
    signs = len(re.sub(r"\s", "", facts.text))
    if facts.unreadable:
        yield _hint("unreadable", "系统读不了这个文件，没法自动核对，请审核人打开看。")
    elif facts.pages == 0 and signs == 0:
        yield _objection("empty", "文件里没有内容。")
    elif signs < FEWEST_SIGNS and facts.form is Form.PDF:
        yield _objection(
            "scanned", "PDF 读不出文字，是扫描件或空白页。请交能选中文字的 PDF；只有扫描件的，请附原文档。"
        )
    elif signs < FEWEST_SIGNS:
        yield _objection("empty", f"文件里只有 {signs} 个字。")


def _dated(facts: FileFacts, ask: Ask, said_on: date) -> Iterable[Finding]:
    if facts.form is Form.PICTURE:
        if facts.taken_on is None:
            yield _hint("no_taken", "照片里没有拍摄时间，只能按填的日期算。")
        elif not ask.window.holds(facts.taken_on):
            yield _objection(
                "taken", f"照片自带的拍摄日期 {facts.taken_on.isoformat()} 不在有效期 {ask.window.words} 之内。"
            )
        elif abs((facts.taken_on - said_on).days) > 3:
            yield _hint("taken_other", f"照片自带的拍摄日期是 {facts.taken_on.isoformat()}，和填的不一样。")
        return
    days = dates_in(facts.text)
    inside = [day for day in days if ask.window.holds(day)]
    if days and not inside:
        named = "、".join(day.isoformat() for day in sorted(set(days))[-3:])
        yield _objection("dates", f"文件里写的日期（{named}）都不在有效期 {ask.window.words} 之内。")
    elif days and said_on not in days:
        yield _hint(
            "dates_other", f"文件里没有找到填的日期 {said_on.isoformat()}，找到的最晚一个是 {max(days).isoformat()}。"
        )
    elif not days and facts.text.strip():
        yield _hint("no_dates", "文件里没有找到日期，请写明形成时间。")


def _picture(facts: FileFacts) -> Iterable[Finding]:
    if facts.form is not Form.PICTURE:
        return
    long, short = max(facts.width, facts.height), min(facts.width, facts.height)
    if long < SMALLEST[0] or short < SMALLEST[1]:
        yield _objection(
            "small", f"图片只有 {facts.width}×{facts.height}，至少要 {SMALLEST[0]}×{SMALLEST[1]}。请交原图。"
        )
    if facts.sharpness is not None and facts.sharpness < BLURRED:
        yield _objection(
            "blurred", f"图片可能不清楚（清晰度 {facts.sharpness:.0f}，一般在 {BLURRED:.0f} 以上）。请换一张。"
        )
    if facts.bytes_each_pixel is not None and facts.bytes_each_pixel < PACKED:
        yield _hint("packed", "图片压缩得很厉害，可能已经失真。有原图的请交原图。")
    if facts.stamp:
        yield _hint("stamp", "图片边角像是有水印或打上去的字，请换成没有水印的原图。")


def _pages(facts: FileFacts, ask: Ask) -> Iterable[Finding]:
    most = MOST_PAGES.get(ask.kind)
    if most is not None and facts.pages > most:
        yield _hint("long", f"共 {facts.pages} 页，{ask.kind.label}一般不超过 {most} 页。")
    blank = [place for place, text in enumerate(facts.page_texts, start=1) if not text.strip()]
    if facts.form is Form.PDF and facts.text.strip() and blank:
        yield _hint("blank_pages", f"第 {'、'.join(map(str, blank[:5]))} 页读不出文字。")


def _marks(facts: FileFacts) -> Iterable[Finding]:
    words = sorted({found[0] for found in _WATERMARK.finditer(facts.text)})
    if words:
        yield _hint("watermark", f"文件里有像水印的字：{'、'.join(words[:3])}。")


def _summary(facts: FileFacts, ask: Ask) -> Iterable[Finding]:
    """Words of a yearly summary in the head or throughout, or a statement without one figure."""
    if ask.kind is not MaterialKind.STATEMENT or len(facts.text.strip()) < FEWEST_SIGNS:
        return
    head = _SUMMARY.search(facts.text.strip()[:120])
    rest = sorted({found[0] for found in _PLANS.finditer(facts.text)})
    if head:
        yield _objection("summary", f"标题里写着“{head[0]}”。这里要的是说明：对着测评标准写做法、成效和数据。")
    elif len(rest) > 1:
        yield _hint("summary_words", f"写法像总结（{'、'.join(rest[:3])}）。说明只写做法、成效和数据。")
    if not _DATA.search(re.sub(r"\d{4}\s*年|\d+\s*[年月日]", "", facts.text)):
        yield _hint("no_data", "说明里没有一个数字，请写上成效的数据。")


# --- what several say together ---


def missing_words(kind: MaterialKind, count: int, there: int) -> str:
    """What is still to be handed in, as a sentence; empty when nothing is."""
    return (
        ""
        if there >= count
        else f"还缺{kind.label} {count - there} 份"
        if there
        else f"{kind.label} {count} 份都还没有交"
    )


def occasion_objections(planned: date, window: Window, today: date) -> list[str]:
    """What is wrong with the day on which something is to happen so that there will be evidence of it."""
    if not window.holds(planned):
        return [f"计划的日期 {planned.isoformat()} 不在有效期 {window.words} 之内，办了也不能当材料。"]
    return [f"计划的日期 {planned.isoformat()} 已经过去。已经办过的，直接交材料。"] if planned < today else []


def tally(pieces: Sequence[str], count: int) -> tuple[int, int, int, int]:
    """Of `count` asked pieces how many are accepted, in review, returned, missing; states in excess count nowhere."""
    left, found = count, []
    for state in ("accepted", "in_review", "returned"):
        here = min(left, sum(piece == state for piece in pieces))
        found.append(here)
        left -= here
    return found[0], found[1], found[2], left
