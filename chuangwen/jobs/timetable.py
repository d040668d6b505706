"""All scheduled work in one place. Times are Beijing time; each piece runs once for each of its moments."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chuangwen.asked.operations import read_burden
from chuangwen.bulletins.operations import draft_paper
from chuangwen.cases.operations import resume_due
from chuangwen.cases.photo_hints import examine_photos
from chuangwen.forecasts.operations import ask_daily
from chuangwen.intake.operations import forget_phones
from chuangwen.jobs.notices import remind_everybody, tidy_up, watch_deadlines
from chuangwen.jobs.residents import forget, tell_everybody
from chuangwen.jobs.upkeep import refresh_statistics
from chuangwen.journal.log import catch_up, record_root
from chuangwen.opendata.packages import make_package
from chuangwen.patrols.operations import disclose_ended
from chuangwen.patrols.queries import findings_with_photos
from chuangwen.people.operations import system_actor
from chuangwen.rechecks.operations import publish_weekly
from chuangwen.standards.calendar import seed_calendar
from chuangwen.supervision.operations import prepare_due
from chuangwen.surveys.answering import forget_senders
from chuangwen.triage.index import count_pairs
from chuangwen.triage.proposing import look_at_missing

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Entry:
    """A piece of work, when it was due last, and what it does with that moment and the present one."""

    name: str
    last_moment: Callable[[datetime], datetime]
    work: Callable[[datetime, datetime], object]


def every(minutes: int) -> Callable[[datetime], datetime]:
    """The last full step of so many minutes."""

    def last(now: datetime) -> datetime:
        local = now.astimezone(BEIJING).replace(second=0, microsecond=0)
        return local - timedelta(minutes=(local.hour * 60 + local.minute) % minutes)

    return last


def daily(
    hour: int, minute: int = 0, *, weekday: int | None = None, day: int | None = None
) -> Callable[[datetime], datetime]:
    """The last time that the clock showed this, on every day, one weekday (0 is Monday) or one day of the month."""

    def last(now: datetime) -> datetime:
        local = now.astimezone(BEIJING)
        moment = datetime.combine(local.date(), time(hour, minute), BEIJING)
        while moment > now or weekday not in {None, moment.weekday()} or day not in {None, moment.day}:
            moment -= timedelta(days=1)
        return moment

    return last


def _resume(_moment: datetime, now: datetime) -> None:
    resume_due(now=now)


def _disclose(_moment: datetime, now: datetime) -> None:
    disclose_ended(now=now)


def _phones(_moment: datetime, now: datetime) -> None:
    forget_phones(now=now)
    forget_senders(now=now)


def _news(_moment: datetime, now: datetime) -> None:
    tell_everybody(now)


def _unconfirmed(_moment: datetime, now: datetime) -> None:
    forget(now)


def _regular_supervision(_moment: datetime, now: datetime) -> None:
    prepare_due(now=now)


def _daily_brief(moment: datetime, now: datetime) -> None:
    draft_paper(kind="daily", day=moment.date(), by=system_actor(), now=now)


def _weekly_bulletin(moment: datetime, now: datetime) -> None:
    draft_paper(kind="weekly", day=moment.date() - timedelta(days=1), by=system_actor(), now=now)


def _monthly_ranking(moment: datetime, now: datetime) -> None:
    draft_paper(kind="monthly", day=moment.date() - timedelta(days=1), by=system_actor(), now=now)


def _weekly_draw(moment: datetime, now: datetime) -> None:
    publish_weekly(day=moment.date(), now=now)


def _calendar(_moment: datetime, now: datetime) -> None:
    seed_calendar(years=[now.year, now.year + 1], by=system_actor(), now=now)


def _look_at_photos(_moment: datetime, now: datetime) -> None:
    """Photos that came into a case after they arrived, or came again as the same file."""
    examine_photos(elsewhere=findings_with_photos, now=now)


def _deadlines(_moment: datetime, now: datetime) -> None:
    watch_deadlines(now)


def _reminders(_moment: datetime, now: datetime) -> None:
    remind_everybody(now)


def _old_notices(_moment: datetime, now: datetime) -> None:
    tidy_up(now)


def _burden(_moment: datetime, now: datetime) -> None:
    read_burden(by=system_actor(), now=now)


def _forecasts(_moment: datetime, now: datetime) -> None:
    ask_daily(now=now)


def _open_data(_moment: datetime, now: datetime) -> None:
    make_package(now=now)


def _reports(_moment: datetime, now: datetime) -> None:
    look_at_missing(now=now)


def _pairs(_moment: datetime, now: datetime) -> None:
    count_pairs(now=now)


def _statistics(_moment: datetime, _now: datetime) -> None:
    refresh_statistics()


def _root(_moment: datetime, now: datetime) -> None:
    catch_up()
    record_root(now=now)


TIMETABLE: tuple[Entry, ...] = (
    Entry("恢复到期挂账", every(10), _resume),
    Entry("核对新照片", every(2), _look_at_photos),
    Entry("公开已结束的暗访", every(10), _disclose),
    Entry("看哪些案件快到期、已超期", every(10), _deadlines),
    Entry("提醒还没有办的", daily(6, 30), _reminders),
    Entry("清除了结已久的通知", daily(2, 30), _old_notices),
    Entry("清除用不着的回访电话", daily(2), _phones),
    Entry("告知订阅的居民", every(10), _news),
    Entry("清除没有确认的订阅", daily(2, 15), _unconfirmed),
    Entry("备好下一次定期督查", daily(7), _regular_supervision),
    Entry("起草日巡查简报", daily(18, 30), _daily_brief),
    Entry("起草周通报", daily(8, weekday=0), _weekly_bulletin),
    Entry("公布上周抽查名单", daily(9, weekday=0), _weekly_draw),
    Entry("起草月排名", daily(8, day=1), _monthly_ranking),
    Entry("记录留痕根值", every(60), _root),
    Entry("核计各岗位工作量", daily(5), _burden),
    Entry("预测测评结果", daily(5, 30), _forecasts),
    Entry("制作开放数据包", daily(3, 30), _open_data),
    Entry("整理数据库统计", daily(4), _statistics),
    Entry("研判导入的反映", every(10), _reports),
    Entry("核计字词的多少", daily(3, 20), _pairs),
    Entry("补充工作日历", daily(3, day=1), _calendar),
)
