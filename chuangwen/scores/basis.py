"""What a line rests on: the ids behind each part, the value that follows from them, and the sentence that says so.

The field part speaks of sites in the street; the two rectification parts of cases whose responsible unit is the street
or belongs to it, reported in the period. So no street answers for a department's delay.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import CaseQuerySet
from chuangwen.patrols.models import Verdict
from chuangwen.people.models import Unit
from chuangwen.rules.appeals import Lifted, lifted_groups, lifted_words
from chuangwen.rules.ranking import EXACT, quotient
from chuangwen.rules.scoring import Facts, Rule
from chuangwen.rules.scoring_rule import Rounding
from chuangwen.scores.lifting import Lifts, lifts_in
from chuangwen.scores.observations import Observed, findings_within, pooled, tally_of
from chuangwen.scores.reach import everything_in, first_above, streets_by_code

Groups = dict[str, list[int]]  # group -> ids, sorted
Basis = dict[str, Groups]  # part key -> groups


@dataclass(frozen=True)
class Seen:
    """One finding as far as a rate cares: the street of its site, its verdict, its criterion's weight."""

    street_id: int | None
    passed: bool
    weight: Decimal


@dataclass(frozen=True)
class Period:
    """What is ranked: the branch, its streets by code, the days (inclusive), and as of when."""

    scope: Unit
    streets: Mapping[str, Unit]
    start: date
    end: date
    now: datetime

    def cases(self, **narrower: str) -> CaseQuerySet:
        """The cases of the branch reported in the period, as the case list would show them."""
        wanted = CaseFilter(since=self.start.isoformat(), until=self.end.isoformat(), **narrower)
        return narrowed(everything_in(self.scope), wanted, self.now)

    @cached_property
    def by_name(self) -> dict[str, Unit]:
        """The streets by the name that rules and papers call them."""
        return {street.name: street for street in self.streets.values()}

    @cached_property
    def findings(self) -> dict[int, Seen]:
        """Every finding of the period that applied, by id, also those that appeals took out; read once."""
        everywhere = everything_in(self.scope)
        rows = findings_within(everywhere, self.start, self.end, known_at=self.now, appealed=True)
        rows = rows.exclude(verdict=Verdict.NA)
        known = rows.order_by("pk").values_list("pk", "visit__site__street_id", "verdict", "criterion__weight")
        return {pk: Seen(street, verdict == Verdict.PASS, weight) for pk, street, verdict, weight in known}


def period_of(scope: Unit, start: date, end: date, now: datetime) -> Period:
    """The streets of a branch over some days."""
    return Period(scope, streets_by_code(scope), start, end, now)


def _field(period: Period) -> dict[int, Groups]:
    found: dict[int, Groups] = {}
    for pk, seen in period.findings.items():
        if seen.street_id is not None:
            groups = found.setdefault(seen.street_id, {"findings": [], "failed": []})
            groups["findings"].append(pk)
            if not seen.passed:
                groups["failed"].append(pk)
    return found


def _sorted_by_street(period: Period, **groups: Iterable[CaseQuerySet]) -> dict[int, Groups]:
    found: dict[int, Groups] = {}
    for name, querysets in groups.items():
        for cases in querysets:
            for pk, path in cases.order_by("pk").values_list("pk", "unit__path"):
                street = first_above(path or "", period.streets)
                if street is not None:
                    found.setdefault(street.pk, {group: [] for group in groups})[name].append(pk)
    for each in found.values():
        each["cases"].sort()
    return found


def _rectification(period: Period) -> dict[int, Groups]:
    """Those handed in or overdue, as `cases.queries.Counts` has them: 挂账 and what is not yet due are in neither."""
    late, on_time = period.cases(late="ever"), period.cases(late="no")
    return _sorted_by_street(period, cases=(late, on_time), late=(late,))


def _rework(period: Period) -> dict[int, Groups]:
    handed_in = period.cases().filter(rectified_at__isnull=False)
    return _sorted_by_street(period, cases=(handed_in,), reworked=(handed_in.filter(rework_count__gt=0),))


