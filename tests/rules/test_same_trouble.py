"""The same trouble once: what makes two reports alike, groups, trends, numbers that nobody should read."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.gazetteer import Name, gazetteer
from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.rules.same_trouble import (
    Signature,
    Spoken,
    Weights,
    compared,
    counted,
    likeness,
    shared_words,
    signature,
)
from chuangwen.rules.topics import Pair as Alike
from chuangwen.rules.topics import Voice, groups, precision, topics, trend
from chuangwen.rules.triage import URGENT, Offer, by_words, of_units, urgency

AT = datetime(2020, 6, 1, tzinfo=UTC)
BARE = Weights()
MIXER = "丽发新城小区旁边新建的搅拌站日夜开工，粉尘和噪音让业主无法开窗，请求把搅拌站搬走"
AGAIN = "搅拌站粉尘太大了，就在丽发新城小区边上，噪音吵得整晚睡不着，什么时候搬走"
PARK = "文峰公园北门的路灯坏了半个月，晚上散步的老人看不清台阶，请尽快修好路灯"


def spoken(text: str, **given_: object) -> Spoken:
    """A report with nothing known but its words."""
    return Spoken(signature("", text, BARE), AT, **given_)  # type: ignore[arg-type]  # test data


def test_the_same_trouble_in_other_words_is_nearer_than_another_trouble() -> None:
    same, other = compared(spoken(MIXER), spoken(AGAIN)), compared(spoken(MIXER), spoken(PARK))
    assert same.score > 0.2 > other.score
    assert "丽发新城小区" in shared_words(signature("", MIXER, BARE), signature("", AGAIN, BARE), MIXER)


def test_traditional_characters_mark_up_and_width_change_nothing() -> None:
    plain = signature("", "学田街道楼道堆放杂物影响居民安全", BARE)
    assert signature("", "學田街道樓道堆放雜物影響居民安全", BARE) == plain
    assert likeness(signature("", "<p>学田街道楼道堆放杂物影响居民安全</p>", BARE), plain) == pytest.approx(1)


@pytest.mark.parametrize(
    "text", ["", "   ", "😀😀😀", "'; DROP TABLE cases; --", "a", "\ud800", "好" * 50_000, "<" * 3000]
)
def test_odd_texts_make_a_small_signature_and_never_fail(text: str) -> None:
    found = signature(text, text, BARE)
    assert len(found.pairs) <= 48
    assert compared(spoken(text), spoken(MIXER)).score <= 1
    hidden_numbers(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_the_same_both_ways_and_survives_storage(one: str, other: str) -> None:
    a, b = signature("", one, BARE), signature("", other, BARE)
    assert likeness(a, b) == pytest.approx(likeness(b, a))
    assert 0 <= likeness(a, b) <= 1.0001
    assert likeness(Signature.from_bytes(a.to_bytes()), b) == pytest.approx(likeness(a, b), abs=1e-3)


def test_a_short_text_needs_the_place_and_far_places_speak_against() -> None:
    short = "楼道堆放杂物"
    assert not compared(spoken(short), spoken(short)).same
    assert compared(spoken(short, site=1), spoken(short, site=1)).same
    assert not compared(spoken(short, site=1), spoken(short, site=2)).same
    assert compared(spoken(short), spoken(short), same_photo=True).same
    near, far = {"position": (120.871, 32.011)}, {"position": (120.95, 32.05)}
    assert (
        compared(spoken(MIXER, **near), spoken(AGAIN, **near)).score
        > 2 * compared(spoken(MIXER, **near), spoken(AGAIN, **far)).score
    )
    assert compared(spoken(MIXER), Spoken(signature("", MIXER, BARE), AT - timedelta(days=500))).score == pytest.approx(
        0.8, abs=0.01
    )


def test_frequent_pairs_lose_their_weight_with_own_counts() -> None:
    own = counted([("小区路灯", "路灯坏了")] * 500 + [("噪音", "夜里噪音")])
    assert own.rarity("路灯") < own.rarity("噪音") < own.rarity("从未")


def test_one_bridge_does_not_melt_two_groups() -> None:
    pairs = [Alike(0, 1, 0.9), Alike(2, 3, 0.9), Alike(1, 2, 0.5)]
    assert groups(5, pairs, linked=0.3) == [[0, 1], [2, 3], [4]]
    assert groups(4, [*pairs, Alike(0, 3, 0.5), Alike(0, 2, 0.5), Alike(1, 3, 0.5)], linked=0.3) == [[0, 1, 2, 3]]


def test_a_topic_has_a_title_place_voices_days_and_trend() -> None:
    day = date(2020, 6, 1)
    said = [(MIXER, 0), (AGAIN, 5), (MIXER + "，谢谢", 9), (PARK, 3)]
    voices = [
        Voice(str(n), f"投诉{text[:14]}的问题", text, day + timedelta(days=d), spoken(text), weight=2 if n == 1 else 1)
        for n, (text, d) in enumerate(said)
    ]
    (topic,) = topics(voices, since=day, until=day + timedelta(days=29))
    assert (topic.voices, topic.first, topic.last) == (4, day, day + timedelta(days=9))
    assert topic.title.startswith("丽发新城") or topic.title.startswith("搅拌站")
    assert "丽发新城小区" in topic.place
    assert set(topic.keys) == {"0", "1", "2"}
    assert topic.trend == "quiet"


def test_trends_are_judged_against_an_even_spread() -> None:
    since, until = date(2020, 1, 1), date(2020, 4, 9)
    early, late = [date(2020, 1, 5)], [date(2020, 4, 5)]
    assert trend(late * 3, since, until) == "new"
    assert trend(early * 3, since, until) == "quiet"
    assert trend(early + late * 6, since, until) == "rising"
    assert trend(early * 30 + late, since, until) == "falling"
    assert trend(early * 3 + late, since, until) == "steady"


def test_precision_says_how_unsure_it_is() -> None:
    share, low, high = precision(48, 50)
    assert (share, round(low, 3), round(high, 3)) == (0.96, 0.865, 0.989)
    assert precision(0, 0) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("请打13812345678", "请打138****5678"), ("手机 138-1234-5678。", "手机 138-****-5678。"),
        ("１３８１２３４５６７８", "138****5678"), ("身份证320602199001011234", "身份证320***********1234"),
        ("身份证32060219900101123X", "身份证320**********1234"[:6] + "**********123X"), ("电话0513-85512345", "电话051*-****2345"),
        ("2020年6月24日3号楼2单元", "2020年6月24日3号楼2单元"), ("20200624发现", "20200624发现"), ("", ""),
    ],
)  # fmt: skip
def test_numbers_in_texts_are_starred_and_days_stay(said: str, shown: str) -> None:
    if "X" in said:
        assert "19900101" not in hidden_numbers(said)
    else:
        assert hidden_numbers(said) == shown


def test_places_are_named_with_the_chance_that_this_one_is_meant() -> None:
    known = gazetteer(
        [
            Name("学田街道", "street"),
            Name("学田苑", "site", 7, "RES", "学田街道学田路1号"),
            Name("和平公园", "site", 8),
            Name("和平公园", "site", 9),
        ]
    )
    found = known.within("學田苑门口、学田路上、学田那边，还有和平公园")
    assert [(place.name, place.kind) for place in found] == [
        ("学田苑", "site"),
        ("学田路", "road"),
        ("学田街道", "street"),
        ("和平公园", "site"),
    ]
    assert found[0].site == 7
    assert found[3].probability < 0.5 < found[0].probability


def test_standards_words_urgency_and_units_carry_reasons() -> None:
    classes = by_words(
        "井盖丢了", "路口的井盖不见了", {"公用设施": "井盖 上水井盖 破损 丢失", "市容环境": "垃圾 堆放 杂物"}
    )
    assert classes[0].value == "公用设施"
    assert "井盖" in classes[0].words
    assert classes[0].probability > classes[1].probability > 0
    assert by_words("", "", {}) == ()
    assert urgency("井盖缺失", "晚上有人受伤")[0].value == URGENT
    assert urgency("", "建议多种花")[0].value != URGENT
    units = of_units(
        [Offer("甲", 0.6), Offer("乙", 0.3), Offer("丙", 0.1)],
        {"甲": ("城管局", "规则"), "丙": ("城管局", "规则"), "乙": ("街道", "属地")},
    )
    assert [(unit.value, round(unit.probability, 1)) for unit in units] == [("城管局", 0.7), ("街道", 0.3)]
