"""Draws: RFC 3797 to the letter, strata in proportion, records that anybody can check."""

import copy
import hashlib
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.draw_records import Candidates, differences, make_record, read_candidates
from chuangwen.rules.draw_seeds import (
    USUAL,
    WEEKDAYS,
    as_facts,
    from_facts,
    known_from,
    next_announcement,
    seed_objections,
    seeds,
)
from chuangwen.rules.draws import (
    Rule,
    Source,
    allocate_seats,
    bits_needed,
    draw,
    key_of,
    read_sources,
    select,
)
from chuangwen.rules.refusals import BadInput

RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
RFC_SELECTED = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]

SIZES = st.dictionaries(st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=3), st.integers(1, 60), min_size=1, max_size=8)


def test_the_worked_example_of_the_rfc_gives_its_result() -> None:
    sources = read_sources("# as printed in section 6\n9319\n2 5 12 8 10\n9 18 26 34 41 45\n")
    assert key_of(sources) == RFC_KEY
    assert select(key=RFC_KEY, pool=25, count=16) == RFC_SELECTED


def test_the_nominating_committee_of_2022_is_drawn_again() -> None:
    """Seeds, pool and outcome as kept with the software that drew it (richsalz/ietf-rfc3797-code, 2022.results)."""
    sources = read_sources(
        "Euro-Millions: 7 18 28 40 48 8 11\nUS Powerball: 15 21 31 36 65 16\n"
        "TattsLotto: 17 21 12 26 8 42 35 13\nLotto 7: 1 10 13 14 16 25 27 5 21\n"
    )
    key = "7.8.11.18.28.40.48./15.16.21.31.36.65./8.12.13.17.21.26.35.42./1.5.10.13.14.16.21.25.27./"
    assert key_of(sources) == key
    assert select(key=key, pool=267, count=10) == [171, 245, 68, 190, 70, 126, 110, 128, 138, 173]


def test_needless_zeros_signs_of_text_and_order_do_not_change_the_key() -> None:
    one = [Source(numbers=(Decimal("07"), Decimal("5.50"), Decimal(0))), Source(text="Maž-ňák 7")]
    assert key_of(one) == "0.5.57./MAZNAK7/"
    assert key_of(read_sources("中彩：12+3，7\n\n# 旁注\n甲: abc")) == "3.7.12./ABC/"


@pytest.mark.parametrize("sources", [[], [Source("空")], [Source("汉", text="汉字")], [Source("负", (Decimal(-1),))]])
def test_seeds_that_say_nothing_are_refused(sources: list[Source]) -> None:
    with pytest.raises(BadInput):
        key_of(sources)


@given(st.text(min_size=1, max_size=30), st.integers(1, 400), st.data())
def test_a_selection_holds_distinct_numbers_of_the_pool_and_goes_on_where_a_shorter_one_ended(
    key: str, pool: int, data: st.DataObject
) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in key):
        return
    count = data.draw(st.integers(1, pool))
    selected = select(key=key, pool=pool, count=count)
    assert len(set(selected)) == count
    assert set(selected) <= set(range(1, pool + 1))
    assert select(key=key, pool=pool, count=(count + 1) // 2) == selected[: (count + 1) // 2]


def test_each_candidate_is_as_likely_as_any_other() -> None:
    hits = Counter(place for seed in range(4000) for place in select(key=f"{seed}./", pool=10, count=3))
    expected = 4000 * 3 / 10
    chi_square = sum((hits[place] - expected) ** 2 / expected for place in range(1, 11))
    assert chi_square < 27.9  # 9 degrees of freedom, one in a thousand


def test_every_reason_against_a_selection_is_named() -> None:
    with pytest.raises(BadInput) as refusal:
        select(key="", pool=70_000, count=0)
    assert len(refusal.value.objections) == 3


@given(SIZES, st.fractions(Fraction(1, 100), Fraction(1)), st.booleans())
def test_strata_give_their_share(sizes: dict[str, int], share: Fraction, at_least_one: bool) -> None:
    rule = Rule(share=share, stratify="街道", at_least_one=at_least_one)
    seats = allocate_seats(sizes, rule)
    assert all(0 <= seats[name] <= size for name, size in sizes.items())
    wanted = rule.target(sum(sizes.values()))
    assert sum(seats.values()) == (max(wanted, len(sizes)) if at_least_one else wanted)
    if at_least_one:
        assert min(seats.values()) >= 1
    else:
        total = sum(sizes.values())
        assert all(abs(seats[name] - Fraction(wanted * size, total)) < 1 for name, size in sizes.items())


@given(SIZES, st.integers(1, 40))
def test_a_count_is_met_exactly_or_refused(sizes: dict[str, int], count: int) -> None:
    rule = Rule(count=count, stratify="街道", at_least_one=True)
    if count < len(sizes) or count > sum(sizes.values()):
        with pytest.raises(BadInput):
            allocate_seats(sizes, rule)
    else:
        assert sum(allocate_seats(sizes, rule).values()) == count


def test_strata_of_one_size_do_not_mirror_each_other() -> None:
    strata = ["乙"] * 40 + ["甲"] * 40
    one, other = draw(strata=strata, key=RFC_KEY, rule=Rule(share=Fraction(1, 4), stratify="街道"))
    assert (one.name, one.key, other.key) == ("乙", f"{RFC_KEY}1./", f"{RFC_KEY}2./")
    assert [place + 40 for place in one.selected] != list(other.selected)


def test_without_strata_the_draw_is_the_rfc_itself() -> None:
    (whole,) = draw(strata=["x"] * 25, key=RFC_KEY, rule=Rule(count=16))
    assert list(whole.selected) == RFC_SELECTED


def small_list() -> Candidates:
    """Thirty candidates in two streets."""
    return read_candidates("编号,街道\n" + "".join(f"{n},{'学田' if n % 3 else '文峰'}\n" for n in range(1, 31)))


def record(**changes: object) -> dict[str, object]:
    """A sound record of the small list, as it is read back from a file."""
    made = make_record(
        candidates=small_list(), rule=Rule(share=Fraction(1, 5), stratify="街道", at_least_one=True),
        sources=read_sources("双色球红球：3 8 15 20 26 33\n双色球蓝球：7"),
    )  # fmt: skip
    return {**json.loads(json.dumps(made)), **changes}


def test_a_record_verifies_and_holds_the_fingerprint_of_its_list() -> None:
    made = record()
    assert differences(made) == []
    assert made["candidates"]["sha256"] == hashlib.sha256(small_list().canonical().encode()).hexdigest()  # type: ignore[index]  # a record of json
    assert len(made["selected"]) == 6  # type: ignore[arg-type]  # a record of json


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda r: r["candidates"]["rows"].pop(), "指纹"),
        (lambda r: r["candidates"]["rows"].reverse(), "指纹"),
        (lambda r: r["sources"][0]["numbers"].__setitem__(0, "4"), "密钥串"),
        (lambda r: r["selected"].reverse(), "抽中的第 1 个"),
        (lambda r: r["selected"].pop(), "抽中的写了 5 个"),
        (lambda r: r["strata"][0]["selected"].reverse(), "层的抽中的"),
        (lambda r: r["strata"].pop(), "没有写"),
        (lambda r: r["rule"].update(share="1/4"), "重算"),
    ],
)
def test_whatever_is_changed_in_a_record_is_found_and_named(spoil: object, word: str) -> None:
    made = copy.deepcopy(record())
    spoil(made)  # type: ignore[operator]  # a lambda of the table above
    assert any(word in sentence for sentence in differences(made))


