"""Walks through the small district with weighted criteria, through the real operations: what scores and papers rest on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chuangwen.appeals.queries import window_of
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.patrols.operations import finish_visit, plan_patrol, record_finding
from chuangwen.people.operations import put_unit
from chuangwen.places.models import Site
from chuangwen.places.operations import put_site
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.operations import release_sheet
from chuangwen.scores.showing import show_sheet
from chuangwen.standards.models import Content, Criterion, Edition, Item, PointType
from tests.world import BEIJING, NOW, World

JULY = datetime(2020, 7, 1, 9, 0, tzinfo=BEIJING)  # the first morning after the month of these walks
NOTE = "门口 13900005678 王先生说常年如此"  # what an inspector writes must stand in no paper
CRITERIA = (  # code, point type, text, severity, weight
    ("RES-10", "RES", "楼道内没有堆放杂物", "A", "3"),
    ("RES-11", "RES", "垃圾桶没有满溢", "B", "2"),
    ("RES-12", "RES", "绿地没有毁绿种菜", "C", "1"),
    ("LANE-01", "LANE", "路面没有积水坑洼", "B", "2"),
    ("LANE-02", "LANE", "墙面没有乱涂写", "C", "1"),
)


def weighted_edition() -> Edition:
    """A published edition with three criteria for compounds and two for lanes."""
    edition = Edition.objects.create(
        code="small", version="1", name="小标准", published_at=NOW, published_by="系统", updated_at=NOW
    )
    for position, (code, name) in enumerate((("RES", "居民小区"), ("LANE", "背街小巷"))):
        PointType.objects.create(code=code, name=name, position=position)
    item = Item.objects.create(edition=edition, code="I", name="环境")
    content = Content.objects.create(item=item, code="C", name="保洁")
    for code, kind, text, severity, weight in CRITERIA:
        Criterion.objects.create(
            edition=edition, content=content, point_type_id=kind, code=code, text=text, severity=severity,
            method="field", weight=Decimal(weight), case_standard="T-4WH",
        )  # fmt: skip
    return edition


@dataclass
class Walks:
    """Each walk is a patrol of its own with one visit."""

    world: World
    edition: Edition

    def walk(self, site: Site, *, now: datetime = NOW, finish: bool = True, **verdicts: str) -> dict[str, int]:
        """Judge the named criteria (`_` for `-`); the rest passes. Gives criterion -> id of the case it opened."""
        by, inspector = self.world.actor("clerk"), self.world.actor("inspector")
        patrol = plan_patrol(
            title="日巡查", edition_id=self.edition.pk, site_ids=[site.pk], inspector_ids=[inspector.user_id or 0],
            starts_at=now, ends_at=now + timedelta(hours=8), by=by, now=now,
        )  # fmt: skip
        opened = {}
        for name, verdict in verdicts.items():
            found = record_finding(
                patrol_id=patrol.pk, site_id=site.pk, criterion_code=name.replace("_", "-"), verdict=verdict,
                note=NOTE, by=inspector, now=now + timedelta(minutes=5),
            )  # fmt: skip
            if found.case_id is not None:
                opened[name] = found.case_id
        if finish:
            done = now + timedelta(minutes=20)
            finish_visit(patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=inspector, now=done)
        return opened

    def put_right(self, case_id: int, *, now: datetime, rework: bool = False) -> None:
        """The owner hands it in, once more after a rejection when `rework`; then it is checked and closed."""
        case = Case.objects.select_related("unit").get(pk=case_id)
        worker = {"XT-01-WY": "wy_worker", "WF-01": "wf_chief"}[case.unit.code if case.unit else ""]
        for turn in range(2 if rework else 1):
            moment = now + timedelta(minutes=10 * turn)
            cases.rectify(case_id=case_id, note="已整改", by=self.world.actor(worker), now=moment)
            if rework and not turn:
                cases.reject(case_id=case_id, reason="仍有问题", by=self.world.actor("inspector2"), now=moment)
        done = now + timedelta(minutes=30)
        cases.verify(case_id=case_id, by=self.world.actor("inspector2"), now=done)
        cases.close(case_id=case_id, by=self.world.actor("clerk"), now=done)

    def second_compound(self) -> Site:
        """Another compound of the first street."""
        site, _ = put_site(
            code="S-RES-2", name="学田北苑", point_type="RES", owner_code="XT-01-WY", lng="120.872000", lat="32.012000",
            area_code="A-XT-01", by=SYSTEM, now=NOW,
        )  # fmt: skip
        return site

    def third_street(self) -> Site:
        """A street with one lane of its own community, where nothing has been looked at yet."""
        for code, name, kind, parent in (
            ("RG", "任港街道", "street", "CC"),
            ("RG-01", "任港社区", "community", "RG"),
        ):
            put_unit(code=code, name=name, kind=kind, parent_code=parent, by=SYSTEM, now=NOW)
        site, _ = put_site(
            code="S-LANE-2", name="任港巷", point_type="LANE", owner_code="RG-01", lng="120.841000", lat="32.001000",
            by=SYSTEM, now=NOW,
        )  # fmt: skip
        return site


def release_shown(*, sheet_id: int, by: Actor, now: datetime) -> ScoreSheet:
    """Shown to its units at `now` if it was not yet, and made official when their window is over."""
    if ScoreSheet.objects.filter(pk=sheet_id, shown_at=None).exists():
        show_sheet(sheet_id=sheet_id, by=SYSTEM, now=now)
    window = window_of(sheet_id)
    return release_sheet(sheet_id=sheet_id, by=by, now=max(now, window.closes_at) if window else now)


def june(world: World) -> Walks:
    """One day of June 2020.

    学田: of weights 3+2+1 and 3+2 (one does not apply) the 3 failed once, put right on time: 8/11, 1/1, 1/1.
    文峰: both of 2+1 failed, one put right after a rework, one late: 0/3, 1/2, 1/2.
    """
    walks = Walks(world, weighted_edition())
    bad = walks.walk(world.compound, RES_10="fail")
    walks.walk(walks.second_compound(), now=NOW + timedelta(hours=1), RES_12="na")
    lane = walks.walk(world.lane, now=NOW + timedelta(hours=2), LANE_01="fail", LANE_02="fail")
    walks.put_right(bad["RES_10"], now=NOW + timedelta(hours=1))
    walks.put_right(lane["LANE_01"], now=NOW + timedelta(hours=3), rework=True)
    walks.put_right(lane["LANE_02"], now=NOW + timedelta(days=5))
    return walks
