"""The table of the case life cycle is total, connected and drawn as it is."""

import pytest

from chuangwen.rules.case_flow import (
    MOVE_LABELS,
    NEXT_ROLES,
    OPEN,
    RUNNING,
    STATUS_LABELS,
    TABLE,
    Move,
    Need,
    Status,
    diagram,
    moves_from,
    step,
    unmet_needs,
)
from chuangwen.rules.refusals import Refused
from tests.paths import ROOT


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("move", list(Move))
def test_every_status_answers_every_move_with_a_step_or_a_sentence(status: Status, move: Move) -> None:
    if (status, move) in TABLE:
        assert step(status, move).source is status
    else:
        with pytest.raises(Refused, match="不能"):
            step(status, move)


def test_every_status_is_reached_from_the_report_and_every_open_one_has_a_way_out() -> None:
    reached, edge = {Status.REPORTED}, {Status.REPORTED}
    while edge:
        edge = {arrow.target for status in edge for arrow in moves_from(status)} - reached
        reached |= edge
    assert reached == set(Status)
    for status in OPEN:
        assert moves_from(status), status
    for status in set(Status) - OPEN:
        assert {arrow.move for arrow in moves_from(status)} <= {Move.REOPEN}, status


def test_every_open_case_names_who_must_act_next() -> None:
    assert set(NEXT_ROLES) == set(Status)
    for status in Status:
        assert bool(NEXT_ROLES[status]) == (status in OPEN)


def test_a_returned_case_can_only_be_routed_again() -> None:
    assert {arrow.move for arrow in moves_from(Status.RETURNED)} == {Move.DISPATCH}


def test_sending_away_always_needs_a_reason() -> None:
    for move in (Move.REFUSE, Move.RETURN, Move.REJECT, Move.CANCEL, Move.FORCE_CLOSE, Move.SUSPEND):
        for arrow in TABLE.values():
            if arrow.move is move:
                assert Need.REASON in arrow.needs
                assert unmet_needs(arrow, ())
                assert not unmet_needs(arrow, set(Need))


def test_every_word_has_a_chinese_name() -> None:
    assert set(STATUS_LABELS) == set(Status)
    assert set(MOVE_LABELS) == set(Move)
    assert RUNNING < OPEN


def test_the_drawing_in_the_docs_is_the_table() -> None:
    text = (ROOT / "docs" / "case-flow.md").read_text(encoding="utf-8")
    assert diagram() in text, "请运行 python -m chuangwen.rules.case_flow > docs/case-flow.md"
