"""What a reply upwards says, as facts for pages and for papers in other formats (docx, PDF)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from chuangwen.directives.models import Directive, Part, Report, ReportKind
from chuangwen.rules.directives import KIND_WORDS, ItemResult, Tally, kind_of, tally

FIGURES: Mapping[str, str] = {
    "总数": "total", "完成": "done", "按期完成": "in_time", "逾期完成": "late_done", "未完成": "open", "同意延期": "deferred",
    "到期未完成": "overdue", "办理中": "running",
}  # fmt: skip


@dataclass(frozen=True)
class ReplyLine:
    """One item in the table of the reply."""

    number: int
    text: str
    units: str
    state: str
    deadline: datetime
    done_at: datetime | None
    result: str


@dataclass(frozen=True)
class ReplyFacts:
    """A reply, whole: `paragraphs` with the figures in their places. `released_at` None: a draft, or not begun."""

    title: str
    to: str
    number: str
    paper_title: str
    sender: str
    as_of: datetime
    tally: Tally
    lines: tuple[ReplyLine, ...]
    paragraphs: tuple[str, ...]
    drafted_by: str
    released_by: str
    released_at: datetime | None


def results_of(paper: Directive) -> list[ItemResult]:
    """What became of each item: the result that was signed, else the lead unit's last words. Three statements."""
    said = Prefetch("reports", Report.objects.filter(kind__in=[ReportKind.PROGRESS, ReportKind.DONE]).order_by("id"))
    parts = Prefetch("parts", Part.objects.select_related("unit").prefetch_related(said))
    found = []
    for item in paper.items.prefetch_related(parts):
        shares = list(item.parts.all())
        lead = next((part for part in shares if part.lead), None)
        last = next((said.text for said in reversed(lead.reports.all())), "") if lead is not None else ""
        handed = [part.handed_in_at for part in shares if part.handed_in_at]
        found.append(
            ItemResult(
                item.number, item.text, "、".join(part.unit.name for part in shares) or "待分解", item.signed_off_at,
                max(handed) if shares and len(handed) == len(shares) else None, item.deadline, item.first_deadline,
                item.result or last,
            )
        )  # fmt: skip
    return found


def figures_of(results: Sequence[ItemResult], now: datetime) -> list[dict[str, Any]]:
    """The figures of a reply, in the form in which they are kept."""
    counted = tally(results, now)
    return [{"key": key, "value": getattr(counted, name), "unit": "件", "cases": []} for key, name in FIGURES.items()]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def frozen_results(rows: Sequence[Mapping[str, Any]]) -> list[ItemResult]:
    """The results as they were kept."""
    return [
        ItemResult(
            row["number"], row["text"], row["units"], _moment(row["done_at"]), _moment(row["handed_in_at"]),
            datetime.fromisoformat(row["deadline"]), datetime.fromisoformat(row["first_deadline"]), row["result"],
        )
        for row in rows
    ]  # fmt: skip


def line_of(one: ItemResult, now: datetime) -> ReplyLine:
    """One row of the table."""
    state = KIND_WORDS[kind_of(one, now)]
    return ReplyLine(one.number, one.text, one.units, state, one.deadline, one.done_at, one.result)
