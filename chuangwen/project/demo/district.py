"""The sample district 崇川区, the same for the same seed."""

import random

from chuangwen.project.demo.people import DEMO_ACCOUNTS, Register, appoint
from chuangwen.project.demo.rows import NOTICE, AreaRow, District, PersonRow, SiteRow, UnitRow
from chuangwen.project.demo.sites import place_sites
from chuangwen.project.demo.tree import areas, base_units, grow_communities, team_units

__all__ = ["AreaRow", "District", "PersonRow", "SiteRow", "UnitRow", "sample_district"]


def sample_district(seed: int = 20200628) -> District:
    """Units, areas, points and people of one invented district: 20 streets, 100 communities, 460 points.

    Pure: the same seed gives equal rows. Units and areas come parents first. Positions are WGS-84 with six decimals.
    The default seed is the date of the meeting the newspaper reports.
    """
    communities = grow_communities(random.Random(f"{seed} areas"))
    register = Register(random.Random(f"{seed} names"))
    sites, local_units = place_sites(communities, register, random.Random(f"{seed} sites"))
    units = (*base_units(communities), *local_units, *team_units(communities))
    return District(NOTICE, units, areas(communities), tuple(sites), appoint(units, register), DEMO_ACCOUNTS)
