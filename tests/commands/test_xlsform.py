"""A checklist as XLSForm and back: nothing that an edition holds is lost, and what it cannot hold is named by row."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from chuangwen.rules.editions import CriterionRow
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xlsforms import Checklist, base_names
from chuangwen.standards.sample_edition import sample_edition
from chuangwen.standards.xlsform_fitting import alone, objections_in_file
from chuangwen.standards.xlsform_layout import form_id, slug
from chuangwen.standards.xlsform_reading import read_xlsform
from tests.commands.xlsform_files import (
    add,
    edited_market,
    form_file,
    layout_of,
    put,
    reading,
    row_named,
    sample_checklist,
    workbook,
)

KINDS = [kind.code for kind in sample_edition().point_types]


@pytest.mark.parametrize("kind", KINDS)
def test_every_checklist_of_the_sample_comes_back_whole(kind: str) -> None:
    before = sample_checklist(kind)
    found = reading(form_file(before), before)
    assert found.checklist == before
    assert found.unheld == ()


def test_the_file_alone_says_everything_of_a_checklist() -> None:
    found = reading(form_file(sample_checklist()), Checklist("MKT", ()))
    assert found.checklist == sample_checklist()


# --- whatever an edition can hold ---

TEXT = st.text(alphabet="市场秤的 aZ0，。<&>'\"=+-@#", max_size=20).map(lambda text: text.strip())
LABEL = TEXT.filter(bool)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True).filter(
    lambda name: name not in {"site", "rest_passes", "start", "end", "meta", "data", "name", "label", "sites"}
)


@st.composite
def checklists(draw: st.DrawFn) -> Checklist:
    """A sound checklist with everything that it can hold."""
    codes = draw(
        st.lists(
            st.from_regex(r"[A-Z]{1,3}-?[0-9]{1,3}|市场[0-9]{1,2}", fullmatch=True), min_size=1, max_size=4, unique=True
        )
    )
    names = draw(st.lists(NAMES, max_size=5, unique=True))
    bases = list(base_names(codes).values())
    conditions = st.sampled_from(["", f"${{{bases[0]}_verdict}} = 'fail'", "today() > date('2026-01-01')"])
    choices = tuple(
        ChoiceRow("K", "kinds", name, draw(LABEL), draw(TEXT), draw(st.sampled_from(["", "a.png"])))
        for name in draw(st.lists(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), min_size=1, max_size=3, unique=True))
    )
    criteria = tuple(
        CriterionRow(
            code=code, content_code="C-1", point_type="K", text=draw(LABEL),
            how=tuple(draw(st.lists(st.sampled_from(["look", "count", "ask"]), min_size=1, max_size=2, unique=True))),
            threshold=draw(TEXT), photo_on_fail=draw(st.booleans()), severity=draw(st.sampled_from("VABC")),
            method="field", weight=draw(st.decimals(0, 999, places=2)).normalize() + 0, carve_outs=draw(TEXT),
            case_standard=draw(st.sampled_from(["", "SJ-1"])), source=draw(TEXT), text_en=draw(TEXT),
            hint=draw(TEXT), hint_en=draw(TEXT), note_on_fail=draw(st.booleans()),
            relevant=draw(conditions) if place else "", media=draw(st.sampled_from(["", "a.png"])),
        )
        for place, code in enumerate(codes)
    )  # fmt: skip
    questions = tuple(
        draw(
            st.builds(
                QuestionRow, point_type=st.just("K"), name=st.just(name), type=st.just(kind), label=LABEL,
                criterion=st.sampled_from(["", *codes]), list_name=st.just("kinds" if kind.startswith("select") else ""),
                label_en=TEXT, hint=TEXT, hint_en=TEXT, required=st.booleans(), required_message=TEXT,
                required_message_en=TEXT, relevant=conditions, constraint=st.sampled_from(["", "string-length(.) < 9"]),
                constraint_message=TEXT, constraint_message_en=TEXT, default=st.just(""),
                appearance=st.sampled_from(["", "minimal"]), media=st.sampled_from(["", "a.png"]),
            )
        )
        for name in names for kind in [draw(st.sampled_from(["text", "integer", "date", "select_one", "select_multiple"]))]
    )  # fmt: skip
    order = {code: place for place, code in enumerate(codes, start=1)}
    return Checklist("K", criteria, tuple(sorted(questions, key=lambda row: order.get(row.criterion, 0))), choices)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=checklists())
def test_whatever_an_edition_holds_survives_the_form(before: Checklist) -> None:
    content = form_file(before)
    empty = reading(content, Checklist("K", ()))
    assert empty.unheld == ()
    # A hint of its own that says just what threshold and carve-outs say is no hint of its own.
    said = {f"{row.threshold}；不算问题：{row.carve_outs}".strip("；") for row in before.criteria}
    if not any(row.hint and any(row.hint in one for one in said) for row in before.criteria):
        assert empty.checklist == before
        assert reading(content, before).checklist == before
    if not objections_in_file(alone(empty), empty):
        assert slug(layout_of(empty.checklist).settings["form_id"]) == layout_of(empty.checklist).settings["form_id"]


# --- what an office does to it ---


def test_an_edited_checklist_is_taken_as_it_was_meant() -> None:
    before = sample_checklist()
    found = reading(form_file(before, edited_market), before)
    after = found.checklist
    assert objections_in_file(alone(found), found) == []
    assert found.unheld == ()
    first, second = after.criteria[:2]
    assert (first.text, first.text_en, first.note_on_fail) == (
        "市场入口亮证经营，证照在有效期内", "Licences are on display and valid", True,
    )  # fmt: skip
    assert (second.relevant, second.hint, second.hint_en) == (
        "${cooked} = 'yes' and ${stalls} > 0", "看熟食间", "Look at the cooked food counter",
    )  # fmt: skip
    assert [(row.name, row.type, row.criterion) for row in after.questions] == [
        ("cooked", "select_one", ""),
        ("sold", "select_multiple", ""),
        ("stalls", "integer", ""),
        ("scale_error", "decimal", "MKT-01"),
        ("licence_until", "date", "MKT-01"),
        ("reminder", "note", "MKT-02"),
        ("owner", "text", "MKT-02"),
        ("counter_place", "geopoint", "MKT-02"),
        ("counter", "image", "MKT-02"),
        ("licence_code", "barcode", "MKT-02"),
    ]
    stalls = after.questions[2]
    assert stalls == QuestionRow(
        "MKT", "stalls", "integer", "摊位多少个", label_en="How many stalls", required=True, appearance="numbers",
        constraint=". >= 0 and . <= 500", constraint_message="应在 0 到 500 之间。", required_message="请数一数。", default="10",
    )  # fmt: skip
    assert [(row.list_name, row.name, row.label, row.label_en) for row in after.choices][:2] == [
        ("yes_no", "yes", "有", "Yes"),
        ("yes_no", "no", "没有", "No"),
    ]
    again = reading(form_file(after), after)
    assert (again.checklist, again.unheld) == (after, ())


def test_a_criterion_is_removed_added_and_moved() -> None:
    before = sample_checklist()

    def change(book: Workbook) -> None:
        sheet = book["survey"]
        start = row_named(sheet, "c_MKT_02")
        sheet.delete_rows(start, 6)  # the whole group
        last = sheet.max_row - 1
        group = [[cell.value for cell in row] for row in sheet.iter_rows(last - 5, last)]
        for place, row in enumerate(group):
            sheet.insert_rows(last + 1 + place)
            for column, value in enumerate(row, start=1):
                new = value.replace(str(before.criteria[-1].code), "MKT-99") if isinstance(value, str) else value
                old = base_names([before.criteria[-1].code])[before.criteria[-1].code]
                sheet.cell(last + 1 + place, column).value = new.replace(old, "neu") if isinstance(new, str) else new
        put(book, "neu_verdict", label__zh="新的一条")

    found = reading(form_file(before, change), before)
    codes = [row.code for row in found.checklist.criteria]
    assert codes == [row.code for row in before.criteria if row.code != "MKT-02"] + ["MKT-99"]
    assert found.checklist.criteria[-1] == replace(before.criteria[-1], code="MKT-99", text="新的一条")
    assert found.unheld == ()


def test_references_follow_a_criterion_to_its_name() -> None:
    def change(book: Workbook) -> None:
        add(book, "c_MKT_01_place", type="text", name="why", label__zh="原因", relevant="${first_verdict} = 'fail'")
        sheet = book["survey"]
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace("c_MKT_01", "first")

    found = reading(form_file(sample_checklist(), change), sample_checklist())
    assert found.checklist.questions[0].relevant == "${c_MKT_01_verdict} = 'fail'"
    assert found.checklist.criteria == sample_checklist().criteria


def test_a_form_from_another_program_is_read_in_its_own_spelling() -> None:
    survey: list[list[object]] = [
        ["type", "name", "label", "label::English", "relevance", "constraining message", "constraint", "required", "$kuid",
         "编码", "测评内容", "查法", "等级", "权重"],
        ["begin group", "stall", "摊位", "Stall", "${open} = ‘yes’", None, None, None, "k1"],
        ["select one result", "clean", "摊面干净", "Clean", None, None, None, "true", "k2", "X-1", "ENV-1", "看", "B", 2],
        ["int", "n", "几处", "How many", "${clean} = 'fail'", "太多", ". < 99", "TRUE", "k3"],
        ["end group"],
        ["select1 yn", "open", "开门了吗", None, None, None, None, "yes", "k4"],
    ]  # fmt: skip
    choices = [
        ["list name", "value", "caption"],
        ["yn", "yes", "是"],
        ["yn", "no", "否"],
        ["result", "pass", "好"],
        ["result", "fail", "差"],
    ]
    found = reading(workbook(survey=survey, choices=choices), Checklist("X", ()))
    assert objections_in_file(alone(found), found) == []
    (row,) = found.checklist.criteria
    assert (row.code, row.text, row.text_en, row.relevant, row.weight) == (
        "X-1", "摊面干净", "Clean", "${open} = 'yes'", Decimal(2),
    )  # fmt: skip
    n, opened = (next(q for q in found.checklist.questions if q.name == name) for name in ("n", "open"))
    assert (n.type, n.criterion, n.relevant, n.constraint, n.constraint_message, n.required) == (
        "integer", "X-1", "${c_X_1_verdict} = 'fail'", ". < 99", "太多", True,
    )  # fmt: skip
    assert (opened.type, opened.criterion, opened.list_name) == ("select_one", "", "yn")
    said = " ".join(one.sentence for one in found.unheld)
    for words in (
        "「$kuid」：不认识这一列",
        "少了“clean_note”",
        "“open”不属于哪一条标准",
        "第 3 行「required」",
    ):
        assert words in said


def test_each_thing_that_cannot_be_held_is_named_with_row_and_column() -> None:
    def change(book: Workbook) -> None:
        put(book, "c_MKT_01_note", label__zh="随便写写")
        put(book, "c_MKT_01_photo", required="${x} = 1", label__en="Shot", parameters="max-pixels=200")
        put(book, "c_MKT_02_note", required_message__zh="自己的话")
        put(book, "c_MKT_02", label__zh="另起的标题")
        add(book, "site", type="end repeat")
        add(book, "site", type="text", name="inside", label__zh="里面")
        add(book, "site", type="begin repeat", name="many", label__zh="每个摊位")
        add(book, "site", type="calculate", name="total")
        add(book, "site", type="select_one yn or_other", name="other", label__zh="别的")
        add(book, "site", type="select_one_from_file x.csv", name="far", label__zh="外部表")
        add(book, "site", type="deviceid", name="device")
        add(book, "site", type="text", name="off", label__zh="停用")
        sheet = book["survey"]
        sheet.cell(1, sheet.max_column + 1).value = "calculation"
        sheet.cell(row_named(sheet, "total"), sheet.max_column).value = "1 + 1"
        sheet.cell(1, sheet.max_column + 1).value = "disabled"
        sheet.cell(row_named(sheet, "off"), sheet.max_column).value = "yes"
        sheet.cell(1, sheet.max_column + 1).value = "guidance_hint::English (en)"
        sheet.cell(row_named(sheet, "other"), sheet.max_column).value = "look"
        sheet.cell(1, sheet.max_column + 1).value = "label::Français (fr)"
        sheet.cell(row_named(sheet, "other"), sheet.max_column).value = "Autre"
        book["choices"].append(["yn", "y", "是"])
        book["settings"].cell(2, 4).value = "English (en)"
        book["settings"].cell(1, 6).value = "public_key"
        book["settings"].cell(2, 6).value = "MIIB"
        book.create_sheet("entities").append(["list_name"])

    before = sample_checklist()
    contents = {row.code: row.name for row in sample_edition().contents}
    found = read_xlsform(BytesIO(form_file(before, change)), before, {}, contents)
    said = [one.sentence for one in found.unheld]
    for words in (
        "「label」：“随便写写”：这题是系统固定的，改动不采用。", "「required」：条件必答“${x} = 1”放不下，按不必答。",
        "「label」：“Shot”：这题", "「parameters」：“max-pixels=200”：这题", "「required_message」：“自己的话”：这题",
        "「label」：“另起的标题”：标题是测评内容的名称，改动不采用。", "「default_language」：“English (en)”放不下",
        "「type」：重复组“many”放不下", "「type」：在重复组里", "「type」：题型 calculate 放不下，这一题（total）不采用。",
        "「type」：“其他”（or_other）放不下", "题型 select_one_from_file x.csv 放不下", "题型 deviceid 放不下",
        "这一行停用了，不读。", "「guidance_hint::English (en)」：“look”放不下", "「label::Français (fr)」：“Autre”放不下",
        "「public_key」：“MIIB”放不下", "entities 第 1 行：这张工作表不读。",
    ):  # fmt: skip
        assert any(words in one for one in said), (words, said)
    assert all(" 第 " in one and " 行" in one for one in said)
    assert [row.name for row in found.checklist.questions] == ["other"]
    assert not any("1 + 1" in one for one in said), "a row that is left out is named once"


def test_a_heading_goes_and_its_condition_stays() -> None:
    def change(book: Workbook) -> None:
        add(book, "site", type="end group")
        add(book, "site", type="integer", name="n", label__zh="几个", relevant="${a} != 'x'")
        add(book, "site", type="begin group", name="part", label__zh="第一部分", relevant="${a} = 'y' or ${a} = 'z'")
        add(book, "site", type="text", name="a", label__zh="甲")

    found = reading(form_file(sample_checklist(), change), sample_checklist())
    assert found.checklist.questions[1].relevant == "(${a} = 'y' or ${a} = 'z') and (${a} != 'x')"
    assert [one.sentence for one in found.unheld] == [
        "survey 第 6 行：分组“第一部分”的标题放不下；里面的题和条件照收。"
    ]


def test_the_form_has_an_id_that_stays_and_a_version_that_follows_the_content() -> None:
    before = sample_checklist()
    first = layout_of(before).settings
    assert first["form_id"] == form_id("sample", "2026样例", "MKT")
    assert first["form_id"].isascii()
    changed = replace(before, criteria=(replace(before.criteria[0], text="另一句"), *before.criteria[1:]))
    second = layout_of(changed).settings
    assert second["form_id"] == first["form_id"]
    assert second["version"] != first["version"]
    assert form_id("a", "2026样例", "X") != form_id("a", "2026样式", "X")


def test_the_workbook_offers_choices_and_keeps_what_looks_like_a_formula() -> None:
    before = sample_checklist()
    odd = replace(before, criteria=(replace(before.criteria[0], text="=1+1"), *before.criteria[1:]))
    content = form_file(odd)
    book = load_workbook(BytesIO(content))
    assert book.sheetnames == ["survey", "choices", "settings", "填写说明"]
    assert reading(content, before).checklist == odd
