"""Looking at score sheets: through the door, line by line down to the findings, and recomputed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypedDict

from django.db.models import Count, Q, QuerySet

from chuangwen.appeals.queries import Granted, granted_within
from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding
from chuangwen.rules.appeals import APPEALED, lifting_faults
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.scoring import Rule, Sheet, score
from chuangwen.scores.basis import SOURCES, Period, facts_from, period_of, sentences
from chuangwen.scores.builtin import builtin_rules, read_rule
from chuangwen.scores.lifting import Lifts, lifts_in
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.reach import lineage, manages, opens_basis, seen_by

PAGE_SIZE = 50
GROUP_LABELS: Mapping[tuple[str, str], str] = {
    ("field", "findings"): "全部判定",
    ("field", "failed"): "不合格判定",
    ("field", APPEALED): "申诉成立不计的判定",
    ("rectification", "cases"): "应整改案件",
    ("rectification", "late"): "超期案件",
    ("rectification", APPEALED): "申诉成立不计（按期整改）",
    ("rework", "cases"): "已提交整改案件",
    ("rework", "reworked"): "没有一次通过的案件",
    ("rework", APPEALED): "申诉成立不计（一次通过）",
}


def usable_rules() -> list[Rule]:
    """The built-in rules whose every part can be computed from this system's records."""
    rules = [read_rule(name) for name in builtin_rules()]
    return [rule for rule in rules if all(part.key in SOURCES for part in rule.parts)]


def sheets_for(actor: Actor) -> QuerySet[ScoreSheet]:
    """The sheets an actor may look at, newest period first, with `ranked` and `left_out` counted."""
    if not may(actor, Permission.SCORE_SEE):
        return ScoreSheet.objects.none()
    above = {path for post in actor.posts for path in lineage(post.unit_path)}
    shown = Q(shown_at__isnull=False, scope__path__in=above)
    rows = ScoreSheet.objects.filter(seen_by(actor) | shown).select_related("scope")
    return rows.annotate(
        ranked=Count("lines", filter=Q(lines__place__isnull=False)),
        left_out=Count("lines", filter=Q(lines__place=None)),
    ).order_by("-period_end", "-id")


def sheet_for(actor: Actor, sheet_id: int) -> ScoreSheet:
    """The door: the sheet when the actor may see it. Unseen and unknown look alike."""
    sheet = sheets_for(actor).filter(pk=sheet_id).first()
    if sheet is None:
        raise NotFound
    return sheet


def may_release(actor: Actor, sheet: ScoreSheet) -> bool:
    """Whether this person could make the sheet official."""
    return may(actor, Permission.SCORE_RELEASE) and manages(actor, sheet.scope) and not sheet.is_released


def may_discard(actor: Actor, sheet: ScoreSheet) -> bool:
    """Whether this person could throw the draft away."""
    shown = sheet.shown_at is not None and sheet.corrects_id is None
    return may(actor, Permission.SCORE_COMPUTE) and manages(actor, sheet.scope) and not sheet.is_released and not shown


def may_show(actor: Actor, sheet: ScoreSheet) -> bool:
    """Whether this person could show the draft to its units, or correct it by what was granted since."""
    return may(actor, Permission.SCORE_COMPUTE) and manages(actor, sheet.scope) and not sheet.is_released


def left_to_correct(sheet: ScoreSheet, granted: Sequence[Granted] | None = None) -> list[str]:
    """The units in whose lines something still counts that a granted appeal took out, by name.

    `granted`: the appeals of the period, where they are at hand already.
    """
    lifts = lifts_in(sheet.scope, sheet.period_start, sheet.period_end) if granted is None else Lifts(granted)
    return [line.unit_name for line in ScoreLine.objects.filter(sheet=sheet) if _uncorrected(line, lifts)]


def _uncorrected(line: ScoreLine, lifts: Lifts) -> list[str]:
    return [
        f"{line.unit_name}：{fault}。"
        for key, groups in line.basis.items()
        for fault in lifting_faults(groups, SOURCES[key].whole, SOURCES[key].fault, lifts.of(key, line.unit_id))
    ]


def granted_in(sheet: ScoreSheet) -> list[Granted]:
    """The appeals that are in the figures of a sheet."""
    return granted_within(sheet.scope.path, sheet.period_start, sheet.period_end, sheet.appeals_known_at)


