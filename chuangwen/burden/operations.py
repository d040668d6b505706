"""Budgets are set, demands are claimed or refused, routine work is read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from chuangwen.burden.models import Budget, Claim, Minutes, Reading
from chuangwen.burden.queries import home_of, rooms_for
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.burden import Demand, Task, demand_objections, fits, month_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Permission, Role, may
from chuangwen.rules.refusals import Conflict, Refused

NOT_CHIEF = "工作量上限和标准分钟由文明办主任设定。"
_MOST_MINUTES = 10_000_000
LEAST_WORDS = 10


@transaction.atomic
def put_minutes(*, task: str, minutes: Decimal | None, source: str, by: Actor, now: datetime) -> Minutes:
    """The standard minutes of one kind, with where they come from. What was claimed before stays as it was claimed."""
    found = [] if may(by, Permission.BURDEN_SET) else [NOT_CHIEF]
    found += [] if task in set(Task) else ["没有这一种。"]
    if minutes is None or not Decimal(0) <= minutes <= 1000:
        found.append("标准分钟应在 0 到 1000 之间，可以写一位小数。")
    found += [] if source.strip() else ["请写明依据，例如“6 月实测 20 次的平均”。"]
    if found or minutes is None:
        raise Refused(found)
    rounded = minutes.quantize(Decimal("0.1"))
    row, _new = Minutes.objects.update_or_create(
        task=task, defaults={"minutes": rounded, "source": source.strip()[:200], "set_at": now, "set_by": by.name}
    )
    record(
        kind="burden.minutes_put", subject_kind="burden", subject_id=row.pk, by=by, now=now, task=task,
        minutes=str(rounded), source=row.source,
    )  # fmt: skip
    return row


@transaction.atomic
def put_budget(
    *, role: str, month: date, minutes: int | None, by: Actor, now: datetime, seen_version: int | None = None
) -> Budget:
    """The most that may be asked of everybody with this role together in this month."""
    home = home_of(by)
    found = [] if may(by, Permission.BURDEN_SET) and home else [NOT_CHIEF]
    found += [] if role in set(Role) else ["请选岗位。"]
    if minutes is None or not 0 <= minutes <= _MOST_MINUTES:
        found.append("请填写上限（小时），不小于 0。")
    if found or home is None or minutes is None:
        raise Refused(found)
    row = Budget.objects.select_for_update().filter(home=home, role=role, month=month_of(month)).first()
    if row is not None and seen_version is not None and seen_version != row.version:
        raise Conflict("刚刚有人改过这个上限，请看过现在的数再决定。")
    if row is not None and row.minutes == minutes:
        return row
    if row is None:
        row = Budget(home=home, role=role, month=month_of(month), version=0)
    row.minutes, row.set_at, row.set_by, row.version = minutes, now, by.name, row.version + 1
    row.save()
    record(
        kind="burden.budget_put", subject_kind="burden", subject_id=row.pk, by=by, now=now, role=role,
        month=row.month.isoformat(), minutes=minutes,
    )  # fmt: skip
    return row


def check_demand(
    *, home: Unit, subject: tuple[str, int], demands: Sequence[Demand], overrule: str = "", by: Actor
) -> bool:
    """Whether a demand had to be overruled to go through; refuses with the figures where it does not fit.

    Only the office's chief overrules, with words that everybody will read. Nothing is written.
    """
    asked = [demand for demand in demands if demand.minutes > 0]
    rooms = rooms_for(home.pk, asked, apart=subject)
    if all(fits(demand, rooms[demand.role, demand.month]) for demand in asked):
        return False
    objections = demand_objections(asked, rooms)
    if not overrule.strip():
        raise Refused(objections)
    if not may(by, Permission.BURDEN_SET):
        raise Refused([*objections, "超出上限仍要启动，须由文明办主任写明理由后启动。"])
    if len(overrule.strip()) < LEAST_WORDS:
        raise Refused(f"超出上限仍要启动，请写明理由（至少 {LEAST_WORDS} 个字），所有人都看得到。")
    return True


@transaction.atomic
def claim(
    *, home: Unit, subject: tuple[str, int], title: str, demands: Sequence[Demand], overrule: str = "", by: Actor, now: datetime,
    checked: bool = True,
) -> list[Claim]:  # fmt: skip
    """Take from the budgets what something new asks for, or refuse with the figures. Again for the same subject: its
    earlier claim is replaced. `checked` False: it was let through before (an unannounced supervision, at its release).
    """
    list(Budget.objects.select_for_update().filter(home=home, month__in={demand.month for demand in demands}))
    over = checked and check_demand(home=home, subject=subject, demands=demands, overrule=overrule, by=by)
    words = overrule.strip()[:300] if over or not checked else ""
    Claim.objects.filter(subject_kind=subject[0], subject_id=subject[1]).delete()
    if over:
        record(
            kind="burden.overruled", subject_kind=subject[0], subject_id=subject[1], by=by, now=now, reason=words,
            minutes={f"{demand.role.value} {demand.month.isoformat()}": demand.minutes for demand in demands},
        )  # fmt: skip
    return Claim.objects.bulk_create(
        [
            Claim(
                home=home, subject_kind=subject[0], subject_id=subject[1], title=title[:120], role=demand.role.value,
                month=demand.month, minutes=demand.minutes, forms=demand.forms, photos=demand.photos,
                meetings=demand.meetings, why=demand.why[:300], overruled=words, claimed_at=now, claimed_by=by.name,
            )
            for demand in demands
            if demand.minutes > 0
        ]
    )  # fmt: skip


@transaction.atomic
def give_back(*, subject: tuple[str, int], by: Actor, now: datetime) -> int:
    """It does not go on: what it claimed of this month and later ones is free again. Returns how many claims."""
    rows = Claim.objects.filter(
        subject_kind=subject[0],
        subject_id=subject[1],
        given_back_at=None,
        month__gte=month_of(now.astimezone(SHANGHAI).date()),
    )
    count = rows.update(given_back_at=now)
    if count:
        record(kind="burden.given_back", subject_kind=subject[0], subject_id=subject[1], by=by, now=now, claims=count)
    return count


@transaction.atomic
def put_readings(
    *, home: Unit, month: date, minutes: Mapping[Role, int], by: Actor, now: datetime
) -> Iterable[Reading]:
    """What routine work asks of each role this month, as just read; roles of which nothing is asked are taken out."""
    Reading.objects.filter(home=home, month=month).delete()
    rows = [
        Reading(home=home, role=role.value, month=month, minutes=count, read_at=now)
        for role, count in sorted(minutes.items())
    ]
    made = Reading.objects.bulk_create(rows)
    record(
        kind="burden.read", subject_kind="burden", subject_id=home.pk, by=by, now=now, month=month.isoformat(),
        minutes={role.value: count for role, count in sorted(minutes.items())},
    )  # fmt: skip
    return made
