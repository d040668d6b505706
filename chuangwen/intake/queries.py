"""What a receipt number tells its holder, and what a code shows to anybody about its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import Case
from chuangwen.intake.models import ResidentReport
from chuangwen.patrols.models import Visit
from chuangwen.patrols.queries import public_visit
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.residents import ANSWERED, read_receipt, said_of
from chuangwen.rules.text import mask_phone

_AGREED = frozenset(Status) - {Status.REPORTED}  # what nobody has looked at yet is no public statement about a place
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Receipt:
    """Where a report stands: nothing of what was written, and nobody's name."""

    number: str
    site: str
    made_at: datetime
    said: str
    due_at: datetime | None
    done_at: datetime | None
    reply: str


def receipt_of(typed: str) -> Receipt:
    """The state of the report with this number. An unknown number and a mistyped one look alike."""
    number = read_receipt(typed)
    report = ResidentReport.objects.select_related("case__site").filter(receipt=number).first() if number else None
    if report is None:
        raise NotFound("没有这个回执号，请对照提交时的页面再输一次。")
    case = report.case
    status = case.flow_status
    return Receipt(
        number=report.receipt, site=case.site.name if case.site else "", made_at=report.made_at, said=said_of(status),
        due_at=case.due_at if status in RUNNING else None, done_at=case.ended_at or case.rectified_at if status in ANSWERED else None,
        reply=case.reply if status in ANSWERED else "",
    )  # fmt: skip


def caller_of(case_id: int) -> str:
    """The masked number that a resident left with a case; empty when there is none (any more)."""
    phone = ResidentReport.objects.filter(case=case_id).values_list("phone", flat=True).first()
    return mask_phone(phone or "")


@dataclass(frozen=True)
class Problem:
    """Open cases of one kind at a place, in the words of the standard, and by when they are due."""

    words: str
    count: int
    due_at: datetime | None
    said: str


@dataclass(frozen=True)
class PlaceState:
    """What anybody may know of a place: its last result and what is open. No notes, no names, nothing secret."""

    visit: Visit | None
    problems: Sequence[Problem]

    @property
    def open_count(self) -> int:
        """All open problems."""
        return sum(problem.count for problem in self.problems)


def place_state(site: Site, criteria: Mapping[str, str], now: datetime) -> PlaceState:
    """The last finished visit that is no secret, and the open problems. `criteria`: code -> plain words. Two statements."""
    rows = narrowed(SYSTEM, CaseFilter(site=str(site.pk), state="open"), now)
    rows = rows.filter(status__in=sorted(status.value for status in _AGREED))
    cases = rows.select_related("standard").defer("text", "reply", "title").order_by("due_at", "id")[:MOST_PROBLEMS]
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(_words(case, criteria), []).append(case)
    return PlaceState(public_visit(site), [_problem(words, found) for words, found in groups.items()])


def _words(case: Case, criteria: Mapping[str, str]) -> str:
    """In the words of the standard, never of a note."""
    text = criteria.get(case.criterion_code)
    if text:
        return f"没有做到“{text}”"
    return case.standard.item if case.standard else "其他问题"


def _problem(words: str, cases: Sequence[Case]) -> Problem:
    running = [case.due_at for case in cases if case.flow_status in RUNNING and case.due_at is not None]
    states = {case.flow_status for case in cases}
    if running:
        said = ""
    elif states <= {Status.RECTIFIED, Status.VERIFIED}:
        said = "已经改好，等现场核查"
    elif Status.SUSPENDED in states:
        said = "一时解决不了，已列入计划"
    else:
        said = "正在安排责任单位"
    return Problem(words, len(cases), max(running) if running else None, said)
