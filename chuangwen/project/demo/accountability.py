"""A ladder in force, one file that waits for the unit's statement, one that was closed after an appeal that failed.

The places come from the released months; the ladder is a local version of a published one.
"""

from datetime import datetime, time, timedelta

from chuangwen.accountability import operations as work
from chuangwen.accountability.builtin import builtin_text
from chuangwen.accountability.eligible import Possible, eligible
from chuangwen.accountability.interviews import record_interview
from chuangwen.accountability.ladder_operations import draft_ladder, force_ladder
from chuangwen.accountability.models import File
from chuangwen.accountability.moving import Said
from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import actor_by_username
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.scores.queries import released_sheets

LOCAL = (
    ("jiangmen-2018", "sample-month"),
    ("周通报末位阶梯（江门市 2018 年“红黑榜”）", "样例区月末位阶梯"),
    ('cadence = "week"', 'cadence = "month"'),
    ("，由市领导约谈", "，由区文明办主任约谈"),
    ('"leader"', '"office_chief"'),
    ('"upper_leader"', '"leader"'),
    ("启用前按本地办法改。", "样例区改为按月，由文明办主任决定，申诉由区领导决定。"),
)


def load(*, now: datetime) -> None:
    """After the months were ranked and released; through the same operations as people, well under a second."""
    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    leader = _somebody(Role.LEADER, None, now)
    released = list(released_sheets().order_by("period_end").values_list("released_at", flat=True))
    if leader is None or len(released) < 2 or released[0] is None:
        return
    text = builtin_text("jiangmen-2018")
    for old, new in LOCAL:
        text = text.replace(old, new)
    before = released[0] - timedelta(days=30)
    force_ladder(ladder_id=draft_ladder(text=text, by=clerk, now=before).pk, by=chief, now=before)
    _closed(clerk, chief, leader, released[0])
    _middle(clerk, now)


def _possible(clerk: Actor, moment: datetime) -> tuple[Possible, Actor] | None:
    """The first street that the ladder makes possible then, with somebody who answers for it."""
    for one in eligible(clerk, now=moment).possible:
        unit = _somebody(Role.UNIT_CHIEF, one.unit, moment) or _somebody(Role.UNIT_WORKER, one.unit, moment)
        if unit is not None:
            return one, unit
    return None


def _somebody(role: Role, unit: Unit | None, now: datetime) -> Actor | None:
    rows = Post.objects.filter(role=role.value).select_related("user").order_by("pk")
    post = (rows.filter(unit=unit) if unit is not None else rows).first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _opened(found: Possible, clerk: Actor, moment: datetime) -> File:
    ladder = eligible(clerk, now=moment).chosen
    file = work.open_file(
        ladder_id=ladder.pk if ladder else 0, unit_id=found.unit.pk, rung=found.entry.rung.key, occasion=found.entry.key,
        by=clerk, now=moment,
    )  # fmt: skip
    told = "\n".join([file.rung.clause, *file.basis["why"], "请对照不合格条目逐条整改，并在期限内陈述。"])
    return work.notify(file_id=file.pk, said=Said(told), by=clerk, now=moment)


def _middle(clerk: Actor, now: datetime) -> None:
    """Opened and told some hours ago, corrected; the unit's statement is awaited."""
    found = _possible(clerk, now - timedelta(hours=5))
    if found is None:
        return
    file = _opened(found[0], clerk, now - timedelta(hours=5))
    done = Said("不合格的点位已逐处整改，两处路面破损要等施工，预计下周完成。")
    work.report_correction(file_id=file.pk, said=done, by=found[1], now=now - timedelta(hours=1))


def _closed(clerk: Actor, chief: Actor, leader: Actor, released: datetime) -> None:
    """After the month before: decided by the chief, appealed to the leader, upheld; a talk with a promise."""
    start = datetime.combine(released.astimezone(SHANGHAI).date() + timedelta(days=1), time(9), SHANGHAI)
    found = _possible(clerk, start)
    if found is None:
        return
    unit, file = found[1], _opened(found[0], clerk, start)

    def on(day: int, hour: int) -> datetime:
        return start + timedelta(days=day, hours=hour)

    said = {
        "correct": Said("已整改，附各点位情况。"),
        "state": Said("本月施工路段集中，观测到的点位多在施工围挡旁。", ground="waiting"),
        "propose": Said("整改属实；施工已提前报备，但保洁不到位与施工无关，建议按本档办理。", measure="interview"),
        "decide": Said("同意。施工影响已考虑，容错情形不成立：不合格的是保洁，不是施工。", outcome="uphold"),
        "appeal": Said("请再核对一次得分表和依据的判定。"),
        "review": Said("已逐条核对得分表和依据的判定，没有出入，维持。", outcome="upheld"),
    }
    work.report_correction(file_id=file.pk, said=said["correct"], by=unit, now=on(1, 1))
    work.make_statement(file_id=file.pk, said=said["state"], by=unit, now=on(2, 1))
    work.propose(file_id=file.pk, said=said["propose"], by=clerk, now=on(3, 1))
    work.decide(file_id=file.pk, said=said["decide"], by=chief, now=on(3, 6))
    work.serve(file_id=file.pk, said=Said(), by=clerk, now=on(4, 1))
    work.appeal(file_id=file.pk, said=said["appeal"], by=unit, now=on(7, 1))
    work.decide_appeal(file_id=file.pk, said=said["review"], by=leader, now=on(9, 1))
    work.close_file(file_id=file.pk, said=Said(), by=clerk, now=on(9, 6))
    record_interview(
        file_id=file.pk, held_at=on(10, 1), post="区文明办（文明办主任）", attended="街道主要负责人、分管负责人",
        summary="逐条过了不合格条目；街道说明了原因，提出了保洁排班的调整。", by=clerk, now=on(10, 6),
        promises=[("背街小巷保洁改为每天两班，区文明办下月现场核对", on(40, 8))],
    )  # fmt: skip
