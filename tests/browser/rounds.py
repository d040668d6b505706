"""Rounds for the tests without a network, planned in the data directory of the server that already runs.

Run as `python -m tests.browser.rounds DIR`; prints what was planned as JSON.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chuangwen.project import boot
from chuangwen.rules.permissions import Actor
from tests.browser.server import Server, environment
from tests.paths import ROOT

TITLES = ("离线", "登录过期", "两页同开", "空间已满", "换人", "改正")


@dataclass(frozen=True)
class Line:
    """One criterion of a place."""

    code: str
    text: str
    photo: bool


@dataclass(frozen=True)
class Stop:
    """One place of a round."""

    site: int
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Round:
    """A planned round of inspector1."""

    number: int
    title: str
    stops: tuple[Stop, ...]

    def path(self, stop: Stop) -> str:
        """The address of the checklist of one of its places."""
        return f"/field/patrols/{self.number}/sites/{stop.site}/"


def planned(server: Server) -> dict[str, Round]:
    """Plan the rounds in a process of its own, because this one may have settings of another place."""
    command = [sys.executable, "-m", "tests.browser.rounds", str(server.log.parent)]
    done = subprocess.run(command, cwd=ROOT, env=environment(server.log.parent), capture_output=True, text=True)  # noqa: PLW1510 - the code is looked at
    if done.returncode:
        raise AssertionError(f"巡查没有安排好：\n{done.stderr[-4000:]}")
    return {title: _round(title, facts) for title, facts in json.loads(done.stdout.splitlines()[-1]).items()}


def _round(title: str, facts: dict[str, object]) -> Round:
    stops = facts["stops"]
    assert isinstance(stops, list)
    made = tuple(Stop(one["site"], one["name"], tuple(Line(**line) for line in one["lines"])) for one in stops)
    return Round(int(str(facts["number"])), title, made)


def write(data: Path) -> dict[str, object]:
    """One round of two compounds for every title."""
    boot.setup(data)
    from django.utils import timezone

    from chuangwen.patrols.operations import plan_patrol
    from chuangwen.people.queries import actor_by_username
    from chuangwen.places.models import Site
    from chuangwen.standards.queries import checklist, current_edition

    now = timezone.localtime()
    clerk, inspector = (actor_by_username(name, now.date()) for name in ("clerk", "inspector1"))
    edition = current_edition()
    if edition is None or inspector.user_id is None:
        raise RuntimeError("the sample is not loaded")
    sites = list(Site.objects.filter(active=True, point_type="RES").order_by("pk")[:2])
    lines = [{"code": row.code, "text": row.text, "photo": row.photo_on_fail} for row in checklist(edition.pk, "RES")]
    made: dict[str, object] = {"核查": {"number": _fix_to_check(now, inspector), "stops": []}}
    for title in TITLES:
        patrol = plan_patrol(
            title=title, edition_id=edition.pk, site_ids=[site.pk for site in sites], by=clerk,
            inspector_ids=[inspector.user_id], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=9),
            now=now - timedelta(minutes=5),
        )  # fmt: skip
        stops = [{"site": site.pk, "name": site.name, "lines": lines} for site in sites]
        made[title] = {"number": patrol.pk, "stops": stops}
    return made


def _fix_to_check(now: datetime, inspector: Actor) -> int:
    """A case that waits for a check; its number."""
    from chuangwen.cases.queries import to_do
    from chuangwen.rules.case_flow import Status

    case = to_do(inspector).filter(status=Status.RECTIFIED.value).first()
    if case is None:
        raise RuntimeError(f"nothing waits for a check at {now}")
    return int(case.pk)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(write(Path(sys.argv[1]))))
