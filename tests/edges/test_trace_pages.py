"""The trace as people meet it: the public page, the root on papers, and erasing words by law at the desk."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection, transaction
from django.test import Client
from docx import Document

from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.operations import draft_paper, release_paper
from chuangwen.bulletins.queries import printed_roots
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.journal.log import catch_up, record_root
from chuangwen.journal.models import ERASED, Event, Root
from chuangwen.journal.operations import record
from chuangwen.journal.queries import events_of
from chuangwen.project.cli import main
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM, Permission, may
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.walks import JULY, june
from tests.world import NOW, PEOPLE, World

Enter = Callable[[str], Client]
NOTE = "王大妈 13812345678 说已解决"


def released(world: World) -> Paper:
    """A brief of the day of the walks."""
    paper = draft_paper(kind="daily", day=NOW.date(), by=world.actor("clerk"), now=JULY)
    return release_paper(paper_id=paper.pk, by=world.actor("chief"), now=JULY)


def noted(world: World) -> Event:
    """A case on which somebody wrote about a resident."""
    case = world.case_at(Status.HANDLING)
    cases.add_note(case_id=case.pk, note=NOTE, by=world.actor("wy_worker"), now=NOW)
    return events_of("case", case.pk)[-1]


# --- for anybody ---


def test_before_the_first_root_the_page_says_so(wednesday: None, world: World) -> None:
    page = Client().get("/trace/").content.decode()
    assert "还没有记录根值" in page
    assert "核对办法" in page


def test_every_recorded_root_can_be_found_page_by_page(wednesday: None, world: World) -> None:
    for number in range(30):
        with transaction.atomic():
            record(kind="x", subject_kind="case", subject_id=1, by=SYSTEM, now=NOW)
        catch_up()
        record_root(now=NOW + timedelta(hours=number))
    with budget("GET /trace/"):
        page = read(Client().get("/trace/"))
    newest, oldest = Root.objects.first(), Root.objects.last()
    assert newest is not None
    assert oldest is not None
    assert page.words.count(newest.spelt) == 2
    assert oldest.spelt not in page.words
    following = next(href for href in page.links if "after=" in href)
    assert oldest.spelt in read(Client().get("/trace/" + following)).words


def test_every_public_page_leads_to_the_check(wednesday: None, world: World) -> None:
    assert 'href="/trace/"' in Client().get("/").content.decode()


def test_a_released_paper_carries_the_root_of_everything_before_it(world: World) -> None:
    june(world)
    before = Event.objects.count() + 1  # and that the paper was drafted
    paper = Paper.objects.get(pk=released(world).pk)
    assert paper.trace_size == before
    assert paper.trace_root == Root.objects.get(size=before).root
    assert printed_roots() == [(paper.number, before, paper.trace_root)]
    document = Document(io.BytesIO(Client().get(f"/papers/{paper.pk}/docx/").content))
    page = Client().get(f"/papers/{paper.pk}/").content.decode()
    for words in ("\n".join(each.text for each in document.paragraphs), page):
        assert paper.trace in words
        assert f"前 {before} 条" in words


def test_the_root_on_a_paper_stays_as_it_was_released(world: World) -> None:
    june(world)
    paper = released(world)
    noted(world)
    catch_up()
    record_root(now=JULY)
    assert Paper.objects.get(pk=paper.pk).trace_root == paper.trace_root
    draft = draft_paper(kind="weekly", day=NOW.date(), by=world.actor("clerk"), now=JULY)
    assert (draft.trace_size, draft.trace_root) == (None, "")
    assert "留痕根值" not in Client().get(f"/papers/{draft.pk}/").content.decode()


# --- at the desk ---


@pytest.mark.parametrize("username", [row[0] for row in PEOPLE])
def test_only_the_chief_and_the_administrator_open_the_page(world: World, enter: Enter, username: str) -> None:
    allowed = may(world.actor(username), Permission.JOURNAL_ERASE)
    assert enter(username).get("/desk/trace/").status_code == (200 if allowed else 403)
    assert allowed == (username in {"admin", "chief"})


def test_the_chief_finds_the_words_of_a_case_and_erases_them_by_law(world: World, enter: Enter) -> None:
    event, browser = noted(world), enter("chief")
    number = Case.objects.get(pk=event.subject_id).number
    found = read(browser.get(f"/desk/trace/?q={number}"))
    assert NOTE in found.words
    assert f"/desk/trace/{event.pk}/erase/" in found.links
    assert f'/desk/trace/?q={number}"' in browser.get(f"/desk/cases/{event.subject_id}/").content.decode()
    asked = read(browser.get(f"/desk/trace/{event.pk}/erase/"))
    assert "找不回来" in asked.words
    answer = browser.post(f"/desk/trace/{event.pk}/erase/", {"reason": "本人申请"})
    assert answer.status_code == 302
    history = browser.get(f"/desk/cases/{event.subject_id}/").content.decode()
    assert NOTE not in history
    assert ERASED in history
    assert "没有文字" not in read(browser.get(f"/desk/trace/?q={event.pk}")).words
    assert Event.objects.get(kind="journal.erased").note == "本人申请"


def test_erasing_without_a_reason_or_twice_is_refused_on_the_same_page(world: World, enter: Enter) -> None:
    event, browser = noted(world), enter("chief")
    answer = browser.post(f"/desk/trace/{event.pk}/erase/", {"reason": " "})
    assert (answer.status_code, "请写明删除的理由" in answer.content.decode()) == (422, True)
    browser.post(f"/desk/trace/{event.pk}/erase/", {"reason": "本人申请"})
    answer = browser.post(f"/desk/trace/{event.pk}/erase/", {"reason": "本人再次申请"})
    assert (answer.status_code, "已经删除过" in answer.content.decode()) == (422, True)


def test_the_administrator_can_erase_without_reading(world: World, enter: Enter) -> None:
    event, browser = noted(world), enter("admin")
    page = browser.get(f"/desk/trace/?q={event.pk}").content.decode()
    assert NOTE not in page
    assert "无权查看" in page
    assert browser.post(f"/desk/trace/{event.pk}/erase/", {"reason": "文明办书面要求"}).status_code == 302
    assert Event.objects.get(pk=event.pk).words is None


@pytest.mark.parametrize("asked", ["202006249999999", "99999999", "王大妈", "1" * 20])
def test_what_is_not_there_is_said_and_what_was_typed_stays(world: World, enter: Enter, asked: str) -> None:
    page = enter("chief").get("/desk/trace/", {"q": asked})
    assert page.status_code == 200
    assert "没有找到" in page.content.decode()
    assert f'value="{asked}"' in page.content.decode()


def test_the_page_costs_few_statements(world: World, enter: Enter) -> None:
    event, browser = noted(world), enter("chief")
    with budget("GET /desk/trace/"):
        browser.get("/desk/trace/", {"q": str(event.pk)})


# --- the command ---

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`chuangwen journal …` against the small district."""
    monkeypatch.setenv("CHUANGWEN_DATA", str(tmp_path / "data"))
    return lambda *words: CliRunner().invoke(main, ["journal", *words])


