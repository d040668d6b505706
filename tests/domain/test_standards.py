"""Editions and case standards: drafts are imported and edited, published ones never change, nothing is lost."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.rules.case_flow import Status
from chuangwen.rules.case_standards import CaseStandardRow
from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.limits import Limit, parse_limit
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.standards import operations as standards
from chuangwen.standards import queries
from chuangwen.standards.calendar import set_day
from chuangwen.standards.calendar_files import export_year, import_year, read_year
from chuangwen.standards.models import CaseStandard, Criterion, Edition, PointType
from chuangwen.standards.sample_edition import sample_case_standards, sample_edition
from chuangwen.standards.workbooks import read_case_standards, read_edition, write_case_standards, write_edition
from tests.paths import shared_data
from tests.world import NOW, World

LATER = NOW + timedelta(days=1)
SAMPLE = sample_edition()


def draft(sheet: EditionSheet = SAMPLE) -> Edition:
    """The sample edition as a draft, with its case standards."""
    standards.import_case_standards(name="样例", rows=sample_case_standards(), by=SYSTEM, now=NOW)
    return standards.import_edition(sheet=sheet, by=SYSTEM, now=NOW)


def events(kind: str) -> int:
    """How many events of a kind there are."""
    return Event.objects.filter(kind=kind).count()


def changed(sheet: EditionSheet, code: str, **values: Any) -> EditionSheet:
    """The sheet with one criterion changed."""
    rows = tuple(replace(row, **values) if row.code == code else row for row in sheet.criteria)
    return replace(sheet, criteria=rows)


@pytest.mark.django_db
def test_what_was_imported_can_be_read_back_whole() -> None:
    edition = draft()
    assert queries.edition_sheet(SAMPLE.code, SAMPLE.version) == SAMPLE
    assert not edition.is_published
    assert Criterion.objects.filter(edition=edition).count() == len(SAMPLE.criteria) > 170


@pytest.mark.django_db
def test_a_whole_edition_is_written_in_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(60):
        standards.import_edition(sheet=SAMPLE, by=SYSTEM, now=NOW)


@pytest.mark.django_db
def test_the_same_sheet_again_changes_nothing() -> None:
    first = draft()
    ids = list(Criterion.objects.values_list("pk", flat=True))
    again = standards.import_edition(sheet=SAMPLE, by=SYSTEM, now=LATER)
    assert (again.pk, again.updated_at) == (first.pk, NOW)
    assert list(Criterion.objects.values_list("pk", flat=True)) == ids
    assert (events("edition.created"), events("edition.replaced")) == (1, 0)


@pytest.mark.django_db
def test_point_types_in_another_order_are_the_same_sheet() -> None:
    draft()
    draft(replace(SAMPLE, point_types=SAMPLE.point_types[::-1]))
    assert events("edition.replaced") == 0


@pytest.mark.django_db
def test_a_draft_is_replaced_by_a_new_sheet() -> None:
    first = draft()
    sheet = changed(SAMPLE, "RES-01", text="小区道路平整")
    second = draft(sheet)
    assert second.pk == first.pk
    assert queries.edition_sheet_of(second) == sheet
    assert events("edition.replaced") == 1


@pytest.mark.django_db
def test_every_objection_to_a_sheet_is_named_and_nothing_is_written() -> None:
    wrong = changed(changed(SAMPLE, "RES-01", content_code="没有"), "RES-02", severity="X")
    with pytest.raises(Refused) as refusal:
        standards.import_edition(sheet=wrong, by=SYSTEM, now=NOW)
    assert len(refusal.value.objections) == 2
    assert not Edition.objects.exists()
    assert not PointType.objects.exists()


def test_only_the_office_imports_and_only_its_chief_publishes(world: World) -> None:
    edition = standards.import_edition(sheet=SAMPLE, by=world.actor("clerk"), now=NOW)
    standards.import_case_standards(name="样例", rows=sample_case_standards(), by=world.actor("clerk"), now=NOW)
    for attempt in (
        lambda: standards.import_edition(sheet=SAMPLE, by=world.actor("xt_chief"), now=NOW),
        lambda: standards.publish_edition(edition_id=edition.pk, by=world.actor("clerk"), now=NOW),
        lambda: standards.import_case_standards(name="x", rows=(), by=world.actor("inspector"), now=NOW),
        lambda: standards.discard_draft(edition_id=edition.pk, by=world.actor("leader"), now=NOW),
    ):
        with pytest.raises(Refused):
            attempt()
    published = standards.publish_edition(edition_id=edition.pk, by=world.actor("chief"), now=NOW)
    assert (published.published_at, published.published_by) == (NOW, "陆主任")


@pytest.mark.django_db
def test_a_published_edition_never_changes_again() -> None:
    edition = standards.publish_edition(edition_id=draft().pk, by=SYSTEM, now=NOW)
    with pytest.raises(Refused, match="请换一个版次"):
        standards.import_edition(sheet=changed(SAMPLE, "RES-01", text="别的"), by=SYSTEM, now=LATER)
    for attempt in (
        lambda: standards.publish_edition(edition_id=edition.pk, by=SYSTEM, now=LATER),
        lambda: standards.discard_draft(edition_id=edition.pk, by=SYSTEM, now=LATER),
        lambda: standards.change_criterion(edition_id=edition.pk, code="RES-01", text="x", by=SYSTEM, now=LATER),
    ):
        with pytest.raises(Refused, match="已经发布"):
            attempt()
    assert queries.edition_sheet_of(Edition.objects.get()) == SAMPLE
    assert queries.current_edition() == edition


@pytest.mark.django_db
def test_publishing_names_every_case_standard_that_is_not_there() -> None:
    edition = standards.import_edition(sheet=SAMPLE, by=SYSTEM, now=NOW)
    with pytest.raises(Refused) as refusal:
        standards.publish_edition(edition_id=edition.pk, by=SYSTEM, now=NOW)
    assert len(refusal.value.objections) == sum(bool(row.case_standard) for row in SAMPLE.criteria)
    assert all("立案标准" in sentence for sentence in refusal.value.objections)


@pytest.mark.django_db
def test_a_new_version_begins_as_a_copy() -> None:
    old = standards.publish_edition(edition_id=draft().pk, by=SYSTEM, now=NOW)
    new = standards.new_version(edition_id=old.pk, version="2027", by=SYSTEM, now=LATER)
    assert queries.edition_sheet_of(new) == replace(SAMPLE, version="2027")
    assert not new.is_published
    with pytest.raises(Refused, match="版次“2027”已经有了"):
        standards.new_version(edition_id=old.pk, version=" 2027 ", by=SYSTEM, now=LATER)
    with pytest.raises(NotFound):
        standards.new_version(edition_id=0, version="x", by=SYSTEM, now=LATER)


@pytest.mark.django_db
def test_a_criterion_of_a_draft_can_be_edited() -> None:
    edition = draft()
    content = next(row.content_code for row in SAMPLE.criteria if row.content_code != SAMPLE.criteria[0].content_code)
    values: dict[str, Any] = {
        "text": "道路平整", "weight": Decimal("2.5"), "how": ("look", "measure"), "content_code": content,
        "point_type": "LANE",
    }  # fmt: skip
    for _ in range(2):
        standards.change_criterion(edition_id=edition.pk, code="RES-01", by=SYSTEM, now=LATER, **values)
    assert queries.edition_sheet_of(edition) == changed(SAMPLE, "RES-01", **values)
    (event,) = Event.objects.filter(kind="criterion.changed")
    assert event.facts["before"]["text"] == SAMPLE.criteria[0].text
    assert event.facts["after"]["weight"] == "2.5"


@pytest.mark.django_db
def test_an_edit_that_makes_a_draft_unsound_is_refused_with_every_reason() -> None:
    edition = draft()
    with pytest.raises(Refused) as refusal:
        standards.change_criterion(
            edition_id=edition.pk, code="RES-01", text="", severity="X", content_code="无", by=SYSTEM, now=NOW
        )
    assert len(refusal.value.objections) == 3
    with pytest.raises(NotFound):
        standards.change_criterion(edition_id=edition.pk, code="没有", text="x", by=SYSTEM, now=NOW)
    assert queries.edition_sheet_of(edition) == SAMPLE


@pytest.mark.django_db
def test_a_discarded_draft_is_gone_and_leaves_a_trace() -> None:
    standards.discard_draft(edition_id=draft().pk, by=SYSTEM, now=NOW)
    assert not Edition.objects.exists()
    assert not Criterion.objects.exists()
    assert events("edition.discarded") == 1


def test_a_draft_that_is_used_is_neither_replaced_nor_discarded(world: World) -> None:
    edition = draft()
    patrol = Patrol.objects.create(
        title="试查", edition=edition, starts_at=NOW, ends_at=LATER, created_at=NOW, created_by="周文"
    )
    inspector = world.actor("inspector").user_id or 0
    visit = Visit.objects.create(patrol=patrol, site=world.compound, inspector_id=inspector, started_at=NOW)
    Finding.objects.create(visit=visit, criterion=edition.criteria.all()[0], verdict="pass", found_at=NOW)
    with pytest.raises(Refused, match="不能整份替换"):
        standards.import_edition(sheet=changed(SAMPLE, "RES-01", text="别的"), by=SYSTEM, now=NOW)
    with pytest.raises(Refused, match="不能丢弃"):
        standards.discard_draft(edition_id=edition.pk, by=SYSTEM, now=NOW)
    assert queries.edition_sheet_of(edition) == SAMPLE


@pytest.mark.django_db
def test_an_exported_edition_imports_unchanged() -> None:
    edition = draft()
    sheet = read_edition(BytesIO(write_edition(queries.edition_sheet_of(edition))))
    standards.import_edition(sheet=sheet, by=SYSTEM, now=LATER)
    assert events("edition.replaced") == 0


@pytest.mark.django_db
def test_a_page_gets_the_whole_tree_in_six_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    edition = draft()
    with django_assert_num_queries(6):
        tree = queries.edition_tree(edition.pk)
        shown = [c.point_type.name if c.point_type else "" for i in tree.items for n in i.contents for c in n.criteria]
    assert len(shown) == len(SAMPLE.criteria)
    assert [item.item.code for item in tree.items] == [item.code for item in SAMPLE.items]
    assert [veto.code for veto in tree.veto_items] == [veto.code for veto in SAMPLE.veto_items]
    assert sum(method.weight for method in tree.methods) == 100


@pytest.mark.django_db
def test_the_sample_is_published_once() -> None:
    edition = standards.seed_sample(by=SYSTEM, now=NOW)
    assert standards.seed_sample(by=SYSTEM, now=LATER) == edition
    assert (edition.is_published, events("edition.published"), events("case_standards.imported")) == (True, 1, 1)
    assert len(queries.checklist(edition.pk, "RES")) == sum(
        (row.point_type, row.method) == ("RES", "field") for row in SAMPLE.criteria
    )


@pytest.mark.django_db
def test_an_unknown_edition_is_named() -> None:
    with pytest.raises(NotFound, match="“x”、版次为“1”"):
        queries.edition_sheet("x", "1")


# --- books of case standards ---


def row(code: str, limit: str = "4工作时", condition: str = "破损") -> CaseStandardRow:
    """A case standard."""
    return CaseStandardRow(code, "部件", "公用设施", "井盖", condition, limit, parse_limit(limit), "修好", "", "")


def take(*rows: CaseStandardRow, now: Any = NOW) -> standards.BookResult:
    """Import a book of these rows."""
    return standards.import_case_standards(name="本市", rows=rows, by=SYSTEM, now=now)


@pytest.mark.django_db
def test_a_book_imported_twice_changes_nothing() -> None:
    rows = (row("A-1"), row("A-2"), row("A-10"))
    assert take(*rows) == standards.BookResult(3, 0, 0, 0)
    assert take(*rows, now=LATER) == standards.BookResult(0, 0, 3, 0)
    assert CaseStandard.objects.filter(book="本市").count() == 3
    assert events("case_standards.imported") == 1
    assert queries.case_standard_rows("本市") == rows


def test_what_changed_or_went_is_retired_and_its_cases_keep_it(world: World) -> None:
    take(row("A-1"), row("A-2"))
    old = queries.standard_for("A-1")
    case = world.case_at(Status.DISPATCHED, standard=old)
    assert take(row("A-1", "2工作日"), row("A-3"), now=LATER) == standards.BookResult(1, 1, 0, 1)
    case.refresh_from_db()
    assert case.standard == old
    assert case.standard is not None
    assert (case.standard.limit_text, case.standard.replaced_at) == ("4工作时", LATER)
    new = queries.standard_for("A-1")
    assert new is not None
    assert (new.limit_text, new.limit_unit) == ("2工作日", "working_days")
    assert queries.standard_for("A-2") is None
    assert CaseStandard.objects.filter(book="本市").count() == 4
    assert [(b.name, b.in_force, b.retired, b.last_retired_at) for b in queries.books()] == [
        ("本市", 2, 2, LATER), ("测试册", 1, 0, None)
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_retired_condition_that_comes_back_is_in_force_again() -> None:
    take(row("A-1"), row("A-2"))
    take(row("A-1"), now=LATER)
    assert take(row("A-1"), row("A-2"), now=LATER) == standards.BookResult(1, 0, 1, 0)


@pytest.mark.django_db
def test_a_limit_nobody_should_guess_is_kept_as_written_and_listed() -> None:
    fine = Limit(Decimal("1.125"), parse_limit("1小时").unit, "1.125小时")  # type: ignore[union-attr]  # it parses
    rows = (row("A-1", "半天"), row("A-2"), replace(row("A-3"), limit_text="1.125小时", limit=fine))
    for result in (take(*rows), take(*rows, now=LATER)):
        assert result.unparsed == ("A-1", "A-3")
    assert queries.case_standards().filter(limit_amount=None, limit_text="半天", limit_unit="").count() == 1
    assert events("case_standards.imported") == 1


@pytest.mark.django_db
def test_every_objection_to_a_book_is_named() -> None:
    with pytest.raises(Refused) as refusal:
        standards.import_case_standards(name=" ", rows=[row("A-1"), row("A-1", condition="")], by=SYSTEM, now=NOW)
    assert len(refusal.value.objections) == 3
    with pytest.raises(Refused, match="空表会停用整册"):
        take()


@pytest.mark.django_db
def test_a_real_citys_standards_come_in_whole_and_come_back_unchanged() -> None:
    book = read_case_standards(shared_data("case_standards_yuncheng.xlsx"))
    result = take(*book.standards)
    assert (result.created, result.unchanged) == (519, 0)
    assert len(result.unparsed) == len(book.unparsed)
    assert set(queries.case_standard_rows("本市")) == set(book.standards)
    again = read_case_standards(BytesIO(write_case_standards(queries.case_standard_rows("本市"))))
    assert take(*again.standards, now=LATER) == replace(result, created=0, unchanged=519)


# --- the working calendar ---


YEAR = "date,is_working,name\n2020-06-25,否,端午节\n2020-06-28,是,调休上班\n2020-06-26,0,端午节\n"


def test_a_year_of_the_calendar_goes_out_and_comes_back(world: World) -> None:
    out = export_year(2020)
    assert out.decode("utf-8-sig").startswith("date,is_working,name\r\n2020-01-01,否,")
    official = queries.calendar_years()[-2]
    _, changed = import_year(content=out, official=True, source=official.source, by=SYSTEM, now=NOW)
    assert not changed
    entry, changed = import_year(
        content=YEAR.encode(), official=True, source="国办通知", by=world.actor("clerk"), now=NOW
    )
    assert (entry.year, changed, len(queries.calendar_days(2020))) == (2020, True, 3)
    assert queries.work_calendar().is_working(date(2020, 6, 28))
    assert queries.work_calendar().is_working(date(2020, 1, 1))
    assert not import_year(content=export_year(2020), official=True, source="国办通知", by=SYSTEM, now=LATER)[1]
    with pytest.raises(Refused, match="不能修改工作日历"):
        import_year(content=YEAR.encode(), official=True, source="国办通知", by=world.actor("wf_chief"), now=NOW)


def test_every_bad_row_of_a_year_is_named() -> None:
    with pytest.raises(BadInput) as refusal:
        read_year("日期,是否上班\n2020-06-25,否\n2020-06-25,是\n2021-01-01,否\n".encode())
    assert [sentence[:5] for sentence in refusal.value.objections] == ["第 3 行", "第 4 行"]


def test_the_calendar_is_kept_until_it_is_edited(world: World) -> None:
    calendar = queries.work_calendar()
    assert queries.work_calendar() is calendar
    set_day(day=date(2020, 6, 24), is_working=False, name="停电", by=SYSTEM, now=NOW)
    assert not queries.work_calendar().is_working(date(2020, 6, 24))
    cache.clear()
    assert queries.work_calendar() is not calendar