def lines_of(sheet: ScoreSheet) -> Sequence[ScoreLine]:
    """The lines in the order of their places, those left out at the end; without their basis."""
    return list(ScoreLine.objects.filter(sheet=sheet).select_related("unit").defer("basis"))


@dataclass(frozen=True)
class Table:
    """A league table: the sheet, the ranked lines in order, and those left out; every line carries its reasons."""

    sheet: ScoreSheet
    ranked: Sequence[ScoreLine]
    left_out: Sequence[ScoreLine]

    @property
    def part_labels(self) -> list[str]:
        """The heads of the part columns."""
        return [part.label for part in self.sheet.rule.parts]


def league_table(sheet: ScoreSheet) -> Table:
    """A sheet as a league table."""
    lines = lines_of(sheet)
    return Table(sheet, [x for x in lines if x.place is not None], [x for x in lines if x.place is None])


def released_sheets(scope_code: str = "") -> QuerySet[ScoreSheet]:
    """Everything that was made public, newest period first; of one branch when its code is given."""
    rows = ScoreSheet.objects.filter(released_at__isnull=False).select_related("scope")
    return (rows.filter(scope__code=scope_code) if scope_code else rows).order_by("-period_end", "-released_at", "-id")


def released_table(sheet_id: int | None = None, scope_code: str = "") -> Table | None:
    """For residents: one released table, the newest when none is named; None while nothing is released."""
    rows = released_sheets(scope_code)
    sheet = (rows.filter(pk=sheet_id) if sheet_id is not None else rows).first()
    if sheet is None and sheet_id is not None:
        raise NotFound
    return league_table(sheet) if sheet is not None else None


def sheet_of_period(scope_code: str, start: date, end: date) -> ScoreSheet | None:
    """The sheet that a paper on these days should use: the one released last, else the one computed last."""
    rows = ScoreSheet.objects.filter(scope__code=scope_code, period_start=start, period_end=end)
    released = rows.filter(released_at__isnull=False).order_by("-released_at", "-id").first()
    return released or rows.order_by("-computed_at", "-id").first()


class BasisGroup(TypedDict):
    """One list of ids behind a part of a line."""

    part: str
    group: str
    label: str
    count: int


@dataclass(frozen=True)
class OpenedLine:
    """A line with what it rests on: how many of what, and one page of the group that was opened.

    `hidden` counts what stands on the page but is not for this person to open.
    """

    sheet: ScoreSheet
    line: ScoreLine
    groups: Sequence[BasisGroup]
    part: str
    group: str
    findings: Sequence[Finding]
    cases: Sequence[Case]
    hidden: int
    page: int
    pages: int


