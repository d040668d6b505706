"""What examination is expected is written down, past ones are entered, forecasts are asked for."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from chuangwen.forecasts.models import ExamSetting, PastExam, Run
from chuangwen.forecasts.queries import newest_setting
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.forecast_plan import ExamPlan, read_plan
from chuangwen.rules.permissions import OFFICE, SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.standards.models import Criterion, Edition

RUNS, MOST_RUNS, SEED = 20_000, 1_000_000, 7
STUCK = timedelta(minutes=30)
NOT_OFFICE = "测评设想由区文明办填写。"


def _office_of(home_id: int, by: Actor) -> Unit:
    """The branch, locked, when its office acts; else refused."""
    home = Unit.objects.select_for_update().filter(pk=home_id).first()
    if home is None or not (by.system or home.path in by.scopes(*OFFICE)):
        raise NotFound
    if not may(by, Permission.FORECAST_PLAN):
        raise Refused(NOT_OFFICE)
    return home


@transaction.atomic
def put_setting(
    *, home_id: int, edition_id: int, toml: str, by: Actor, now: datetime, seen_version: int | None = None
) -> ExamSetting:
    """A new version of what examination is expected; the same text again changes nothing. Refuses with every objection."""
    home = _office_of(home_id, by)
    edition = Edition.objects.filter(pk=edition_id, published_at__isnull=False).first()
    said = [] if edition else ["请选一套已发布的测评标准。"]
    plan = None
    try:
        plan = read_plan(toml.encode())
    except BadInput as bad:
        said += bad.objections
    if edition and plan:
        said += _unknown(edition, plan)
    if said or edition is None or plan is None:
        raise Refused(said)
    last = newest_setting(home.pk)
    if last and seen_version is not None and seen_version != last.version:
        raise Conflict("刚刚有人改过测评设想，请看过现在的再保存。")
    if last and (last.edition_id, last.toml) == (edition.pk, toml):
        return last
    newest = ExamSetting.objects.filter(home=home).aggregate(newest=Max("version"))["newest"] or 0
    row = ExamSetting.objects.create(
        home=home, edition=edition, version=newest + 1, day=plan.day, toml=toml, saved_at=now, saved_by=by.name
    )
    record(
        kind="forecast.setting_put", subject_kind="exam_setting", subject_id=row.pk, by=by, now=now, version=row.version,
        edition=edition.pk, day=str(plan.day), line=plan.line,
    )  # fmt: skip
    return row


def _unknown(edition: Edition, plan: ExamPlan) -> list[str]:
    rows = Criterion.objects.filter(edition=edition, method="field", weight__gt=0, point_type__isnull=False)
    types = {word for pair in rows.values_list("point_type_id", "point_type__name") for word in pair}
    return [
        f"“{kind}”在这套测评标准里没有要实地查、有权重的标准，不能写抽查多少处。"
        for kind in sorted({*plan.places} - types)
    ]


@transaction.atomic
def enter_past_exam(
    *, home_id: int, name: str, held_on: date | None, our_rate: Decimal | None, our_checks: int | None,
    their_rate: Decimal | None, their_checks: int | None, source: str, by: Actor, now: datetime,
) -> PastExam:  # fmt: skip
    """A past examination beside our own look at about the same time."""
    home = _office_of(home_id, by)
    said = [] if name.strip() else ["请写明是哪一次测评。"]
    if held_on is None or held_on > now.astimezone(SHANGHAI).date():
        said.append("请填写测评日期，不能晚于今天。")
    for rate, who in ((our_rate, "我们的"), (their_rate, "测评的")):
        if rate is None or not 0 <= rate <= 100:
            said.append(f"{who}得分率应在 0 到 100 之间。")
    for checks, who in ((our_checks, "我们的"), (their_checks, "测评的")):
        if checks is None or not 1 <= checks <= 10_000_000:
            said.append(f"{who}检查数应是大于 0 的整数。")
    said += [] if source.strip() else ["请写明依据，例如通报的文号。"]
    if held_on and PastExam.objects.filter(home=home, name=name.strip(), held_on=held_on, withdrawn_at=None).exists():
        said.append("这次测评已经登记过；数字有误请先撤销再登记。")
    if said or held_on is None or our_rate is None or our_checks is None or their_rate is None or their_checks is None:
        raise Refused(said)
    row = PastExam.objects.create(
        home=home, name=name.strip()[:80], held_on=held_on, our_rate=our_rate, our_checks=our_checks,
        their_rate=their_rate, their_checks=their_checks, source=source.strip()[:200], entered_at=now,
        entered_by=by.name,
    )  # fmt: skip
    record(
        kind="forecast.past_exam_entered", subject_kind="past_exam", subject_id=row.pk, by=by, now=now, exam=row.name,
        held_on=str(row.held_on), ours=str(our_rate), theirs=str(their_rate),
    )  # fmt: skip
    return row


@transaction.atomic
def withdraw_past_exam(*, exam_id: int, by: Actor, now: datetime) -> PastExam:
    """It was entered wrongly: it counts no more, and stays on record."""
    row = PastExam.objects.select_for_update().filter(pk=exam_id).first()
    if row is None:
        raise NotFound
    _office_of(row.home_id, by)
    if row.withdrawn_at is None:
        row.withdrawn_at = now
        row.save(update_fields=["withdrawn_at"])
        record(kind="forecast.past_exam_withdrawn", subject_kind="past_exam", subject_id=row.pk, by=by, now=now)
    return row


@transaction.atomic
def ask_forecast(
    *, home_id: int, by: Actor, now: datetime, runs: int = RUNS, seed: int = SEED, client_key: str | None = None
) -> Run:
    """Have the worker compute a forecast. One that is still under way is not asked for twice."""
    home = _office_of(home_id, by)
    setting = newest_setting(home.pk)
    if setting is None:
        raise Refused("还没有写测评设想（日期、合格线、每类抽几处），请先填写。")
    if setting.day < now.astimezone(SHANGHAI).date():
        raise Refused(f"设想的测评日期 {setting.day} 已经过了，请先改日期。")

    def make() -> Run:
        under_way = Run.objects.filter(home=home, finished_at=None, asked_at__gt=now - STUCK).first()
        if under_way is not None:
            return under_way
        run = Run.objects.create(
            home=home, setting=setting, asked_at=now, asked_by=by.name, runs=min(max(runs, 100), MOST_RUNS), seed=seed,
            client_key=client_key or None,
        )  # fmt: skip
        record(
            kind="forecast.asked", subject_kind="forecast", subject_id=run.pk, by=by, now=now, setting=setting.version,
            runs=run.runs, seed=seed,
        )  # fmt: skip
        return run

    return once(lambda: Run.objects.filter(client_key=client_key, home=home).first() if client_key else None, make)


def ask_daily(*, now: datetime) -> int:
    """Ask for the forecast of every branch whose examination is still to come; returns how many."""
    asked = 0
    today = now.astimezone(SHANGHAI).date()
    homes = ExamSetting.objects.order_by().values_list("home_id", flat=True).distinct()
    for home_id in sorted(homes):
        setting = newest_setting(home_id)
        if setting is not None and setting.day >= today:
            ask_forecast(home_id=home_id, by=SYSTEM, now=now)
            asked += 1
    return asked
