"""An edition between its sheet (plain rows) and its database rows; reading one back gives the sheet that was written."""

from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from typing import Any, Final

from chuangwen.rules.editions import (
    ChoiceRow,
    ContentRow,
    CriterionRow,
    EditionSheet,
    ItemRow,
    MethodRow,
    PointTypeRow,
    QuestionRow,
    VetoRow,
)
from chuangwen.standards.models import (
    Choice,
    Content,
    Criterion,
    Edition,
    EditionMethod,
    Item,
    PointType,
    Question,
    VetoItem,
)

_FORM: Final = ("text_en", "hint", "hint_en", "note_on_fail", "relevant", "media")


def edition_sheet_of(edition: Edition) -> EditionSheet:
    """Everything of an edition as plain rows, in the order in which they were written.

    Point types belong to the whole installation; here are those that the edition's criteria name.
    """
    criteria = list(Criterion.objects.filter(edition=edition).select_related("content").order_by("position", "pk"))
    kinds = PointType.objects.filter(code__in={row.point_type_id for row in criteria if row.point_type_id})
    contents = Content.objects.filter(item__edition=edition).select_related("item").order_by("position", "pk")
    return EditionSheet(
        name=edition.name,
        code=edition.code,
        version=edition.version,
        source=edition.source,
        methods=tuple(MethodRow(row.kind, row.weight, row.source) for row in edition.methods.order_by("pk")),
        point_types=tuple(PointTypeRow(row.code, row.name, row.position) for row in kinds),
        items=tuple(ItemRow(row.code, row.name) for row in edition.items.order_by("position", "pk")),
        contents=tuple(ContentRow(row.code, row.item.code, row.name) for row in contents),
        criteria=tuple(criterion_row(row) for row in criteria),
        veto_items=tuple(
            VetoRow(row.code, row.text, row.sanction, row.points, row.window_months, row.source)
            for row in edition.veto_items.order_by("pk")
        ),
        questions=question_rows(edition.questions.order_by("position", "pk")),
        choices=choice_rows(edition.choices.order_by("position", "pk")),
    )


def question_rows(rows: Iterable[Question]) -> tuple[QuestionRow, ...]:
    """Further questions as plain rows."""
    names = [field.name for field in fields(QuestionRow) if field.name != "point_type"]
    return tuple(QuestionRow(row.point_type_id, **{name: getattr(row, name) for name in names}) for row in rows)


def choice_rows(rows: Iterable[Choice]) -> tuple[ChoiceRow, ...]:
    """Words to choose from as plain rows."""
    return tuple(
        ChoiceRow(row.point_type_id, row.list_name, row.name, row.label, row.label_en, row.media) for row in rows
    )


def criterion_row(row: Criterion) -> CriterionRow:
    """One criterion as a plain row; fetch it with its content."""
    return CriterionRow(
        code=row.code,
        content_code=row.content.code,
        point_type=row.point_type_id or "",
        text=row.text,
        how=tuple(row.how),
        threshold=row.threshold,
        photo_on_fail=row.photo_on_fail,
        severity=row.severity,
        method=row.method,
        weight=row.weight,
        carve_outs=row.carve_outs,
        case_standard=row.case_standard,
        source=row.source,
        **{name: getattr(row, name) for name in _FORM},
    )


def in_house_order(sheet: EditionSheet) -> EditionSheet:
    """The sheet with its point types in the order in which the database gives them, to compare two sheets."""
    kinds = sorted(sheet.point_types, key=lambda kind: (kind.position, kind.code))
    return replace(sheet, point_types=tuple(kinds))


def write_rows(edition: Edition, sheet: EditionSheet) -> None:
    """Put a sound sheet in the place of whatever rows the edition has; point types are added or brought up to date."""
    PointType.objects.bulk_create(
        [PointType(code=row.code, name=row.name, position=row.position) for row in sheet.point_types],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "position"],
    )  # fmt: skip
    edition.criteria.all().delete()
    for rows in (edition.items, edition.methods, edition.veto_items, edition.questions, edition.choices):
        rows.all().delete()
    EditionMethod.objects.bulk_create(
        EditionMethod(edition=edition, kind=row.kind, weight=row.weight, source=row.source) for row in sheet.methods
    )
    contents = _write_tree(edition, sheet)
    Criterion.objects.bulk_create(
        Criterion(edition=edition, content=contents[row.content_code], position=position, **criterion_fields(row))
        for position, row in enumerate(sheet.criteria, start=1)
    )
    VetoItem.objects.bulk_create(
        VetoItem(
            edition=edition, code=row.code, text=row.text, sanction=row.sanction, points=row.points,
            window_months=row.window_months, source=row.source,
        )
        for row in sheet.veto_items
    )  # fmt: skip
    Question.objects.bulk_create(
        Question(edition=edition, position=position, **_columns(row))
        for position, row in enumerate(sheet.questions, start=1)
    )
    Choice.objects.bulk_create(
        Choice(edition=edition, position=position, **_columns(row))
        for position, row in enumerate(sheet.choices, start=1)
    )


def _columns(row: QuestionRow | ChoiceRow) -> dict[str, Any]:
    columns = asdict(row)
    return columns | {"point_type_id": columns.pop("point_type")}


def _write_tree(edition: Edition, sheet: EditionSheet) -> dict[str, Content]:
    items = Item.objects.bulk_create(
        Item(edition=edition, code=row.code, name=row.name, position=position)
        for position, row in enumerate(sheet.items, start=1)
    )
    by_code = {item.code: item for item in items}
    contents = Content.objects.bulk_create(
        Content(item=by_code[row.item_code], code=row.code, name=row.name, position=position)
        for position, row in enumerate(sheet.contents, start=1)
    )
    return {content.code: content for content in contents}


def criterion_fields(row: CriterionRow) -> dict[str, object]:
    """The columns of a criterion but its edition, its content and its place in the order."""
    return {
        "code": row.code, "point_type_id": row.point_type or None, "text": row.text, "how": list(row.how),
        "threshold": row.threshold, "photo_on_fail": row.photo_on_fail, "severity": row.severity,
        "method": row.method, "weight": row.weight, "carve_outs": row.carve_outs, "case_standard": row.case_standard,
        "source": row.source, **{name: getattr(row, name) for name in _FORM},
    }  # fmt: skip
