"""Whistles of one street: on its way with an objection, ready to be closed, and those of the months before.

The departments' own people act: log in as xuetian_chief and chengguan_chief to see both sides.
"""

from datetime import datetime, timedelta

from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo.tree import office_code
from chuangwen.rules.permissions import SYSTEM, Actor, Role
from chuangwen.rules.whistles import Rating
from chuangwen.whistles import operations as work
from chuangwen.whistles.models import Summons, Whistle

PAST = (
    ("背街小巷夜间烧烤摊占道", "两个路口，油烟进居民楼", "学田中路与书香路口"),
    ("工地渣土车带泥上路", "早六点前后，路面泥浆约百米", "书香路东段"),
    ("废弃车辆长期占用消防通道", "四辆，车主联系不上", "田畈桥北侧"),
)
GOOD = Rating(came=True, cooperated=True, finished=True)


def load(*, now: datetime) -> None:
    """Through the same operations as people; a second or two."""
    work.seed_promises(by=SYSTEM, now=now)
    street = Unit.objects.filter(name="学田街道").first()
    departments = [Unit.objects.filter(code=office_code(key)).first() for key in ("chengguan", "shijian", "gongan")]
    called = [unit for unit in departments if unit is not None and _somebody(unit, now) is not None]
    chief = _somebody(street, now) if street else None
    if chief is None or len(called) < 2:
        return
    for back, (title, text, place) in enumerate(PAST, start=1):
        _whole(chief, called[:2], now - timedelta(days=30 * back), title, text, place)
    _objected(chief, called, now - timedelta(minutes=25))
    ready = _blown(
        chief, called[:2], now - timedelta(hours=3), "雨水井堵塞，非机动车道积水", "积水约二十米", "学田中路 88 号门前"
    )
    for summons in _summonses(ready):
        _report(summons, chief, now - timedelta(hours=3))


def _somebody(unit: Unit, now: datetime) -> Actor | None:
    post = Post.objects.filter(unit=unit, role=Role.UNIT_CHIEF.value).select_related("user").order_by("pk").first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _blown(chief: Actor, units: list[Unit], at: datetime, title: str, text: str, place: str) -> Whistle:
    duties = ("到场处置，恢复通行", "查处违法经营", "维护现场秩序")
    said = work.NewWhistle(
        promise="urgent", title=title, text=text, place=place, reason="街道没有执法权，多次劝离后反复",
        calls=[work.Call(unit.pk, duty) for unit, duty in zip(units, duties, strict=False)],
    )  # fmt: skip
    return work.blow(said=said, by=chief, now=at, client_key=f"demo-whistle-{at:%Y%m%d%H%M}")


def _summonses(whistle: Whistle) -> list[Summons]:
    return list(Summons.objects.filter(whistle=whistle).select_related("part__unit").order_by("pk"))


def _report(summons: Summons, chief: Actor, at: datetime, *, slow: int = 0) -> None:
    """A department comes, `slow` minutes later than usual, and does its part; the street saw it."""
    by = _somebody(summons.part.unit, at)
    if by is None:
        return
    work.confirm(summons_id=summons.pk, by=by, now=at + timedelta(minutes=4))
    came = at + timedelta(minutes=22 + slow)
    work.arrive(summons_id=summons.pk, words="两人到场", by=by, now=came)
    work.see_arrival(summons_id=summons.pk, came=True, by=chief, now=came + timedelta(minutes=5))
    work.finish(summons_id=summons.pk, words="现场已清理，登记在册", by=by, now=came + timedelta(hours=1))


def _whole(chief: Actor, units: list[Unit], at: datetime, title: str, text: str, place: str) -> None:
    """Blown, answered, closed, rated by both sides; the second department came late."""
    whistle = _blown(chief, units, at, title, text, place)
    ratings = {}
    for number, summons in enumerate(_summonses(whistle)):
        _report(summons, chief, at, slow=25 * number)
        ratings[summons.pk] = Rating(True, False, True, "到场晚，清运等了半小时") if number else GOOD
    end = at + timedelta(hours=4)
    work.close_whistle(
        whistle_id=whistle.pk, outcome="当晚清理完毕，次日回看没有反弹", ratings=ratings, by=chief, now=end
    )
    for summons in _summonses(whistle):
        if (by := _somebody(summons.part.unit, end)) is not None:
            work.rate_fit(summons_id=summons.pk, within_duty=True, sound=True, by=by, now=end + timedelta(hours=1))


def _objected(chief: Actor, units: list[Unit], at: datetime) -> None:
    """One department is there, one says that it is not its duty, a third has not answered."""
    whistle = _blown(chief, units, at, "农贸市场外流动摊贩聚集", "三十余个摊位，占用盲道和公交站台", "学田农贸市场东门")
    first, second, *_rest = _summonses(whistle)
    by, other = _somebody(first.part.unit, at), _somebody(second.part.unit, at)
    if by is None or other is None:
        return
    work.arrive(summons_id=first.pk, words="一车四人", by=by, now=at + timedelta(minutes=18))
    work.object_to(
        summons_id=second.pk, reason="场外流动摊贩由城管管理，本局只管市场内", by=other, now=at + timedelta(minutes=8)
    )
