"""One problem from the checklist to the released bulletin: five people, each with a browser, and a visitor who reads it."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from chuangwen.project.demo.people import PASSWORD
from chuangwen.rules.deadlines import SHANGHAI
from tests.browser.conftest import Arrive, a_copy_served
from tests.browser.people import DESK, PHONE, Person, shows_pictures
from tests.browser.photos import Spot, take
from tests.browser.server import Server

pytestmark = pytest.mark.browser

PLACE, KIND, FIRM, WORKER = "海棠佳园", "居民小区", "濠安物业南田服务处", "xuetian01_w1"
GATE = Spot(120.868581, 31.989357)
ROUND = "小区楼道专项"
PAVED, DRAINED, LIT, STAIRS = "小区道路已硬化", "排水通畅", "道路、楼道、电梯的灯都亮", "楼道内不堆放杂物"
MOST_TAPS = 3
BOXES = "3 幢 2 单元楼道堆放纸箱"
SENTENCE = "对楼道堆物点位，请物业服务企业举一反三。"


UNCOVERED = """thing => {
  const { left, width, bottom } = thing.getBoundingClientRect();
  return thing.contains(document.elementFromPoint(left + width / 2, bottom - 3));
}"""


@dataclass
class Finger:
    """Counts how often the phone is touched; it does not scroll."""

    taps: int = 0

    def tap(self, thing: Locator) -> None:
        """Touch it once, where it stands."""
        if self.taps:
            expect(thing).to_be_in_viewport(ratio=1)
            thing.page.wait_for_function(UNCOVERED, arg=thing.element_handle())
        thing.tap()
        self.taps += 1


def today() -> datetime:
    """The story happens on one day: in the last minutes before midnight it waits for the next one."""
    now = datetime.now(SHANGHAI)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
    if midnight - now < timedelta(minutes=4):
        time.sleep((midnight - now).total_seconds() + 1)
    return datetime.now(SHANGHAI)


def plan_the_round(clerk: Person, inspector: str, day: datetime) -> None:
    """Choose a place, a day and a person; the button is hit twice and there is one round."""
    page = clerk.page
    clerk.follow("巡查")
    clerk.follow("安排巡查")
    page.get_by_label("点位类型").select_option(label=KIND)
    page.get_by_label("名称、编码、地址").fill(PLACE)
    clerk.press("列出点位")
    page.get_by_role("checkbox", name=PLACE).check()
    page.get_by_label("巡查名称").fill(ROUND)
    page.get_by_label("日期").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("开始").fill("00:00")
    page.get_by_label("结束").fill("23:59")
    page.get_by_role("checkbox", name=inspector).check()
    page.get_by_role("button", name="安排巡查").dblclick()
    clerk.sees("已安排 1 个点位")
    clerk.follow("巡查")
    expect(page.get_by_role("link", name=ROUND)).to_have_count(1)


def own_name(person: Person) -> str:
    """What this person is called, read on their own page."""
    person.go("/field/me/")
    return person.page.get_by_role("heading", level=1).inner_text()


# --- the round ---


def item(person: Person, words: str) -> Locator:
    """The line of the checklist with these words."""
    return person.page.get_by_role("listitem").filter(has_text=words).first


def verdict(person: Person, words: str, choice: str) -> Locator:
    """One of the three buttons of a line."""
    return item(person, words).get_by_role("button", name=choice, exact=True)


def open_the_checklist(inspector: Person) -> None:
    inspector.go("/field/")
    inspector.page.get_by_role("link", name=ROUND).tap()
    inspector.page.get_by_role("link", name=PLACE).tap()
    expect(inspector.page.get_by_role("heading", level=1)).to_have_text(PLACE)


def case_number(line: Locator) -> str:
    """The number of the case that this line of the checklist has opened at the unit that must act."""
    expect(line).to_contain_text("已立案")
    found = re.search(rf"已立案 (\S+)，已派给 {FIRM}", line.inner_text())
    assert found is not None
    return found[1]


def judge_without_photo(inspector: Person) -> str:
    """One tap for what is in order; at most three until a case is on file. Its number."""
    one, two = Finger(), Finger()
    one.tap(verdict(inspector, PAVED, "合格"))
    expect(item(inspector, PAVED)).to_contain_text("已保存")
    expect(verdict(inspector, PAVED, "合格")).to_have_attribute("aria-pressed", "true")
    two.tap(verdict(inspector, LIT, "不合格"))
    expect(item(inspector, LIT)).to_contain_text("已记录位置")
    two.tap(verdict(inspector, LIT, "保存不合格记录"))
    number = case_number(item(inspector, LIT))
    assert one.taps == 1
    assert two.taps <= MOST_TAPS
    return number


def judge_while_the_network_is_gone(inspector: Person) -> None:
    """The verdict is kept on the phone, counted, and goes out by itself."""
    with inspector.watch.expecting("ERR_INTERNET_DISCONNECTED"):
        inspector.context.set_offline(True)
        verdict(inspector, DRAINED, "合格").tap()
        expect(item(inspector, DRAINED)).to_contain_text("已存在手机上，等待上传")
        inspector.sees("1 项待上传")
        inspector.context.set_offline(False)
        expect(item(inspector, DRAINED)).to_contain_text("已保存")
    expect(inspector.page.get_by_text("1 项待上传")).to_be_hidden()


def choose_photo(person: Person, line: Locator, file: Path) -> None:
    """Through the button that a person touches."""
    with person.page.expect_file_chooser() as chooser:
        line.get_by_label("拍照").tap()
    chooser.value.set_files(file)
    expect(line).to_contain_text(file.stem)


def judge_with_photo(inspector: Person, wrong: Path, photo: Path) -> str:
    """A file that is no picture is refused with its name, and nothing is lost; the number of the case."""
    line = item(inspector, STAIRS)
    verdict(inspector, STAIRS, "不合格").tap()
    verdict(inspector, STAIRS, "保存不合格记录").tap()
    expect(line).to_contain_text("本项不合格须拍照，请先拍照。")
    line.get_by_label("备注").fill(BOXES)
    choose_photo(inspector, line, wrong)
    with inspector.watch.expecting("status of 422"):
        verdict(inspector, STAIRS, "保存不合格记录").tap()
        expect(line).to_contain_text(f"{wrong.name}：这个文件不是完整的照片")
    expect(line.get_by_label("备注")).to_have_value(BOXES)
    line.get_by_role("button", name="去掉这张照片").tap()
    choose_photo(inspector, line, photo)
    expect(line).to_contain_text("已压缩到")
    verdict(inspector, STAIRS, "保存不合格记录").tap()
    return case_number(line)


def finish_the_place(inspector: Person) -> None:
    inspector.page.get_by_label("没有判定的都看过，均合格").check()
    inspector.page.get_by_role("button", name="完成本点").tap()
    inspector.sees("本点已完成。")
    inspector.sees("已完成，2 条不合格")


# --- the house of the firm, by keyboard ---


def tab_to(person: Person, words: str) -> None:
    """Press Tab until the thing with these words has the focus."""
    for _ in range(80):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("() => document.activeElement.innerText || ''").strip() == words:
            return
    raise AssertionError(f"用键盘走不到“{words}”。")


def log_in_by_keyboard(person: Person, username: str, password: str) -> None:
    person.go("/login/")
    keys = person.page.keyboard
    keys.type(username)
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    expect(person.page.get_by_role("heading", level=1)).to_have_text("我的待办")


def receive_by_keyboard(worker: Person, number: str, other: str) -> None:
    """Both cases wait; the one with the photo is opened and received without a mouse."""
    expect(worker.page.get_by_role("listitem").filter(has_text=other)).to_contain_text(PLACE)
    worker.page.get_by_role("listitem").filter(has_text=number).get_by_role("link", name="签收").focus()
    worker.page.keyboard.press("Enter")
    expect(worker.page.get_by_role("heading", level=1)).to_have_text(f"{PLACE}：{BOXES}")
    tab_to(worker, "签收")
    worker.page.keyboard.press("Enter")
    worker.sees("已签收，整改好后请提交。")


def rectify(worker: Person, photos: Sequence[Path], note: str) -> None:
    worker.page.get_by_label("做了什么").fill(note)
    worker.page.get_by_label("整改后照片").set_input_files(photos)
    worker.press("提交整改")


def rectify_with_a_wrong_file(worker: Person, good: Path, wrong: Path) -> None:
    """The wrong file is named; words and the good picture stay; the button is hit twice and counts once."""
    with worker.watch.expecting("status of 422"):
        rectify(worker, [good, wrong], "楼道已清理")
        worker.sees(f"{wrong.name}：这个文件不是完整的照片")
    expect(worker.page.get_by_label("做了什么")).to_have_value("楼道已清理")
    worker.sees("已收下 1 张照片")
    worker.page.get_by_role("button", name="提交整改", exact=True).dblclick()
    worker.sees("已提交整改，等待核查。")
    expect(steps(worker).filter(has_text="提交整改")).to_have_count(1)


def steps(person: Person) -> Locator:
    """The titles of what happened with a case, newest first."""
    return person.page.get_by_role("region", name="办理经过").get_by_role("listitem").locator("strong")


# --- the check ---


def open_the_check(checker: Person, number: str) -> None:
    checker.go("/field/checks/")
    checker.page.get_by_role("link").filter(has_text=number).tap()
    expect(checker.page.get_by_role("heading", level=1)).to_have_text(f"核查 {number}")
    shows_pictures(checker.page.get_by_role("img", name="整改前照片"))
    shows_pictures(checker.page.get_by_role("img", name="整改后照片"))


def send_back(checker: Person, number: str, photo: Path) -> None:
    """A reason is asked for, and the photo stays meanwhile; then the unit has to do it again."""
    open_the_check(checker, number)
    shots = checker.page.get_by_label("现场照片")
    shots.set_input_files(photo)
    checker.page.get_by_role("button", name="退回重办").tap()
    checker.sees("须写明理由")
    assert shots.evaluate("input => input.files.length") == 1
    checker.page.get_by_label("说明").fill("二楼还有纸箱")
    checker.page.get_by_role("button", name="退回重办").tap()
    checker.sees("已退回责任单位重办。")


def let_pass(checker: Person, number: str) -> None:
    open_the_check(checker, number)
    checker.page.get_by_role("button", name="核查通过").tap()
    checker.sees("已核查通过。")


def case_is_closed_by_itself(clerk: Person, number: str, taken: datetime) -> None:
    """The worker of the house files it; the page tells the whole story, pictures side by side, with the phone's time."""
    clerk.page.get_by_role("searchbox", name="搜索").fill(number)
    clerk.page.keyboard.press("Enter")
    clerk.page.get_by_role("table", name="案件清单").get_by_role("link").click()
    closed = clerk.page.get_by_role("heading", name="已办结")
    for _ in range(30):
        if closed.is_visible():
            break
        clerk.page.wait_for_timeout(500)
        clerk.page.reload()
    expect(closed).to_be_visible()
    told = steps(clerk).all_inner_texts()[::-1]
    checked_twice = ["提交整改", "退回重办", "提交整改", "核查通过"]
    assert told == ["上报", "受理", "派遣", "签收", *checked_twice, "结案"]
    clerk.sees("二楼还有纸箱")
    before, after = (clerk.page.get_by_role("figure").filter(has_text=words) for words in ("整改前", "整改后"))
    shows_pictures(before.get_by_role("img"))
    shows_pictures(after.get_by_role("img"))
    assert top_of(before) == top_of(after)
    expect(before).to_contain_text(f"{taken:%H:%M}")


