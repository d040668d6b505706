"""The score sheets and papers of the sample months, drafted by the system and released in the chief's name."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chuangwen.bulletins.operations import draft_paper, release_paper
from chuangwen.people.queries import actor_by_username
from chuangwen.scores.operations import compute_sheet, release_sheet

Tell = Callable[[str, int, int], None]
MONTHS, WEEKS, RULE = 2, 3, "district-month"


def load(*, now: datetime, tell: Tell) -> None:
    """The last full months ranked and released, the last weeks as bulletins, today's brief as a draft."""
    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    first = now.date().replace(day=1)
    steps: list[Callable[[], object]] = []

    def month(last_day: datetime) -> None:
        start = last_day.date().replace(day=1)
        sheet = compute_sheet(rule_name=RULE, start=start, end=last_day.date(), by=clerk, now=now)
        release_sheet(sheet_id=sheet.pk, by=chief, now=now)
        paper = draft_paper(kind="monthly", day=last_day.date(), by=clerk, now=now)
        release_paper(paper_id=paper.pk, by=chief, now=now)

    def week(back: int) -> None:
        sunday = now.date() - timedelta(days=now.weekday() + 1 + 7 * back)
        paper = draft_paper(kind="weekly", day=sunday, by=clerk, now=now)
        release_paper(paper_id=paper.pk, by=chief, now=now)

    last_days = []
    for _ in range(MONTHS):
        last_days.append(first - timedelta(days=1))
        first = last_days[-1].replace(day=1)
    for day in reversed(last_days):
        moment = datetime.combine(day, now.timetz())
        steps.append(lambda moment=moment: month(moment))  # type: ignore[misc]  # binds this month
    for back in reversed(range(WEEKS)):
        steps.append(lambda back=back: week(back))  # type: ignore[misc]  # binds this week
    steps.append(lambda: draft_paper(kind="daily", day=now.date(), by=clerk, now=now))
    for done, step in enumerate(steps, start=1):
        step()
        tell("排名与通报", done, len(steps))
