"""What lies weeks back before the story of a fair month begins, put into a district by the operations that people use,
each at its own moment in the past.

Run as `python -m tests.browser.fair_month DIR` before the server starts; prints what the story needs to know as JSON.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from chuangwen.project import boot
from chuangwen.rules.appeals import Terms, end_of
from chuangwen.rules.deadlines import SHANGHAI, WorkCalendar
from tests.browser.server import environment
from tests.paths import ROOT

STREETS = ("CC-XUETIAN", "CC-WENFENG")
ITEM = "河道驳岸护栏缺损修复"
LETTER = "通创办督〔2026〕18号"
GROUND = "不属本单位职责"


@dataclass(frozen=True)
class Past:
    """What was prepared: the month, its shown sheet, the case that waits to be appealed, the letter from above."""

    month: str
    sheet: int
    case: str
    item: int


def prepared(data: Path) -> Past:
    """Put it in by a process of its own, because this one may have settings of another place."""
    command = [sys.executable, "-m", "tests.browser.fair_month", str(data)]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"往月没有备好：\n{done.stderr[-4000:]}")
    return Past(**json.loads(done.stdout.splitlines()[-1]))


def at(day: date, hour: int) -> datetime:
    """A full hour in Beijing."""
    return datetime.combine(day, time(hour), SHANGHAI)


def closes(last_day: date, calendar: WorkCalendar) -> datetime:
    """When the window of a month ends that is shown on the first morning after it."""
    return end_of(at(last_day + timedelta(days=1), 9), Terms().window_days, calendar)


def last_month_over(now: datetime, calendar: WorkCalendar) -> date:
    """The last day of the latest month whose window is over."""
    day = now.astimezone(SHANGHAI).date().replace(day=1) - timedelta(days=1)
    while closes(day, calendar) >= now:
        day = day.replace(day=1) - timedelta(days=1)
    return day


def write(data: Path) -> Past:
    """One walk through two places, a late case, a sheet that was shown, an appeal from its window, a letter from above."""
    boot.setup(data)
    from django.utils import timezone

    from chuangwen.appeals.operations import Plea, appeal_finding, put_terms
    from chuangwen.appeals.queries import window_of
    from chuangwen.cases.models import Case
    from chuangwen.people.queries import actor_by_username
    from chuangwen.project.demo.loader import fast_writing
    from chuangwen.scores.operations import compute_sheet
    from chuangwen.scores.showing import show_sheet
    from chuangwen.standards.queries import work_calendar

    now = timezone.localtime()
    clerk, chief, street = (actor_by_username(name, now.date()) for name in ("clerk", "chief", "wenfeng_chief"))
    last_day = last_month_over(now, work_calendar())
    shown = at(last_day + timedelta(days=1), 9)
    with fast_writing():
        put_terms(terms=Terms(), by=chief, now=shown - timedelta(days=20))
        first, second, finding = _walk(at(last_day - timedelta(days=15), 9))
        _put_right(second, at(last_day - timedelta(days=15), 14))
        sheet = compute_sheet(
            rule_name="district-month", start=last_day.replace(day=1), end=last_day, by=clerk, now=shown
        )
        show_sheet(sheet_id=sheet.pk, by=clerk, now=shown)
        window = window_of(sheet.pk)
        if window is None:
            raise RuntimeError("the sheet was not shown")
        plea = Plea("not_this_unit", GROUND, "该处由市政养护单位管理，已函告。")
        appeal_finding(window_id=window.pk, finding_id=finding, plea=plea, by=street, now=shown + timedelta(hours=2))
        _put_right(first, now - timedelta(hours=4))
        item = _letter(now)
    number = Case.objects.get(pk=first).number
    return Past(f"{last_day.year}年{last_day.month}月", sheet.pk, number, item)


def _walk(day: datetime) -> tuple[int, int, int]:
    """A compound of each street with one fault; the cases of both, the finding of the second."""
    from chuangwen.patrols.operations import finish_visit, plan_patrol, record_finding
    from chuangwen.people.queries import actor_by_username
    from chuangwen.places.models import Site
    from chuangwen.standards.models import Criterion
    from chuangwen.standards.queries import current_edition

    clerk, inspector = (actor_by_username(name, day.date()) for name in ("clerk", "inspector1"))
    sites = [Site.objects.filter(street__code=code, point_type="RES").order_by("pk")[0] for code in STREETS]
    edition = current_edition()
    asked = Criterion.objects.filter(edition=edition, point_type="RES", method="field", photo_on_fail=False)
    if edition is None or inspector.user_id is None:
        raise RuntimeError("the sample is not loaded")
    patrol = plan_patrol(
        title="上月抽查", edition_id=edition.pk, site_ids=[site.pk for site in sites], inspector_ids=[inspector.user_id],
        starts_at=day, ends_at=day + timedelta(hours=8), by=clerk, now=day,
    )  # fmt: skip
    code, found = asked.order_by("position")[0].code, []
    for hour, site in enumerate(sites, start=1):
        moment, done = day + timedelta(hours=hour), day + timedelta(hours=hour, minutes=20)
        judged = {"criterion_code": code, "verdict": "fail"}
        found.append(record_finding(patrol_id=patrol.pk, site_id=site.pk, by=inspector, now=moment, **judged))
        finish_visit(patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=inspector, now=done)
    first, second = (one.case_id for one in found)
    if first is None or second is None:
        raise RuntimeError("a fault opened no case")
    return first, second, found[1].pk


def _put_right(case_id: int, handed_in: datetime) -> None:
    """Handed in, checked an hour later, filed after two more."""
    from chuangwen.cases import operations as cases
    from chuangwen.cases.models import Case
    from chuangwen.people.models import Post
    from chuangwen.people.queries import actor_by_username

    unit_id = Case.objects.values_list("unit", flat=True).get(pk=case_id)
    worker = Post.objects.filter(unit=unit_id, role="unit_worker").select_related("user")[0].user.username
    by = {name: actor_by_username(name, handed_in.date()) for name in (worker, "inspector2", "clerk")}
    cases.rectify(case_id=case_id, note="已整改", by=by[worker], now=handed_in)
    cases.verify(case_id=case_id, by=by["inspector2"], now=handed_in + timedelta(hours=1))
    cases.close(case_id=case_id, by=by["clerk"], now=handed_in + timedelta(hours=3))


def _letter(now: datetime) -> int:
    """A letter of the city three weeks ago with one item, given to a street until the day before yesterday."""
    from chuangwen.directives.operations import PaperFacts, break_down, register_directive
    from chuangwen.people.models import Unit
    from chuangwen.people.queries import actor_by_username
    from chuangwen.rules.directive_rows import ItemRow

    clerk, came = actor_by_username("clerk", now.date()), now - timedelta(days=21)
    due = at((now - timedelta(days=2)).astimezone(SHANGHAI).date(), 18)
    facts = PaperFacts(
        level="city", issuer="市创建指挥部办公室", number=LETTER, title="关于限期整改突出问题的通知",
        received_on=came.astimezone(SHANGHAI).date(), deadline=due,
    )  # fmt: skip
    paper = register_directive(facts=facts, items=[ItemRow(ITEM)], by=clerk, now=came)
    item = paper.items.get()
    lead = Unit.objects.get(code="CC-WENFENG").pk
    break_down(item_id=item.pk, lead_id=lead, due_at=due, by=clerk, now=came + timedelta(hours=1))
    return int(item.pk)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(write(Path(sys.argv[1])))))
