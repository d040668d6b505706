"""The district of the browser tests: two streets of the sample and a fortnight of work, written into a data directory.

Run as `python -m tests.browser.district DIR`; the server then starts on it at once.
"""

import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from chuangwen.project import boot, serving
from chuangwen.project.demo.district import District, sample_district

STREETS = ("CC-XUETIAN", "CC-WENFENG")
DAYS, VISITS, CASES = 14, 36, 40


def two_streets() -> District:
    """The sample district without the other streets."""
    whole = sample_district()
    gone = tuple(unit.code for unit in whole.units if unit.kind == "street" and unit.code not in STREETS)

    def stays(code: str) -> bool:
        return not any(code == street or code.startswith(f"{street}-") for street in gone)

    return replace(
        whole,
        units=tuple(unit for unit in whole.units if stays(unit.code)),
        areas=tuple(area for area in whole.areas if stays(area.code)),
        sites=tuple(site for site in whole.sites if stays(site.grid_code)),
        people=tuple(person for person in whole.people if all(stays(unit) for _role, unit in person.posts)),
    )


def write(data: Path) -> None:
    """Units, people, places and standards; patrols and cases until yesterday; a ranking, a bulletin."""
    serving.ensure_secret(data)
    boot.setup(data)
    serving.migrate()
    from django.utils import timezone

    from chuangwen.jobs.notices import notify
    from chuangwen.jobs.reactions import REACTIONS
    from chuangwen.journal.operations import settle_without_reaction
    from chuangwen.project.demo import loader
    from chuangwen.rules.permissions import SYSTEM
    from chuangwen.standards.operations import seed_sample
    from chuangwen.standards.queries import current_edition

    now, district = timezone.localtime(), two_streets()
    with loader.fast_writing():
        loader.load_district(district, now=now, tell=_quietly)
        seed_sample(by=SYSTEM, now=now - timedelta(days=DAYS + 2))
        edition = current_edition()
        if edition is None:
            raise RuntimeError("the sample edition was not published")
        yesterday = now.date() - timedelta(days=1)
        story = loader.plan(district, edition, today=yesterday, days=DAYS, visits=VISITS, cases=CASES)
        loader.load_story(story, edition, now=now, tell=_quietly)
        _papers(now)
        more_than_notices = [kind for kind, follows in REACTIONS.items() if follows != (notify,)]
        while settle_without_reaction(kinds=more_than_notices, now=now):
            pass


def _papers(now: datetime) -> None:
    """Last week ranked and reported, both released."""
    from chuangwen.appeals.operations import put_terms
    from chuangwen.bulletins.operations import draft_paper, release_paper
    from chuangwen.people.queries import actor_by_username
    from chuangwen.rules.appeals import Terms
    from chuangwen.scores.operations import compute_sheet, release_sheet
    from chuangwen.scores.showing import show_sheet

    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    sunday = now.date() - timedelta(days=now.weekday() + 1)
    paper = draft_paper(kind="weekly", day=sunday, by=clerk, now=now)
    release_paper(paper_id=paper.pk, by=chief, now=now)
    sheet = compute_sheet(rule_name="district-month", start=sunday - timedelta(days=6), end=sunday, by=clerk, now=now)
    put_terms(terms=Terms(window_days=0, window_note="试运行"), by=chief, now=now)
    show_sheet(sheet_id=sheet.pk, by=clerk, now=now)
    release_sheet(sheet_id=sheet.pk, by=chief, now=now)


def _quietly(_what: str, _done: int, _total: int) -> None:
    """Nobody watches the loading."""


if __name__ == "__main__":
    write(Path(sys.argv[1]))
