"""A small edition and a round through two places, for tests that need findings."""

from datetime import timedelta
from decimal import Decimal

from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import plan_patrol
from chuangwen.standards.models import Content, Criterion, Edition, EditionMethod, Item, PointType
from tests.world import NOW, World

CRITERIA = (  # code, type, text, severity, photo needed
    ("RES-01", "RES", "道路平整无坑洼", "B", False),
    ("RES-10", "RES", "楼道无堆放杂物", "A", True),
    ("RES-16", "RES", "居民知晓创建工作", "C", False),
    ("LANE-01", "LANE", "路面硬化、排水通畅", "B", False),
    ("LANE-02", "LANE", "全巷干净见本色", "B", False),
)


def small_edition() -> Edition:
    """A published edition of five criteria."""
    edition = Edition.objects.create(code="T", version="1", name="测试标准", updated_at=NOW, published_at=NOW)
    EditionMethod.objects.create(edition=edition, kind="field", weight=Decimal(100))
    content = Content.objects.create(
        item=Item.objects.create(edition=edition, code="1", name="公共环境"), code="1.1", name="环境卫生"
    )
    for place, (code, kind, text, severity, photo) in enumerate(CRITERIA):
        point_type, _ = PointType.objects.get_or_create(
            code=kind, defaults={"name": {"RES": "居民小区", "LANE": "背街小巷"}[kind]}
        )
        Criterion.objects.create(
            edition=edition, content=content, point_type=point_type, code=code, text=text, how=["look"], severity=severity,
            photo_on_fail=photo, method="field", case_standard="T-4WH", position=place,
        )  # fmt: skip
    return edition


def small_patrol(world: World, *, inspector: str = "inspector", edition: Edition | None = None) -> Patrol:
    """One inspector's round through the compound and the lane, this morning."""
    return plan_patrol(
        title="学田文峰日常巡查", edition_id=(edition or small_edition()).pk,
        site_ids=[world.compound.pk, world.lane.pk], inspector_ids=[world.actor(inspector).user_id or 0],
        starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=8), by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
