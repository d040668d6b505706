"""What was told, what the next reply could say, and what residents think."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from chuangwen.cases.models import Case
from chuangwen.cases.queries import case_for
from chuangwen.intake.places import words_of
from chuangwen.intake.queries import report_text
from chuangwen.replies.models import Reply, Satisfaction, Verdict
from chuangwen.rules.case_flow import FINISHED, OPEN, RUNNING, Status
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.reply_checks import Words, personal_data, points_of
from chuangwen.rules.reply_rates import Formula, Rate, UnitRates, by_unit, read_formulas

BEIJING = ZoneInfo("Asia/Shanghai")
LIKE = 5
_FINISHED = sorted(status.value for status in FINISHED)
READY = frozenset(Status) - OPEN | {Status.RECTIFIED, Status.VERIFIED}  # where a final answer makes sense


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads((files("chuangwen.replies") / name).read_text(encoding="utf-8"))


@cache
def check_words() -> Words:
    """The lists that replies are checked by."""
    return Words.read(_table("words.toml"))


@cache
def formulas() -> tuple[Formula, ...]:
    """How rates become scores."""
    return read_formulas(_table("rates.toml"))


@cache
def templates() -> Mapping[str, str]:
    """The shape of a reply, by its kind."""
    return {name: str(text) for name, text in _table("templates.toml").items()}


def replies_of(case_id: int) -> Sequence[Reply]:
    """What was told about a case, oldest first."""
    return list(Reply.objects.filter(case=case_id).select_related("unit").order_by("id"))


def verdict_of(report_id: int, round_: int) -> Verdict | None:
    """What the reporter thinks of this time's work."""
    return Verdict.objects.filter(report=report_id, round=round_).first()


def case_to_answer(actor: Actor, case_id: int) -> Case:
    """The case, for those who answer for it; to everybody else it is not there."""
    case = case_for(actor, case_id)
    if not may(actor, Permission.REPLY_SEND, case.thing()):
        raise NotFound
    return case


def report_of(case: Case) -> str:
    """The words that a reply answers: of the resident here, or of the letter that became the case."""
    return report_text(case.pk) or case.text


def points(case: Case) -> tuple[str, ...]:
    """What the report raises."""
    return points_of(report_of(case), check_words())


def like_endings(case: Case) -> Sequence[str]:
    """How like cases ended: the newest answers of finished cases of the same kind that hold nobody's data; one statement."""
    if not (case.criterion_code or case.standard_id):
        return ()
    same = Q(criterion_code=case.criterion_code) if case.criterion_code else Q(standard=case.standard_id)
    rows = Case.objects.filter(same, status__in=_FINISHED).exclude(reply="").exclude(pk=case.pk)
    texts = rows.order_by("-id").values_list("reply", flat=True)[: 10 * LIKE]
    return [text for text in dict.fromkeys(texts) if not personal_data(text)][:LIKE]


def day_words(moment: datetime) -> str:
    """A day as a reply writes it."""
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日"


def facts_of(case: Case, now: datetime) -> Mapping[str, str]:
    """What templates are filled with."""
    where = case.site.name if case.site else case.place
    done = case.rectified_at or case.ended_at or now
    return {
        "what": f"{words_of([case])[case.pk]}", "where": where, "unit": case.unit.name if case.unit else "区文明办",
        "date": day_words(done), "until": day_words(case.due_at) if case.due_at else "",
    }  # fmt: skip


def draft(case: Case, now: datetime) -> tuple[str, str]:
    """Kind and words of the next reply: progress while the unit works, else the result, told as like cases ended."""
    kind = "interim" if case.flow_status in RUNNING else "final"
    shape = "not_ours" if case.flow_status in {Status.REFUSED, Status.CANCELLED} else kind
    said = case.reply or next(iter(like_endings(case)), "") if shape == "final" else ""
    return kind, templates()[shape].format(**facts_of(case, now), done=said)


_COUNTS = {
    "of": Count("pk"), "responded": Count("pk", filter=Q(responded=True)), "solved": Count("pk", filter=Q(solved=True)),
    "judged": Count("pk", filter=~Q(satisfied="")),
    "satisfied": Count("pk", filter=Q(satisfied__in=[Satisfaction.YES, Satisfaction.FAIR])),
    "timed": Count("pk", filter=Q(on_time__isnull=False)), "on_time": Count("pk", filter=Q(on_time=True)),
}  # fmt: skip


def unit_rates(actor: Actor, *, since: date, until: date) -> tuple[UnitRates, ...]:
    """What residents judged in these days, by unit and by name, of the units in the actor's branches."""
    start = datetime.combine(since, time(), BEIJING)
    end = datetime.combine(until, time(), BEIJING) + timedelta(days=1)
    reach = Q(pk__in=[])
    for scope in set(actor.scopes()):
        reach |= Q(unit__path__startswith=scope)
    rows = Verdict.objects.filter(reach, given_at__gte=start, given_at__lt=end)
    found: Any = rows.values("unit__name").annotate(**_COUNTS).order_by("unit__name")
    judged = {
        row["unit__name"]: {
            "responded": Rate(row["responded"], row["of"]), "solved": Rate(row["solved"], row["of"]),
            "satisfied": Rate(row["satisfied"], row["judged"]), "on_time": Rate(row["on_time"], row["timed"]),
        }
        for row in found
    }  # fmt: skip
    return by_unit(judged, formulas())
