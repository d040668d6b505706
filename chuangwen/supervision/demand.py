"""What a supervision asks of each role: its places of the inspectors, one answer of each supervised unit.

An unannounced one is held against the budgets when it is ordered, but its claim is written down when it is disclosed: a
line in the account would tell the supervised that somebody is coming. The account is open to everybody and a task only to
those concerned, so its claim bears the kind of the supervision, not its name.
"""

from datetime import datetime

from chuangwen.burden.operations import check_demand, claim
from chuangwen.burden.queries import Weighed, standard, weighed
from chuangwen.rules.burden import Asked, Demand, Task, minutes_of, month_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.standards.models import Criterion
from chuangwen.supervision.models import Task as Supervision


def demand_of(task: Supervision) -> list[Demand]:
    """The demand, in the month in which the task begins. Three statements."""
    minutes, month = standard(), month_of(task.starts_at.astimezone(SHANGHAI).date())
    kinds = list(task.sites.order_by().values_list("point_type", flat=True))
    rows = Criterion.objects.filter(edition=task.edition_id, method="field", point_type__in=set(kinds)).order_by()
    sizes = [str(point) for point in rows.values_list("point_type", flat=True)] if kinds and task.edition_id else []
    checks = sum(sizes.count(str(kind)) for kind in kinds)
    looked = Asked("", Role.INSPECTOR, "", {Task.PLACE: len(kinds), Task.CHECK: checks})
    units = task.units.count()
    answers = Asked("", Role.UNIT_WORKER, "", {Task.REMARK: units})
    return [
        Demand(
            Role.INSPECTOR, month, minutes_of(looked, minutes), forms=len(kinds),
            why=f"{len(kinds)} 处点位，每处 {minutes[Task.PLACE]:f} 分；{checks} 条标准，每条 {minutes[Task.CHECK]:f} 分",
        ),
        Demand(
            Role.UNIT_WORKER, month, minutes_of(answers, minutes), forms=units,
            why=f"{units} 个被督查单位各答复一次，每次 {minutes[Task.REMARK]:f} 分",
        ),
    ]  # fmt: skip


def ask_for_time(task: Supervision, *, overrule: str, by: Actor, now: datetime) -> None:
    """The task may be ordered only when it fits, or the chief says why all the same; a secret one leaves no line yet."""
    subject, demands = ("supervision", task.pk), demand_of(task)
    if task.secret:
        check_demand(home=task.home, subject=subject, demands=demands, overrule=overrule, by=by)
        return
    claim(
        home=task.home,
        subject=subject,
        title=task.get_kind_display(),
        demands=demands,
        overrule=overrule,
        by=by,
        now=now,
    )


def claim_disclosed(task: Supervision, *, by: Actor, now: datetime) -> None:
    """From its release on, a secret task stands in the account as well."""
    subject = ("supervision", task.pk)
    claim(
        home=task.home,
        subject=subject,
        title=task.get_kind_display(),
        demands=demand_of(task),
        by=by,
        now=now,
        checked=False,
    )


def weighed_demand(task: Supervision) -> list[Weighed]:
    """What the draft would ask, beside what is left: for the page on which somebody orders it."""
    return weighed(task.home_id, demand_of(task))
