"""Official papers: every objection is named, headings count, titles break well, dates and signers stand where they should."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.official_paper import (
    TITLE_CHARACTERS,
    Attachment,
    Figures,
    Heading,
    Level,
    OfficialPaper,
    Paragraph,
    Table,
    chinese_number,
    digest,
    numbered,
    objections,
    signature_indents,
    title_lines,
    width_of,
)

DAY = date(2020, 7, 1)
GOOD = OfficialPaper(
    mark="崇川区文明办文件", title="关于整改情况的通报", number="崇创通〔2020〕12号", blocks=(Paragraph("正文。"),),
    signer="崇川区文明办", day=DAY, addressees=("各街道",), copy_to=("市文明办",), printer="崇川区文明办", printed_on=DAY,
)  # fmt: skip


def test_a_whole_paper_has_nothing_to_object_to() -> None:
    assert objections(GOOD) == []
    assert (
        objections(replace(GOOD, number="创文通报〔2020〕第12期", secrecy="机密★1年", urgency="加急", copies="000012"))
        == []
    )
    assert objections(replace(GOOD, number="", copy_to=(), printer="", printed_on=None)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mark": " "}, "没有发文机关标志"),
        ({"mark": "字" * 27}, "发文机关标志最多 26 字"),
        ({"title": ""}, "没有标题"),
        ({"title": "长" * 101}, "标题最多 100 字，现在 101 字"),
        ({"number": "崇" * 30}, "发文字号最多 28 字"),
        ({"number": "崇创通[2020]12号"}, "年份用六角括号"),
        ({"number": "崇创通〔2020〕012号"}, "序号不补零"),
        ({"copies": "12"}, "份号“12”应是 6 位数字"),
        ({"secrecy": "保密"}, "密级“保密”"),
        ({"urgency": "火速"}, "紧急程度“火速”不认识"),
        ({"addressees": ("各街道", "")}, "主送机关里有空的名称"),
        ({"copy_to": ("",)}, "抄送机关里有空的名称"),
        ({"printer": "", "printed_on": None}, "有抄送机关时须写印发机关"),
        ({"printed_on": None}, "要么都写，要么都不写"),
        ({"printed_on": date(2020, 6, 30)}, "印发日期 2020年6月30日 早于成文日期 2020年7月1日"),
        ({"signer": ""}, "没有发文机关署名"),
        ({"blocks": ()}, "正文是空的"),
        ({"blocks": (Paragraph(" "),)}, "正文里有空的段落"),
        ({"blocks": (Paragraph("响\x07铃"),)}, "控制字符"),
        ({"blocks": (Figures(()),)}, "空的清单"),
        ({"blocks": (Table("表", ("街道",), ()),)}, "正文的表“表”没有内容"),
        ({"blocks": (Table("表", ("街道", "件数"), (("学田",),)),)}, "与表头的列数不同"),
        ({"blocks": (Table("表", ("列",) * 11, (("一",) * 11,)),)}, "最多 10 列"),
        ({"blocks": (Heading(Level.ONE, "二、情况"),)}, "标题“二、情况”应以“一、”开头"),
        ({"blocks": (Heading(Level.ONE, "一、"),)}, "标题“一、”后面没有文字"),
        ({"attachments": (Attachment("", (Paragraph("文"),)),)}, "附件1没有名称"),
        ({"attachments": (Attachment("清单。", (Paragraph("文"),)),)}, "附件1名称后面不加标点"),
        ({"attachments": (Attachment("清单", ()),)}, "附件1是空的"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, object], said: str) -> None:
    found = objections(replace(GOOD, **changed))  # type: ignore[arg-type]  # fields by name
    assert len(found) == 1
    assert said in found[0]


def test_every_objection_is_named_at_once() -> None:
    assert len(objections(OfficialPaper(mark="", title="", blocks=(), signer="", day=DAY, number="?"))) == 5


def test_headings_count_on_and_begin_anew_below_a_higher_one() -> None:
    levels = [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1), (4, 2), (1, 2), (2, 1)]
    blocks = tuple(Heading(Level(level), f"{numbered(Level(level), at)}标题") for level, at in levels)
    assert [block.heading for block in blocks[:5]] == ["一、标题", "（一）标题", "（二）标题", "1.标题", "（1）标题"]
    assert objections(replace(GOOD, blocks=blocks)) == []
    assert objections(replace(GOOD, blocks=(*blocks, Heading(Level.TWO, "（三）标题")))) == [
        "正文的标题“（三）标题”应以“（二）”开头。"
    ]


@pytest.mark.parametrize(
    ("number", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")]
)
def test_headings_count_in_chinese(number: int, word: str) -> None:
    assert chinese_number(number) == word


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于整改情况的通报", ("关于整改情况的通报",)),
        ("崇川区文明城市创建日巡查简报（2020年6月24日）", ("崇川区文明城市创建日巡查简报", "（2020年6月24日）")),
    ],
)
def test_titles_break_where_words_end(title: str, lines: tuple[str, ...]) -> None:
    assert title_lines(title) == lines


@given(st.text(alphabet="创建文明城市（）《》，。的关于2020年6月", min_size=1, max_size=100))
def test_a_title_keeps_every_character_and_fits_its_lines(title: str) -> None:
    lines = title_lines(title)
    assert "".join(lines) == title.strip()
    assert all(width_of(line) <= TITLE_CHARACTERS for line in lines)


@given(st.integers(1, 26))
def test_the_signer_stands_centred_over_the_date(length: int) -> None:
    signer_indent, day_indent = signature_indents("关" * length, DAY)
    centres = (signer_indent + length / 2, day_indent + width_of("2020年7月1日") / 2)
    assert centres[0] == pytest.approx(centres[1])
    assert signer_indent >= 0
    assert day_indent >= 4


def test_the_hash_follows_every_word() -> None:
    assert digest(GOOD) == digest(replace(GOOD))
    others = [
        replace(GOOD, title="关于整改情况的通知"), replace(GOOD, day=date(2020, 7, 2)),
        replace(GOOD, blocks=(Paragraph("正文"),)), replace(GOOD, blocks=(Heading(Level.ONE, "正文。"),)),
    ]  # fmt: skip
    assert len({digest(paper) for paper in [GOOD, *others]}) == 5
