"""Field score rates over very many findings: counted in the database, weighed by the reference rule.

What counts: findings of finished visits, dated by the day the visit was finished; what does not apply counts nowhere,
nor does what an unannounced round found before it is disclosed: a figure would give it away; nor what a granted appeal
took out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from chuangwen.appeals.queries import lifted_findings
from chuangwen.patrols.models import Finding, Verdict
from chuangwen.patrols.queries import concealed
from chuangwen.people.models import Unit, UnitKind
from chuangwen.places.models import Site
from chuangwen.rules.permissions import Actor
from chuangwen.rules.ranking import Tally, weighted_score_rate
from chuangwen.scores.reach import first_above, window
from chuangwen.standards.models import Criterion

Key = tuple[object, ...]


@dataclass(frozen=True)
class Observed:
    """How often something was judged and how often it failed; `rate` is 0 to 1, None where nothing applied."""

    passed: int
    failed: int
    rate: Decimal | None

    @property
    def total(self) -> int:
        """All observations that applied."""
        return self.passed + self.failed


@dataclass(frozen=True)
class Rated:
    """One criterion, site, community or street with what was observed there."""

    key: str
    name: str
    observed: Observed


def findings_within(
    actor: Actor, start: date, end: date, *, known_at: datetime | None = None, appealed: bool = False
) -> QuerySet[Finding]:
    """The findings of a period (days inclusive) at sites of the branches that the actor reaches.

    `known_at`: without those of rounds that were still secret at this moment, and without those that an appeal had taken
    out by then; by default, now. `appealed`: with the latter, as the raw facts stand.
    """
    opens, closes = window(start, end)
    rows = Finding.objects.filter(visit__finished_at__gte=opens, visit__finished_at__lt=closes)
    rows = rows.exclude(visit__patrol__in=concealed(known_at).values("pk"))
    rows = rows if appealed else rows.exclude(lifted_findings(known_at))
    if actor.system:
        return rows
    reach = Q(pk__in=[])
    for scope in set(actor.scopes()):
        reach |= Q(visit__site__home__in=Unit.objects.filter(path__startswith=scope).values("pk"))
    return rows.filter(reach)


def observed_by(findings: QuerySet[Finding], *keys: str) -> dict[Key, Observed]:
    """The pooled rate of every group, by fields of a finding: `criterion_id`, `visit__site_id` and so on."""
    groups: dict[Key, list[Tally]] = {}
    for key, tally in _counted(findings, *keys):
        groups.setdefault(key, []).append(tally)
    return {key: pooled(tallies) for key, tallies in groups.items()}


def _counted(findings: QuerySet[Finding], *keys: str) -> Iterator[tuple[Key, Tally]]:
    """One row for each group and weight, so that weights are applied exactly and not in the database's floats."""
    rows = findings.exclude(verdict=Verdict.NA).order_by().values_list(*keys, "criterion__weight")
    passed, failed = (Count("pk", filter=Q(verdict=verdict)) for verdict in (Verdict.PASS, Verdict.FAIL))
    for *key, weight, passes, fails in rows.annotate(passed=passed, failed=failed):
        yield tuple(key), tally_of(weight, passes, fails)


def tally_of(weight: Decimal, passed: int, failed: int) -> Tally:
    """A tally that is already sorted into its group, so that it need not say whose it is."""
    return Tally(street="", community="", site="", criterion="", passed=passed, failed=failed, weight=weight)


def pooled(tallies: Sequence[Tally]) -> Observed:
    """Several tallies as one observation."""
    rate = weighted_score_rate(tallies).rate
    return Observed(sum(each.passed for each in tallies), sum(each.failed for each in tallies), rate)


def overall(actor: Actor, start: date, end: date) -> Observed:
    """Everything that was observed in a period, as one."""
    return observed_by(findings_within(actor, start, end)).get((), Observed(0, 0, None))


def _worst_first(rows: Iterable[Rated]) -> list[Rated]:
    return sorted(rows, key=lambda row: (row.observed.rate or Decimal(0), -row.observed.failed, row.key))


def criterion_rates(actor: Actor, start: date, end: date) -> list[Rated]:
    """Every criterion that was judged in the period, the worst first; `key` is its code."""
    found = observed_by(findings_within(actor, start, end), "criterion_id")
    known = Criterion.objects.in_bulk([key for (key,) in found])
    return _worst_first(Rated(known[key].code, known[key].text, seen) for (key,), seen in found.items())


def site_rates(actor: Actor, start: date, end: date) -> list[Rated]:
    """Every site that was visited in the period, the worst first; `key` is its code."""
    found = observed_by(findings_within(actor, start, end), "visit__site_id")
    known = Site.objects.in_bulk([key for (key,) in found])
    return _worst_first(Rated(known[key].code, known[key].name, seen) for (key,), seen in found.items())


def street_rates(actor: Actor, start: date, end: date) -> list[Rated]:
    """Every street with a visited site, the worst first; sites outside all streets are not in it."""
    found = observed_by(findings_within(actor, start, end), "visit__site__street__code", "visit__site__street__name")
    return _worst_first(Rated(str(code), str(name), seen) for (code, name), seen in found.items() if code)


def community_rates(actor: Actor, start: date, end: date) -> list[Rated]:
    """Every community with a visited site, the worst first; a site counts for the community it lies in."""
    communities = {unit.code: unit for unit in Unit.objects.filter(kind=UnitKind.COMMUNITY)}
    groups: dict[str, list[Tally]] = {}
    for (path,), tally in _counted(findings_within(actor, start, end), "visit__site__home__path"):
        community = first_above(str(path), communities)
        if community is not None:
            groups.setdefault(community.code, []).append(tally)
    return _worst_first(Rated(code, communities[code].name, pooled(found)) for code, found in groups.items())
