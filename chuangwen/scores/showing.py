"""A draft is shown to the units it ranks before it is released, and corrected by what their appeals came to."""

from datetime import datetime

from django.db import transaction

from chuangwen.appeals.models import Window
from chuangwen.appeals.operations import open_window
from chuangwen.appeals.queries import standing_in_the_way, window_holding, window_of
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.scoring import score
from chuangwen.scores.basis import facts_from, period_of, sentences, without_appealed
from chuangwen.scores.lifting import lifts_in
from chuangwen.scores.lines import lines_from, locked_sheet
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.queries import left_to_correct
from chuangwen.scores.reach import BEIJING, window


@transaction.atomic
def show_sheet(*, sheet_id: int, by: Actor, now: datetime) -> Window:
    """Show a complete draft to its units. They can object until the window closes; only then can it be released."""
    sheet = locked_sheet(sheet_id, by)
    objections = [] if may(by, Permission.SCORE_COMPUTE) else ["得分表由区文明办公示。"]
    if sheet.is_released:
        objections.append("这份得分表已经发布，不用公示。")
    if sheet.shown_at is not None:
        objections.append("这份得分表已经公示。")
    _, over = window(sheet.period_start, sheet.period_end)
    if sheet.computed_at < over:
        objections.append("这份得分表在本期结束前计算，数据不全。请在本期结束后重新计算再公示。")
    if objections:
        raise Refused(objections)
    sheet.shown_at = now
    sheet.save(update_fields=["shown_at"])
    opened = open_window(
        scope=sheet.scope, sheet_id=sheet.pk, rule_name=sheet.rule_name, starts_on=sheet.period_start,
        ends_on=sheet.period_end, parts=[{"key": part.key, "label": part.label} for part in sheet.rule.parts], by=by, now=now,
    )  # fmt: skip
    record(
        kind="score.shown", subject_kind="score_sheet", subject_id=sheet.pk, by=by, now=now, rule=sheet.rule_name,
        start=sheet.period_start.isoformat(), end=sheet.period_end.isoformat(),
    )  # fmt: skip
    return opened


def window_objections(sheet: ScoreSheet, now: datetime) -> list[str]:
    """Why the appeals of the units still keep a sheet from being released, each by name."""
    shown = window_of(sheet.corrects_id or sheet.pk)
    if shown is None:
        return ["这份得分表还没有向各单位公示，请先公示，公示期满再发布。"]
    objections = []
    holding = window_holding(sheet.scope_id, sheet.rule_name, sheet.period_start, sheet.period_end)
    if holding is not None and holding.pk != shown.pk:
        objections.append("本期后来又公示了另一份得分表，请发布那一份。")
    if now < shown.closes_at:
        ends = shown.closes_at.astimezone(BEIJING)
        objections.append(f"公示期到{ends.month}月{ends.day}日{ends.hour}时为止，期满后才能发布。")
    objections += standing_in_the_way(sheet.scope.path, sheet.period_start, sheet.period_end, now)
    if names := left_to_correct(sheet):
        objections.append(
            f"{'、'.join(names)}有申诉已经成立，得分表还没有更正。请先“按申诉结果更正”，再发布更正后的那份。"
        )
    return objections


@transaction.atomic
def correct_sheet(*, sheet_id: int, by: Actor, now: datetime) -> ScoreSheet:
    """A new draft with the same facts as the shown one, without what appeals took out since. Nothing else differs."""
    sheet = locked_sheet(sheet_id, by)
    sheet = sheet.corrects or sheet
    objections = [] if may(by, Permission.SCORE_COMPUTE) else ["得分表由区文明办更正。"]
    if sheet.shown_at is None:
        objections.append("这份得分表还没有公示，直接重新计算就可以。")
    if sheet.is_released or ScoreSheet.objects.filter(corrects=sheet, released_at__isnull=False).exists():
        objections.append("本期得分表已经发布，不能再改。")
    if not objections and not left_to_correct(sheet):
        objections.append("没有成立的申诉，不用更正。")
    if objections:
        raise Refused(objections)
    made = ScoreSheet.objects.create(
        scope=sheet.scope, league=sheet.league, rule_name=sheet.rule_name, rule_title=sheet.rule_title,
        rule_text=sheet.rule_text, period_start=sheet.period_start, period_end=sheet.period_end,
        computed_at=sheet.computed_at, computed_by=by.name, note=sheet.note, corrects=sheet, corrected_at=now, shown_at=now,
    )  # fmt: skip
    ScoreLine.objects.bulk_create(_corrected(sheet, made))
    record(
        kind="score.corrected", subject_kind="score_sheet", subject_id=made.pk, by=by, now=now, corrects=sheet.pk,
        rule=made.rule_name, start=made.period_start.isoformat(), end=made.period_end.isoformat(),
    )  # fmt: skip
    return made


def _corrected(sheet: ScoreSheet, made: ScoreSheet) -> list[ScoreLine]:
    rule, old = sheet.rule, list(ScoreLine.objects.filter(sheet=sheet).select_related("unit"))
    findings = period_of(sheet.scope, sheet.period_start, sheet.period_end, sheet.computed_at).findings
    lifts = lifts_in(sheet.scope, sheet.period_start, sheet.period_end, made.corrected_at)
    basis = without_appealed({line.unit_id: line.basis for line in old}, lifts)
    facts = [facts_from(rule, line.unit_name, basis[line.unit_id], findings) for line in old]
    told = {line.unit_name: sentences(rule, each, basis[line.unit_id]) for line, each in zip(old, facts, strict=True)}
    try:
        result = score(rule, facts)
    except BadInput as objection:
        raise Refused(objection.objections) from objection
    return lines_from(made, rule, result, {line.unit_name: line.unit for line in old}, basis, told)
