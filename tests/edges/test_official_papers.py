"""Official papers measured: the PDF, and the .docx as LibreOffice lays it out, against GB/T 9704-2012 within a millimetre."""

import io
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from chuangwen.bulletins.official.faces import NO_FACE, chosen
from chuangwen.bulletins.official.pdf import paper_pdf
from chuangwen.bulletins.official.word import paper_docx
from chuangwen.rules.official_paper import (
    CHARACTERS,
    LINES,
    PT_PER_MM,
    Attachment,
    Figures,
    Heading,
    Level,
    OfficialPaper,
    Paragraph,
    Table,
    objections,
)
from chuangwen.rules.refusals import Refused

DAY = date(2020, 7, 1)
WORDS = "为掌握创建工作推进情况，区文明办组织巡查员对背街小巷、居民小区、农贸市场开展实地巡查，现将有关情况通报如下。"
ROWS = tuple(("学田苑", "学田苑物业", "路面有积水坑洼，影响通行") for _ in range(30))

FULL = OfficialPaper(
    mark="崇川区文明办文件", title="关于2020年6月文明城市创建实地考察情况和各街道排名的通报", number="崇创通〔2020〕12号",
    copies="000001", secrecy="机密★1年", urgency="特急", addressees=("各街道", "各有关部门"),
    blocks=(
        Paragraph(WORDS), Heading(Level.ONE, "一、总体情况"), Heading(Level.TWO, "（一）巡查范围。", WORDS),
        Heading(Level.THREE, "1.背街小巷。", WORDS), Heading(Level.FOUR, "（1）路面。", WORDS),
        Table("各街道情况", ("街道", "发现", "整改率"), (("学田街道", "12", "97.31%"),), ("合计", "12", "97.31%")),
        Heading(Level.ONE, "二、下一步"), Figures((("整改期限", "2020年6月28日18时"),)), Paragraph(WORDS * 6),
    ),
    attachments=(Attachment("问题清单", (Table("清单", ("点位", "责任单位", "问题"), ROWS),)), Attachment("分工表", (Paragraph(WORDS),))),
    signer="崇川区文明办", day=DAY, note="留痕根值，前 8 条：abcdef01", copy_to=("市文明办", "区委办公室", "区人大常委会办公室"),
    printer="崇川区文明办", printed_on=DAY,
)  # fmt: skip
GRID = OfficialPaper(
    mark="崇川区文明办文件", title="版面", number="崇创通〔2020〕1号", blocks=(Paragraph("文" * CHARACTERS * LINES * 3),),
    signer="崇川区文明办", day=DAY,
)  # fmt: skip
UP = OfficialPaper(
    mark="崇川区文明办文件", title="关于整改情况的报告", number="崇创报〔2020〕3号", approver="陆主任", addressees=("市文明办",),
    blocks=(Paragraph(WORDS),), signer="崇川区文明办", day=DAY,
)  # fmt: skip
PAPERS = {"full": FULL, "grid": GRID, "up": UP}