def line_for(
    actor: Actor, sheet_id: int, unit_id: int, *, part: str = "", group: str = "", page: int = 1, size: int = PAGE_SIZE
) -> OpenedLine:
    """One line with its basis opened: findings with criterion, site and photos, or cases; the failed ones by default."""
    sheet = sheet_for(actor, sheet_id)
    line = ScoreLine.objects.filter(sheet=sheet, unit_id=unit_id).select_related("unit").first()
    if line is None:
        raise NotFound
    groups = _groups(line)
    part, group = (part, group) if (part, group) in GROUP_LABELS else _first_fault(groups)
    ids = line.basis.get(part, {}).get(group, [])
    pages = max(1, -(-len(ids) // size))
    page = min(max(1, page), pages)
    wanted = ids[(page - 1) * size : page * size]
    findings = _findings(actor, line, wanted) if part == "field" else []
    cases = [] if part == "field" else _cases(actor, wanted)
    hidden = len(wanted) - len(findings) - len(cases)
    return OpenedLine(sheet, line, groups, part, group, findings, cases, hidden, page, pages)


def _groups(line: ScoreLine) -> list[BasisGroup]:
    return [
        {"part": part, "group": group, "label": label, "count": len(line.basis[part][group])}
        for (part, group), label in GROUP_LABELS.items()
        if group in line.basis.get(part, {})
    ]


def _first_fault(groups: Sequence[BasisGroup]) -> tuple[str, str]:
    faults = [each for each in groups if each["group"] == SOURCES[each["part"]].fault]
    return (faults[0]["part"], faults[0]["group"]) if faults else ("", "")


def _findings(actor: Actor, line: ScoreLine, ids: Iterable[int]) -> list[Finding]:
    if not opens_basis(actor, line.unit):
        return []
    rows = Finding.objects.filter(pk__in=list(ids)).select_related("criterion", "visit__site", "case")
    return list(rows.prefetch_related("photos__photo").order_by("pk"))


def _cases(actor: Actor, ids: Iterable[int]) -> list[Case]:
    rows = Case.objects.visible_to(actor).filter(pk__in=list(ids)).select_related("site", "unit", "street", "home")
    return list(rows.defer("text", "reply").order_by("pk"))


def recompute(sheet: ScoreSheet) -> list[str]:
    """Work the sheet out again from the ids that it stored; returns every way in which it does not follow.

    Findings of finished visits never change, so theirs must still be exactly those of the period. Cases move on after
    a sheet was computed; theirs must be cases that were reported in the period. What is left out must be what appeals
    had taken out by then, and nothing else.
    """
    rule, lines = sheet.rule, list(ScoreLine.objects.filter(sheet=sheet))
    period = period_of(sheet.scope, sheet.period_start, sheet.period_end, sheet.computed_at)
    facts = {line.unit_name: facts_from(rule, line.unit_name, line.basis, period.findings) for line in lines}
    result = score(rule, facts.values())
    lifts = lifts_in(sheet.scope, sheet.period_start, sheet.period_end, sheet.appeals_known_at)
    found = [*_strange_findings(sheet, period, lines), *_strange_cases(period, lines)]
    found += [fault for line in lines for fault in _uncorrected(line, lifts)]
    for line in lines:
        told = sentences(rule, facts[line.unit_name], line.basis)
        found += _differences(rule, line, result, told)
    return found


def _strange_findings(sheet: ScoreSheet, period: Period, lines: Iterable[ScoreLine]) -> list[str]:
    if all(part.key != "field" for part in sheet.rule.parts):
        return []
    found = []
    for line in lines:
        here = {pk: seen for pk, seen in period.findings.items() if seen.street_id == line.unit_id}
        groups = line.basis.get("field", {"findings": [], "failed": []})
        if set(groups["findings"]) - here.keys():
            found.append(f"{line.unit_name}：有判定不是本期在这个街道作出的。")
        if set(groups["failed"]) != {pk for pk in groups["findings"] if pk in here and not here[pk].passed}:
            found.append(f"{line.unit_name}：不合格判定与记录不一致。")
        if later := here.keys() - set(groups["findings"]) - set(groups.get(APPEALED, [])):
            found.append(f"{line.unit_name}：本期有 {len(later)} 条判定没有计入。")
    return found


def _strange_cases(period: Period, lines: Iterable[ScoreLine]) -> list[str]:
    parts = [groups for line in lines for key, groups in line.basis.items() if key != "field"]
    ids = {pk for groups in parts for pk in [*groups["cases"], *groups.get(APPEALED, [])]}
    known = set(period.cases().values_list("pk", flat=True)) if ids else set()
    return [f"有 {len(ids - known)} 件案件不是本期上报的。"] if ids - known else []


def _differences(rule: Rule, line: ScoreLine, result: Sheet, told: Sequence[str]) -> list[str]:
    again = next((each for each in result.lines if each.unit == line.unit_name), None)
    if again is None:
        reasons = [*told, *(left.reason for left in result.left_out if left.unit == line.unit_name)]
        same = line.place is None and line.reasons == reasons
        return [] if same else [f"{line.unit_name}：重算不参加排名，得分表却不同。"]
    found = []
    if (line.place, line.total_shown) != (again.place, f"{again.total_shown:f}"):
        found.append(
            f"{line.unit_name}：得分表是第 {line.place} 名 {line.total_shown} 分，"
            f"重算是第 {again.place} 名 {again.total_shown:f} 分。"
        )
    if not line.total_exact or Decimal(line.total_exact) != again.total_exact:
        found.append(f"{line.unit_name}：未舍入的总分与重算不一致。")
    if [part["value"] for part in line.parts] != [f"{again.parts[part.key].value:f}" for part in rule.parts]:
        found.append(f"{line.unit_name}：各项的值与重算不一致。")
    if line.reasons != [*told, *again.reasons]:
        found.append(f"{line.unit_name}：理由与重算不一致。")
    return found
