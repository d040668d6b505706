"""The worker's part: gather, forecast, hold against last week, keep. Seconds of work, never in a request."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chuangwen.forecasts.inputs import Inputs, gather
from chuangwen.forecasts.models import Run, RunLever
from chuangwen.journal.operations import record
from chuangwen.rules.edition_fields import MethodKind
from chuangwen.rules.forecast import Forecast, forecast
from chuangwen.rules.forecast_change import as_rows, parts_of, standing_of
from chuangwen.rules.forecast_levers import Lever
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.rules.refusals import BadInput

FEWER_RUNS = 2_000  # of the forecast in between: only its mean is used
WEEK, AT_LEAST = timedelta(days=7), timedelta(days=5)


def run_forecast(*, run_id: int, now: datetime) -> bool:
    """Compute a forecast that was asked for; returns whether there was something to do. Safe to repeat: a finished one
    is left alone. What makes a forecast impossible is kept as sentences, not raised.
    """
    run = (
        Run.objects.select_related("setting__edition", "setting__home", "home")
        .filter(pk=run_id, finished_at=None)
        .first()
    )
    if run is None:
        return False
    try:
        _at(run, 5, "收集判定、模拟测评、材料和问卷")
        inputs = gather(run.setting, now=run.asked_at)
        run.counts, run.mark, run.digest = inputs.counts, inputs.mark, inputs.digest
        _at(run, 25, f"估计 {len(inputs.seen):,} 条观测，模拟 {run.runs:,} 次测评")
        found = forecast(inputs.sheet, inputs.seen, inputs.plan, runs=run.runs, seed=run.seed, register=inputs.register)
        _at(run, 75, "与上周的预测比较")
        _compare(run, found, inputs)
    except BadInput as refused:
        _refuse(run, refused.objections, by=SYSTEM, now=now)
    else:
        _keep(run, found, inputs, by=SYSTEM, now=now)
    return True


def _at(run: Run, progress: int, step: str) -> None:
    """Seen by the page at once: outside the transaction of the result."""
    Run.objects.filter(pk=run.pk).update(progress=progress, step=step)


def _refuse(run: Run, objections: Any, *, by: Actor, now: datetime) -> None:
    with transaction.atomic():
        run.refused, run.finished_at, run.progress, run.step = list(objections), now, 100, ""
        run.save(update_fields=["refused", "finished_at", "progress", "step", "counts", "mark", "digest"])
        record(
            kind="forecast.refused", subject_kind="forecast", subject_id=run.pk, by=by, now=now,
            objections=len(run.refused),
        )  # fmt: skip


def figures_of(found: Forecast, line: float) -> dict[str, Any]:
    """The forecast as plain figures, without levers, which are rows of their own."""
    return {
        "total": asdict(found.total),
        "line": line,
        "p_pass": found.p_pass,
        "p_pass_without_vetoes": found.p_pass_without_vetoes,
        "methods": {kind: {"weight": share.weight, **asdict(share.band)} for kind, share in found.methods.items()},
        "by_type": {kind: asdict(band) for kind, band in found.by_type.items()},
        "variance": dict(found.drivers),
        "spread": dict(found.spreads),
    }


def _keep(run: Run, found: Forecast, inputs: Inputs, *, by: Actor, now: datetime) -> None:
    result = figures_of(found, inputs.plan.line) | {"warnings": [*found.warnings, *inputs.notes]}
    values = {
        str(inputs.site_ids[name]): round(one.value, 6) for name, one in found.visits.items() if name in inputs.site_ids
    }
    with transaction.atomic():
        RunLever.objects.filter(run=run).delete()
        RunLever.objects.bulk_create(_levers(run, found.levers, inputs), batch_size=500)
        run.result, run.site_values, run.finished_at, run.progress, run.step = result, values, now, 100, ""
        run.save()
        record(
            kind="forecast.done", subject_kind="forecast", subject_id=run.pk, by=by, now=now, digest=run.digest,
            seed=run.seed, runs=run.runs, mean=round(found.total.mean, 3), chance=round(found.p_pass, 4),
        )  # fmt: skip


def _levers(run: Run, levers: tuple[Lever, ...], inputs: Inputs) -> list[RunLever]:
    criteria = dict(run.setting.edition.criteria.values_list("code", "pk"))
    return [
        RunLever(
            run=run, place=place, criterion_id=criteria[one.criterion], point_type_id=one.type,
            street_id=inputs.streets.get(one.street), gain=one.gain_per_fix, look=one.value_of_a_look, rate=one.rate,
            places=one.places, failing=one.failing, look_at_id=inputs.site_ids.get(one.look_at),
        )
        for place, one in enumerate(levers, start=1)
    ]  # fmt: skip


def earlier_run(run: Run) -> Run | None:
    """The finished forecast nearest to a week before this one, at least five days older."""
    rows = Run.objects.filter(home=run.home_id, result__isnull=False, asked_at__lte=run.asked_at - AT_LEAST)
    near = [
        rows.filter(asked_at__gt=run.asked_at - WEEK).order_by("asked_at").first(),
        rows.filter(asked_at__lte=run.asked_at - WEEK).order_by("-asked_at").first(),
    ]
    found = [one for one in near if one is not None]
    return min(found, key=lambda one: abs(run.asked_at - WEEK - one.asked_at), default=None)


def _compare(run: Run, found: Forecast, inputs: Inputs) -> None:
    """Why the mean differs from that of a week ago: one more forecast with today's settings on what was known then."""
    before = run.compared_with = earlier_run(run)
    if before is None:
        return
    now_figures = figures_of(found, inputs.plan.line)
    parts = parts_of(
        standing_of(before.result["total"], before.result["methods"]),
        standing_of(now_figures["total"], now_figures["methods"]),
        _between(before, inputs, run.seed),
    )
    run.changes = as_rows(parts)


def _between(before: Run, inputs: Inputs, seed: int) -> float | None:
    known = inputs.known_then(before.mark, before.asked_at)
    try:
        middle = forecast(inputs.sheet, known, inputs.plan, runs=FEWER_RUNS, seed=seed, register=inputs.register)
    except BadInput:  # too little was known then: the field is given as one cause
        return None
    return middle.methods[MethodKind.FIELD.value].band.mean