def test_a_list_that_was_swapped_together_with_its_fingerprint_is_found_by_the_printed_one() -> None:
    printed = small_list().sha256()
    swapped = make_record(candidates=read_candidates("编号,街道\n1,学田\n2,文峰\n"), rule=Rule(count=1), key=RFC_KEY)
    assert differences(swapped) == []
    assert "事先公布的是" in differences(swapped, published_sha256=printed)[0]


@pytest.mark.parametrize(
    "found", [None, 3, {}, {"format": "chuangwen-draw/1"}, record(rule={"share": "x"}), record(key=1)]
)
def test_what_is_no_record_is_refused(found: object) -> None:
    with pytest.raises(BadInput):
        differences(found)


def test_a_list_with_mistakes_names_them_all() -> None:
    with pytest.raises(BadInput) as refusal:
        read_candidates("编号,街道\n1,学田\n1,文峰\n2\n,学田\n")
    assert len(refusal.value.objections) == 3


CELLS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=6)


@pytest.mark.parametrize("cell", ["甲\r乙", "甲\n乙", "\x00", "\ud800"])
def test_what_would_not_survive_a_file_is_refused(cell: str) -> None:
    candidates = Candidates(("编号", "街道"), (("1", cell),))
    with pytest.raises(BadInput, match="换行或不能显示"):
        make_record(candidates=candidates, rule=Rule(count=1), key=RFC_KEY)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20))
def test_the_canonical_text_of_a_list_reads_back_as_the_same_list(cells: list[tuple[str, str]]) -> None:
    text = Candidates(("编号", "甲", "乙"), tuple((str(n), *row) for n, row in enumerate(cells))).canonical()
    once = read_candidates(text)
    assert read_candidates(once.canonical()).sha256() == once.sha256()


def test_the_bits_that_a_selection_needs() -> None:
    assert round(bits_needed(pool=100, count=10)) == 44  # RFC 3797 section 3.3, the table
    assert bits_needed(pool=5, count=5) == 0


# --- the usual seeds ---


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_numbers_come_out_on_the_next_tuesday_thursday_or_sunday(day: date) -> None:
    found = next_announcement(day)
    assert found.weekday() in WEEKDAYS
    assert 1 <= (found - day).days <= 3
    assert known_from(found).date() == found


def test_numbers_that_the_game_cannot_give_are_named_one_by_one() -> None:
    said = seed_objections(USUAL, [[1, 2, 3, 4, 5, 5], [17], [1, 2]])
    assert len(said) == 3
    assert seed_objections(USUAL, [[1]]) == ["要填 3 组号码，填了 1 组。"]
    assert seed_objections(from_facts(as_facts(USUAL)), [[1, 2, 3, 4, 5, 33], [16], [0, 0, 9]]) == []
    assert (
        key_of(seeds(USUAL, [[33, 2, 3, 4, 5, 1], [16], [0, 9, 0]], date(2020, 6, 25))) == "1.2.3.4.5.33./16./0.0.9./"
    )
