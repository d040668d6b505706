"""A paper as a page: its head, its sections, and at the desk every figure as a link to what it counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from chuangwen.bulletins.files import as_docx, as_pdf
from chuangwen.bulletins.official.shapes import addressed
from chuangwen.bulletins.papers import official
from chuangwen.rules.official_paper import OfficialPaper, day_text
from chuangwen.web.wording import BEIJING

FILE_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_NUMBER = r"\d+(?:\.\d+)?"
_BETWEEN = r"\s*(?:为|共|计|达|增加|减少|提高|降低)?\s*"
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_CASE_NUMBER = re.compile(r"^\d{15}$")
Figure = Mapping[str, Any]


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph; a figure has where it leads."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    number: bool
    href: str = ""


@dataclass(frozen=True)
class TableView:
    """A table: the head, the rows, and the bottom line, empty where there is none."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]


@dataclass(frozen=True)
class SectionView:
    """One numbered part."""

    heading: str
    paragraphs: Sequence[Sequence[Piece]]
    tables: Sequence[TableView]


@dataclass(frozen=True)
class FigureView:
    """One figure of the list below a paper: where it can be counted again, or what it follows from."""

    key: str
    label: str
    text: str
    href: str
    follows: str


def desk_address(check: str) -> str:
    """The address that a figure's check stands for; empty where it has none."""
    page, _mark, query = check.partition("?")
    route = {"cases": "web:desk:cases", "appeals": "web:desk:appeals"}.get(page)
    return f"{reverse(route)}?{query}" if route else ""


def sections(paper: Any, *, linked: bool) -> list[SectionView]:
    """The parts of a paper; at the desk figures lead to their cases, or to the list below that says what they follow from."""
    found = []
    for number, section in enumerate(paper.sections):
        figures = [figure for figure in paper.figures if figure["section"] == number] if linked else []
        paragraphs = [pieces(text, figures) for text in section["paragraphs"]]
        tables = [_table(table, linked=linked) for table in section["tables"]]
        found.append(SectionView(section["heading"], paragraphs, tables))
    return found


def pieces(text: str, figures: Iterable[Figure]) -> list[Piece]:
    """A paragraph cut where a label is followed by its figure's number. Together the pieces are the paragraph."""
    by_label: dict[str, list[Figure]] = {}
    for figure in figures:
        by_label.setdefault(figure["label"], []).append(figure)
    if not by_label:
        return [Piece(text)]
    labels = "|".join(re.escape(label) for label in sorted(by_label, key=len, reverse=True))
    found, end = [], 0
    for match in re.finditer(
        f"(?P<label>{labels}){_BETWEEN}(?P<number>{_NUMBER})(?P<unit>%| 个百分点| [件次个条类])?", text
    ):
        said = _said(by_label[match["label"]], match["number"])
        if said is not None:
            found += [
                Piece(text[end : match.start("number")]),
                Piece(text[match.start("number") : match.end()], _href(said)),
            ]
            end = match.end()
    return [piece for piece in (*found, Piece(text[end:])) if piece.text]


def _said(figures: Sequence[Figure], number: str) -> Figure | None:
    """The figure whose number the words give; None where a person wrote another number."""
    for figure in figures:
        known = re.search(_NUMBER, figure["text"])
        if known is not None and known[0] == number:
            return figure
    return None


def _href(figure: Figure) -> str:
    return desk_address(figure["check"]) or f"#figure-{figure['key']}"


def _table(table: Mapping[str, Any], *, linked: bool) -> TableView:
    rows = [[_cell(value, linked=linked) for value in row] for row in table["rows"]]
    return TableView(table["caption"], table["columns"], rows, [_cell(value, linked=False) for value in table["total"]])


def _cell(value: Any, *, linked: bool) -> Cell:
    text = str(value)
    is_case = linked and _CASE_NUMBER.match(text)
    href = reverse("web:desk:case", args=[int(text[8:])]) if is_case else ""
    return Cell(text, number=isinstance(value, int) or bool(re.fullmatch(rf"-?{_NUMBER}%?", text)), href=href)


def figure_list(paper: Any) -> list[FigureView]:
    """Every figure of a paper with its check; zeros that nothing in the words leads to are left out."""
    by_key = {figure["key"]: figure for figure in paper.figures}
    words = ["".join(section["paragraphs"]) for section in paper.sections]
    return [
        FigureView(
            figure["key"], figure["label"], figure["text"], desk_address(figure["check"]), _follows(figure, by_key)
        )
        for figure in paper.figures
        if figure["value"] or (not figure["check"] and figure["label"] in words[figure["section"]])
    ]


def _follows(figure: Figure, by_key: Mapping[str, Figure]) -> str:
    def named(keys: Iterable[str]) -> list[str]:
        known = (by_key[key] for key in keys if key in by_key and by_key[key]["value"])
        return [f"{each['label']} {each['text']}" for each in known]

    ways = (("ratio", " ÷ "), ("minus", " − "), ("adds", " + "))
    said = next((sign.join(named(figure[way])) for way, sign in ways if figure[way]), "")
    return f"= {said}" if said else ""


def signed_on(paper: Any) -> str:
    """The day at the foot of a paper: of its release, for a draft of its drafting. In Chinese, as the paper is."""
    return day_text((paper.released_at or paper.drafted_at).astimezone(BEIJING).date())


def addressed_to(paper: Any) -> str:
    """主送机关 as the paper prints them; empty where it names none."""
    return addressed(official(paper).addressees)


def file_response(name: str, content: bytes, ending: str) -> HttpResponse:
    """A paper as a download under its own Chinese name."""
    response = HttpResponse(content, content_type=FILE_TYPES[ending])
    full = f"{_NO_FILE_NAME.sub('', name)}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, full) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def paper_file(paper: Any, ending: str) -> HttpResponse:
    """A bulletin as .docx or .pdf."""
    return official_file(official(paper), f"{paper.number or _('草稿')} {paper.title}", ending)


def official_file(paper: OfficialPaper, name: str, ending: str) -> HttpResponse:
    """Any official paper as .docx or .pdf. Refuses where the machine has no Chinese face for PDF."""
    return file_response(name, (as_pdf if ending == "pdf" else as_docx)(paper), ending)
