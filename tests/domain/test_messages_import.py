"""Residents' messages become cases with their real times; an import may be broken off and goes on where it stopped."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from chuangwen.cases import messages as inbox
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.message_files import Message, RoutingRow, read_messages, read_routing
from chuangwen.cases.messages import MessageReport, import_messages, routing
from chuangwen.cases.models import Case
from chuangwen.jobs.loops import react_once
from chuangwen.journal.models import Event
from chuangwen.people.operations import put_unit
from chuangwen.people.queries import unit_by_code
from chuangwen.project.cli import main
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.standards.models import CalendarYear
from tests.paths import shared_data
from tests.world import BEIJING, NOW, World

HEADER = "message_id,author,subject,received_at,body,reply,replied_at"
REAL = "messages/replied.csv.gz"
REAL_COUNT = 2743
FIRST = 300


def at(text: str) -> datetime:
    """A moment in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def message(number: int, *, answered: bool = True, subject: str = "路灯不亮", body: str = "三号楼前") -> Message:
    """A message, a day apart from the next."""
    received = at("2020-05-06T10:00:00") + timedelta(days=number)
    reply, replied = ("已修好", received + timedelta(days=3)) if answered else ("", None)
    return Message(number + 1, subject, received, body, reply, replied, row=number + 2)


def real_messages(count: int) -> tuple[Message, ...]:
    """The first messages of the real file."""
    lines = gzip.decompress(shared_data(REAL).read_bytes()).decode().splitlines(keepends=True)
    found = read_messages("".join(lines[: count + 1]).encode(), now=NOW + timedelta(days=365))
    assert not found.problems
    return found.messages


def take(messages: tuple[Message, ...], **given: object) -> MessageReport:
    """Import to the district of the small world."""
    route = routing(home_code="CC")
    return import_messages(messages=messages, route=route, by=SYSTEM, now=NOW, **given)  # type: ignore[arg-type]  # test


def test_an_answered_message_becomes_a_closed_case_with_its_real_times(world: World) -> None:
    assert take((message(0),)) == MessageReport(created=1, answered=1)
    case = Case.objects.get()
    answered = at("2020-05-09T10:00:00")
    assert (case.origin_kind, case.origin_id, case.title, case.text) == ("message", 1, "路灯不亮", "三号楼前")
    assert (case.reported_at, case.dispatched_at) == (at("2020-05-06T10:00:00"), at("2020-05-06T10:00:00"))
    assert (case.rectified_at, case.reply, case.flow_status) == (answered, "已修好", Status.CLOSED)
    assert case.ended_at is not None
    assert answered < case.ended_at < answered + timedelta(minutes=10)
    assert (case.home, case.unit, case.reported_by) == (world.unit("CC"), world.unit("CC-WM"), None)
    kinds = Event.objects.filter(subject_kind="case", subject_id=case.pk).order_by("id").values_list("kind", flat=True)
    assert [kind.removeprefix("case.") for kind in kinds] == [
        "report", "accept", "dispatch", "rectify", "verify", "close"
    ]  # fmt: skip


def test_a_message_without_an_answer_waits_with_its_unit(world: World) -> None:
    assert take((message(0, answered=False),)) == MessageReport(created=1)
    case = Case.objects.get()
    assert (case.flow_status, case.unit, case.reply) == (Status.DISPATCHED, world.unit("CC-WM"), "")
    assert case.due_at == at("2020-05-06T16:00:00")
    take((message(1, answered=False),), standard_code="T-4WH")
    with pytest.raises(Refused, match="没有编码为“无”的在用立案标准"):
        take((message(2),), standard_code="无")


def test_the_same_messages_again_change_nothing(world: World) -> None:
    messages = tuple(message(number) for number in range(5))
    take(messages)
    before = Event.objects.count()
    assert take(messages) == MessageReport(already_there=5)
    assert (Case.objects.count(), Event.objects.count()) == (5, before)


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    take((message(0),))
    before = Event.objects.count()
    assert take((message(0), message(1), message(2, answered=False)), dry_run=True) == MessageReport(2, 1, 1)
    assert (Case.objects.count(), Event.objects.count()) == (1, before)


