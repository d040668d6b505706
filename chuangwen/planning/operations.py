"""What an office sets for its plans: teams, and what a stop takes at each type of site."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.patrols.queries import inspectors
from chuangwen.people.models import Unit, User
from chuangwen.planning.models import MIDNIGHT, Team, TypeTerms
from chuangwen.planning.queries import Needs, home_of, needs_of, team_for
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused

NOT_OFFICE = "巡查路线由区文明办安排。"
LONGEST_STOP = 600


def office_of(by: Actor) -> Unit:
    """The branch of the acting office; refuses everybody else."""
    home = home_of(by) if may(by, Permission.PLAN_MAKE) else None
    if home is None:
        raise Refused(NOT_OFFICE)
    return home


@transaction.atomic
def put_team(
    *,
    team_id: int | None = None,
    name: str,
    inspector_ids: Iterable[int],
    start_name: str,
    lng: Decimal | None,
    lat: Decimal | None,
    begins: int | None,
    ends: int | None,
    active: bool = True,
    by: Actor,
    now: datetime,
) -> Team:
    """A new team, or other facts for one. Plans that were asked for before keep the team as it was then."""
    home = office_of(by)
    team = Team(home=home) if team_id is None else team_for(by, team_id)
    wanted = set(inspector_ids)
    people = [user for user in inspectors(now.date()) if user.pk in wanted]
    objections = _team_objections(team, name, people, wanted, begins, ends)
    if lng is None or lat is None or not (-180 <= lng <= 180 and -90 <= lat <= 90):
        objections.append("请填写出发地点的经度和纬度。")
    if objections or lng is None or lat is None or begins is None or ends is None:
        raise Refused(objections)
    team.name, team.start_name, team.active = name.strip()[:40], start_name.strip()[:80] or "出发地点", active
    team.lng, team.lat, team.begins, team.ends = lng, lat, begins, ends
    team.save()
    team.inspectors.set(people)
    record(
        kind="plan.team_saved", subject_kind="plan_team", subject_id=team.pk, by=by, now=now, title=team.name,
        inspectors=[user.pk for user in people], active=active,
    )  # fmt: skip
    return team


def _team_objections(
    team: Team, name: str, people: list[User], wanted: set[int], begins: int | None, ends: int | None
) -> list[str]:
    said = [] if name.strip() else ["请写队伍名称。"]
    twin = Team.objects.filter(home=team.home, name=name.strip()).exclude(pk=team.pk)
    said += [f"已有一支“{name.strip()}”，请换个名称。"] if twin.exists() else []
    said += [] if people else ["请至少选一名巡查员。"]
    said += ["有人现在不是巡查员，请去掉。"] if people and len(people) < len(wanted) else []
    if begins is None or ends is None or not 0 <= begins < ends <= MIDNIGHT:
        said.append("请填写上班和下班时间，下班须晚于上班。")
    return said


@transaction.atomic
def put_terms(*, terms: Mapping[str, Needs], by: Actor, now: datetime) -> int:
    """What a stop takes at each type named; the others stay. Returns how many changed."""
    home = office_of(by)
    known = needs_of(home.pk)
    objections = [said for code, needs in terms.items() for said in _terms_objections(known, code, needs)]
    if objections:
        raise Refused(objections)
    changed = {code: needs for code, needs in terms.items() if needs != known[code][1]}
    for code, needs in changed.items():
        TypeTerms.objects.update_or_create(home=home, point_type=code, defaults=needs._asdict())
    if changed:
        said = {code: list(needs) for code, needs in sorted(changed.items())}
        record(kind="plan.terms_set", subject_kind="unit", subject_id=home.pk, by=by, now=now, terms=said)
    return len(changed)


def _terms_objections(known: Mapping[str, tuple[str, Needs, bool]], code: str, needs: Needs) -> list[str]:
    if code not in known:
        return [f"没有点位类型“{code}”。"]
    name = known[code][0]
    said = [] if 1 <= needs.minutes <= LONGEST_STOP else [f"{name}：停留须在 1 到 {LONGEST_STOP} 分钟之间。"]
    if not 0 <= needs.opens <= needs.closes <= MIDNIGHT:
        said.append(f"{name}：最晚到达不能早于最早到达。")
    return said