def top_of(thing: Locator) -> float:
    """How far down on the page it stands."""
    box = thing.bounding_box()
    assert box is not None
    return box["y"]


# --- the brief ---


def draft(clerk: Person, day: datetime) -> str:
    """The brief of the day from the figures of this moment. Its text."""
    clerk.follow("简报通报")
    clerk.follow("起草")
    clerk.page.get_by_role("radio", name="日巡查简报").check()
    clerk.page.get_by_label("日期").fill(f"{day:%Y-%m-%d}")
    clerk.press("起草")
    return clerk.page.get_by_role("article").inner_text()


def draft_again_and_edit(clerk: Person, day: datetime) -> str:
    """The first draft knew nothing of the round: withdrawn, drafted anew, one sentence added. Its text."""
    page = clerk.page
    clerk.follow("简报通报")
    clerk.follow(f"日巡查简报（{day.year}年{day.month}月{day.day}日）")
    clerk.follow("撤回草稿")
    clerk.press("撤回这份草稿")
    clerk.sees("草稿已撤回，可以重新起草。")
    draft(clerk, day)
    clerk.follow("修改文字")
    box = page.get_by_label("案件办理")
    box.fill(f"{box.input_value()}\n{SENTENCE}")
    clerk.press("保存文字")
    clerk.sees("已保存。")
    clerk.follow("核对数字")
    clerk.sees("核对通过")
    text = page.get_by_role("article").inner_text()
    for words in ("完成走访 1 次，涉及点位 1 个", "不合格 2 条", "新立案件 2 件", SENTENCE):
        assert words in text
    return text


