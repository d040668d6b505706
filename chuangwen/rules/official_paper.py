"""An official paper as it is read, not as it is drawn: the elements of GB/T 9704-2012 and what is wrong with them.

Source of the elements and their order: GB/T 9704-2012《党政机关公文格式》, clauses 5 (paper and type area) and 7 (elements);
the clause stands beside each figure. Whoever draws a paper (docx, PDF) takes the measures below and nothing else.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias

# --- the sheet (5.1, 5.2): A4, millimetres ---
PAGE_MM: Final = (210, 297)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
TYPE_AREA_MM: Final = (156, 225)
LINES, CHARACTERS = 22, 28  # 5.2.3: lines on a page, characters of size 3 in a line
# --- sizes in points (字号) ---
SIZE_2, SIZE_3, SIZE_4, SIZE_TABLE = 22.0, 16.0, 14.0, 12.0
MARK_MOST_PT: Final = 36.0  # 7.2.4 leaves the size of the mark to the office: in proportion, below that of its superior
MARK_TOP_MM: Final = 35.0  # 7.2.4: upper edge of the mark below that of the type area
RULE_BELOW_NUMBER_MM: Final = 4.0  # 7.2.7
PAGE_NUMBER_MM: Final = 7.0  # 7.5: the dash below the type area
PT_PER_MM: Final = 72 / 25.4
LINE_PT: Final = 28.95  # 22 of them are 636.9 points; the type area has 637.8
# 28 characters of 16 points are wider than 156 mm (442.2 points), so they stand a quarter closer: 441 points.
TRACKING_PT: Final = -0.25

MOST_TITLE, MOST_NUMBER, MOST_MARK = 100, 28, 26
MOST_COLUMNS: Final = 10
UNNUMBERED: Final = "（草稿，未编号）"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile(r"^[^\s〔〕\[\]（）()]{1,16}〔\d{4}〕(?:第[1-9]\d*期|[1-9]\d*号)$")
_SECRECY = re.compile(r"^(?:秘密|机密|绝密)(?:★(?:\d{1,2}年|\d{1,2}个月|长期))?$")
_NUMERALS = "〇一二三四五六七八九"


class Urgency(StrEnum):
    """How fast a paper must go (7.2.3)."""

    EXTRA = "特急"
    URGENT = "加急"


class Level(IntEnum):
    """The four levels of headings (7.3.3): 一、黑体；（一）楷体；1. and（1）仿宋."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4


@dataclass(frozen=True)
class Heading:
    """A heading with its number written out, see `numbered`. `text` runs on in the same paragraph, empty for a line of its own."""

    level: Level
    heading: str
    text: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Words of the body: two characters in, every further line from the edge."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows as wide as `columns`; `total` is the bottom line, empty where there is none."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """Names and values one below the other, such as a deadline and a person in charge."""

    items: tuple[tuple[str, str], ...]


Block: TypeAlias = Heading | Paragraph | Table | Figures


