"""An edited form becomes a draft's checklist, and only a draft's; what it asks is asked, checked and kept at a visit."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from PIL import Image

from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.patrols.operations import finish_visit, record_answers, record_finding
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.standards.checklists import checklist_form
from chuangwen.standards.models import Criterion, Edition, FormPicture, Question
from chuangwen.standards.operations import import_edition, keep_pictures, new_version, publish_edition, seed_sample
from chuangwen.standards.queries import edition_sheet_of
from chuangwen.standards.workbooks import read_edition, write_edition
from chuangwen.standards.xlsform import (
    checklist_workbook,
    checklist_xform,
    find_form,
    form_fields,
    form_head,
    form_heads,
)
from chuangwen.standards.xlsform_import import Preview, import_checklist, preview_checklist
from tests.commands.xlsform_files import add, put, saved
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World, photo_id

Change = Callable[[Workbook], None]


@pytest.fixture
def draft(world: World) -> Edition:
    """The small edition's next version."""
    return new_version(edition_id=small_edition().pk, version="2", by=world.actor("clerk"), now=NOW)


def edited(edition: Edition, change: Change, kind: str = "RES") -> bytes:
    """The draft's form after an office worked on it."""
    book = load_workbook(BytesIO(checklist_workbook(edition.pk, kind)))
    change(book)
    return saved(book)


def canteen(book: Workbook) -> None:
    """Is there a canteen, how many tables; one criterion only where there is one; a note on its failure."""
    add(book, "site", type="integer", name="tables", label__zh="几张桌子", relevant="${canteen} = 'yes'", required="yes",
        constraint=". > 0 and . <= 99", constraint_message__zh="桌子数应在 1 到 99 之间。")  # fmt: skip
    add(book, "site", type="select_one yn", name="canteen", label__zh="有没有食堂", required="yes")
    add(book, "c_RES_01_place", type="image", name="sign", label__zh="路牌照片")
    for word, label in (("yes", "有"), ("no", "没有")):
        book["choices"].append(["yn", word, label])
    put(book, "c_RES_16", relevant="${canteen} = 'yes'")
    put(book, "c_RES_01_note", required="yes")
    put(book, "c_RES_01_verdict", label__en="The road is even", hint__zh="走一遍主路")


def taken(edition: Edition, content: bytes, world: World, **facts: Any) -> Preview:
    """The file in the draft."""
    return import_checklist(
        edition_id=edition.pk, point_type="RES", content=content, by=world.actor("clerk"), now=NOW, **facts
    )


def test_an_office_takes_over_what_it_edited_and_nothing_else_changes(draft: Edition, world: World) -> None:
    before = edition_sheet_of(draft)
    content = edited(draft, canteen)
    shown = preview_checklist(edition_id=draft.pk, point_type="RES", content=content, by=world.actor("clerk"))
    assert edition_sheet_of(draft) == before, "looking changes nothing"
    assert (shown.changes.count("added"), shown.changes.count("changed"), shown.unheld) == (5, 2, ())
    assert taken(draft, content, world, seen=shown.seen).changes == shown.changes
    after = edition_sheet_of(draft)
    assert replace(after, criteria=(), questions=(), choices=()) == replace(before, criteria=())
    assert [row for row in after.criteria if row.point_type == "LANE"] == [
        row for row in before.criteria if row.point_type == "LANE"
    ]
    found = checklist_form(draft.pk, "RES")
    assert [row.name for row in found.questions] == ["canteen", "tables", "sign"]
    assert Criterion.objects.get(edition=draft, code="RES-16").relevant == "${canteen} = 'yes'"
    event = Event.objects.get(kind="checklist.imported")
    assert (event.subject_id, event.facts["added"], event.facts["changed"]) == (draft.pk, 5, 2)


def test_the_same_file_again_changes_nothing(draft: Edition, world: World) -> None:
    content = edited(draft, canteen)
    taken(draft, content, world)
    moment = Edition.objects.get(pk=draft.pk).updated_at
    assert not taken(draft, content, world).changes
    assert Event.objects.filter(kind="checklist.imported").count() == 1
    assert Edition.objects.get(pk=draft.pk).updated_at == moment
    assert not taken(draft, checklist_workbook(draft.pk, "RES"), world).changes


def test_a_published_edition_never_changes(draft: Edition, world: World) -> None:
    published = Edition.objects.get(version="1")
    content = edited(draft, canteen)
    before = edition_sheet_of(published)
    for operation in (preview_checklist, import_checklist):
        facts: dict[str, Any] = {"now": NOW} if operation is import_checklist else {}
        with pytest.raises(Refused, match="已经发布，不能再改。请先新建一个版次"):
            operation(edition_id=published.pk, point_type="RES", content=content, by=world.actor("clerk"), **facts)
    assert edition_sheet_of(published) == before


