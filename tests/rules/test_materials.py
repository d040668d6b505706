"""What is seen of a file without a person, and the zip that is known before it is written."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.material_checks import (
    Ask,
    FileFacts,
    Form,
    Grade,
    MaterialKind,
    Window,
    check_file,
    missing_words,
    occasion_objections,
    tally,
    window_of,
)
from chuangwen.rules.material_dates import dates_in
from chuangwen.rules.near_texts import ALIKE, bands, likeness, signature
from chuangwen.rules.picture_quality import looks_stamped, sharpness
from chuangwen.rules.zip_layout import Entry, Layout

WINDOW = window_of(date(2017, 8, 20))
SOUND = "关于文明楼道建设的说明。2017年3月5日起，全街道清理楼道 214 处，复查 3 轮，居民满意率 96%。"


def codes(form: Form = Form.PDF, kind: MaterialKind = MaterialKind.STATEMENT, on: str = "2017-03-05", **facts: Any) -> dict[str, Grade]:  # fmt: skip
    """What is found, by code."""
    given_facts = {"pages": 1, "page_texts": (SOUND,), **facts}
    found = check_file(FileFacts(form, **given_facts), Ask(kind, WINDOW), date.fromisoformat(on))
    return {one.code: one.grade for one in found}


def test_the_window_is_one_year_back_from_the_month_before_the_test() -> None:
    assert Window(date(2016, 8, 1), date(2017, 7, 31)) == WINDOW
    assert window_of(date(2021, 1, 9)) == Window(date(2020, 1, 1), date(2020, 12, 31))


@pytest.mark.parametrize(
    ("changes", "code", "grade"),
    [
        ({"on": "2016-07-31"}, "said_date", Grade.OBJECTION),
        ({"form": Form.PICTURE}, "form", Grade.OBJECTION),
        ({"page_texts": ("",)}, "scanned", Grade.OBJECTION),
        ({"form": Form.WORD, "page_texts": (), "pages": 0}, "empty", Grade.OBJECTION),
        ({"unreadable": True, "page_texts": ()}, "unreadable", Grade.HINT),
        ({"page_texts": (SOUND.replace("2017年3月5日", "二〇一五年十二月三十一日"),)}, "dates", Grade.OBJECTION),
        ({"on": "2017-03-06"}, "dates_other", Grade.HINT),
        ({"page_texts": (SOUND.replace("2017年3月5日起，", ""),)}, "no_dates", Grade.HINT),
        ({"page_texts": ("学田街道2016年度工作总结。" + SOUND,)}, "summary", Grade.OBJECTION),
        ({"page_texts": (SOUND + "存在的问题仍有不少。下一步打算继续努力。",)}, "summary_words", Grade.HINT),
        ({"page_texts": ("二〇一七年三月五日以来大力推进，居民普遍满意，环境明显改善。",)}, "no_data", Grade.HINT),
        ({"page_texts": (SOUND + "由扫描全能王创建",)}, "watermark", Grade.HINT),
        ({"pages": 11}, "long", Grade.HINT),
        ({"page_texts": (SOUND, " ")}, "blank_pages", Grade.HINT),
    ],
)
def test_what_a_paper_shows(changes: dict[str, Any], code: str, grade: Grade) -> None:
    assert code not in codes()
    assert codes(**changes)[code] is grade


def test_what_a_picture_shows() -> None:
    picture: dict[str, Any] = {
        "form": Form.PICTURE,
        "kind": MaterialKind.PICTURE,
        "page_texts": (),
        "width": 1600,
        "height": 1200,
    }
    good: dict[str, Any] = {**picture, "sharpness": 300.0, "bytes_each_pixel": 0.2, "taken_on": date(2017, 3, 5)}
    assert codes(**good) == {}
    bad: dict[str, Any] = {
        **good,
        "width": 1000,
        "height": 700,
        "sharpness": 3.0,
        "bytes_each_pixel": 0.01,
        "stamp": True,
        "taken_on": date(2015, 3, 5),
    }
    assert codes(**bad) == {
        "small": Grade.OBJECTION, "blurred": Grade.OBJECTION, "packed": Grade.HINT, "stamp": Grade.HINT, "taken": Grade.OBJECTION,
    }  # fmt: skip
    assert set(codes(**{**good, "taken_on": date(2017, 4, 5)})) == {"taken_other"}
    assert set(codes(**{**good, "taken_on": None})) == {"no_taken"}


def test_blurring_and_stamping_a_picture_are_seen() -> None:
    dice = np.random.default_rng(7)
    scene = np.kron(dice.integers(40, 200, (60, 80)), np.ones((8, 8))).astype(np.uint8)
    smooth = np.asarray(np.kron(dice.integers(118, 122, (6, 8)), np.ones((80, 80))), dtype=np.uint8)
    assert sharpness(scene) > 100
    assert sharpness(smooth) < 40
    assert not looks_stamped(scene)
    marked = scene.copy()
    marked[-40:-20, 400:620:6] = 255
    marked[-40:-20, 403:620:6] = 0
    assert looks_stamped(marked)
    assert sharpness(scene[:4]) == 0
    assert not looks_stamped(scene[:50])


def test_days_are_read_in_every_spelling_and_no_others() -> None:
    text = "2017-3-5，2017年 12 月31日，二〇一七年十月二十一日，二○一六年二月三十日，12017-01-012，2017.02.29"
    assert dates_in(text) == (date(2017, 3, 5), date(2017, 12, 31), date(2017, 10, 21))
    assert len(dates_in("2017-03-05 " * 600)) == 500


def test_a_copied_text_is_found_and_another_is_not() -> None:
    base = "".join(chr(0x4E00 + (place * 7919) % 5000) for place in range(900))
    copied, other = (
        base[:420] + "本街道" + base[420:],
        "".join(chr(0x4E00 + (place * 104729) % 4001) for place in range(900)),
    )
    one, near, far = signature(base), signature(copied), signature(other)
    assert likeness(one, near) > ALIKE > likeness(one, far)
    assert set(bands(one)) & set(bands(near))
    assert not set(bands(one)) & set(bands(far))
    assert signature("太短") == bands(()) == ()


def test_pieces_are_counted_once_and_never_beyond_what_is_asked() -> None:
    assert tally(["accepted", "accepted", "returned", "in_review"], 3) == (2, 1, 0, 0)
    assert tally([], 2) == (0, 0, 0, 2)
    assert missing_words(MaterialKind.TABLE, 2, 2) == ""
    assert "2 份都还没有交" in missing_words(MaterialKind.TABLE, 2, 0)
    assert occasion_objections(date(2017, 8, 1), WINDOW, date(2017, 1, 1))
    assert occasion_objections(date(2017, 3, 1), WINDOW, date(2017, 4, 1))
    assert not occasion_objections(date(2017, 6, 1), WINDOW, date(2017, 4, 1))


@given(st.lists(st.tuples(st.text("文明abc/", min_size=1, max_size=6), st.binary(max_size=40)), max_size=5), st.data())
def test_a_zip_is_whole_from_any_byte_on(files: list[tuple[str, bytes]], data: st.DataObject) -> None:
    named = [(f"{place} {name.replace('/', '')}", content) for place, (name, content) in enumerate(files)]
    layout = Layout([Entry(name, len(content), zlib.crc32(content)) for name, content in named])

    def read(place: int, skip: int) -> Iterator[bytes]:
        yield named[place][1][skip:]

    whole = b"".join(layout.pieces(0, read))
    assert len(whole) == layout.size
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        assert package.testzip() is None
        assert [(name, package.read(name)) for name in package.namelist()] == named
    start = data.draw(st.integers(0, layout.size))
    assert b"".join(layout.pieces(start, read)) == whole[start:]


def test_more_entries_than_an_old_zip_can_count() -> None:
    layout = Layout([Entry("x", 0, 0)] * 65_540)
    tail = b"".join(layout.pieces(layout.size - 98, lambda _place, _skip: iter(())))
    assert tail.startswith(b"PK\x06\x06")
    assert int.from_bytes(tail[32:40], "little") == 65_540
