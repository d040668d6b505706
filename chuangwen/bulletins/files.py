"""Official papers as downloads. Drawing takes some ten milliseconds; what was drawn last is kept by its content."""

from functools import lru_cache

from chuangwen.bulletins.official import pdf, word
from chuangwen.rules.official_paper import OfficialPaper

KEPT = 16  # files of some 100 kB


@lru_cache(maxsize=KEPT)
def as_docx(paper: OfficialPaper) -> bytes:
    """The paper for Word, WPS and LibreOffice; the same paper always gives the same bytes."""
    return word.paper_docx(paper)


@lru_cache(maxsize=KEPT)
def as_pdf(paper: OfficialPaper) -> bytes:
    """The paper as PDF/A with its faces inside. Refuses with what to install where the machine has no Chinese face."""
    return pdf.paper_pdf(paper)
