"""No signal, a killed app, a bad line, a log-in that ran out, a full phone, somebody else's phone: nothing is lost."""

import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from chuangwen.project.demo.people import PASSWORD
from tests.browser.bad_line import bad_line
from tests.browser.conftest import Arrive
from tests.browser.people import ARGS, CHINA, PATIENCE, PHONE, Person
from tests.browser.rounds import Round, Stop, planned
from tests.browser.server import Server

pytestmark = pytest.mark.browser

FINDINGS, PHOTOS = 30, 12
# Twenty requests get lost, and after each the phone waits a good half second before it tries again: here a tenth of it.
IMPATIENT = """(() => {
  const later = window.setTimeout;
  window.setTimeout = (act, wait, ...more) => later(act, wait > 5000 ? wait : wait / 10, ...more);
})()"""
TAKEN = re.compile(
    "已存在手机上|正在上传|已保存"
)  # with a line it may be on the server before anybody has read the first words
READY = """async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  return Boolean(navigator.serviceWorker.controller) && names.some((name) => name.startsWith("chuangwen-shell"));
}"""


@pytest.fixture(scope="module")
def rounds(server: Server) -> dict[str, Round]:
    """A round of two compounds for each story."""
    return planned(server)


# --- what the server has ------------------------------------------------------------------------------------------------


def rows(server: Server, statement: str, *given: object) -> list[tuple[object, ...]]:
    """Straight from its database."""
    with closing(sqlite3.connect(f"file:{server.log.parent / 'chuangwen.sqlite3'}?mode=ro", uri=True)) as base:
        return base.execute(statement, given).fetchall()


FOUND = """select v.site_id, c.code, f.verdict, f.note from patrols_finding f
  join patrols_visit v on v.id = f.visit_id join standards_criterion c on c.id = f.criterion_id
  where v.patrol_id = ? order by f.id"""
EVENTS = """select count(*) from journal_event e join patrols_visit v on e.subject_kind = 'visit' and e.subject_id = v.id
  where v.patrol_id = ? and e.kind in ('finding.recorded', 'finding.corrected')"""
PICTURES = """select count(*), count(distinct p.photo_id) from patrols_findingphoto p
  join patrols_finding f on f.id = p.finding_id join patrols_visit v on v.id = f.visit_id where v.patrol_id = ?"""


def found(server: Server, patrol: Round) -> list[tuple[object, ...]]:
    """The findings of a round in the order in which they arrived: site, criterion, verdict, note."""
    return rows(server, FOUND, patrol.number)


# --- a phone whose battery may be pulled ----------------------------------------------------------------------------------