@dataclass(frozen=True)
class Attachment:
    """附件 (7.3.4, 7.3.7): named below the body, on pages of its own before the end block."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class OfficialPaper:
    """A paper with every element that it has; empty means that it has none.

    `mark` 发文机关标志 in red; `number` 发文字号, empty for a draft (`draft`) and for what carries none; `signer` 发文机关署名, `day` 成文日期;
    `approver` 签发人, only on papers that go up; `note` 附注 in brackets below the date (the root of the journal);
    `copies` 份号 of six digits; `secrecy` such as 机密★1年; `printer` and `printed_on` 印发机关和印发日期.
    """

    mark: str
    title: str
    blocks: tuple[Block, ...]
    signer: str
    day: date
    number: str = ""
    copies: str = ""
    secrecy: str = ""
    urgency: str = ""
    approver: str = ""
    addressees: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    note: str = ""
    copy_to: tuple[str, ...] = ()
    printer: str = ""
    printed_on: date | None = None
    draft: bool = False

    @property
    def shown_number(self) -> str:
        """What stands in the place of the number: a draft says that it has none yet."""
        return self.number or (UNNUMBERED if self.draft else "")

    @property
    def has_end_block(self) -> bool:
        """Whether there is a 版记 (7.4) at the foot of the last page."""
        return bool(self.copy_to or self.printer)


def chinese_number(number: int) -> str:
    """1 to 99 as headings count: 一, 十, 十一, 二十, 二十一."""
    if not 1 <= number <= 99:
        raise ValueError("headings count from 1 to 99")
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones else "")


def numbered(level: Level, number: int) -> str:
    """What a heading begins with (7.3.3): 一、 / （一） / 1. / （1）."""
    if level is Level.ONE:
        return f"{chinese_number(number)}、"
    if level is Level.TWO:
        return f"（{chinese_number(number)}）"
    return f"{number}." if level is Level.THREE else f"（{number}）"


def day_text(day: date) -> str:
    """A date as papers write it (7.3.5.4): 2020年6月24日, nothing padded."""
    return f"{day.year}年{day.month}月{day.day}日"


def signature_indents(signer: str, day: date) -> tuple[float, float]:
    """How many characters signer and date stand in from the right: the date four, the signer centred above it (7.3.5.1)."""
    date_width = width_of(day_text(day))
    indent = 4 + (date_width - width_of(signer)) / 2
    return (indent, 4.0) if indent >= 0 else (0.0, 4.0 - indent)


def width_of(text: str) -> float:
    """How many Chinese characters wide a text is; Latin letters and digits count half."""
    return sum(1.0 if ord(letter) > 0x2E7F or letter in "“”‘’—…·" else 0.5 for letter in text)


# --- what is wrong with a paper ---


def objections(paper: OfficialPaper) -> list[str]:
    """Everything that keeps this paper from being printed as an official one, a sentence each; none when it may."""
    found = [*_head(paper), *_body(paper.blocks, "正文"), *_end(paper)]
    for at, attachment in enumerate(paper.attachments, start=1):
        name = f"附件{at}"
        if not attachment.title.strip():
            found.append(f"{name}没有名称，请写上。")
        elif attachment.title.strip()[-1] in "。；，、":
            found.append(f"{name}名称后面不加标点，请去掉“{attachment.title.strip()[-1]}”。")  # 7.3.4
        found += _body(attachment.blocks, name)
    return found


def _head(paper: OfficialPaper) -> Iterator[str]:
    if not paper.mark.strip():
        yield "没有发文机关标志（红头），请写上发文机关名称。"
    elif width_of(paper.mark) > MOST_MARK:
        yield f"发文机关标志最多 {MOST_MARK} 字，现在 {width_of(paper.mark):g} 字，一行排不下。"
    if not paper.title.strip():
        yield "没有标题，请写上。"
    elif len(paper.title) > MOST_TITLE:
        yield f"标题最多 {MOST_TITLE} 字，现在 {len(paper.title)} 字。"
    yield from _number(paper.number)
    if paper.copies and not re.fullmatch(r"\d{6}", paper.copies):
        yield f"份号“{paper.copies}”应是 6 位数字。"
    if paper.secrecy and not _SECRECY.match(paper.secrecy):
        yield f"密级“{paper.secrecy}”应写成“秘密”“机密★1年”这样的形式。"
    if paper.urgency and paper.urgency not in set(Urgency):
        yield f"紧急程度“{paper.urgency}”不认识，应是“特急”或“加急”。"
    if any(not unit.strip() for unit in paper.addressees):
        yield "主送机关里有空的名称，请补上或删去。"
    yield from _controls(
        (paper.mark, paper.title, paper.signer, paper.note, *paper.addressees, *paper.copy_to), "版头版记"
    )


def _number(number: str) -> Iterator[str]:
    if len(number) > MOST_NUMBER:
        yield f"发文字号最多 {MOST_NUMBER} 字，“{number[:12]}……”有 {len(number)} 字。"
    elif number and not _NUMBER.match(number):
        yield f"发文字号“{number}”应写成“崇创整〔2020〕3号”或“创文通报〔2020〕第12期”：年份用六角括号，序号不补零。"


def _end(paper: OfficialPaper) -> Iterator[str]:
    if not paper.signer.strip():
        yield "没有发文机关署名，请写上。"
    if any(not unit.strip() for unit in paper.copy_to):
        yield "抄送机关里有空的名称，请补上或删去。"
    if paper.copy_to and not paper.printer:
        yield "有抄送机关时须写印发机关。"
    if (paper.printed_on is None) != (not paper.printer):
        yield "印发机关和印发日期要么都写，要么都不写。"
    elif paper.printed_on is not None and paper.printed_on < paper.day:
        yield f"印发日期 {day_text(paper.printed_on)} 早于成文日期 {day_text(paper.day)}。"


def _body(blocks: Sequence[Block], where: str) -> Iterator[str]:
    if not blocks:
        yield f"{where}是空的，请写内容。"
    yield from _headings(blocks, where)
    for block in blocks:
        yield from _block(block, where)


def _block(block: Block, where: str) -> Iterator[str]:
    match block:
        case Heading(heading=text, text=rest):
            yield from _controls((text, rest), where)
        case Paragraph(text=text):
            if not text.strip():
                yield f"{where}里有空的段落，请补上或删去。"
            yield from _controls((text,), where)
        case Table():
            yield from _table(block, where)
        case Figures(items=items):
            if not items:
                yield f"{where}里有空的清单，请补上或删去。"
            yield from _controls([word for item in items for word in item], where)


def _table(table: Table, where: str) -> Iterator[str]:
    name = f"{where}的表“{table.caption}”"
    if not table.columns or not table.rows:
        yield f"{name}没有内容，请补上或删去。"
    if len(table.columns) > MOST_COLUMNS:
        yield f"{name}有 {len(table.columns)} 列，纵向页面最多 {MOST_COLUMNS} 列。"
    lines = [*table.rows, *([table.total] if table.total else [])]
    if any(len(line) != len(table.columns) for line in lines):
        yield f"{name}有的行与表头的列数不同。"
    yield from _controls([table.caption, *table.columns, *(cell for line in lines for cell in line)], where)


def _controls(texts: Sequence[str], where: str) -> Iterator[str]:
    if any(_CONTROL.search(text) for text in texts):
        yield f"{where}里有无法打印的控制字符，请删去。"


def _headings(blocks: Sequence[Block], where: str) -> Iterator[str]:
    """Headings count on from 1 at each level, and a level begins anew below every higher heading."""
    counts = dict.fromkeys(Level, 0)
    for block in blocks:
        if not isinstance(block, Heading):
            continue
        counts[block.level] += 1
        for lower in Level:
            if lower > block.level:
                counts[lower] = 0
        wanted = numbered(block.level, counts[block.level])
        if not block.heading.startswith(wanted):
            yield f"{where}的标题“{block.heading}”应以“{wanted}”开头。"
        elif block.heading == wanted:
            yield f"{where}的标题“{wanted}”后面没有文字。"


# --- the lines of a title ---

TITLE_CHARACTERS: Final = 20  # of size 2 in a line of 156 mm
_NEVER_FIRST = "，。、；：？！）》〉”’〕】％%"
_NEVER_LAST = "（《〈“‘〔【"
_TOGETHER = re.compile(r"[0-9A-Za-z.]+[年月日号期季度]*|《[^》]{1,18}》|（[^）]{1,18}）|〔[^〕]*〕")


def title_lines(title: str) -> tuple[str, ...]:
    """A title in as few lines as it needs, of nearly equal length, cut neither in a number nor in brackets (7.3.1)."""
    title = title.strip()
    if width_of(title) <= TITLE_CHARACTERS:
        return (title,)
    count = -int(-width_of(title) // TITLE_CHARACTERS)
    best = _cut(title, count) or _cut(title, count + 1)
    return tuple(best or [title[at : at + TITLE_CHARACTERS] for at in range(0, len(title), TITLE_CHARACTERS)])


def _cut(title: str, count: int) -> list[str] | None:
    """The cheapest way to cut a title into so many lines; None where some line would be too long."""
    allowed = [0, *_cuts(title), len(title)]
    ideal = width_of(title) / count
    best: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}
    for _ in range(count):
        reached: dict[int, tuple[float, list[str]]] = {}
        for start, (cost, lines) in best.items():
            for end in (cut for cut in allowed if cut > start):
                line = title[start:end]
                if width_of(line) > TITLE_CHARACTERS:
                    break
                price = cost + (width_of(line) - ideal) ** 2 + _price(title, end)
                if end not in reached or price < reached[end][0]:
                    reached[end] = (price, [*lines, line])
        best = reached
    return best[len(title)][1] if len(title) in best else None


def _cuts(title: str) -> list[int]:
    inside = {at for found in _TOGETHER.finditer(title) for at in range(found.start() + 1, found.end())}
    return [
        at for at in range(1, len(title))
        if at not in inside and title[at] not in _NEVER_FIRST and title[at - 1] not in _NEVER_LAST
    ]  # fmt: skip


def _price(title: str, at: int) -> float:
    """Cuts before a bracket and after 的 or 关于 keep words whole; others cost as much as a rather uneven line."""
    if at == len(title) or title[at] in "（《" or title[at - 1] in "的、，）》" or title[:at].endswith("关于"):
        return 0.0
    return 30.0


# --- what stays the same ---


def digest(paper: OfficialPaper) -> str:
    """SHA-256 over every word and figure of a paper, in hex: equal for papers that read alike, whatever draws them."""
    packed = json.dumps(asdict(paper), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(packed.encode()).hexdigest()
