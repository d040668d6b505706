"""What pages about standards ask: one criterion with its choices, narrowed lists of case standards."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from chuangwen.rules.editions import CriterionRow
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.edition_rows import criterion_row
from chuangwen.standards.models import CaseStandard, Content, Criterion, Edition


def draft_with(code: str, version: str) -> Edition | None:
    """The draft of this code and version, which an import would replace."""
    return Edition.objects.filter(code=code, version=version, published_at=None).first()


def criterion_with_code(edition_id: int, code: str) -> CriterionRow:
    """One criterion of an edition as a plain row."""
    found = Criterion.objects.filter(edition_id=edition_id, code=code).select_related("content").first()
    if found is None:
        raise NotFound(f"没有编码为“{code}”的测评标准。")
    return criterion_row(found)


def content_choices(edition_id: int) -> Sequence[tuple[str, str]]:
    """The contents of an edition as code and name, with the item they belong to."""
    rows = (
        Content.objects.filter(item__edition_id=edition_id)
        .select_related("item")
        .order_by("item__position", "position")
    )
    return [(content.code, f"{content.item.name} / {content.name}") for content in rows]


def case_standard_choices() -> Sequence[tuple[str, str]]:
    """The case standards in force as code and words."""
    rows = CaseStandard.objects.filter(replaced_at=None).order_by("code").values_list("code", "item", "condition")
    return [(code, f"{item}：{condition}") for code, item, condition in rows]


def narrowed_case_standards(
    *, book: str = "", kind: str = "", unit: str = "", text: str = ""
) -> QuerySet[CaseStandard]:
    """The case standards in force that these conditions leave, by book and code.

    unit: a LimitUnit value, or `none` for limits that a person must still decide; text: words of code, class, item,
    condition or handling unit.
    """
    rows = CaseStandard.objects.filter(replaced_at=None)
    conditions = {"book": book, "kind": kind, "limit_unit": "" if unit == "none" else unit}
    rows = rows.filter(**{name: value for name, value in conditions.items() if value})
    if unit == "none":
        rows = rows.filter(limit_amount=None)
    for word in text.split():
        rows = rows.filter(
            Q(code__icontains=word) | Q(class_name__icontains=word) | Q(item__icontains=word)
            | Q(condition__icontains=word) | Q(handler__icontains=word)
        )  # fmt: skip
    return rows.order_by("book", "code")