def test_nothing_is_half_stored_when_one_row_is_wrong(draft: Edition, world: World) -> None:
    def wrong(book: Workbook) -> None:
        canteen(book)
        put(book, "tables", relevant="${kitchen} = 'yes'")
        put(book, "c_RES_10_verdict", 测评内容="X")

    before, events = edition_sheet_of(draft), Event.objects.count()
    with pytest.raises(BadInput) as refused:
        taken(draft, edited(draft, wrong), world)
    assert len(refused.value.objections) == 2
    assert edition_sheet_of(draft) == before
    assert Event.objects.count() == events


def test_who_may_not_edit_standards_may_not_import_forms(draft: Edition, world: World) -> None:
    content = checklist_workbook(draft.pk, "RES")
    for username in ("inspector", "leader", "grid"):
        with pytest.raises(Refused, match="不能修改"):
            import_checklist(edition_id=draft.pk, point_type="RES", content=content, by=world.actor(username), now=NOW)
    with pytest.raises(NotFound):
        import_checklist(edition_id=draft.pk, point_type="NONE", content=content, by=world.actor("clerk"), now=NOW)


def test_a_draft_that_changed_after_it_was_looked_at_is_looked_at_again(draft: Edition, world: World) -> None:
    content = edited(draft, canteen)
    shown = preview_checklist(edition_id=draft.pk, point_type="RES", content=content, by=world.actor("clerk"))
    Edition.objects.filter(pk=draft.pk).update(updated_at=NOW.replace(year=2027))
    with pytest.raises(Conflict, match="草稿又被改过"):
        taken(draft, content, world, seen=shown.seen)
    assert not Question.objects.exists()


def test_the_editions_own_workbook_keeps_what_forms_hold(draft: Edition, world: World) -> None:
    taken(draft, edited(draft, canteen), world)
    sheet = edition_sheet_of(draft)
    assert read_edition(BytesIO(write_edition(sheet))) == sheet
    again = import_edition(sheet=replace(sheet, version="3"), by=world.actor("clerk"), now=NOW)
    assert edition_sheet_of(again) == replace(sheet, version="3")


def test_a_workbook_from_before_forms_is_read_as_before(draft: Edition) -> None:
    book = load_workbook(BytesIO(write_edition(edition_sheet_of(draft))))
    for title in ("附加问题", "选项"):
        del book[title]
    criteria = book["测评标准"]
    criteria.delete_cols(14, criteria.max_column - 13)
    assert read_edition(BytesIO(saved(book))) == edition_sheet_of(draft)


# --- the form as others take it ---


def test_forms_of_a_published_edition_are_found_by_their_id(draft: Edition, world: World) -> None:
    published = Edition.objects.get(version="1")
    heads = form_heads(published.pk)
    assert {head.point_type for head in heads} == {"RES", "LANE"}
    for head in heads:
        assert find_form(head.form_id) == head
        assert form_head(published.pk, head.point_type) == head
    assert find_form(form_head(draft.pk, "RES").form_id) is None, "a draft is no form yet"
    assert find_form("nothing") is None
    with pytest.raises(NotFound):
        form_head(published.pk, "MKT")


def test_a_form_carries_its_places_and_its_pictures(draft: Edition, world: World) -> None:
    def change(book: Workbook) -> None:
        canteen(book)
        put(book, "canteen", **{"media::image__zh": "食堂.png"})

    content = edited(draft, change)
    assert taken(draft, content, world).missing_pictures == ("食堂.png",)
    sites = [("7", "学田小区, 东区"), ("8", "文峰小区")]
    form = checklist_xform(draft.pk, "RES", sites)
    assert form.media == {"sites.csv": 'name,label\n7,"学田小区, 东区"\n8,文峰小区\n'.encode()}
    assert b"jr://images" not in form.xml
    with pytest.raises(Refused, match=r"图片 食堂\.png 还没有上传"):
        publish_edition(edition_id=draft.pk, by=world.actor("chief"), now=NOW)
    keep_pictures(edition_id=draft.pk, pictures={"食堂.png": picture()}, by=world.actor("clerk"), now=NOW)
    form = checklist_xform(draft.pk, "RES", sites)
    assert form.media["食堂.png"] == picture()
    assert "jr://images/食堂.png".encode() in form.xml
    copied = new_version(edition_id=draft.pk, version="9", by=world.actor("clerk"), now=NOW)
    assert FormPicture.objects.get(edition=copied).name == "食堂.png"
    fields = form_fields(draft.pk, "RES")
    assert (fields.version, [row.name for row in fields.questions]) == (form.version, ["canteen", "tables"])
    first = fields.criteria[0]
    assert (first.code, first.verdict, [row.name for row in first.questions]) == (
        "RES-01",
        "c_RES_01_verdict",
        ["sign"],
    )


