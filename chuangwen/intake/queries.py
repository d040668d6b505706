"""What a receipt number tells its holder, and what a code shows to anybody about its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import Case, CasePhoto
from chuangwen.cases.photo_hints import public_photos_of_case
from chuangwen.intake.models import Reopening, ResidentReport, Voice
from chuangwen.intake.places import voices_of, words_of
from chuangwen.patrols.models import Visit
from chuangwen.patrols.queries import public_visit
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.residents import ANSWERED, read_receipt, reopen_objections, said_of
from chuangwen.rules.text import mask_phone

_AGREED = frozenset(Status) - {Status.REPORTED}  # what nobody has looked at yet is no public statement about a place
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class Receipt:
    """Where a report stands: nothing of what was written, and nobody's name. `own`: of the reporter, not of a voice."""

    number: str
    case_id: int
    report_id: int | None
    site: str
    what: str
    made_at: datetime
    said: str
    unit: str
    due_at: datetime | None
    done_at: datetime | None
    reply: str
    voices: int
    photos: Sequence[CasePhoto]
    reopened_at: datetime | None
    reopening_open: bool
    round: int

    @property
    def own(self) -> bool:
        """Its holder made the report."""
        return self.report_id is not None


def _found(number: str) -> tuple[ResidentReport | Voice, ResidentReport | None]:
    related = ("case__site", "case__unit", "case__standard", "case__merged_into__site", "case__merged_into__unit")
    report = ResidentReport.objects.select_related(*related).filter(receipt=number).first() if number else None
    voice = Voice.objects.select_related(*related).filter(receipt=number).first() if number and not report else None
    held = report or voice
    if held is None:
        raise NotFound("没有这个回执号，请对照提交时的页面再输一次。")
    return held, report


def receipt_of(typed: str, now: datetime | None = None) -> Receipt:
    """The state of the report with this number. An unknown number and a mistyped one look alike. `now` decides whether
    it can still be reopened.
    """
    held, report = _found(read_receipt(typed))
    case = held.case.merged_into or held.case  # the same trouble once: what is done is told of the kept case
    status = case.flow_status
    again = Reopening.objects.filter(report=report).first() if report else None
    settled = case.ended_at or case.rectified_at
    days = (now - settled) / timedelta(days=1) if now and settled else 0
    return Receipt(
        number=held.receipt, case_id=case.pk, report_id=report.pk if report else None,
        site=case.site.name if case.site else case.place, what=words_of([case])[case.pk], made_at=held.made_at,
        said=said_of(status), unit=case.unit.name if case.unit and status is not Status.REPORTED else "",
        due_at=case.due_at if status in RUNNING else None,
        done_at=settled if status in ANSWERED else None, reply=case.reply if status in ANSWERED else "",
        voices=voices_of([case.pk]).get(case.pk, 0), photos=public_photos_of_case(case.pk),
        reopened_at=again.made_at if again else None, round=1 if again else 0,
        reopening_open=report is not None and not reopen_objections(status, days_since=days, before=again is not None),
    )  # fmt: skip


def report_text(case_id: int) -> str:
    """What residents wrote about a case, numbers covered: the report and the reason for reopening it; empty for cases
    that no resident reported here.
    """
    report = ResidentReport.objects.select_related("case").filter(case=case_id).first()
    if report is None:
        return ""
    again = Reopening.objects.filter(report=report).values_list("reason", flat=True).first()
    return "\n".join(part for part in (report.case.text, again or "") if part)


def unmasked_text(actor: Actor, case: Case) -> str:
    """The words with their numbers, for those who handle the case; empty when nothing is covered, or for others."""
    if not may(actor, Permission.REPLY_SEND, case.thing()):
        return ""
    return ResidentReport.objects.filter(case=case).values_list("unmasked", flat=True).first() or ""


def report_round(case_id: int) -> tuple[int | None, int]:
    """The report of a case, and how often it was reopened; None for cases that no resident reported here."""
    report = ResidentReport.objects.filter(case=case_id).values_list("pk", flat=True).first()
    return report, Reopening.objects.filter(report=report).count() if report else 0


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