def test_an_import_broken_off_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "BATCH", 2)
    messages = tuple(message(number) for number in range(7))
    done: list[int] = []

    def pull_the_plug(count: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(messages, tell=pull_the_plug)
    assert Case.objects.count() == 4
    assert take(messages, tell=done.append) == MessageReport(created=3, answered=3, already_there=4)
    assert (Case.objects.count(), sum(done)) == (7, 4 + 7)


def test_a_message_is_all_there_or_not_at_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_power(**_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "verify", no_power)
        with pytest.raises(RuntimeError):
            take((message(0),))
    assert not Case.objects.exists()
    assert take((message(0),)).created == 1


def test_nothing_follows_today_from_what_ended_long_ago(world: World) -> None:
    take((message(0), message(1, answered=False)))
    waiting = Event.objects.filter(handled_at=None, subject_kind="case")
    assert set(waiting.values_list("kind", flat=True)) == {"case.report", "case.accept", "case.dispatch"}
    ended = Case.objects.get(origin_id=1)
    assert not waiting.filter(subject_id=ended.pk).exists()
    react_once(NOW)
    ended.refresh_from_db()
    assert ended.flow_status is Status.CLOSED


def test_who_wrote_is_stored_nowhere(world: World) -> None:
    text = f"{HEADER}\n7,王小明,路灯不亮,2020-05-06 10:00:00,三号楼前,已修好,2020-05-07 10:00:00\n"
    found = read_messages(text.encode(), now=NOW)
    take(found.messages)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # every table of the test database
            assert "王小明" not in str(cursor.fetchall()), table


# --- who answers ---


def test_messages_go_by_the_first_word_that_fits(world: World) -> None:
    rows = read_routing("keyword,unit_code\n占道,CC-CG\n市场,CC-SCJG\n".encode())
    route = routing(home_code="CC", rows=rows)
    assert route.unit_for(message(0, subject="市场门口", body="有人占道")) == world.unit("CC-CG")
    assert route.unit_for(message(0, body="菜市场很脏")) == world.unit("CC-SCJG")
    assert route.unit_for(message(0)) == world.unit("CC-WM")
    assert routing(unit_code="CC-CG").unit_for(message(0)) == world.unit("CC-CG")
    assert routing(unit_code="CC-CG").home == world.unit("CC")
    assert routing(home_code="XT", unit_code="XT").street == world.unit("XT")


def test_units_that_cannot_be_found_are_all_named(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        routing(home_code="没有", unit_code="无", rows=[RoutingRow("灯", "CC", 2), RoutingRow("路", "NO", 3)])
    assert len(refusal.value.objections) == 3
    with pytest.raises(Refused, match="崇川区（CC）、港闸区（GZ）"):
        routing()


def test_without_an_office_the_unit_at_home_answers_and_of_several_offices_the_one_with_a_chief(world: World) -> None:
    assert routing(home_code="XT").default == world.unit("XT")
    put_unit(code="CC-XC", name="区委宣传部", kind="district_office", parent_code="CC", by=SYSTEM, now=NOW)
    assert routing(home_code="CC").default == world.unit("CC-WM")


@pytest.mark.django_db
def test_where_there_is_one_district_nothing_needs_to_be_said() -> None:
    for code, kind, parent in (("NT", "city", ""), ("CC", "district", "NT"), ("WM", "district_office", "CC")):
        put_unit(code=code, name=code, kind=kind, parent_code=parent, by=SYSTEM, now=NOW)
    route = routing()
    assert (route.home, route.default) == (unit_by_code("CC"), unit_by_code("WM"))


def test_only_the_office_of_the_district_imports(world: World) -> None:
    route = routing(home_code="CC")
    for who in ("gz_clerk", "xt_chief", "inspector"):
        with pytest.raises(Refused, match="留言由本区文明办导入"):
            import_messages(messages=(message(0),), route=route, by=world.actor(who), now=NOW)
    import_messages(messages=(message(0),), route=route, by=world.actor("clerk"), now=NOW)
    assert Event.objects.get(kind="messages.imported").actor_name == "周文"


def test_a_routing_table_with_faults_is_refused() -> None:
    with pytest.raises(BadInput, match="与第 2 行重复"):
        read_routing("关键词,单位编码\n灯,A\n灯,B\n".encode())


# --- files ---


def test_every_bad_row_is_named_and_good_ones_come_in_order() -> None:
    rows = (
        "2,a,乙,2020-05-07T10:00:00,正文,答,2020-05-08T10:00:00",  # good, later
        "1,a,甲,2020/5/6 9:30,正文,,",  # good, earlier, unanswered
        "x,a,丙,昨天,正文,答,2020-05-08T10:00:00",
        "4,a,,2020-05-07T10:00:00,,答,",
        "5,a,戊,2020-05-07T10:00:00,正文,答,2020-05-06T10:00:00",
        "6,a,己,2020-05-07T10:00:00,正文,,2020-05-08T10:00:00",
        "7,a,庚,2031-05-07T10:00:00,正文,,",
        "8,a,辛,1920-05-07T10:00:00,正文,,",
        "2,a,壬,2020-05-07T10:00:00,正文,,",
        "9,a,癸,2020-05-07T10:00:00,正文",
    )
    found = read_messages("\n".join((HEADER, *rows)).encode(), now=NOW)
    assert [(m.message_id, m.row) for m in found.messages] == [(1, 3), (2, 2)]
    assert found.messages[0].received_at == at("2020-05-06T09:30:00")
    assert [sentence.split("：")[0] for sentence in found.problems] == [
        "第 4 行「留言编号」", "第 4 行「留言时间」", "第 5 行「留言主题」", "第 5 行「留言详情」", "第 6 行「答复时间」",
        "第 7 行「答复意见」", "第 8 行「留言时间」", "第 9 行「留言时间」", "第 10 行「留言编号」", "第 11 行",
    ]  # fmt: skip
    assert found.bad_rows == 8


def test_a_file_without_the_columns_is_refused() -> None:
    with pytest.raises(BadInput, match="缺少表头「留言时间」"):
        read_messages(b"message_id,subject,body\n1,a,b\n", now=NOW)
    with pytest.raises(BadInput, match="要么都有"):
        read_messages(b"message_id,subject,received_at,body,reply\n1,a,2020-05-06,b,c\n", now=NOW)


# --- the command ---

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`chuangwen import messages` with the text of a file, against the small district."""
    monkeypatch.setenv("CHUANGWEN_DATA", str(tmp_path / "data"))

    def invoke(text: str, *options: str) -> Result:
        file = tmp_path / "messages.csv"
        file.write_text(f"{HEADER}\n{text}", "utf-8")
        return CliRunner().invoke(main, ["import", "messages", str(file), "--home", "CC", *options])

    return invoke


GOOD = "1,a,路灯不亮,2018-05-06T10:00:00,三号楼前,已修好,2018-05-08T10:00:00\n"
BAD = "2,a,路灯不亮,2018-05-06T10:00:00,三号楼前,已修好,2018-05-01T10:00:00\n"


def test_the_command_reports_on_stdout_and_knows_the_holidays_of_the_time(run: Run) -> None:
    result = run(GOOD)
    assert result.stdout == "新增 1 件案件，其中 1 件已有答复；早已导入 0 条；有错跳过 0 行。\n"
    assert result.exit_code == 0
    assert CalendarYear.objects.filter(year=2018, official=True).exists()
    assert json.loads(run(GOOD, "--json").stdout) == {
        "created": 0, "answered": 0, "already_there": 1, "bad_rows": 0, "problems": [], "dry_run": False,
    }  # fmt: skip


def test_a_bad_row_stops_the_whole_file_unless_told_to_skip_it(run: Run) -> None:
    result = run(GOOD + BAD)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("第 3 行「答复时间」：2018-05-01 10:00 早于留言时间。")
    assert not Case.objects.exists()
    skipped = run(GOOD + BAD, "--skip-bad", "--json")
    assert skipped.exit_code == 0
    report = json.loads(skipped.stdout)
    assert (report["created"], report["bad_rows"], len(report["problems"])) == (1, 1, 1)


def test_the_command_routes_by_a_table(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "routing.csv"
    table.write_text("keyword,unit_code\n路灯,CC-CG\n", "utf-8")
    assert run(GOOD, "--routing", str(table), "--unit", "XT", "--dry-run").stdout.startswith("将新增 1 件")
    run(GOOD, "--routing", str(table), "--unit", "XT")
    assert Case.objects.get().unit == unit_by_code("CC-CG")


# --- the real file ---


def test_real_messages_come_in_with_their_times_and_can_be_found(world: World) -> None:
    messages = real_messages(FIRST)
    assert take(messages) == MessageReport(FIRST, FIRST, 0)
    by_id = {m.message_id: m for m in messages}
    for case in Case.objects.all():
        original = by_id[case.origin_id or 0]
        assert (case.reported_at, case.rectified_at) == (original.received_at, original.replied_at)
        assert (case.title, case.reply) == (original.subject.strip(), original.reply)
    assert page_of(world.actor("clerk"), CaseFilter(q="物业"), now=NOW).total > 10
    assert take(messages) == MessageReport(already_there=FIRST)


@pytest.mark.real
def test_the_whole_real_file_is_read_and_a_fifth_of_it_comes_in_only_once(world: World) -> None:
    """Every letter is read and none is known yet; from all its years a fifth comes in, the rest in `bench/messages.py`."""
    found = read_messages(shared_data(REAL).read_bytes(), now=NOW)
    assert (len(found.messages), found.problems) == (REAL_COUNT, ())
    assert take(found.messages, dry_run=True) == MessageReport(REAL_COUNT, REAL_COUNT, 0)
    fifth = found.messages[::5]
    assert take(fifth) == MessageReport(len(fifth), len(fifth), 0)
    assert Case.objects.filter(origin_kind="message", status=Status.CLOSED.value).count() == len(fifth)
    assert take(fifth) == MessageReport(already_there=len(fifth))
    assert take(found.messages, dry_run=True).already_there == len(fifth)
