"""A frozen paper is the same paper again after years as JSON."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.official_paper import (
    Attachment,
    Figures,
    Heading,
    Level,
    OfficialPaper,
    Paragraph,
    Table,
    digest,
)
from chuangwen.rules.paper_record import as_record, from_record

words = st.text(max_size=12)
days = st.dates(date(2015, 1, 1), date(2040, 1, 1))
row = st.lists(words, min_size=1, max_size=3).map(tuple)
blocks = st.lists(
    st.one_of(
        st.builds(Heading, st.sampled_from(Level), words, words),
        st.builds(Paragraph, words),
        st.builds(Table, words, row, st.lists(row, max_size=3).map(tuple), row),
        st.builds(Figures, st.lists(st.tuples(words, words), max_size=3).map(tuple)),
    ),
    max_size=4,
).map(tuple)
papers = st.builds(
    OfficialPaper, mark=words, title=words, blocks=blocks, signer=words, day=days, number=words, copies=words,
    secrecy=words, urgency=words, approver=words, addressees=row, note=words, copy_to=row, printer=words,
    printed_on=st.none() | days, draft=st.booleans(),
    attachments=st.lists(st.builds(Attachment, words, blocks), max_size=2).map(tuple),
)  # fmt: skip


@given(papers)
def test_a_paper_comes_back_as_it_was(paper: OfficialPaper) -> None:
    again = from_record(json.loads(json.dumps(as_record(paper), ensure_ascii=False)))
    assert again == paper
    assert digest(again) == digest(paper)


@pytest.mark.parametrize("change", [{"form": 99}, {"blocks": [{"is": "poem"}]}])
def test_what_it_does_not_know_it_does_not_guess(change: dict[str, object]) -> None:
    record = as_record(OfficialPaper(mark="某区", title="事", blocks=(), signer="某区", day=date(2020, 6, 24)))
    with pytest.raises(ValueError, match=r"form 99|poem"):
        from_record(record | change)
