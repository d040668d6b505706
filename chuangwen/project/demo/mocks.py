"""Two mock examinations of the sample district: one released, of the size of a published one, and one that is running.

The looks are written straight into the tables: two thousand verdicts one by one would take the loader half a minute.
"""

import random
from datetime import datetime, time, timedelta

from chuangwen.mocks.looks import finish_look
from chuangwen.mocks.models import Answer, Look, Mock
from chuangwen.mocks.operations import close_mock, decide_mock, publish_mock, release_mock
from chuangwen.mocks.queries import plan_kinds
from chuangwen.people.queries import actor_by_username, actor_for
from chuangwen.project.demo.people import INSPECTORS
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_seeds import known_from, next_announcement
from chuangwen.rules.permissions import Actor
from chuangwen.standards.models import Edition

PLACES = 78  # as in Jiaozuo 2019: 78 places, 1,166 observations, 70.1 %
RUNNING_PLACES = 12
NUMBERS = ((2, 9, 14, 21, 27, 31), (11,), (5, 0, 8))
SAYS_SO = "样例号码，不是真实开奖结果"
GOOD, SPREAD = 0.735, 0.12  # score rate, and how much places differ
SLIP, UNSEEN, MISSING = 0.03, 0.01, 0.02


def load(*, edition: Edition, now: datetime) -> Mock:
    """One finished and released five weeks ago, one half done."""
    clerk, chief = actor_by_username("clerk", now.date()), actor_by_username("chief", now.date())
    finished = _drawn(edition, PLACES, clerk, now - timedelta(days=36))
    _look(finished, random.Random(20190818), everybody=True)  # made-up verdicts, nothing secret
    closing = (finished.drawn_at or now) + timedelta(days=6)
    close_mock(mock_id=finished.pk, leave_rest=True, by=clerk, now=closing)
    finished = release_mock(mock_id=finished.pk, by=chief, now=closing + timedelta(days=1))
    running = _drawn(edition, RUNNING_PLACES, clerk, now - timedelta(days=5))
    _look(running, random.Random(7), everybody=False)  # as above
    return finished


def _drawn(edition: Edition, places: int, clerk: Actor, around: datetime) -> Mock:
    published_at = datetime.combine(around.astimezone(SHANGHAI).date(), time(9), SHANGHAI)
    announced = next_announcement(published_at.date())
    mock = publish_mock(
        name=f"{published_at.year}年{published_at.month}月{'' if places == PLACES else '小样本'}模拟测评", edition_id=edition.pk,
        plan=_plan(clerk, edition, places), announced_on=announced, by=clerk, now=published_at,
    )  # fmt: skip
    decided_at = known_from(announced) + timedelta(minutes=20)
    return decide_mock(mock_id=mock.pk, numbers=NUMBERS, numbers_from=SAYS_SO, by=clerk, now=decided_at)


def _plan(clerk: Actor, edition: Edition, places: int) -> dict[str, int]:
    """As many as wanted, spread over the types in turn as far as they have places."""
    kinds = list(plan_kinds(clerk, edition.pk))
    plan = {kind.code: 0 for kind in kinds}
    places = min(places, sum(kind.places for kind in kinds))
    while sum(plan.values()) < places:
        for kind in kinds:
            if plan[kind.code] < kind.places and sum(plan.values()) < places:
                plan[kind.code] += 1
    return {code: count for code, count in plan.items() if count}


def _look(mock: Mock, dice: random.Random, *, everybody: bool) -> None:
    looks = list(Look.objects.filter(place__mock=mock).select_related("place", "assessor").order_by("place", "part"))
    if not everybody:
        looks = [look for look in looks if look.assessor and look.assessor.username != INSPECTORS[0]]
        looks = looks[: len(looks) * 2 // 3]
    answers = _answers(looks, mock, dice)
    Answer.objects.filter(look__in=looks).delete()
    Answer.objects.bulk_create(answers)  # written anew: an update of two thousand rows takes longer
    alone = [look for look in looks if look.part == 1 and look.assessor is not None]
    for look in alone:
        look.finished_at = _when(mock, look)
    Look.objects.bulk_update(alone, ["finished_at"])
    for look in looks:  # the second one through the operation, so that disputes arise as they do
        if look.part == 2 and look.assessor is not None:
            at = _when(mock, look)
            finish_look(look_id=look.pk, rest="pass", by=actor_for(look.assessor, at.date()), now=at)
    if everybody:
        _thirds(mock, dice)


def _when(mock: Mock, look: Look) -> datetime:
    start = (mock.drawn_at or mock.published_at) + timedelta(hours=11)
    return start + timedelta(days=look.place_id % 3, minutes=look.pk % 400)


def _answers(looks: list[Look], mock: Mock, dice: random.Random) -> list[Answer]:
    by_look: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(look__in=looks).order_by("criterion_id"):
        by_look.setdefault(answer.look_id, []).append(answer)
    truth: dict[tuple[int, int], str] = {}
    level: dict[int, float] = {}
    found = []
    for look in looks:
        good = level.setdefault(look.place_id, min(0.97, max(0.2, dice.gauss(GOOD, SPREAD))))
        for answer in by_look.get(look.pk, []):
            fresh = "na" if dice.random() < MISSING else "pass" if dice.random() < good else "fail"
            verdict = _seen(truth.setdefault((look.place_id, answer.criterion_id), fresh), dice)
            found.append(
                Answer(look=look, criterion_id=answer.criterion_id, verdict=verdict, found_at=_when(mock, look))
            )
    return found


def _seen(truth: str, dice: random.Random) -> str:
    chance = dice.random()
    if chance < UNSEEN:
        return "skip"
    return {"pass": "fail", "fail": "pass", "na": "fail"}[truth] if chance < UNSEEN + SLIP else truth


def _thirds(mock: Mock, dice: random.Random) -> None:
    looks = list(Look.objects.filter(place__mock=mock, part=3).select_related("assessor"))
    rows = list(Answer.objects.filter(look__in=looks).order_by("id"))
    for row in rows:
        row.verdict, row.found_at = dice.choice(("pass", "fail")), mock.drawn_at
    Answer.objects.bulk_update(rows, ["verdict", "found_at"], batch_size=300)
    for look in looks:
        if look.assessor is not None:
            at = _when(mock, look) + timedelta(days=2)
            finish_look(look_id=look.pk, by=actor_for(look.assessor, at.date()), now=at)
