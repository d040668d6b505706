"""The score sheets and papers of the sample months: shown to the units, appealed, corrected and released, as people do."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from chuangwen.bulletins.operations import draft_paper, release_paper
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo import accountability, appeals
from chuangwen.rules.appeals import Terms, end_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.scores.operations import compute_sheet, release_sheet
from chuangwen.scores.queries import left_to_correct
from chuangwen.scores.showing import correct_sheet, show_sheet
from chuangwen.standards.queries import work_calendar

Tell = Callable[[str, int, int], None]
MONTHS, WEEKS, RULE = 2, 3, "district-month"
OPENS = time(9)


def _first_morning_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), OPENS, SHANGHAI)


def _over(last_day: date) -> datetime:
    """When the window of a month that was shown on the first morning after it is over."""
    shown = _first_morning_after(last_day)
    return end_of(shown, Terms().window_days, work_calendar()) + timedelta(hours=1)


def _full_months(today: datetime) -> list[date]:
    """The last days of the latest full months whose windows are over, the oldest first."""
    found: list[date] = []
    last_day = today.astimezone(SHANGHAI).date().replace(day=1) - timedelta(days=1)
    while len(found) < MONTHS:
        if _over(last_day) <= today:
            found.append(last_day)
        last_day = last_day.replace(day=1) - timedelta(days=1)
    return found[::-1]


def load(*, now: datetime, tell: Tell) -> None:
    """The last full months ranked and released, the last weeks as bulletins, today's brief as a draft; this month so far
    lies open to objections.
    """
    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    steps: list[Callable[[], object]] = []
    months = _full_months(now)

    def month(last_day: date) -> None:
        shown, over = _first_morning_after(last_day), _over(last_day)
        sheet = compute_sheet(rule_name=RULE, start=last_day.replace(day=1), end=last_day, by=clerk, now=shown)
        show_sheet(sheet_id=sheet.pk, by=clerk, now=shown)
        if last_day == months[-1]:
            appeals.settle_some(sheet=sheet, now=shown + timedelta(hours=2))
        if left_to_correct(sheet):
            sheet = correct_sheet(sheet_id=sheet.pk, by=clerk, now=over)
        release_sheet(sheet_id=sheet.pk, by=chief, now=over)
        paper = draft_paper(kind="monthly", day=last_day, by=clerk, now=over)
        release_paper(paper_id=paper.pk, by=chief, now=over)

    def week(back: int) -> None:
        sunday = now.date() - timedelta(days=now.weekday() + 1 + 7 * back)
        paper = draft_paper(kind="weekly", day=sunday, by=clerk, now=now)
        release_paper(paper_id=paper.pk, by=chief, now=now)

    def open_now() -> None:
        """What is not released yet, up to yesterday, shown to the units just now."""
        start, yesterday = months[-1] + timedelta(days=1), now.astimezone(SHANGHAI).date() - timedelta(days=1)
        sheet = compute_sheet(rule_name=RULE, start=start, end=max(start, yesterday), by=clerk, now=now)
        if yesterday >= start:
            show_sheet(sheet_id=sheet.pk, by=clerk, now=now)
            appeals.raise_one(sheet=sheet, now=now)

    for last_day in months:
        steps.append(lambda last_day=last_day: month(last_day))  # type: ignore[misc]  # binds this month
    for back in reversed(range(WEEKS)):
        steps.append(lambda back=back: week(back))  # type: ignore[misc]  # binds this week
    steps += [
        open_now,
        lambda: accountability.load(now=now),
        lambda: draft_paper(kind="daily", day=now.date(), by=clerk, now=now),
    ]
    for done, step in enumerate(steps, start=1):
        step()
        tell("排名与通报", done, len(steps))
