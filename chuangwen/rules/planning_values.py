"""What a look at a site is worth while no forecast says it: how long nobody looked, times how often it fails."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 180  # days; a site that nobody looked at for half a year, or ever, counts as this
OWN_WEIGHT = 10  # so many findings of its own weigh as much as the share of its type
FALLBACK_SHARE = 0.1  # of a type that nobody has judged yet


@dataclass(frozen=True)
class Looked:
    """What is known of a site: its type, days since the last finished visit (None: never), and findings of a year."""

    kind: str
    days: int | None
    failed: int
    judged: int


def failure_shares(sites: Mapping[int, Looked]) -> dict[int, float]:
    """For each site the share of findings that fail, drawn towards the share of its type where it has few of its own."""
    failed: dict[str, int] = {}
    judged: dict[str, int] = {}
    for site in sites.values():
        failed[site.kind] = failed.get(site.kind, 0) + site.failed
        judged[site.kind] = judged.get(site.kind, 0) + site.judged
    of_type = {kind: failed[kind] / judged[kind] if judged[kind] else FALLBACK_SHARE for kind in judged}
    return {
        at: (site.failed + OWN_WEIGHT * of_type[site.kind]) / (site.judged + OWN_WEIGHT) for at, site in sites.items()
    }


def look_values(sites: Mapping[int, Looked]) -> dict[int, float]:
    """Days since the last look (at most half a year) times the failure share: about the failures a look may find among
    a hundred findings, the longer ago the more. Never below zero, the same for everybody who plans.
    """
    shares = failure_shares(sites)
    return {
        at: round(min(LONGEST if site.days is None else max(site.days, 0), LONGEST) / LONGEST * shares[at] * 100, 3)
        for at, site in sites.items()
    }