def release(chief: Person, day: datetime) -> str:
    """The chief makes it official; its number."""
    chief.follow(f"日巡查简报（{day.year}年{day.month}月{day.day}日）")
    chief.follow("发布")
    chief.page.get_by_role("button", name="发布，此后不再改").dblclick()
    chief.sees("已发布，公开页面上可以看到。")
    number = re.search(r"创文简报〔\d{4}〕第\d+期", chief.page.get_by_role("article").inner_text())
    assert number is not None
    return number[0]


def read_in_public(visitor: Person, number: str, text: str) -> None:
    """Without logging in: the same words and figures, with the number of the paper."""
    visitor.go("/")
    visitor.page.get_by_role("listitem").filter(has_text=number).get_by_role("link").click()
    read = visitor.page.get_by_role("article").inner_text()
    assert number in read
    for line in text.splitlines():
        if re.search(r"\d", line) and "〔" not in line:
            assert line.strip() in read
    assert SENTENCE in read


@pytest.fixture(scope="module")
def server(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A district in which nothing has happened today yet."""
    with a_copy_served(district, tmp_path_factory.mktemp("loop") / "data") as started:
        yield started


def test_a_problem_goes_from_the_checklist_to_the_released_brief(people: Arrive, tmp_path: Path) -> None:
    day = today()
    found = day - timedelta(minutes=5)
    wrong = tmp_path / "说明.jpg"
    wrong.write_text("这不是照片，只是改了名字的文本。", encoding="utf-8")
    before = take(tmp_path / "楼道.jpg", at=found, where=GATE, littered=True)
    after = take(tmp_path / "清理后.jpg", at=day, where=GATE, littered=False)
    left = take(tmp_path / "二楼.jpg", at=day, where=GATE, littered=True)
    again = take(tmp_path / "再清理.jpg", at=day + timedelta(minutes=1), where=GATE, littered=False)
    here = {"geolocation": {"longitude": GATE.lng, "latitude": GATE.lat}, "permissions": ["geolocation"]}

    inspector, clerk = people(PHONE, **here), people(DESK)
    inspector.log_in("inspector1", "/field/")
    clerk.log_in("clerk", "/desk/")
    assert "没有完成的走访" in draft(clerk, day)
    plan_the_round(clerk, own_name(inspector), day)

    open_the_checklist(inspector)
    other = judge_without_photo(inspector)
    judge_while_the_network_is_gone(inspector)
    number = judge_with_photo(inspector, wrong, before)
    finish_the_place(inspector)

    worker, checker = people(DESK), people(PHONE)
    log_in_by_keyboard(worker, WORKER, PASSWORD)
    receive_by_keyboard(worker, number, other)
    rectify_with_a_wrong_file(worker, after, wrong)
    checker.log_in("inspector2", "/field/checks/")
    send_back(checker, number, left)
    worker.page.reload()
    rectify(worker, [again], "纸箱全部清走，已告知住户")
    worker.sees("已提交整改，等待核查。")
    let_pass(checker, number)
    case_is_closed_by_itself(clerk, number, found)

    text = draft_again_and_edit(clerk, day)
    chief, visitor = people(DESK), people(DESK)
    chief.log_in("chief", "/desk/papers/")
    read_in_public(visitor, release(chief, day), text)
