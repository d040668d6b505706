"""Rounds for the tests without a network, planned in the data directory of the server that already runs.

Run as `python -m tests.browser.rounds DIR`; prints what was planned as JSON.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from chuangwen.project import boot
from chuangwen.rules.permissions import Actor
from tests.browser.server import Server, environment
from tests.paths import ROOT

if TYPE_CHECKING:
    from chuangwen.standards.models import Edition

TITLES = ("离线", "登录过期", "两页同开", "空间已满", "换人", "改正")
ASKING = "改正"  # the round whose checklist asks more than verdicts


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
    made: dict[str, object] = {
        "核查": {"number": _fix_to_check(now, inspector), "stops": []},
        "复核": {"number": _second_look(now, inspector.user_id), "stops": []},
    }
    asking = _asking_edition(edition)
    for title in TITLES:
        patrol = plan_patrol(
            title=title, edition_id=asking if title == ASKING else edition.pk, site_ids=[site.pk for site in sites], by=clerk,
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


def _asking_edition(edition: "Edition") -> int:
    """An older version whose compounds are asked for a canteen, its tables and a photo; RES-02 only where there is one,
    and RES-01 shows a picture. The number of the edition.
    """
    from PIL import Image

    from chuangwen.rules.permissions import SYSTEM
    from chuangwen.standards.models import Choice, Criterion, Edition, FormPicture, Question
    from chuangwen.standards.operations import new_version

    draft = new_version(edition_id=edition.pk, version="附加问题", by=SYSTEM, now=edition.updated_at)
    own = {"edition": draft, "point_type_id": "RES"}
    yes = "${canteen} = 'yes'"
    Question.objects.bulk_create([
        Question(**own, name="canteen", type="select_one", list_name="yn", label="有没有食堂", required=True, position=1),
        Question(
            **own, name="tables", type="integer", label="几张桌子", required=True, relevant=yes,
            constraint=". > 0 and . < 100", constraint_message="桌子数应在 1 到 99 之间。", position=2,
        ),
        Question(**own, name="sign", type="image", label="公示牌照片", required=True, relevant=yes, position=3),
    ])  # fmt: skip
    Choice.objects.bulk_create(
        Choice(**own, list_name="yn", name=name, label=label) for name, label in (("yes", "有"), ("no", "没有"))
    )
    content = BytesIO()
    Image.linear_gradient("L").resize((900, 600)).save(content, "PNG")
    FormPicture.objects.create(edition=draft, name="road.png", content=content.getvalue(), sha256="5" * 64)
    first, other = Criterion.objects.filter(**own, method="field").order_by("position", "code")[:2]
    Criterion.objects.filter(pk=first.pk).update(media="road.png")
    Criterion.objects.filter(pk=other.pk).update(relevant=yes)
    earlier = edition.published_at - timedelta(days=1) if edition.published_at else None
    Edition.objects.filter(pk=draft.pk).update(published_at=earlier)
    return int(draft.pk)


def _second_look(now: datetime, inspector_id: int) -> int:
    """A place that somebody else found in order, to be looked at again; the number of the task."""
    from chuangwen.patrols.models import Visit
    from chuangwen.people.models import Unit
    from chuangwen.rechecks.models import Candidate, Draw, Second, Task

    seen = Visit.objects.filter(finished_at__isnull=False, site__point_type="RES").exclude(inspector_id=inspector_id)
    visit = seen.latest("pk")
    draw = Draw.objects.create(
        scope=Unit.objects.order_by("path")[0], starts_on=now.date(), ends_on=now.date(), share=1, sources=[],
        announced_on=now.date(), snapshot="", sha256="0" * 64, salt="", size=1, published_at=now, published_by="文明办",
        drawn_at=now - timedelta(hours=1), numbers=[], record={},
    )  # fmt: skip
    candidate = Candidate.objects.create(
        draw=draw, kind="visit", subject_id=visit.pk, number=1, position=1, site=visit.site
    )
    task = Task.objects.create(
        candidate=candidate, site=visit.site, inspector_id=inspector_id, due_at=now + timedelta(days=3)
    )
    Second.objects.bulk_create(
        Second(task=task, criterion=finding.criterion, first_verdict=finding.verdict)
        for finding in visit.findings.order_by("criterion__position")[:3]
    )
    return int(task.pk)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(write(Path(sys.argv[1]))))
