"""Papers from above: who is next, what is late, figures that add up, rows as they came in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.directive_rows import COLUMNS, ItemRow, items_from_lines, items_from_table, names_in
from chuangwen.rules.directives import (
    KIND_WORDS,
    Delay,
    ItemFacts,
    ItemResult,
    PartFacts,
    Standing,
    breakdown_objections,
    kind_of,
    standing,
    tally,
    turn_of,
)
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tables import write_table

DAY = timedelta(days=1)
NOON = datetime(2020, 8, 20, 10, tzinfo=UTC)
moments = st.one_of(st.none(), st.integers(-9, 9).map(lambda days: NOON + days * DAY))
parts = st.builds(
    PartFacts, st.just("甲"), st.booleans(), st.integers(-9, 9).map(lambda days: NOON + days * DAY), moments
)
items = st.builds(
    ItemFacts, st.just(NOON), st.lists(parts, max_size=3), moments, st.one_of(st.none(), st.sampled_from(list(Delay)))
)


@given(items, st.integers(-9, 9))
def test_there_is_always_somebody_next_until_the_item_is_done(item: ItemFacts, days: int) -> None:
    now = NOON + days * DAY
    turn = turn_of(item, now)
    assert (turn is None) == (standing(item) is Standing.DONE)
    if turn is not None:
        assert turn.who
        assert turn.by_when is not None
        assert turn.late == (turn.by_when < now)


def test_the_unit_that_is_behind_is_named_with_its_own_deadline() -> None:
    item = ItemFacts(NOON, [PartFacts("甲", True, NOON - DAY), PartFacts("乙", False, NOON, NOON - DAY)])
    turn = turn_of(item, NOON)
    assert turn is not None
    assert (turn.who, turn.by_when, turn.late) == ("甲", NOON - DAY, True)
    waiting = turn_of(ItemFacts(NOON, item.parts, None, Delay.DECLARED), NOON - DAY)
    assert waiting is not None
    assert (waiting.who, waiting.what) == ("文明办", "决定延期申报")


results = st.builds(
    ItemResult, st.just(1), st.just("事"), st.just("甲"), moments, moments, moments.map(lambda m: m or NOON), st.just(NOON),
    st.just(""),
)  # fmt: skip


@given(st.lists(results, max_size=12), st.integers(-9, 9))
def test_the_figures_of_a_reply_add_up(found: list[ItemResult], days: int) -> None:
    now = NOON + days * DAY
    counted = tally(found, now)
    assert counted.total == len(found) == counted.done + counted.open
    assert counted.done == counted.in_time + counted.late_done
    assert counted.open == counted.deferred + counted.overdue + counted.running
    assert all(kind_of(one, now) in KIND_WORDS for one in found)


def test_the_time_of_the_office_is_not_held_against_the_units() -> None:
    one = ItemResult(1, "事", "甲", NOON + DAY, NOON - DAY, NOON, NOON, "好")
    assert kind_of(one, NOON + 2 * DAY) == "in_time"


def test_every_objection_to_a_breakdown_is_named() -> None:
    found = breakdown_objections(deadline=NOON, now=NOON, lead=1, joint=[1], due_at=NOON + DAY)
    assert len(found) == 2
    assert breakdown_objections(deadline=NOON, now=NOON - DAY, lead=1, joint=[2], due_at=NOON) == []
    assert len(breakdown_objections(deadline=NOON, now=NOON, lead=None, joint=[], due_at=None)) == 2


@pytest.mark.parametrize("line", ["1. 清理", "（一）清理", "2、清理", "(3)清理", "　十二、 清理", "清理"])
def test_the_number_in_front_of_a_pasted_line_is_taken_off(line: str) -> None:
    assert items_from_lines(f"\n{line}\n") == [ItemRow("清理")]


def test_years_and_figures_stay_in_a_line() -> None:
    assert [row.text for row in items_from_lines("2020年底前完成\n3号楼清理\n10处破损修复")] == [
        "2020年底前完成",
        "3号楼清理",
        "10处破损修复",
    ]


def test_bad_lines_are_named() -> None:
    with pytest.raises(BadInput) as refusal:
        items_from_lines("清理\n" + "长" * 501 + "\n清理")
    assert [text[:6] for text in refusal.value.objections] == ["第 2 行有", "第 3 行与"]
    with pytest.raises(BadInput, match="至少写一件"):
        items_from_lines(" \n ")


def test_the_blank_table_reads_back_and_names_every_bad_row() -> None:
    row = ItemRow("清理楼道", "XT", ("学田社区", "区城管局"), row=2)
    data = write_table("督办事项", COLUMNS, [_Shown(row)])
    assert items_from_table(data) == [row]
    with pytest.raises(BadInput) as refusal:
        items_from_table("事项,内部期限\n清理,2020-13-01\n,2020-08-01\n修路,\n修路,\n".encode())
    assert [text[:6] for text in refusal.value.objections] == ["第 2 行「", "第 3 行「", "第 5 行「"]
    assert names_in("学田社区、CC-CG；XT") == ("学田社区", "CC-CG", "XT")


class _Shown:
    """A row as a table shows it."""

    def __init__(self, row: ItemRow) -> None:
        self.text, self.lead, self.joint, self.due_on = row.text, row.lead, "、".join(row.joint), row.due_on
