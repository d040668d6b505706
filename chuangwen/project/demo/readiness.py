"""测评准备 in the sample district: what examination is expected, one past examination, a forecast of last week and one of
today. Few simulated examinations and a short memory, so that loading stays quick; 重新预测 computes the usual number.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from chuangwen.forecasts.computing import run_forecast
from chuangwen.forecasts.operations import ask_forecast, enter_past_exam, put_setting
from chuangwen.forecasts.queries import home_of, places_by_type
from chuangwen.people.queries import actor_by_username
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.forecast_plan import ExamPlan, Veto
from chuangwen.rules.forecast_plan_text import plan_table, toml_text
from chuangwen.standards.models import Criterion, Edition

DAYS_LEFT, LINE, SHARE, MOST_DRAWN, MEMORY, RUNS = 45, 85.0, 10, 12, 15.0, 400


def load(*, edition: Edition, now: datetime) -> None:
    """Through the same operations as people; a second or two."""
    clerk = actor_by_username("clerk", now.date())
    home = home_of(clerk)
    if home is None:
        raise RuntimeError("the sample clerk belongs to no district")
    week = now - timedelta(days=7)
    today = now.astimezone(SHANGHAI).date()
    judged = Criterion.objects.filter(edition=edition, method="field", weight__gt=0, point_type__isnull=False)
    types = set(judged.order_by().values_list("point_type_id", flat=True))
    places = {
        kind: max(1, min(MOST_DRAWN, count // SHARE))
        for kind, count in sorted(places_by_type(home).items())
        if kind in types
    }
    red_line = Veto("发生重大安全事故或影响恶劣的事件（示意）", 0.02, fails=True)
    plan = ExamPlan(today + timedelta(days=DAYS_LEFT), LINE, places, half_life_days=MEMORY, vetoes=(red_line,))
    put_setting(
        home_id=home.pk,
        edition_id=edition.pk,
        toml=toml_text(plan_table(plan)),
        by=clerk,
        now=week - timedelta(hours=1),
    )
    enter_past_exam(
        home_id=home.pk, name="上一年度省测（样例）", held_on=today - timedelta(days=330), our_rate=Decimal("89.6"),
        our_checks=2400, their_rate=Decimal("87.2"), their_checks=1166, source="样例数据", by=clerk,
        now=week - timedelta(hours=1),
    )  # fmt: skip
    for at in (week, now):
        run = ask_forecast(home_id=home.pk, by=clerk, now=at, runs=RUNS)
        run_forecast(run_id=run.pk, now=at)
