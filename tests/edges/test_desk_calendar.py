"""The working calendar on the desk: read by everybody, kept by few, and a sum that says why."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.journal.models import Event
from chuangwen.standards.models import CalendarDay, CalendarYear
from chuangwen.standards.queries import work_calendar
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import World

Enter = Callable[[str], Client]
IMPORT = "/desk/calendar/import/"


def year_file(*lines: str, name: str = "2022.csv") -> SimpleUploadedFile:
    """A year as a CSV file."""
    return SimpleUploadedFile(name, "\n".join(("日期,是否上班,说明", *lines)).encode())


GOOD = ("2022-01-03,否,元旦", "2022-01-29,是,调休上班")


# --- the year ---


def test_a_year_with_its_holidays_and_working_weekends(enter: Enter) -> None:
    answer = enter("grid").get("/desk/calendar/")
    page = read(answer)
    assert "2020 年工作日历" in page.words
    for words in ("已正式公布", "调休上班", "周末休息", "6月25日 星期四", "端午节", "12 月"):
        assert words in page.words
    marks = {cell.day: cell.mark for cell in answer.context["marked"]}
    assert marks[date(2020, 6, 25)] == "休"
    assert marks[date(2020, 6, 28)] == "班"
    assert date(2020, 6, 27) not in marks
    assert "记下这一天" not in page.words


def test_every_day_of_the_year_stands_once(enter: Enter) -> None:
    grid = enter("clerk").get("/desk/calendar/?year=2020").context["grid"]
    days = [cell.day for _month, weeks in grid for week in weeks for cell in week if cell]
    assert days == [date.fromordinal(n) for n in range(date(2020, 1, 1).toordinal(), date(2021, 1, 1).toordinal())]
    assert sum(cell.today for _month, weeks in grid for week in weeks for cell in week if cell) == 1


def test_a_year_that_the_calendar_does_not_know_is_only_assumed(enter: Enter) -> None:
    page = read(enter("clerk").get("/desk/calendar/?year=2033"))
    assert "日历里没有这一年，按周一到周五推算" in page.words
    assert enter("clerk").get("/desk/calendar/?year=1").context["year"] == 2020
    assert enter("clerk").get("/desk/calendar/?year=9999").context["year"] == 2100


@pytest.mark.parametrize("username", ["leader", "wy_chief", "inspector", "grid"])
def test_most_people_only_read_the_calendar(world: World, enter: Enter, username: str) -> None:
    client, before = enter(username), Event.objects.count()
    for tail in ("day/", "official/", "import/"):
        assert client.post(f"/desk/calendar/{tail}", {"year": "2020"}).status_code == 403
    assert Event.objects.count() == before


# --- a day, a year ---


def test_one_day_becomes_a_day_of_rest_and_deadlines_know_it(enter: Enter) -> None:
    facts = {"year": "2020", "day-day": "2020-06-24", "day-is_working": "no", "day-name": "防汛停工"}
    answer = enter("admin").post("/desk/calendar/day/", facts)
    assert answer["Location"] == "/desk/calendar/?year=2020"
    assert not work_calendar().is_working(date(2020, 6, 24))
    assert "防汛停工" in read(enter("clerk").get("/desk/calendar/?year=2020")).words


def test_a_day_put_back_to_the_plain_week_bears_no_mark(enter: Enter) -> None:
    clerk = enter("clerk")
    facts = {"day-day": "2020-06-25", "day-is_working": "yes", "day-name": "照常上班"}
    clerk.post("/desk/calendar/day/", facts)
    assert date(2020, 6, 25) not in {cell.day for cell in clerk.get("/desk/calendar/?year=2020").context["marked"]}


def test_objections_to_a_day_all_at_once_and_nothing_lost(enter: Enter) -> None:
    page = read(
        enter("clerk").post("/desk/calendar/day/", {"year": "2021", "day-day": "2021-02-30", "day-name": "春节"})
    )
    assert page.status == 422
    assert "2021 年工作日历" in page.words
    assert page.ids >= {"id_day-day_error", "id_day-is_working_error"}
    assert 'value="春节"' in page.html
    assert 'value="2021-02-30"' in page.html


def test_a_year_is_marked_official_with_the_paper_it_rests_on(enter: Enter) -> None:
    CalendarYear.objects.filter(year=2021).update(official=False)
    clerk = enter("clerk")
    days = set(CalendarDay.objects.filter(day__year=2021).values_list("day", "is_working", "name"))
    refused = read(clerk.post("/desk/calendar/official/", {"year": "2021", "source": " "}))
    assert refused.status == 422
    assert "标为正式公布时须写明文件依据。" in refused.words
    clerk.post("/desk/calendar/official/", {"year": "2021", "source": "国办发明电〔2020〕27号"})
    assert CalendarYear.objects.get(year=2021).official
    assert set(CalendarDay.objects.filter(day__year=2021).values_list("day", "is_working", "name")) == days


# --- files ---


def test_a_year_goes_out_and_comes_in_without_a_change(enter: Enter) -> None:
    clerk = enter("clerk")
    CalendarYear.objects.filter(year=2020).update(source="国办")
    content = clerk.get("/desk/calendar/export/?year=2020").content
    upload = {"file": SimpleUploadedFile("2020.csv", content), "official": "1", "source": "国办"}
    page = read(clerk.post(IMPORT, upload))
    answer = clerk.post(IMPORT, page.forms["confirm"].fields, follow=True)
    assert "2020 年的日历没有变化。" in answer.content.decode()


def test_a_year_is_looked_at_and_then_replaced(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post(IMPORT, {"file": year_file(*GOOD), "source": ""}))
    for words in ("2022 年：文件里 2 天，现在记着 0 天", "1月3日 休息 元旦", "推算，待正式公布"):
        assert words in page.words
    assert not CalendarYear.objects.filter(year=2022).exists()
    assert clerk.post(IMPORT, page.forms["confirm"].fields)["Location"] == "/desk/calendar/?year=2022"
    assert CalendarDay.objects.get(day=date(2022, 1, 29)).is_working
    assert not CalendarYear.objects.get(year=2022).official


def test_every_bad_row_of_a_year_is_named(enter: Enter) -> None:
    page = read(enter("clerk").post(IMPORT, {"file": year_file("2022-01-03,也许,元旦", "昨天,是,", "2022-01-29,是,")}))
    assert page.status == 422
    for words in ("第 2 行「是否上班」", "第 3 行「日期」"):
        assert words in page.words
    page = read(enter("clerk").post(IMPORT, {"file": year_file(*GOOD, "2023-01-02,否,元旦", GOOD[0])}))
    assert "2023-01-02 不是 2022 年" in page.words
    assert "与第 2 行重复" in page.words


def test_an_official_year_without_its_paper_is_refused_and_the_file_kept(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post(IMPORT, {"file": year_file(*GOOD), "official": "1", "source": ""}))
    assert page.status == 422
    assert "标为正式公布时，请写明文件依据。" in page.words
    page = read(clerk.post(IMPORT, page.forms["upload"].filled(official="1", source="国办发明电〔2021〕11号")))
    assert page.status == 200
    assert "标为正式公布，依据：国办发明电〔2021〕11号" in page.words
    clerk.post(IMPORT, page.forms["confirm"].fields)
    assert CalendarYear.objects.get(year=2022).official


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "日期,是否上班\n".encode()])
def test_what_is_no_year_is_refused(enter: Enter, content: bytes) -> None:
    answer = enter("clerk").post(IMPORT, {"file": SimpleUploadedFile("a.csv", content)})
    assert answer.status_code == 422
    assert answer.context["objections"]


# --- the sum ---


def test_four_working_hours_from_the_evening_before_a_holiday(enter: Enter) -> None:
    page = read(enter("grid").get("/desk/calendar/due/", {"start": "2020-06-24T17:00", "limit": "4工作时"}))
    assert "2020年6月28日 11:00" in page.words
    assert "只算上班日的 08:00–12:00 和 14:00–18:00" in page.words
    assert "2020-06-24（周三） 上班 1" in page.words
    assert "2020-06-25（周四） 休息 · 端午节 不计" in page.words
    assert "2020-06-28（周日） 上班 · 调休上班 3" in page.words


def test_a_limit_that_runs_through_nights_and_holidays_has_no_list_of_days(enter: Enter) -> None:
    answer = enter("clerk").get("/desk/calendar/due/", {"start": "2020-06-24 17:00", "limit": "2紧急工作时"})
    assert answer.context["days"] == []
    assert "2020年6月24日 19:00" in read(answer).words
    assert "夜间、周末、节假日都算" in read(answer).words


def test_a_year_without_a_notice_is_warned_of(enter: Enter) -> None:
    page = read(enter("clerk").get("/desk/calendar/due/", {"start": "2033-05-04T09:00", "limit": "3工作日"}))
    assert "日历中没有 2033 年正式的放假调休安排" in page.words


def test_what_cannot_be_read_is_named_and_kept(enter: Enter) -> None:
    page = read(enter("clerk").get("/desk/calendar/due/", {"start": "前天", "limit": "尽快"}))
    assert page.status == 422
    assert "开始时间“前天”读不懂" in page.words
    assert "时限“尽快”读不懂" in page.words
    assert 'value="尽快"' in page.html


def test_the_sum_begins_now_when_nothing_is_said(enter: Enter) -> None:
    assert enter("clerk").get("/desk/calendar/due/").context["start"] == "2020-06-24T09:00"


def test_a_long_limit_lists_its_first_two_months(enter: Enter) -> None:
    answer = enter("clerk").get("/desk/calendar/due/", {"start": "2020-01-02T09:00", "limit": "90工作日"})
    assert len(answer.context["days"]) == 62
    assert answer.context["cut"]


def test_statements(enter: Enter) -> None:
    clerk = enter("clerk")
    with budget("GET /desk/calendar/"):
        clerk.get("/desk/calendar/?year=2020")
