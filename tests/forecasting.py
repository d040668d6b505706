"""Places, findings and an expected examination, for tests of forecasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chuangwen.forecasts.models import ExamSetting
from chuangwen.forecasts.operations import put_setting
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import finish_visit, plan_patrol, record_finding
from chuangwen.places import operations as places
from chuangwen.places.models import Site
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.models import Edition
from tests.rounds import small_edition
from tests.world import NOW, World, photo_id

PLAN = """date = 2020-09-01
line = 80
[places]
RES = 2
LANE = 1
"""


def _edition() -> Edition:
    return Edition.objects.filter(code="T").first() or small_edition()


def setting(world: World) -> ExamSetting:
    """The examination that the office expects."""
    return put_setting(
        home_id=world.unit("CC").pk, edition_id=_edition().pk, toml=PLAN, by=world.actor("clerk"), now=NOW - timedelta(days=20)
    )  # fmt: skip


def looked_around(
    world: World, at: datetime, failing: Sequence[str] = ("S-RES-1 RES-10", "S-LANE-1 LANE-01")
) -> Patrol:
    """A round through all places but one, with what failed; the one is never looked at."""
    for code, owner, lng in (("S-RES-2", "XT-01", "120.8730"), ("S-RES-3", "WF-01", "120.9030")):
        places.put_site(
            code=code,
            name=f"小区{code[-1]}",
            point_type="RES",
            owner_code=owner,
            lng=lng,
            lat="32.0130",
            by=SYSTEM,
            now=at,
        )
    sites = list(Site.objects.exclude(code="S-RES-3").order_by("code"))
    inspector = world.actor("inspector")
    edition = _edition()
    patrol = plan_patrol(
        title="看一遍", edition_id=edition.pk, site_ids=[site.pk for site in sites],
        inspector_ids=[inspector.user_id or 0], starts_at=at, ends_at=at + timedelta(hours=9), by=world.actor("clerk"), now=at,
    )  # fmt: skip
    return _walk(patrol, sites, failing, world, at)


def _walk(patrol: Patrol, sites: Sequence[Site], failing: Sequence[str], world: World, at: datetime) -> Patrol:
    inspector = world.actor("inspector")
    for site in sites:
        for code in (pair.split()[1] for pair in failing if pair.split()[0] == site.code):
            photos = [photo_id(inspector)] if code == "RES-10" else []
            record_finding(
                patrol_id=patrol.pk, site_id=site.pk, criterion_code=code, verdict="fail", note="有问题", photo_ids=photos,
                by=inspector, now=at + timedelta(minutes=10),
            )  # fmt: skip
        finish_visit(
            patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=inspector, now=at + timedelta(minutes=20)
        )
    return patrol