@dataclass(frozen=True)
class Line:
    """Characters on one height, in millimetres from the left and upper edges of the page."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float


def lines_of(page: Any) -> list[Line]:
    """Every line of a page from the top: characters on one baseline."""
    rows: dict[int, list[Any]] = defaultdict(list)
    for char in page.chars:
        if char["text"].strip():
            rows[round((float(page.height) - char["matrix"][5]) / 3)].append(char)
    return [_line(rows[key]) for key in sorted(rows)]


def _line(chars: list[Any]) -> Line:
    """Heights are those of the Chinese characters where there are any: faces of digits are cut differently."""
    chars = sorted(chars, key=lambda char: char["x0"])
    high = [char for char in chars if ord(char["text"]) > 0x2E7F] or chars
    edges = (
        min(char["x0"] for char in chars), max(char["x1"] for char in chars), min(char["top"] for char in high),
        max(char["bottom"] for char in high),
    )  # fmt: skip
    left, right, top, bottom = (edge / PT_PER_MM for edge in edges)
    return Line("".join(char["text"] for char in chars), left, right, top, bottom, chars[0]["size"])


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    """Every paper as PDF."""
    return {name: paper_pdf(paper) for name, paper in PAPERS.items()}


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every .docx as LibreOffice prints it, in one call."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("没有 LibreOffice（libreoffice-writer-nogui），不能检验 Word 文档的版面")
    folder = tmp_path_factory.mktemp("office")
    for name, paper in PAPERS.items():
        (folder / f"{name}.docx").write_bytes(paper_docx(paper))
    order = [
        office, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf", "--outdir",
        str(folder), *sorted(map(str, folder.glob("*.docx"))),
    ]  # fmt: skip
    done = subprocess.run(order, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return {name: (folder / f"{name}.pdf").read_bytes() for name in PAPERS}


@pytest.fixture(params=["drawn", "converted"])
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """The same papers as our own PDF and as LibreOffice prints the .docx."""
    found: dict[str, bytes] = request.getfixturevalue(request.param)
    return found


def pages(content: bytes) -> Iterator[tuple[int, list[Line]]]:
    """Page number from 1 with its lines."""
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            assert [round(float(side) / PT_PER_MM) for side in (page.width, page.height)] == [210, 297]
            yield number, lines_of(page)


def near(value: float, wanted: float) -> bool:
    """Within a millimetre."""
    return abs(value - wanted) <= 1.0


def test_a_page_holds_22_lines_of_28_characters_in_the_type_area(files: dict[str, bytes]) -> None:
    full = [lines for number, lines in pages(files["grid"]) if number in {2, 3}]
    for lines in full:
        body = [line for line in lines if line.text.startswith("文")]
        assert len(body) == LINES
        assert {len(line.text) for line in body[1:]} == {CHARACTERS}
        assert near(min(line.left for line in body), 28)
        assert near(210 - max(line.right for line in body), 26)
        # Letters stand in the middle of lines of 10.2 mm: 2.3 mm below the upper edge and above the lower one.
        assert abs(body[0].top - (37 + 2.3)) <= 1
        assert abs(297 - body[-1].bottom - (35 + 2.3)) <= 1
        assert {round(after.top - line.top, 1) for line, after in pairwise(body)} == {10.2}
        assert round(body[0].size) == 16


def test_nothing_stands_outside_the_type_area_but_the_page_number(files: dict[str, bytes]) -> None:
    for content in files.values():
        for _, lines in pages(content):
            *inside, foot = lines
            assert foot.text.startswith("—")
            outside = [line for line in inside if line.left < 27 or line.top < 36.5 or line.bottom > 262.5]
            # A closing mark at the end of a line: ours is squeezed; LibreOffice 7.4 lets it hang out, whatever the file says.
            outside += [line for line in inside if line.right > 185 + (5 if line.text[-1] in "，。、；：）" else 0)]
            assert outside == []


def test_page_numbers_stand_outside_and_count_through(files: dict[str, bytes]) -> None:
    for content in files.values():
        for number, lines in pages(content):
            foot = lines[-1]
            assert foot.text.replace(" ", "") == f"—{number}—"
            one = 14 / PT_PER_MM
            assert near(210 - foot.right, 26 + one) if number % 2 else near(foot.left, 28 + one)
            assert abs((foot.top + foot.bottom) / 2 - (297 - 35 + 7)) <= 1.2
            assert round(foot.size) == 14


def test_the_head_stands_where_the_norm_puts_it(files: dict[str, bytes]) -> None:
    with pdfplumber.open(io.BytesIO(files["full"])) as pdf:
        page = pdf.pages[0]
        lines = {line.text: line for line in lines_of(page)}
        red = [edge for edge in [*page.lines, *page.rects] if edge["x1"] - edge["x0"] > 150 * PT_PER_MM]
    mark, number = lines[FULL.mark], lines[FULL.number]
    assert [line.text for line in lines.values()][:3] == ["000001", "机密★1年", "特急"]
    assert near(mark.top, 37 + 35)
    assert near((mark.left + mark.right) / 2, 28 + 78)
    assert near((number.left + number.right) / 2, 28 + 78)
    ruled = min(edge["top"] for edge in red) / PT_PER_MM
    assert near(ruled - number.bottom, 4)
    assert {round(edge["x0"] / PT_PER_MM) for edge in red} == {28}
    assert {round(edge["x1"] / PT_PER_MM) for edge in red} == {184}
    assert round(lines["关于2020年6月文明城市创建实"].size) == 22
    assert lines["各街道，各有关部门："].left == pytest.approx(28, abs=1)


def test_body_and_signature_are_indented_by_characters(files: dict[str, bytes]) -> None:
    said = {line.text: line for _, lines in pages(files["full"]) for line in lines}
    one = 156 / CHARACTERS
    heading = said["一、总体情况"]
    assert near(heading.left, 28 + 2 * one)
    signer, day = said["崇川区文明办"], said["2020年7月1日"]
    assert near(184 - day.right, 4 * one)
    # LibreOffice 7.4 sets five gaps around the digits of the date, whatever the file says; Word does not.
    assert abs((signer.left + signer.right) / 2 - (day.left + day.right) / 2) <= 3
    assert signer.top < day.top


def test_attachments_begin_on_pages_of_their_own_and_the_end_block_closes_the_last(files: dict[str, bytes]) -> None:
    found = list(pages(files["full"]))
    firsts = [(number, lines[0].text) for number, lines in found if lines[0].text.startswith("附件")]
    assert [text for _, text in firsts] == ["附件1", "附件2"]
    names = [line.text.replace(" ", "") for _, lines in found for line in lines]
    assert "附件：1.问题清单" in names
    assert "2.分工表" in names
    copies, last, _foot = found[-1][1][-3:]
    assert copies.text.startswith("抄送：市文明办")
    assert last.text == "崇川区文明办2020年7月1日印发"
    assert round(last.size) == 14
    assert 297 - 35 - 5 <= last.bottom <= 297 - 35
    heads = [line.text for _, lines in found for line in lines if line.text == "点位责任单位问题"]
    assert len(heads) >= 2  # the head of a table comes again on every page


def test_papers_that_go_up_name_who_approved_them(files: dict[str, bytes]) -> None:
    (_, lines), *_ = pages(files["up"])
    line = next(line for line in lines if "签发人" in line.text)
    assert line.text == "崇创报〔2020〕3号签发人：陆主任"
    one = 156 / CHARACTERS
    assert near(line.left, 28 + one)
    assert near(184 - line.right, one)


def test_the_pdf_brings_its_faces_and_is_the_same_every_time(drawn: dict[str, bytes]) -> None:
    with pdfplumber.open(io.BytesIO(drawn["full"])) as pdf:
        fonts = {char["fontname"] for page in pdf.pages for char in page.chars}
        about = pdf.metadata
    assert {name[6:7] for name in fonts} == {"+"}  # six letters and a plus: a subset that lies in the file
    assert (about["Title"], about["Author"]) == (FULL.title, "崇川区文明办")
    assert paper_pdf(FULL) == drawn["full"]
    assert paper_docx(FULL) == paper_docx(FULL)


def test_the_papers_measured_here_have_nothing_to_object_to() -> None:
    assert [objections(paper) for paper in PAPERS.values()] == [[], [], []]


def test_the_offices_own_faces_come_first_and_free_ones_stand_in() -> None:
    bought = chosen(["FangSong", "Noto Serif CJK SC", "FZXiaoBiaoSong-B05S", "SimHei"])
    assert (bought["fang"].chinese, bought["title"].chinese, bought["title"].weight) == (
        "FangSong", "FZXiaoBiaoSong-B05S", "regular",
    )  # fmt: skip
    free = chosen(["Noto Sans CJK SC", "Noto Serif CJK SC", "Liberation Serif"])
    assert {role: face.chinese for role, face in free.items()} == {
        "title": "Noto Serif CJK SC", "fang": "Noto Serif CJK SC", "hei": "Noto Sans CJK SC",
        "kai": "Noto Serif CJK SC", "song": "Noto Serif CJK SC",
    }  # fmt: skip
    assert free["title"].weight == "bold"


def test_a_machine_without_chinese_faces_says_what_to_install(tmp_path: Path, settings: Any) -> None:
    with pytest.raises(Refused) as refusal:
        chosen(["Liberation Serif", "DejaVu Sans"])
    assert refusal.value.objections == (NO_FACE,)
    assert "fonts-noto-cjk" in NO_FACE
    settings.FONT_FOLDER = str(tmp_path / "missing")
    with pytest.raises(Refused, match="不存在"):
        paper_pdf(UP)