def picture() -> bytes:
    """A small PNG."""
    out = BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    return out.getvalue()


def test_what_is_no_picture_is_refused_by_content(draft: Edition, world: World) -> None:
    with pytest.raises(Refused) as refused:
        keep_pictures(
            edition_id=draft.pk,
            pictures={"a.png": b"<svg/>", "b.png": b"x" * 1_000_001},
            by=world.actor("clerk"),
            now=NOW,
        )
    assert len(refused.value.objections) == 4
    assert not FormPicture.objects.exists()


# --- at a visit ---


@pytest.fixture
def patrol(draft: Edition, world: World) -> Patrol:
    """A round by the edition with the canteen's questions."""
    taken(draft, edited(draft, canteen), world)
    Edition.objects.filter(pk=draft.pk).update(published_at=NOW)
    return small_patrol(world, edition=draft)


def answer(world: World, patrol: Patrol, **answers: str) -> Visit:
    return record_answers(
        patrol_id=patrol.pk, site_id=world.compound.pk, answers=answers, by=world.actor("inspector"), now=NOW
    )


def finish(world: World, patrol: Patrol) -> Visit:
    return finish_visit(
        patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=world.actor("inspector"), now=NOW
    )


def test_a_place_is_not_finished_before_what_was_asked_is_answered(patrol: Patrol, world: World) -> None:
    with pytest.raises(Refused, match="「有没有食堂」必须回答。"):
        finish(world, patrol)
    answer(world, patrol, canteen="yes")
    with pytest.raises(Refused, match="「几张桌子」必须回答。"):
        finish(world, patrol)
    answer(world, patrol, tables="12")
    assert finish(world, patrol).answers == {"canteen": "yes", "tables": "12"}
    assert set(Finding.objects.values_list("verdict", flat=True)) == {"pass"}


def test_a_criterion_that_was_not_asked_does_not_apply(patrol: Patrol, world: World) -> None:
    answer(world, patrol, canteen="no")
    finish(world, patrol)
    assert dict(Finding.objects.values_list("criterion__code", "verdict")) == {
        "RES-01": "pass", "RES-10": "pass", "RES-16": "na",
    }  # fmt: skip


def test_answers_are_checked_on_the_server_with_everything_that_is_wrong(patrol: Patrol, world: World) -> None:
    with pytest.raises(Refused) as refused:
        answer(world, patrol, canteen="perhaps", tables="120", sign="77", ghost="1")
    assert refused.value.objections == (
        "检查单里没有名为“ghost”的问题。", "「有没有食堂」没有选项“perhaps”。", "「几张桌子」桌子数应在 1 到 99 之间。",
        "「路牌照片」的照片没有收到，请重新选择。",
    )  # fmt: skip
    assert not Visit.objects.filter(answers__canteen="perhaps").exists()


def test_answers_are_corrected_until_the_place_is_finished(patrol: Patrol, world: World) -> None:
    photo = photo_id(world.actor("inspector"))
    answer(world, patrol, canteen="yes", tables="3", sign=str(photo))
    answer(world, patrol, canteen="yes", tables="3")
    assert Event.objects.filter(kind="visit.answered").count() == 1, "the same again is nothing new"
    assert answer(world, patrol, canteen="no", tables="").answers == {"canteen": "no", "sign": str(photo)}
    finish(world, patrol)
    with pytest.raises(Refused, match="不能再改回答"):
        answer(world, patrol, canteen="yes")


def test_a_failure_that_needs_a_note_is_not_taken_without_one(patrol: Patrol, world: World) -> None:
    facts: dict[str, Any] = {
        "patrol_id": patrol.pk, "site_id": world.compound.pk, "criterion_code": "RES-01", "verdict": "fail",
        "by": world.actor("inspector"), "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refused, match="须写明情况"):
        record_finding(**facts, note=" ")
    assert record_finding(**facts, note="3号楼前坑洼").case is not None


def test_the_sample_shows_a_draft_whose_market_asks_more(world: World) -> None:
    from chuangwen.project.demo import forms

    edition = seed_sample(by=world.actor("chief"), now=NOW)
    forms.load(edition=edition, now=NOW)
    draft = Edition.objects.get(version=forms.VERSION)
    found = checklist_form(draft.pk, forms.KIND)
    assert (found.questions, found.choices) == (forms.QUESTIONS, forms.CHOICES)
    assert found.criteria[0].note_on_fail
    assert not draft.is_published