@dataclass
class Phone:
    """A Chromium with a memory of its own on disk."""

    chromium: Browser
    profile: Path
    home: str
    context: BrowserContext | None = None

    def start(self, *, offline: bool = False) -> Page:
        """Switch it on."""
        self.context = self.chromium.browser_type.launch_persistent_context(
            str(self.profile), executable_path="/usr/bin/chromium", args=ARGS, **PHONE, **CHINA
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(IMPATIENT)
        self.context.set_offline(offline)
        return self.context.pages[0]

    def kill(self) -> None:
        """No farewell: the process is gone."""
        mine = f"--user-data-dir={self.profile}"
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (entry / "cmdline").read_text().split("\0")
                if mine in words and not any(word.startswith("--type=") for word in words):
                    os.kill(int(entry.name), signal.SIGKILL)
        with suppress(Error):
            self.stop()

    def stop(self) -> None:
        """Switch it off."""
        if self.context is not None:
            self.context.close()
        self.context = None


@contextmanager
def phone(chromium: Browser, profile: Path, home: str) -> Iterator[Phone]:
    """A phone that is switched off at the end, whatever happened."""
    one = Phone(chromium, profile, home)
    try:
        yield one
    finally:
        with suppress(Error):
            one.stop()


def log_in(page: Page, home: str, username: str = "inspector1") -> None:
    """Log in and wait until the pages are on the phone."""
    page.goto(f"{home}/login/?next=/field/")
    page.get_by_label("账号", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"{home}/field/")
    ready(page)


def ready(page: Page) -> None:
    """The pages are on the phone, and so is what this person takes along."""
    page.wait_for_function(READY)
    page.wait_for_function(THEIRS)
    page.wait_for_function(PACKED)


# a page that was opened for somebody else begins anew, and would call off where one goes meanwhile
THEIRS = "() => document.body?.dataset.whose === (document.cookie.match(/cw_person=(\\d+)/) ?? [])[1]"
PACKED = """() => new Promise((done) => {
  const asked = indexedDB.open("chuangwen-field");
  asked.onsuccess = () => {
    const db = asked.result;
    const wanted = db.transaction("meta").objectStore("meta").get("packed");
    wanted.onsuccess = () => { db.close(); done(Boolean(wanted.result)); };
  };
})"""


# --- judging --------------------------------------------------------------------------------------------------------------


@dataclass
class Item:
    """One item of the checklist and what a finger does with it."""

    page: Page
    code: str

    @property
    def place(self) -> Locator:
        """Where it stands."""
        return self.page.locator(f"#criterion-{self.code}")

    def tap(self, name: str) -> None:
        """Press one of its buttons."""
        self.place.get_by_role("button", name=name, exact=True).click()

    def says(self, text: str | re.Pattern[str]) -> None:
        """It shows these words."""
        expect(self.place).to_contain_text(text)

    def passes(self) -> None:
        """In order: one tap."""
        self.tap("合格")
        self.says(TAKEN)

    def fails(self, note: str, photo: Path) -> None:
        """Not in order, with words and a photo."""
        self.tap("不合格")
        self.place.get_by_label("备注").fill(note)
        self.place.locator("input[type=file]").set_input_files(photo)
        expect(self.place.locator(".cw-shot")).to_have_count(1)
        self.tap("保存不合格记录")
        self.says(TAKEN)


def snapshot(folder: Path, number: int) -> Path:
    """A small picture that no other one equals."""
    path = folder / f"现场{number}.jpg"
    Image.new("RGB", (320, 240), (number * 19 % 256, number * 53 % 256, number * 97 % 256)).save(path, "JPEG")
    return path


@dataclass
class Walk:
    """What was recorded, in order."""

    done: list[tuple[int, str, str, str]] = field(default_factory=list)
    photos: int = 0

    def record(self, page: Page, stop: Stop, how_many: int, folder: Path) -> None:
        """Judge so many criteria of a place: where a photo is asked for, most fail with one, the others pass."""
        for one in stop.lines[:how_many]:
            item = Item(page, one.code)
            if one.photo and self.photos < PHOTOS and len(self.done) % 3 != 1:
                note = f"第{len(self.done) + 1}条"
                item.fails(note, snapshot(folder, self.photos))
                self.photos += 1
                self.done.append((stop.site, one.code, "fail", note))
            else:
                item.passes()
                self.done.append((stop.site, one.code, "pass", ""))


def all_is_there(page: Page, walk: Walk, patrol: Round, home: str) -> None:
    """After the phone was killed, and still without a network, every verdict stands where it was given."""
    for stop in patrol.stops:
        page.goto(f"{home}{patrol.path(stop)}")
        mine = [(code, verdict, note) for site, code, verdict, note in walk.done if site == stop.site]
        expect(page.get_by_role("heading", level=1)).to_have_text(stop.name)
        expect(page.locator("[data-check-done]")).to_have_text(str(len(mine)))
        for code, verdict, note in mine:
            place = page.locator(f"#criterion-{code}")
            expect(place).to_have_attribute("data-verdict", verdict)
            if verdict == "fail":
                expect(place.get_by_label("备注")).to_have_value(note)
                expect(place.locator(".cw-shot img")).to_have_count(1)
    page.goto(f"{home}/field/waiting/")
    expect(page.locator(".cw-waiting")).to_have_count(len(walk.done))


HAS_ROUND = """(number) => new Promise((done) => {
  const asked = indexedDB.open("chuangwen-field");
  asked.onsuccess = () => {
    const db = asked.result;
    const wanted = db.transaction("parts").objectStore("parts").getAllKeys();
    wanted.onsuccess = () => { db.close(); done(wanted.result.some((key) => key[1] === `patrol:${number}`)); };
  };
})"""
# What the phone holds, for the one who reads why a story failed.
HELD = """async () => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open("chuangwen-field");
    asked.onsuccess = () => done(asked.result);
  });
  const keys = (name) => new Promise((done) => {
    const asked = db.transaction(name).objectStore(name).getAllKeys();
    asked.onsuccess = () => done(asked.result);
  });
  const kept = {};
  for (const name of await caches.keys()) kept[name] = (await (await caches.open(name)).keys()).length;
  const held = { meta: await keys("meta"), parts: await keys("parts"), kept, shown: document.body.innerText };
  db.close();
  return held;
}"""


def open_round(page: Page, home: str, patrol: Round) -> None:
    """From the first page of the phone, without a network; a cold start on a busy machine may take its time."""
    page.goto(f"{home}/field/")
    link = page.get_by_role("link", name=patrol.title)
    try:
        link.wait_for(timeout=45_000)
    except Error as error:
        raise AssertionError(f"第一页没有这一轮：{page.evaluate(HELD)}") from error
    link.click()


def test_thirty_findings_and_twelve_photos_survive_a_kill_and_a_line_that_loses_every_third_request(
    chromium: Browser, server: Server, rounds: dict[str, Round], tmp_path: Path
) -> None:
    patrol, walk = rounds["离线"], Walk()
    with bad_line(server.url) as wire, phone(chromium, tmp_path / "profile", wire.url) as one:
        page = one.start()
        log_in(page, wire.url)
        page.wait_for_function(HAS_ROUND, arg=patrol.number)
        one.stop()
        wire.state = "down"
        page = one.start(offline=True)
        open_round(page, wire.url, patrol)
        for stop, many in zip(patrol.stops, (23, FINDINGS - 23), strict=True):
            page.goto(f"{wire.url}{patrol.path(stop)}")
            walk.record(page, stop, many, tmp_path)
        assert (len(walk.done), walk.photos) == (FINDINGS, PHOTOS)

        one.kill()
        page = one.start(offline=True)
        all_is_there(page, walk, patrol, wire.url)

        assert found(server, patrol) == []
        wire.state = "third"
        page.context.set_offline(False)
        expect(page.locator("[data-waiting-list]")).to_contain_text("都上传了", timeout=45_000)
        assert min(wire.lost_before, wire.lost_after) >= 5
    assert found(server, patrol) == walk.done
    assert rows(server, EVENTS, patrol.number) == [(FINDINGS,)]
    assert rows(server, PICTURES, patrol.number) == [(PHOTOS, PHOTOS)]


# --- smaller stories --------------------------------------------------------------------------------------------------------

GONE = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to load resource")


# Chromium asks how much room is left only now and then, so a small quota would be noticed too late for a test.
FULL = """() => {
  const real = IDBObjectStore.prototype.add;
  window.haveRoom = () => (IDBObjectStore.prototype.add = real);
  IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""


SESSIONS: dict[tuple[str, str], list[Any]] = {}  # cookies by server and account


def begin(person: Person, patrol: Round, username: str = "inspector1") -> Page:
    """Somebody who is logged in opens the first place of the round as the phone shows it without the server."""
    home = person.watch.home
    if (home, username) in SESSIONS:  # who came before has been through the page that asks for it
        person.context.add_cookies(SESSIONS[home, username])
        person.go("/field/")
        ready(person.page)
    else:
        log_in(person.page, home, username)
        SESSIONS[home, username] = list(person.context.cookies())
    person.go(patrol.path(patrol.stops[0]))
    expect(person.page.get_by_role("heading", level=1)).to_have_text(patrol.stops[0].name)
    expect(person.page.locator("body")).to_have_attribute("data-shell", "")
    return person.page


def passes(page: Page, patrol: Round, *numbers: int) -> None:
    """These criteria of the first place are in order."""
    for number in numbers:
        Item(page, patrol.stops[0].lines[number].code).passes()


def arrives(server: Server, patrol: Round, how_many: int, page: Page) -> None:
    """The server gets to have so many findings of the round."""
    for _ in range(100):
        if len(found(server, patrol)) >= how_many:
            break
        page.wait_for_timeout(100)
    assert len(found(server, patrol)) == how_many


def test_a_log_in_that_ran_out_keeps_everything_and_goes_on_afterwards(
    people: Arrive, server: Server, rounds: dict[str, Round]
) -> None:
    patrol, inspector = rounds["登录过期"], people(PHONE)
    page = begin(inspector, patrol)
    inspector.context.clear_cookies()
    passes(page, patrol, 0, 1)
    inspector.sees("登录已过期。待上传的内容都在手机上")
    inspector.sees("2 项待上传")
    assert found(server, patrol) == []
    page.get_by_role("alert").get_by_role("link", name="登录", exact=True).click()
    page.get_by_label("账号", exact=True).fill("inspector1")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(patrol.stops[0].name)
    arrives(server, patrol, 2, page)
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_two_open_pages_send_each_finding_once(people: Arrive, server: Server, rounds: dict[str, Round]) -> None:
    patrol, inspector = rounds["两页同开"], people(PHONE)
    page = begin(inspector, patrol)
    other = inspector.context.new_page()
    other.goto(page.url)
    sent: list[str] = []
    inspector.context.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    with inspector.watch.expecting(*GONE):
        inspector.context.set_offline(True)
        passes(page, patrol, 0, 1, 2)
        passes(other, patrol, 3, 4, 5)
        expect(page.locator("[data-queue]")).to_contain_text("6 项待上传")
        inspector.context.set_offline(False)
        arrives(server, patrol, 6, page)
        expect(other.locator("[data-queue]")).to_be_hidden()
    inspector.watch.complaints.clear()  # the requests that found no network may say so a moment later
    assert [code for _site, code, _verdict, _note in found(server, patrol)] == [
        one.code for one in patrol.stops[0].lines[:6]
    ]
    assert len([url for url in sent if url.endswith("/findings/")]) == 6


def test_a_full_phone_says_so_and_what_was_typed_can_be_sent_from_the_screen(
    people: Arrive, server: Server, rounds: dict[str, Round], tmp_path: Path
) -> None:
    patrol, inspector = rounds["空间已满"], people(PHONE)
    page = begin(inspector, patrol)
    page.evaluate(FULL)
    line = next(one for one in patrol.stops[0].lines if one.photo)
    item = Item(page, line.code)
    item.tap("不合格")
    item.place.get_by_label("备注").fill("井盖破了")
    item.place.locator("input[type=file]").set_input_files(snapshot(tmp_path, 99))
    item.tap("保存不合格记录")
    item.says("手机空间已满，这一项没有存下来")
    expect(item.place.get_by_label("备注")).to_have_value("井盖破了")
    assert found(server, patrol) == []
    item.tap("马上发送")
    item.says("已立案")
    assert [row[1:] for row in found(server, patrol)] == [(line.code, "fail", "井盖破了")]
    assert rows(server, PICTURES, patrol.number) == [(1, 1)]
    page.evaluate("() => window.haveRoom()")
    passes(page, patrol, 1)
    arrives(server, patrol, 2, page)


def test_a_case_that_went_on_without_the_inspector_keeps_their_words(
    people: Arrive, server: Server, rounds: dict[str, Round]
) -> None:
    number = rounds["核查"].number
    first, second = people(PHONE), people(PHONE)
    log_in(first.page, first.watch.home)
    first.go(f"/field/checks/{number}/")
    with first.watch.expecting(*GONE):
        first.context.set_offline(True)
        first.page.get_by_label("说明").fill("二楼还有纸箱")
        first.page.get_by_role("button", name="退回重办").click()
        first.sees("已存在手机上，联网后自动上传。")
        log_in(second.page, second.watch.home, "inspector2")
        second.go(f"/field/checks/{number}/")
        second.page.get_by_role("button", name="核查通过").click()
        second.sees("已核查通过。")
        first.context.set_offline(False)
        first.page.locator("[data-queue]").filter(has_text="1 项没有收下，要改").click()
        first.sees("刚刚")
    first.watch.complaints.clear()
    row = first.page.locator(".cw-waiting")
    expect(row).to_contain_text("二楼还有纸箱")
    row.get_by_role("button", name="作为备注写进案件").click()
    first.sees("都上传了")
    notes = "select count(*) from journal_event where kind = 'case.note' and subject_kind = 'case' and subject_id = ?"
    assert rows(server, notes, number) == [(1,)]


def test_another_person_on_the_same_phone_neither_sees_nor_sends_what_waits(
    people: Arrive, server: Server, rounds: dict[str, Round]
) -> None:
    patrol, borrowed = rounds["换人"], people(PHONE)
    page = begin(borrowed, patrol)
    borrowed.context.clear_cookies()
    passes(page, patrol, 0, 1)
    log_in(page, borrowed.watch.home, "inspector2")
    expect(page.locator("[data-queue]")).to_be_hidden()
    borrowed.go("/field/waiting/")
    borrowed.sees("的 2 项没有上传，本人登录后自动上传")
    expect(page.locator(".cw-waiting")).to_have_count(0)
    expect(page.get_by_text(patrol.stops[0].lines[0].text)).to_have_count(0)
    borrowed.go("/field/")
    expect(page.get_by_text(patrol.title)).to_have_count(0)
    assert found(server, patrol) == []
    log_in(page, borrowed.watch.home, "inspector1")
    arrives(server, patrol, 2, page)


PICTURE = """async () => {
  const store = await caches.open("chuangwen-form-pictures");
  return (await store.keys()).length === 1;
}"""
ANSWERED = "select answers from patrols_visit where patrol_id = ?"
SECOND = """select s.verdict, t.finished_at is not null from rechecks_second s join rechecks_task t on t.id = s.task_id
  where t.id = ? order by s.id"""


def answers_the_questions(person: Person, patrol: Round, sign: Path) -> None:
    """What the checklist asks besides verdicts is asked, and answered, where there is no network."""
    page, lines = person.page, patrol.stops[0].lines
    total, other = page.locator("[data-check-total]"), page.locator(f"#criterion-{lines[1].code}")
    expect(total).to_have_text(str(len(lines) - 1))
    expect(other).to_be_hidden()
    expect(page.locator(f"#criterion-{lines[0].code} .cw-picture")).to_have_js_property("naturalWidth", 640)
    page.get_by_label("没有判定的都看过，均合格").check()
    page.get_by_role("button", name="完成本点").click()
    person.sees("「有没有食堂」必须回答。")
    page.get_by_role("link", name="附加问题（3） 还有 1 题必须回答").click()
    expect(page.get_by_label("几张桌子")).to_be_hidden()
    page.get_by_label("有", exact=True).check()
    page.get_by_label("几张桌子").fill("120")
    page.get_by_role("button", name="保存回答").click()
    expect(page.locator("[data-form-state]")).to_have_text("「几张桌子」桌子数应在 1 到 99 之间。")
    page.get_by_label("几张桌子").fill("１２")
    page.locator("input[type=file]").set_input_files(sign)
    person.sees(f"{sign.name}，")
    page.get_by_role("button", name="保存回答").click()
    person.sees("必答的都答了")
    expect(total).to_have_text(str(len(lines)))
    expect(other).to_be_visible()


def looks_again(person: Person, task: int) -> None:
    """A second look, whose pack holds nothing of the first one, from the first verdict to its end."""
    person.go(f"/field/rechecks/{task}/")
    person.page.locator("[data-check]").first.get_by_role("button", name="不适用").click()
    person.page.get_by_label("没有判定的都看过，均合格").check()
    person.page.get_by_role("button", name="完成复核").click()
    person.sees("已存在手机上，联网后自动上传。")


def test_what_the_server_refuses_says_why_can_be_corrected_and_holds_back_the_end_of_the_place(
    people: Arrive, server: Server, rounds: dict[str, Round], tmp_path: Path
) -> None:
    patrol, inspector = rounds["改正"], people(PHONE)
    page, stop = begin(inspector, patrol), patrol.stops[0]
    line = next(one for one in stop.lines if one.photo)
    wrong = tmp_path / "说明.jpg"
    wrong.write_text("这不是照片，只是改了名字的文本。", encoding="utf-8")
    page.wait_for_function(PICTURE)
    with inspector.watch.expecting(*GONE):
        inspector.context.set_offline(True)
        page.reload()
        answers_the_questions(inspector, patrol, snapshot(tmp_path, 55))
        Item(page, line.code).fails("井盖破了", wrong)
        page.get_by_label("没有判定的都看过，均合格").check()
        page.get_by_role("button", name="完成本点").click()
        inspector.sees("已完成，1 条不合格")
        looks_again(inspector, rounds["复核"].number)
        inspector.context.set_offline(False)
        page.locator("[data-queue]").filter(has_text="1 项没有收下，要改").click()
        inspector.sees("说明.jpg：")
        inspector.sees("等本点的判定都上传后再提交完成。")
        assert found(server, patrol) == []
        page.get_by_role("link", name="打开修改").click()
        item = Item(page, line.code)
        expect(item.place.get_by_label("备注")).to_have_value("井盖破了")
        item.tap("去掉这张照片")
        item.place.locator("input[type=file]").set_input_files(snapshot(tmp_path, 77))
        item.tap("保存不合格记录")
        arrives(server, patrol, len(stop.lines), page)
    inspector.watch.complaints.clear()
    assert found(server, patrol)[0][1:] == (line.code, "fail", "井盖破了")
    assert rows(server, PICTURES, patrol.number) == [(1, 1)]
    [(answers,)] = rows(server, ANSWERED, patrol.number)
    kept = json.loads(str(answers))
    assert (kept["canteen"], kept["tables"], kept["sign"].isdecimal()) == ("yes", "12", True)
    assert rows(server, SECOND, rounds["复核"].number) == [("na", 1), ("pass", 1), ("pass", 1)]
