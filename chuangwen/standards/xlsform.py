"""Checklists as forms for other programs: XLSForm workbooks for an office, XForm XML for ODK Collect.

One form for each point type of an edition. Names in the form (`xlsforms.base_names`):

    start, end                    when the form was opened and saved
    site                          one of sites.csv (columns name, label)
    <question>                    further questions of the whole place
    c_<code>                      the group of a criterion, asked only when its condition holds
        c_<code>_verdict          pass | fail | na
        c_<code>_note             text, when failed (required when the criterion asks for a note)
        c_<code>_photo            image, when failed (required when the criterion asks for a photo)
        c_<code>_place            geopoint, when failed, never required
        <question>                further questions of this criterion
    rest_passes                   acknowledge: "OK" when ticked
    meta/instanceID, meta/instanceName

`form_id` is ASCII and fixed for an edition and point type; `version` changes exactly when the form's content changes.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from chuangwen.rules.form_rows import QuestionRow
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.xlsforms import REST_PASSES, SITE, Checklist, base_names, part_names
from chuangwen.standards.checklists import NamedChecklist, checklist_forms, named_checklist
from chuangwen.standards.models import Edition
from chuangwen.standards.xlsform_layout import SITES, Layout, form_id, lay_out, spoken_in_both
from chuangwen.standards.xlsform_writing import write_layout

__all__ = [
    "CriterionFields",
    "Form",
    "FormFields",
    "FormHead",
    "FormPage",
    "checklist_workbook",
    "checklist_xform",
    "find_form",
    "form_fields",
    "form_head",
    "form_heads",
    "form_page",
]

_FORMS_KEPT: Final = 64


@dataclass(frozen=True)
class FormHead:
    """What a list of forms says of one form."""

    form_id: str
    version: str
    title: str
    edition_id: int
    point_type: str


@dataclass(frozen=True)
class Form:
    """One form as a phone takes it: XForm XML in UTF-8, and the files that belong to it by name."""

    form_id: str
    version: str
    title: str
    xml: bytes
    media: dict[str, bytes]


@dataclass(frozen=True)
class CriterionFields:
    """The names under which a submission carries one criterion: its group, the four parts, further questions."""

    code: str
    base: str
    verdict: str
    note: str
    photo: str
    place: str
    questions: tuple[QuestionRow, ...]


@dataclass(frozen=True)
class FormFields:
    """Everything a submission of a form can carry."""

    form_id: str
    version: str
    criteria: tuple[CriterionFields, ...]
    questions: tuple[QuestionRow, ...]
    site: str = SITE
    rest_passes: str = REST_PASSES


@dataclass(frozen=True)
class FormPage:
    """One form with what a page shows of it."""

    edition: Edition
    checklist: Checklist
    kind_name: str
    head: FormHead
    layout: Layout


def _edition(edition_id: int) -> Edition:
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    return edition


def _page(edition: Edition, named: NamedChecklist) -> FormPage:
    about = (edition.code, edition.version, edition.name)
    layout = lay_out(named.checklist, named.contents, edition=about, kind_name=named.kind_name)
    words = layout.settings
    head = FormHead(words["form_id"], words["version"], words["form_title"], edition.pk, named.checklist.point_type)
    return FormPage(edition, named.checklist, named.kind_name, head, layout)


def form_page(edition_id: int, point_type: str) -> FormPage:
    """The form of one point type with its questions, in four statements; NotFound when there is no checklist."""
    edition, named = _edition(edition_id), named_checklist(edition_id, point_type)
    if not named.checklist.criteria:
        raise NotFound("这一版里没有这类点位的检查单。")
    return _page(edition, named)


def form_heads(edition_id: int) -> tuple[FormHead, ...]:
    """The forms of an edition, one for each point type that has field criteria, in the order of point types."""
    edition = _edition(edition_id)
    return tuple(_page(edition, named).head for named in checklist_forms(edition_id))


def form_head(edition_id: int, point_type: str) -> FormHead:
    """The form of one point type; NotFound when the edition has no checklist for it."""
    return form_page(edition_id, point_type).head


def find_form(wanted: str) -> FormHead | None:
    """The form with this id among published editions, the newest first; old forms stay known."""
    for edition in Edition.objects.filter(published_at__isnull=False).order_by("-published_at"):
        if wanted.startswith(form_id(edition.code, edition.version, "")):
            for named in checklist_forms(edition.pk):
                if form_id(edition.code, edition.version, named.checklist.point_type) == wanted:
                    return _page(edition, named).head
    return None


def form_fields(edition_id: int, point_type: str) -> FormFields:
    """What a submission of this form is read by."""
    page = form_page(edition_id, point_type)
    bases = base_names(row.code for row in page.checklist.criteria)
    criteria = tuple(
        CriterionFields(code, base, questions=page.checklist.of_criterion(code), **part_names(base))
        for code, base in bases.items()
    )
    return FormFields(page.head.form_id, page.head.version, criteria, page.checklist.of_place())


def checklist_workbook(edition_id: int, point_type: str) -> bytes:
    """The checklist as an XLSForm workbook (.xlsx), to be edited and brought back."""
    return write_layout(form_page(edition_id, point_type).layout)


def checklist_xform(edition_id: int, point_type: str, sites: Iterable[tuple[str, str]]) -> Form:
    """The checklist as an XForm. `sites`: value (without blanks) and name of each place that may be chosen."""
    page = form_page(edition_id, point_type)
    wanted = _pictures(page.checklist)
    stored = page.edition.pictures.filter(name__in=wanted) if wanted else []
    pictures = {row.name: bytes(row.content) for row in stored}
    tables = [page.layout.survey, page.layout.choices, page.layout.settings]
    xml = _converted(json.dumps(tables, ensure_ascii=False), frozenset(pictures))
    return Form(page.head.form_id, page.head.version, page.head.title, xml, {SITES: _site_table(sites), **pictures})


def _pictures(checklist: Checklist) -> set[str]:
    tables = (checklist.criteria, checklist.questions, checklist.choices)
    return {str(row.media) for rows in tables for row in rows if row.media}


def _site_table(sites: Iterable[tuple[str, str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("name", "label"), *sites])
    return out.getvalue().encode()


@lru_cache(maxsize=_FORMS_KEPT)
def _converted(words: str, pictures: frozenset[str]) -> bytes:
    """The XForm of a layout, which is given as JSON so that it can be remembered."""
    from pyxform.xls2xform import convert  # noqa: PLC0415  # takes half a second to load, and few commands need it

    survey, choices, settings = json.loads(words)
    tables: dict[str, Any] = {
        "survey": [_without_absent(spoken_in_both(row), pictures) for row in survey],
        "choices": [_without_absent(spoken_in_both(row), pictures) for row in choices],
        "settings": [settings],
    }
    return str(convert(tables, validate=False).xform).encode()


def _without_absent(row: dict[str, str], pictures: frozenset[str]) -> dict[str, str]:
    """A row without a picture that nobody has uploaded yet: the phone would ask for it in vain."""
    return {column: value for column, value in row.items() if not column.startswith("media::") or value in pictures}
