"""A table of travel minutes that somebody uploads: sites by code or name, and the teams that take part."""

import csv
import io
from collections.abc import Sequence

from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tours import Matrix
from chuangwen.rules.travel import read_table

MOST_NAMES = 330  # read while somebody waits for the page


def table_places(text: str, teams: Sequence[str], must_ids: Sequence[int], by: Actor) -> tuple[list[int], Matrix]:
    """The sites of the table (their numbers), then the teams (minus 1, 2, ... in the order given), and the seconds.

    Raises BadInput with every name that nobody knows, every team or must-visit that is missing, every entry that is no time.
    """
    head = next(csv.reader(io.StringIO(text.lstrip("\ufeff"))), [])
    names = [name.strip() for name in head[1:] if name.strip()]
    if not names or len(names) > MOST_NAMES:
        raise BadInput(
            [f"请选择路程表（CSV），第一行是点位编码和队伍名称，最多 {MOST_NAMES} 个；现在读到 {len(names)} 个。"]
        )
    rows = sites_in_scope(by).filter(active=True)
    known = {key: pk for pk, code, name in rows.values_list("pk", "code", "name") for key in (name, code)}
    wanted = [name for name in names if name not in teams]
    objections = [f"路程表里的“{name}”不是您辖区的点位，也不是选中的队伍。" for name in wanted if name not in known]
    objections += [f"路程表里没有{team}。" for team in teams if team not in names]
    here = {known[name] for name in wanted if name in known}
    missing = list(rows.filter(pk__in=set(must_ids) - here).values_list("name", flat=True))
    objections += [f"路程表里没有必去点位“{name}”。" for name in missing]
    if objections:
        raise BadInput(
            [*objections[:20], *([f"还有 {len(objections) - 20} 处同类的错。"] if len(objections) > 20 else [])]
        )
    table = read_table(text.lstrip("\ufeff"), [*wanted, *teams])
    return [known[name] for name in wanted] + [-number for number in range(1, len(teams) + 1)], table
