"""Every way score sheets come about, become official, or are thrown away; showing.py has what comes between."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import ProtectedError

from chuangwen.appeals.operations import close_window
from chuangwen.appeals.queries import window_of
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.scoring import Rule, load_rule, score
from chuangwen.scores.basis import facts_for, period_of, sentences, unknown_parts
from chuangwen.scores.builtin import builtin_rules, builtin_text
from chuangwen.scores.lines import lines_from, locked_sheet
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.queries import recompute
from chuangwen.scores.reach import local_day, scope_for, window
from chuangwen.scores.showing import window_objections


@transaction.atomic
def compute_sheet(
    *,
    rule_name: str,
    start: date,
    end: date,
    by: Actor,
    now: datetime,
    rule_text: str = "",
    scope_code: str = "",
    note: str = "",
) -> ScoreSheet:
    """A new draft: the streets of the actor's branch from `start` to `end` (inclusive) under a rule.

    The rule is a built-in one by its name, or `rule_text` (TOML) with a local paper's own weights. Units with nothing
    observed are in the sheet with the reason and without a place.
    """
    objections = [] if may(by, Permission.SCORE_COMPUTE) else ["计分由区文明办办理。"]
    if end < start:
        objections.append("结束日期不能早于开始日期。")
    if start > local_day(now):
        objections.append("本期还没有开始，没有可以计分的记录。")
    rule, text = _rule(rule_name, rule_text, objections)
    if objections or rule is None:
        raise Refused(objections)
    scope = scope_for(by, scope_code)
    period = period_of(scope, start, end, now)
    if not period.streets:
        raise Refused(f"{scope.name}没有街道，无法排名。")
    facts, basis = facts_for(rule, period)
    try:
        result = score(rule, facts)
    except BadInput as objection:
        raise Refused(objection.objections) from objection
    sheet = ScoreSheet.objects.create(
        scope=scope, rule_name=rule.name, rule_title=rule.title, rule_text=text, period_start=start, period_end=end,
        computed_at=now, computed_by=by.name, note=note.strip()[:300],
    )  # fmt: skip
    told = {each.unit: sentences(rule, each, basis[period.by_name[each.unit].pk]) for each in facts}
    ScoreLine.objects.bulk_create(lines_from(sheet, rule, result, period.by_name, basis, told))
    record(
        kind="score.computed", subject_kind="score_sheet", subject_id=sheet.pk, by=by, now=now, rule=rule.name,
        start=start.isoformat(), end=end.isoformat(), ranked=len(result.lines), left_out=len(result.left_out),
    )  # fmt: skip
    return sheet


def _rule(name: str, text: str, objections: list[str]) -> tuple[Rule | None, str]:
    """The rule and its text; what is wrong with it goes on the list."""
    if not text.strip() and name not in builtin_rules():
        objections.append(f"没有叫“{name}”的规则。自带的规则有：{'、'.join(builtin_rules())}。")
        return None, ""
    text = text if text.strip() else builtin_text(name)
    try:
        rule = load_rule(text)
    except BadInput as objection:
        objections += objection.objections
        return None, text
    if rule.name in builtin_rules() and text != builtin_text(rule.name):
        objections.append(f"规则代号“{rule.name}”是自带规则的代号，请给本地规则另取一个代号。")
    if len(rule.name) > 60 or len(rule.title) > 160:
        objections.append("规则代号最多 60 字，名称最多 160 字，请改短。")
    if unknown := unknown_parts(rule):
        objections.append(f"本系统的记录算不出这些计分项：{'、'.join(unknown)}。请换一个规则。")
    return rule, text


@transaction.atomic
def release_sheet(*, sheet_id: int, by: Actor, now: datetime) -> ScoreSheet:
    """Make a sheet official, after its units could object to it. A person decides; from then on it never changes."""
    sheet = locked_sheet(sheet_id, by)
    objections = [] if may(by, Permission.SCORE_RELEASE) else ["得分表由文明办主任发布。"]
    objections += _release_objections(sheet, now)
    if objections:
        raise Refused(objections)
    sheet.released_at, sheet.released_by = now, by.name
    sheet.save(update_fields=["released_at", "released_by"])
    if shown := window_of(sheet.corrects_id or sheet.pk):
        close_window(window_id=shown.pk, by=by, now=now)
    record(
        kind="score.released", subject_kind="score_sheet", subject_id=sheet.pk, by=by, now=now, rule=sheet.rule_name,
        start=sheet.period_start.isoformat(), end=sheet.period_end.isoformat(),
    )  # fmt: skip
    return sheet


def _release_objections(sheet: ScoreSheet, now: datetime) -> list[str]:
    if sheet.is_released:
        return ["这份得分表已经发布，不能再改。"]
    objections = []
    _, over = window(sheet.period_start, sheet.period_end)
    if sheet.computed_at < over:
        objections.append("这份得分表在本期结束前计算，数据不全。请在本期结束后重新计算再发布。")
    same = ScoreSheet.objects.filter(
        scope_id=sheet.scope_id, rule_name=sheet.rule_name, period_start=sheet.period_start,
        period_end=sheet.period_end, released_at__isnull=False,
    )  # fmt: skip
    if same.exists():
        objections.append("同一规则、同一时段已经发布过一份得分表。")
    return [*objections, *window_objections(sheet, now), *recompute(sheet)]


@transaction.atomic
def discard_sheet(*, sheet_id: int, by: Actor, now: datetime) -> None:
    """Throw a draft away. What was released stays; what a paper rests on stays as long as the paper does."""
    sheet = locked_sheet(sheet_id, by)
    objections = [] if may(by, Permission.SCORE_COMPUTE) else ["得分表草稿由区文明办删除。"]
    if sheet.is_released:
        objections.append("这份得分表已经发布，不能删除。")
    elif sheet.shown_at is not None and sheet.corrects_id is None:
        objections.append("这份得分表已经向各单位公示，不能删除。")
    if objections:
        raise Refused(objections)
    facts = {"rule": sheet.rule_name, "start": sheet.period_start.isoformat(), "end": sheet.period_end.isoformat()}
    try:
        sheet.delete()
    except ProtectedError as error:
        raise Refused("有一份通报草稿用着这份得分表，请先撤回那份草稿。") from error
    record(kind="score.discarded", subject_kind="score_sheet", subject_id=sheet_id, by=by, now=now, **facts)
