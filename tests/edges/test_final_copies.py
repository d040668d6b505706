"""Orders, whistle sheets and accountability files are frozen by a second person; a copy stays when its subject goes on."""

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pdfplumber
import pytest
from django.test import Client
from docx import Document

from chuangwen.bulletins.final_copies import FILE, ORDER, WHISTLE, copies_of, final_paper, freeze
from chuangwen.bulletins.models import FinalCopy
from chuangwen.cases.models import Case, Order
from chuangwen.cases.orders import issue_order
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import Status
from chuangwen.rules.official_paper import digest
from chuangwen.rules.paper_record import from_record
from chuangwen.rules.refusals import NotFound, Refused
from tests import accountable, whistling
from tests.world import NOW, World

Enter = Callable[[str], Client]
Made = tuple[str, int, str]
LATER = NOW + timedelta(hours=2)


def an_order(world: World) -> Made:
    """By the clerk, for two cases."""
    cases = [world.case_at(Status.HANDLING), world.case_at(Status.DISPATCHED)]
    order = issue_order(
        number="崇创整〔2020〕2号", title="关于市测评反馈问题的整改任务书", issuer="区文明办",
        deadline=NOW + timedelta(days=9), note="逐件拍照。", case_ids=[case.pk for case in cases],
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    return ORDER, order.pk, f"/desk/orders/{order.pk}/final/"


def a_whistle(world: World) -> Made:
    """A street called two departments."""
    pk = whistling.whistled(world).pk
    return WHISTLE, pk, f"/desk/whistles/{pk}/final/"


def a_file(world: World) -> Made:
    """A file that somebody opened."""
    pk = accountable.opened(world).pk
    return FILE, pk, f"/desk/accountability/{pk}/final/"


@pytest.mark.parametrize("make", [an_order, a_whistle, a_file])
def test_a_second_person_freezes_it_and_both_files_carry_the_root(
    world: World, enter: Enter, make: Callable[[World], Made]
) -> None:
    kind, pk, address = make(world)
    client = enter("chief")
    page = client.get(address).content.decode()
    assert "还没有定稿" in page
    sent = {"client_key": "final-1"}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302  # a double click
    copy = FinalCopy.objects.get(subject_kind=kind, subject_id=pk)
    assert digest(from_record(copy.content)) == copy.digest
    event = Event.objects.get(kind="paper.frozen", subject_kind=kind, subject_id=pk)
    assert event.facts["content"] == copy.digest
    assert copy.trace_root
    page = client.get(address).content.decode()
    assert copy.digest in page
    root = "留痕根值"
    with pdfplumber.open(io.BytesIO(client.get(f"{address}1.pdf").content)) as pdf:
        words = "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")
    assert root in words
    assert "第1次定稿" in words
    document = Document(io.BytesIO(client.get(f"{address}1.docx").content))
    assert any(root in paragraph.text for paragraph in document.paragraphs)
    assert client.get(f"{address}2.pdf").status_code == 404
    assert client.get(f"{address}1.odt").status_code == 404


@pytest.mark.parametrize("make", [an_order, a_whistle, a_file])
def test_others_may_not_freeze_and_strangers_see_nothing(
    world: World, enter: Enter, make: Callable[[World], Made]
) -> None:
    kind, pk, address = make(world)
    freeze(kind=kind, subject_id=pk, by=world.actor("chief"), now=LATER)
    for stranger in ("gz_clerk", "inspector"):
        for part in ("", "1.pdf"):
            assert enter(stranger).get(address + part).status_code in {403, 404}
        assert enter(stranger).post(address).status_code in {403, 404}
    reader = enter("leader").get(address)
    if reader.status_code == 200:
        assert "照现在的内容定稿" not in reader.content.decode()
        assert enter("leader").post(address).status_code == 422
    assert FinalCopy.objects.count() == 1


def test_who_did_the_last_step_is_told_to_find_a_second_person(world: World, enter: Enter) -> None:
    _kind, _pk, address = an_order(world)
    client = enter("clerk")
    sentence = "这份任务书最后一步是您办的，定稿须由另一人把关。"
    assert sentence in client.get(address).content.decode()
    answer = client.post(address)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not FinalCopy.objects.exists()


def test_a_copy_stays_when_its_subject_goes_on(world: World) -> None:
    kind, pk, _address = an_order(world)
    chief = world.actor("chief")
    first = freeze(kind=kind, subject_id=pk, by=chief, now=LATER)
    before = final_paper(chief, kind, pk, 1)
    with pytest.raises(Refused, match="一字不差"):
        freeze(kind=kind, subject_id=pk, by=chief, now=LATER + timedelta(hours=1))
    Order.objects.filter(pk=pk).update(note="改为一日一报。")
    second = freeze(kind=kind, subject_id=pk, by=chief, now=LATER + timedelta(days=1))
    assert (first.serial, second.serial) == (1, 2)
    assert final_paper(chief, kind, pk, 1) == before
    assert "一日一报" in json.dumps(second.content, ensure_ascii=False)
    assert [one.serial for one in copies_of(chief, kind, pk)] == [2, 1]


def test_a_unit_that_sees_a_part_of_an_order_does_not_get_the_whole_list(world: World, enter: Enter) -> None:
    kind, pk, address = an_order(world)
    freeze(kind=kind, subject_id=pk, by=world.actor("chief"), now=LATER)
    elsewhere = world.unit("WF-01")
    last = Case.objects.filter(order=pk).order_by("-pk")[0]
    Case.objects.filter(pk=last.pk).update(home=elsewhere, street=None, unit=elsewhere, site=None)
    assert enter("wy_chief").get(f"/desk/orders/{pk}/").status_code == 200
    assert enter("wy_chief").get(address).status_code == 404
    assert enter("wy_chief").get(f"{address}1.pdf").status_code == 404
    with pytest.raises(NotFound):
        copies_of(world.actor("wy_chief"), kind, pk)
