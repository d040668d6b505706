"""Orders, whistle sheets, accountability files and replies upwards come as official papers, for whoever may see them."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pdfplumber
import pytest
from django.test import Client
from docx import Document

from chuangwen.bulletins.accountability_paper import accountability_paper
from chuangwen.bulletins.order_paper import order_paper
from chuangwen.bulletins.reply_paper import reply_paper
from chuangwen.bulletins.whistle_paper import whistle_paper
from chuangwen.cases.orders import issue_order
from chuangwen.directives import replies
from chuangwen.rules.case_flow import Status
from chuangwen.rules.official_paper import OfficialPaper, Table, objections
from tests import accountable, directed, whistling
from tests.world import NOW, World

Enter = Callable[[str], Client]
Made = tuple[int, Callable[..., OfficialPaper], str]
LATER = NOW + timedelta(hours=2)


def an_order(world: World) -> Made:
    """Two cases of two units under one deadline."""
    cases = [world.case_at(Status.HANDLING), world.case_at(Status.RETURNED)]
    order = issue_order(
        number="崇创整〔2020〕2号", title="关于市测评反馈问题的整改任务书", issuer="区文明办",
        deadline=NOW + timedelta(days=9), note="逐件拍照。\n一周一报。\x07", case_ids=[case.pk for case in cases],
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    return order.pk, order_paper, f"/desk/orders/{order.pk}/paper"


def a_whistle(world: World) -> Made:
    """A street called two departments."""
    pk = whistling.whistled(world).pk
    return pk, whistle_paper, f"/desk/whistles/{pk}/paper"


def a_file(world: World) -> Made:
    """A file that was opened and notified to nobody yet."""
    pk = accountable.opened(world).pk
    return pk, accountability_paper, f"/desk/accountability/{pk}/paper"


def a_reply(world: World) -> Made:
    """A reply that the clerk drafted and the chief released."""
    pk = directed.received(world).pk
    replies.draft_reply(directive_id=pk, by=world.actor("clerk"), now=NOW)
    replies.release_reply(directive_id=pk, by=world.actor("chief"), now=NOW)
    return pk, reply_paper, f"/desk/directives/{pk}/reply"


@pytest.mark.parametrize("make", [an_order, a_whistle, a_file, a_reply])
def test_the_paper_of_a_room_is_an_official_one(world: World, enter: Enter, make: Callable[[World], Made]) -> None:
    pk, paper_of, address = make(world)
    paper = paper_of(world.actor("clerk"), pk, now=LATER)
    assert objections(paper) == []
    client = enter("clerk")
    answer = client.get(f"{address}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        words = "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")
    assert paper.title.replace(" ", "") in words
    assert paper.mark in words
    answer = client.get(f"{address}.docx")
    assert paper.title in unquote(answer["Content-Disposition"])
    assert paper.mark in [paragraph.text for paragraph in Document(io.BytesIO(answer.content)).paragraphs]
    assert client.get(f"{address}.odt").status_code == 404
    assert enter("gz_clerk").get(f"{address}.pdf").status_code == 404
    assert enter("inspector").get(f"{address}.pdf").status_code in {403, 404}


def table_of(blocks: tuple[Any, ...]) -> Table:
    """The one table among blocks."""
    (found,) = (block for block in blocks if isinstance(block, Table))
    return found


def test_an_order_lists_the_problems_as_an_attachment_and_says_as_of_when(world: World) -> None:
    pk, *_ = an_order(world)
    paper = order_paper(world.actor("clerk"), pk, now=LATER)
    listed = table_of(paper.attachments[0].blocks)
    assert len(listed.rows) == 2
    assert table_of(paper.blocks).total == ("合计", "2")
    assert paper.note == "本件按2020年6月24日11时的系统数据生成。"
    assert paper.number == "崇创整〔2020〕2号"


def test_a_released_reply_stays_as_it_was_and_names_who_approved_it(world: World) -> None:
    pk, *_ = a_reply(world)
    clerk = world.actor("clerk")
    first = reply_paper(clerk, pk, now=LATER)
    assert (first.approver, first.addressees, first.note) == ("陆主任", ("市文明办",), "")
    assert len(table_of(first.attachments[0].blocks).rows) == len(directed.ITEMS)
    assert reply_paper(clerk, pk, now=LATER + timedelta(days=99)) == first
