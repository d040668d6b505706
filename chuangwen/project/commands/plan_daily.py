"""The daily plan of `chuangwen plan`: two tables in, the teams' stops out."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from chuangwen.jobs.tour_processes import Effort, searched
from chuangwen.rules.plan_files import read_sites, read_teams, refuse
from chuangwen.rules.planning import DayPlan, Wishes, clock, plan_of, prepare
from chuangwen.rules.tour_search import DAILY
from chuangwen.rules.travel import read_table, straight

WHY = {"must": "必去", "drawn": "随机", "value": "价值"}


@dataclass(frozen=True)
class Files:
    """The text of the three files; without a travel table the sites need coordinates."""

    sites: str
    teams: str
    matrix: str


def planned(
    files: Files, *, day: date, began: float, numbers: dict[str, Any], effort: dict[str, Any]
) -> dict[str, Any]:
    """The plan as JSON-ready facts. Raises BadInput with every objection to the tables."""
    objections: list[str] = []
    located = not files.matrix
    sites = read_sites(files.sites, located=located, objections=objections)
    teams = read_teams(files.teams, located=located, objections=objections)
    refuse(objections)
    if located:
        points = [(site.lat, site.lon) for site in sites] + [(team.lat, team.lon) for team in teams]
        travel = straight(points, factor=numbers["factor"], kilometres_per_hour=numbers["speed"])
    else:
        travel = read_table(files.matrix, [site.name for site in sites] + [team.name for team in teams])
    wishes = Wishes(day, gap=numbers["gap"], random_share=numbers["random_share"], seed=effort["seed"])
    prepared = prepare(sites, teams, travel, wishes)
    found = searched(prepared.problem, Effort(began, shares=(1.0,), weights=DAILY, **effort))
    plan = plan_of(sites, teams, wishes, prepared, found.best)
    return _facts(plan, day)


def _facts(plan: DayPlan, day: date) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "value": plan.value,
        "teams": [
            {
                "team": team,
                "back": clock(plan.back[team]) if team in plan.back else None,
                "stops": [
                    {
                        "site": visit.site,
                        "arrives": clock(visit.arrives),
                        "leaves": clock(visit.leaves),
                        "value": visit.value,
                        "why": visit.why,
                    }
                    for visit in visits
                ],
            }
            for team, visits in plan.visits.items()
        ],
        "left_out": [{"site": site, "why": why} for site, why in plan.left_out.items()],
        "drawn": list(plan.drawn),
        "notes": list(plan.notes),
    }


def printed(plan: dict[str, Any]) -> str:
    """The plan for people."""
    lines = [f"{plan['date']}：价值合计 {plan['value']:g}"]
    for team in plan["teams"]:
        lines.append(f"{team['team']}（{len(team['stops'])} 站，{team['back'] or '未出发'} 回）")
        lines += [f"  {s['arrives']}–{s['leaves']} {s['site']}（{WHY[s['why']]}）" for s in team["stops"]]
    lines += [left["why"] for left in plan["left_out"]]
    return "\n".join([*lines, *plan["notes"]])
