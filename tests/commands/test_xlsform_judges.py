"""Others judge our forms: pyxform turns every exported workbook into an XForm, ODK Validate (Java) takes each of them."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from pyxform.errors import PyXFormError
from pyxform.validators.odk_validate import ODK_VALIDATE_PATH
from pyxform.xls2xform import convert

from chuangwen.rules.xlsforms import Checklist
from chuangwen.standards.sample_edition import sample_edition
from chuangwen.standards.xlsform_fitting import alone, objections_in_file
from tests.commands.xlsform_files import add, edited_market, form_file, put, reading, sample_checklist, saved

KINDS = [kind.code for kind in sample_edition().point_types]


def converted(content: bytes) -> str:
    """The XForm that pyxform makes of a workbook; its warnings are worth a failure."""
    warnings: list[str] = []
    xform = str(convert(content, warnings=warnings).xform)
    assert warnings == []
    return xform


def validated(folder: Path, **forms: str) -> subprocess.CompletedProcess[str]:
    """What ODK Validate says of these forms, in one Java machine."""
    java = shutil.which("java")
    if java is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI 里没有 Java，ODK Validate 没有检验表单。请安装 default-jre-headless。")
        pytest.skip("没有 Java，ODK Validate 没有检验表单。要检验请安装 default-jre-headless。")
    paths = []
    for name, xml in forms.items():
        paths.append(folder / f"{name}.xml")
        paths[-1].write_text(xml, encoding="utf-8")
    command = [java, "-Xshare:auto", "-Djava.awt.headless=true", "-jar", ODK_VALIDATE_PATH, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_pyxform_and_odk_take_every_checklist_of_the_sample_and_an_edited_one(tmp_path: Path) -> None:
    forms = {kind: converted(form_file(sample_checklist(kind))) for kind in KINDS}
    edited = reading(form_file(sample_checklist(), edited_market), sample_checklist()).checklist
    forms["edited_by_hand"] = converted(form_file(sample_checklist(), edited_market))
    forms["edited_and_exported"] = converted(form_file(edited))
    said = validated(tmp_path, **forms)
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("Xform is valid") + said.stderr.count("Xform is valid") == len(KINDS) + 2


def test_odk_says_no_where_we_say_no(tmp_path: Path) -> None:
    """The judge is awake: a ring of conditions, which we refuse too, is refused."""

    def ring(book: Workbook) -> None:
        add(book, "site", type="text", name="b", label__zh="乙", relevant="${a} = 'x'")
        add(book, "site", type="text", name="a", label__zh="甲", relevant="${b} = 'x'")

    content = form_file(sample_checklist(), ring)
    found = reading(content, sample_checklist())
    assert any("绕成了圈" in one for one in objections_in_file(alone(found), found))
    said = validated(tmp_path, ring=str(convert(content).xform))
    assert said.returncode != 0
    assert "cycl" in said.stderr.lower() + said.stdout.lower()


@pytest.mark.parametrize(
    ("cells", "ours"),
    [
        ({"type": "select_one nowhere", "name": "q", "label__zh": "题"}, "没有名为“nowhere”的选项表"),
        ({"type": "integer", "name": "q", "label__zh": "题", "relevant": "${ghost} = 1"}, "没有名为“ghost”的题目"),
        ({"type": "integer", "name": "c_MKT_01_note", "label__zh": "题"}, "重复"),
        ({"type": "integer", "name": "1 q", "label__zh": "题"}, "只能用英文字母"),
        ({"type": "intgr", "name": "q", "label__zh": "题"}, "不认识题型“intgr”"),
    ],
)
def test_what_pyxform_refuses_we_refuse_in_words_an_office_understands(cells: dict[str, Any], ours: str) -> None:
    def change(book: Workbook) -> None:
        add(book, "c_MKT_01_place", **cells)

    content = form_file(sample_checklist(), change)
    with pytest.raises((PyXFormError, ValueError)):
        convert(content)
    found = reading(content, sample_checklist())
    said = objections_in_file(alone(found), found)
    assert any(ours in one for one in said), said


# Rows in the spellings that pyxform takes; each becomes a question that an edition holds.
SMALL = {"parameters": "max-pixels=1600"}
ACCEPTED: list[dict[str, Any]] = [
    {"type": kind, "name": f"q{number}", "label__zh": f"第 {number} 题", **more}
    for number, (kind, more) in enumerate(
        [
            ("text", {}), ("string", {}), ("integer", {"constraint": ". > 0 and . < 9"}), ("int", {}), ("decimal", {}),
            ("date", {"constraint": ". <= today()"}), ("select_one yn", {"appearance": "minimal"}),
            ("select one yn", {}), ("select_multiple yn", {"constraint": "count-selected(.) <= 2"}),
            ("select all that apply from yn", {}), ("image", SMALL), ("photo", SMALL), ("geopoint", {}), ("gps", {}),
            ("barcode", {}), ("note", {"relevant": "${q1} != '' and not(selected(${q7}, 'y'))"}),
            ("text", {"required": "yes", "required_message__zh": "请写", "constraint": "regex(., '[0-9]{3}')"}),
            ("integer", {"relevant": "coalesce(${q3}, ${q4}) * 2 > string-length(${q1})", "default": "3"}),
            ("text", {"relevant": "if(${q3} = 1, true(), false()) and contains(${q1}, 'a')"}),
        ],
        start=1,
    )
]  # fmt: skip


def test_what_pyxform_accepts_of_what_we_hold_we_accept_and_give_back(tmp_path: Path) -> None:
    content = form_file(sample_checklist("FOOD"))
    book = load_workbook(BytesIO(content))
    for cells in reversed(ACCEPTED):
        add(book, "site", **cells)
    for word in ("y", "n"):
        book["choices"].append(["yn", word, word])
    put(book, "c_FOOD_01", relevant="${q3} > 0")
    mine = saved(book)
    first = converted(mine) if "q1" in str(convert(mine).xform) else ""
    found = reading(mine, sample_checklist("FOOD"))
    assert objections_in_file(alone(found), found) == []
    assert found.unheld == ()
    assert len(found.checklist.questions) == len(ACCEPTED)
    said = validated(tmp_path, theirs=first, ours=converted(form_file(found.checklist)))
    assert said.returncode == 0, said.stderr


def test_an_xform_says_what_the_checklist_says() -> None:
    edited = reading(form_file(sample_checklist(), edited_market), sample_checklist()).checklist
    xform = converted(form_file(edited))
    for words in (
        'constraint=". &gt;= 0 and . &lt;= 500"', "/data/c_MKT_02", "请数一数。", "How many stalls",
        "selected( /data/cooked , 'yes')", 'jr:preload="uid"', "mediatype=\"image/*\"",
    ):  # fmt: skip
        assert words in xform, words
    photo = replace(sample_checklist().criteria[0], photo_on_fail=True)
    strict = converted(form_file(Checklist("MKT", (photo,))))
    bind = re.search(r'<bind nodeset="/data/c_MKT_01/c_MKT_01_photo"[^>]*>', strict)
    assert bind is not None
    assert 'required="true()"' in bind[0]
    assert "relevant=\" /data/c_MKT_01/c_MKT_01_verdict  = 'fail'\"" in bind[0]