def test_a_proof_goes_to_a_file_and_is_checked_without_a_database(run: Run, world: World, tmp_path: Path) -> None:
    event = noted(world)
    assert run("prove", str(event.pk)).exit_code == 2
    root = json.loads(run("root", "--json").stdout)
    assert f"前 {root['tree_size']} 条，根值 {root['root']}\n" == run("root").stdout
    proven = run("prove", str(event.pk), "--json")
    assert (proven.exit_code, proven.stderr) == (0, "")
    file = tmp_path / "proof.json"
    file.write_text(proven.stdout, "utf-8")
    checked = run("check-proof", str(file))
    assert (checked.exit_code, checked.stdout[:3]) == (0, "成立：")
    assert root["root"] in checked.stdout
    assert NOTE not in proven.stdout
    assert NOTE in run("prove", str(event.pk), "--json", "--with-words").stdout
    assert f"根值：{root['root']}" in run("prove", str(event.pk), "--root", str(root["tree_size"])).stdout
    file.write_text(proven.stdout.replace("物业承办人", "别人"), "utf-8")
    checked = run("check-proof", str(file), "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["holds"]) == (1, False)


def test_consistency_between_two_roots_is_proven_and_checked(run: Run, world: World, tmp_path: Path) -> None:
    first = json.loads(run("root", "--json").stdout)
    noted(world)
    second = json.loads(run("root", "--json").stdout)
    file = tmp_path / "proof.json"
    file.write_text(run("consistency", str(first["tree_size"]), second["root"], "--json").stdout, "utf-8")
    assert run("check-proof", str(file)).exit_code == 0
    assert second["root"] in run("consistency", first["root"][:12], str(second["tree_size"])).stdout


def test_verify_says_well_and_names_what_is_not(run: Run, world: World) -> None:
    event = noted(world)
    june(world)
    paper = released(world)
    well = run("verify")
    assert (well.exit_code, well.stdout.splitlines()[0]) == (0, "没有发现改动。")
    assert "等待进树" in well.stderr
    assert run("verify", "--root", paper.trace).exit_code == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_event SET actor_name = %s WHERE id = %s", ["别人", event.pk])
    badly = run("verify")
    assert badly.exit_code == 1
    assert badly.stdout.splitlines()[0].endswith(f"留痕 {event.pk}：经办人被改过。")
    told = json.loads(run("verify", "--json").stdout)
    assert (told["ok"], told["faults"][0]["events"], told["faults"][0]["fields"]) == (
        False, [event.pk], ["actor_name"],
    )  # fmt: skip


def test_a_root_of_another_log_is_not_found_in_this_one(run: Run, world: World) -> None:
    run("root")
    result = run("verify", "--root", "ab" * 32)
    assert result.exit_code == 1
    assert "没有一处算得出它" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prove", "十"), "应是一个数"),
        (("prove", "99999999"), "没有编号为 99999999 的留痕"),
        (("verify", "--root", "abc"), "64 位十六进制"),
        (("consistency", "1", "2"), "没有记录过根值"),
        (("check-proof", "no-such-file.json"), "打不开"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_files_that_are_no_proofs_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    for content in (b"\xff\xfe", b"{", b"[]", b"[" * 100_000):
        file.write_bytes(content)
        assert run("check-proof", str(file)).exit_code == 2