@dataclass(frozen=True)
class Source:
    """How one part of a rule comes out of this system's records."""

    gather: Callable[[Period], dict[int, Groups]]
    whole: str  # the group that the share is taken of
    fault: str  # the group that is missing from the share
    sentence: str


SOURCES: Mapping[str, Source] = {
    "field": Source(
        _field, "findings", "failed", "判定 {whole} 条（不适用不计），不合格 {fault} 条，按条目权重合并计算"
    ),
    "rectification": Source(_rectification, "cases", "late", "应整改 {whole} 件（挂账不计），超期 {fault} 件"),
    "rework": Source(_rework, "cases", "reworked", "已提交整改 {whole} 件，核查没有一次通过 {fault} 件"),
}


def unknown_parts(rule: Rule) -> list[str]:
    """What a rule asks for that no record of this system gives."""
    return [f"{part.label}（{part.key}）" for part in rule.parts if part.key not in SOURCES]


def basis_of(rule: Rule, period: Period) -> dict[int, Basis]:
    """Unit id -> the basis of each part that has any, for every street of the period."""
    gathered = {part.key: SOURCES[part.key].gather(period) for part in rule.parts}
    return {
        street.pk: {key: found[street.pk] for key, found in gathered.items() if street.pk in found}
        for street in period.streets.values()
    }


def lifted(key: str, groups: Groups, granted: Lifted) -> Groups:
    """The groups of one part without what appeals took out of it; what that was stands beside them."""
    return lifted_groups(groups, SOURCES[key].whole, SOURCES[key].fault, granted)


def without_appealed(basis: Mapping[int, Basis], lifts: Lifts) -> dict[int, Basis]:
    """Unit id -> basis, each part without what appeals took out of it."""
    return {
        unit_id: {key: lifted(key, groups, lifts.of(key, unit_id)) for key, groups in parts.items()}
        for unit_id, parts in basis.items()
    }


def value_of(key: str, groups: Groups, findings: Mapping[int, Seen]) -> Decimal | None:
    """A part's value on the scale of 0 to 100 as it follows from the ids; None where there is nothing to measure."""
    whole, fault = groups[SOURCES[key].whole], groups[SOURCES[key].fault]
    if key == "field":
        rate = observed(whole, findings).rate
    else:
        rate = quotient(len(whole) - len(fault), len(whole)) if whole else None
    return None if rate is None else rate.scaleb(2, context=EXACT)


def observed(ids: Iterable[int], findings: Mapping[int, Seen]) -> Observed:
    """What these findings say together; unknown ids are left out (a recomputation names them)."""
    times = Counter(findings[pk] for pk in ids if pk in findings)
    return pooled([tally_of(each.weight, n * each.passed, n * (not each.passed)) for each, n in times.items()])


def facts_from(rule: Rule, unit: str, basis: Basis, findings: Mapping[int, Seen]) -> Facts:
    """The facts that a basis gives for the reference rule."""
    values = {key: value_of(key, groups, findings) for key, groups in basis.items()}
    return Facts(unit, {part.key: values.get(part.key) for part in rule.parts})


def sentences(rule: Rule, facts: Facts, basis: Basis) -> list[str]:
    """One sentence for each part that was observed: how many, how many not in order, and the value; and one for each
    part that appeals took something out of.
    """
    told = []
    for part in rule.parts:
        value = facts.values.get(part.key)
        if value is not None:
            source, groups = SOURCES[part.key], basis[part.key]
            counted = source.sentence.format(whole=len(groups[source.whole]), fault=len(groups[source.fault]))
            told.append(f"{part.label}：{counted}，得 {Rounding().shown(value):f}。")
        told += lifted_words(part.label, basis.get(part.key, {}))
    return told


def facts_for(rule: Rule, period: Period) -> tuple[list[Facts], dict[int, Basis]]:
    """The facts of every street of the period under a rule, and the ids that they rest on by unit id."""
    lifts = lifts_in(period.scope, period.start, period.end, period.now)
    basis = without_appealed(basis_of(rule, period), lifts)
    facts = [facts_from(rule, street.name, basis[street.pk], period.findings) for street in period.streets.values()]
    return facts, basis
