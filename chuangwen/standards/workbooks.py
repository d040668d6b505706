"""Workbooks in and out: case standards as cities keep them, and editions of the assessment standard."""

from chuangwen.standards.case_workbook import (
    CaseStandardBook,
    PlacedCaseStandard,
    UnparsedLimit,
    read_case_standards,
)
from chuangwen.standards.case_writing import write_case_standards
from chuangwen.standards.edition_workbook import read_edition, write_edition

__all__ = [
    "CaseStandardBook",
    "PlacedCaseStandard",
    "UnparsedLimit",
    "read_case_standards",
    "read_edition",
    "write_case_standards",
    "write_edition",
]
