"""The sample district loads through the operations, and its papers add up."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from chuangwen.appeals.models import Appeal, Window
from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.queries import check_paper
from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.notices.models import Delivery, Notice
from chuangwen.patrols.models import Finding, Visit
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.places.queries import grid_at
from chuangwen.project.demo import loader, papers
from chuangwen.rechecks.models import Draw, Task
from chuangwen.rules.case_flow import Status
from chuangwen.rules.draw_records import differences
from chuangwen.rules.permissions import SYSTEM
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.queries import recompute
from chuangwen.standards.calendar import seed_calendar
from chuangwen.supervision.models import Task as Supervision
from tests.world import BEIJING

LOADED_AT = datetime(2026, 11, 18, 15, 30, tzinfo=BEIJING)  # a Wednesday


@pytest.fixture(autouse=True)
def _a_shorter_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven weeks instead of thirteen months, so that it loads in seconds."""
    whole = loader.plan
    monkeypatch.setattr(loader, "plan", lambda *a, **k: whole(*a, **k, days=80, visits=150, cases=260))


@pytest.mark.embedded
@pytest.mark.django_db
def test_the_sample_district_loads_and_its_papers_and_scores_can_be_recomputed() -> None:
    steps: Counter[str] = Counter()
    seed_calendar(years=[2025, 2026, 2027], by=SYSTEM, now=LOADED_AT)
    loader.load(now=LOADED_AT, tell=lambda what, _done, _total: steps.update([what]))
    papers.load(now=LOADED_AT, tell=lambda what, _done, _total: steps.update([what]))
    assert loader.is_loaded()
    assert set(steps) == {"单位、区域、人员、点位", "巡查与案件", "排名与通报"}

    assert Unit.objects.filter(kind="street").count() == 20
    assert Site.objects.count() >= 400
    assert Site.objects.values("point_type").distinct().count() == 15
    for site in Site.objects.select_related("area").order_by("?")[:20]:
        assert grid_at(site.lng, site.lat) == site.area

    assert Supervision.objects.filter(disclosed_at=None).count() == 1
    assert set(Supervision.objects.values_list("kind", flat=True)) == {"leader", "regular", "visit"}
    assert Case.objects.count() > 200
    assert {Status.CLOSED, Status.HANDLING, Status.REPORTED, Status.RETURNED} <= {
        Status(s) for s in Case.objects.values_list("status", flat=True)
    }
    assert Finding.objects.filter(verdict="fail", case=None).count() == 0
    assert Visit.objects.filter(finished_at__lt=F("started_at")).count() == 0
    assert not Event.objects.filter(at__gt=LOADED_AT).exists()

    assert {"新派案件", "待核查"} <= set(Notice.objects.filter(done_at=None).values_list("what", flat=True))
    assert not Delivery.objects.exists()  # every channel is quiet

    draw = Draw.objects.get()
    assert differences(draw.record, published_sha256=draw.sha256) == []
    assert Task.objects.filter(finished_at__isnull=False).exists()

    assert {paper.kind for paper in Paper.objects.all()} == {"daily", "weekly", "monthly"}
    for paper in Paper.objects.all():
        assert check_paper(paper) == [], paper.title
    assert ScoreSheet.objects.count() == papers.MONTHS + 2  # one corrected by appeals, one that lies open just now
    assert set(Appeal.objects.values_list("outcome", flat=True)) == {"", "granted", "refused"}
    assert Window.objects.filter(released_at=None, closes_at__gt=LOADED_AT).count() == 1
    for sheet in ScoreSheet.objects.all():
        assert recompute(sheet) == []
    assert Paper.objects.filter(released_at__isnull=False).count() == papers.MONTHS + papers.WEEKS
    early = Case.objects.filter(reported_at__lte=LOADED_AT - timedelta(days=81))
    assert set(early.values_list("origin_kind", flat=True)) <= {"whistle"}  # whistles are told of a quarter
