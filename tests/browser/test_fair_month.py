"""A fair month: departments answer a street's whistle, a street that missed an order is heard and wins, the month is
released with the appeals that were granted. Eight people, each with a browser, and a visitor who is not logged in.

Prepared (fair_month.py: the operations that people use, at moments weeks back, because the real windows and deadlines
last days): a walk through two places in the latest month whose window is over; a case of it put right late and filed an
hour ago; the month's sheet shown to its units; one appeal about a line of it, raised while the window was open; a letter
of the city from three weeks ago, its item given to a street until the day before yesterday. Everything else is walked
here, through the pages: the whistle is blown, answered, objected to, decided, closed and
rated, its case handed in, checked and filed; the file is opened, told, answered, proposed, decided, served, appealed and
revoked; the case is appealed within its days, both appeals are reviewed by two people, the sheet is corrected and
released, the paper drafted, released and read.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from chuangwen.rules.deadlines import SHANGHAI
from tests.browser.conftest import Arrive
from tests.browser.fair_month import ITEM, LETTER, Past, prepared
from tests.browser.people import DESK, PHONE, Person
from tests.browser.server import Server, running

pytestmark = pytest.mark.browser

WHAT, WHERE = "夜市占道，油烟进居民楼", "学田中路与书香路口"
WHY = "街道没有执法权，多次劝离后反复"
POLICE, MARKET = "区城管局", "区市场监管局"
LADDER = """
name = "sample-items"
title = "样例区上级交办事项阶梯"
source = "样例"
note = "样例，启用前按本地办法改。"
cadence = "month"
persons = 2
few_observations = 30

[[rungs]]
key = "undeclared"
measure = "interview"
clause = "上级交办事项到期没有完成、期限前也没有申报的，由文明办主任约谈。"
decided_by = "office_chief"
notice = "请整改并陈述。"
correct = "3工作日"
statement = "3工作日"
appeal_to = "leader"
appeal = "5工作日"
when = { undeclared = true }
"""


@pytest.fixture(scope="module")
def data(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district of one's own."""
    return Path(shutil.copytree(district, tmp_path_factory.mktemp("month") / "data"))


@pytest.fixture(scope="module")
def past(data: Path) -> Past:
    """What lies weeks back."""
    return prepared(data)


@pytest.fixture(scope="module")
def server(data: Path, past: Past) -> Iterator[Server]:
    """The district after the weeks before."""
    assert past.sheet
    with running(data) as started:
        yield started


# --- ways of the hand ---


def link(person: Person, name: str) -> None:
    """Press the first link with exactly these words."""
    person.page.get_by_role("link", name=name, exact=True).first.click()


def unfold(person: Person, name: str) -> Locator:
    """Open what stands folded under these words."""
    fold = person.page.locator("details").filter(has=person.page.locator("summary", has_text=name))
    fold.locator("summary").click()
    return fold


def fill(person: Person, **words: str) -> None:
    """Write into the boxes with these labels."""
    for label, text in words.items():
        person.page.get_by_label(label).fill(text)


def choose(person: Person, group: str, choice: str) -> None:
    """One of the choices of a group."""
    person.page.get_by_role("group", name=group).get_by_role("radio", name=choice, exact=True).check()


def part_of(person: Person, unit: str) -> Locator:
    """What the whistle's page says of one department."""
    return person.page.get_by_role("region", name=unit)


def act(person: Person, unit: str, button: str) -> None:
    """Press a button in the part of one department."""
    part_of(person, unit).get_by_role("button", name=button, exact=True).click()


# --- the whistle ---


def blow(street: Person) -> str:
    """Without a reason it is refused and nothing is lost; Enter in a line sends it, hit twice it is blown once. Its number."""
    page = street.page
    link(street, "吹哨报到")
    link(street, "吹哨")
    fill(street, **{"什么事（必填）": WHAT})
    page.get_by_label("位置", exact=True).fill(WHERE)
    for place, (unit, duty) in enumerate(((POLICE, "查处占道经营"), (MARKET, "查处油烟和证照")), start=1):
        row = page.get_by_role("group", name=f"第 {place} 个部门")
        row.get_by_label("部门").fill(unit)
        row.get_by_label("要做的事").fill(duty)
    with street.watch.expecting("status of 422"):
        page.get_by_label("什么事（必填）").press("Enter")
        street.sees("没有吹出去，请先改正")
    expect(page.get_by_label("要做的事").nth(1)).to_have_value("查处油烟和证照")
    page.get_by_label("为什么街道自身力量办不了（必填）").fill(WHY)
    page.get_by_role("button", name="吹哨", exact=True).dblclick()
    street.sees("已吹哨，编号")
    number = page.locator(".cw-case-number").inner_text()
    link(street, "吹哨报到")
    expect(page.get_by_role("table").get_by_role("link", name=WHAT)).to_have_count(1)
    page.get_by_role("table").get_by_role("link", name=WHAT).click()
    return number


def open_from_home(person: Person, words: str) -> None:
    """What waits stands on the first page."""
    person.go("/desk/")
    person.page.get_by_role("main").get_by_role("link", name=words).first.click()


def report_arrival(police: Person) -> None:
    open_from_home(police, WHAT)
    act(police, POLICE, "确认收到")
    police.sees("已确认。到场后请在这里报告。")
    act(police, POLICE, "报告到场")
    police.sees("已报告到场，等街道核实。")


def object_to_it(market: Person) -> None:
    """Said with the reason, hit twice and counted once; until it is decided the department stays responsible."""
    open_from_home(market, WHAT)
    fold = unfold(market, "提异议")
    fold.get_by_label("为什么不属于本单位职责（必填）").fill("占道经营由城管管理，本局只管店内")
    fold.get_by_role("button", name="提异议", exact=True).dblclick()
    market.sees("裁定前仍由本单位负责。")
    expect(market.page.get_by_text("占道经营由城管管理，本局只管店内").filter(visible=True)).not_to_have_count(0)


def the_case_stays_open(street: Person) -> None:
    """Handing in the case names the two whose part is not done."""
    page, whistle_page = street.page, street.page.url
    link(street, page.locator("dl").get_by_role("link").first.inner_text())
    fold = unfold(street, "提交整改")
    fold.get_by_label("做了什么").fill("已劝离")
    with street.watch.expecting("status of 422"):
        fold.get_by_role("button", name="提交整改").click()
        expect(page.get_by_role("alert")).to_contain_text(f"{POLICE}、{MARKET}")
    page.goto(whistle_page)


def decide_objection(clerk: Person, chief: Person) -> None:
    open_from_home(clerk, WHAT)
    fill(clerk, **{"拟办意见（必填）": "油烟和证照归市场监管，建议照办"})
    clerk.press("报主任裁定")
    clerk.sees("已报主任裁定。")
    open_from_home(chief, WHAT)
    choose(chief, "裁定结果", "不成立，照办")
    fill(chief, **{"裁定理由（必填）": "店外油烟属餐饮服务监管，照办"})
    chief.press("裁定")
    chief.sees("已裁定，双方都能看到结果和理由。")


def do_the_part(person: Person, unit: str, words: str) -> None:
    person.page.reload()
    part_of(person, unit).get_by_label("做了什么（必填）").fill(words)
    act(person, unit, "报告办完")
    person.sees("已报告办完。")


def answer_after_all(market: Person) -> None:
    market.page.reload()
    market.sees("店外油烟属餐饮服务监管，照办")
    act(market, MARKET, "确认收到")
    act(market, MARKET, "报告到场")
    market.sees("已报告到场，等街道核实。")


def see_arrival(street: Person, unit: str) -> None:
    street.page.reload()
    act(street, unit, "核实：已到场")
    street.sees("已核实到场。")


def close_jointly(street: Person) -> None:
    """Offered only when both are done and seen; each department is rated, a "no" needs its words."""
    page = street.page
    page.reload()
    page.get_by_label("办成了什么（必填）").fill("夜市已规范，油烟净化到位")
    for unit in (POLICE, MARKET):
        for question in ("到场", "配合", "办结"):
            choose(street, f"{unit}：{question}", "否" if (unit, question) == (MARKET, "配合") else "是")
    with street.watch.expecting("status of 422"):
        street.press("销哨")
        street.sees("没有提交，请先改正")
    page.get_by_label(f"{MARKET}：说明").fill("裁定以后才来")
    street.press("销哨")
    street.sees("已销哨。案件照常提交整改、核查。")


def rate_the_whistle(person: Person, unit: str) -> None:
    person.page.reload()
    choose(person, "属于本单位职责", "是")
    choose(person, "吹哨理由成立", "是")
    act(person, unit, "评价这次吹哨")
    person.sees("已评价。")


def both_sides_are_assessed(clerk: Person, number: str) -> None:
    """The month's page tells facts and reasons; the street's whistles only as a band, nobody has a place."""
    link(clerk, "吹哨报到")
    link(clerk, "双考核")
    departments, streets = (clerk.page.get_by_role("region", name=name) for name in ("部门报到", "街道吹哨"))
    row = departments.get_by_role("row").filter(has_text=MARKET)
    expect(row).to_contain_text("0 / 1")
    expect(row).to_contain_text("裁定以后才来")
    expect(row.get_by_role("link", name=number).first).to_be_visible()
    expect(streets.get_by_role("row").filter(has_text="学田街道")).to_contain_text("正常")


def hand_in_the_case(street: Person) -> str:
    """Now that all parts are done; the number of the case."""
    link(street, number := street.page.locator("dl").get_by_role("link").first.inner_text())
    fold = unfold(street, "提交整改")
    fold.get_by_label("做了什么").fill("夜市已规范，油烟净化到位")
    fold.get_by_role("button", name="提交整改").click()
    street.sees("已提交整改，等待核查。")
    return number


def check_the_case(inspector: Person, number: str) -> None:
    inspector.go("/field/checks/")
    inspector.page.get_by_role("link").filter(has_text=number).tap()
    inspector.page.get_by_role("button", name="核查通过").tap()
    inspector.sees("已核查通过。")


def the_case_is_closed(clerk: Person, number: str) -> None:
    """Filed by the worker of the house in the meantime."""
    clerk.page.get_by_role("searchbox", name="搜索").fill(number)
    clerk.page.keyboard.press("Enter")
    clerk.page.get_by_role("table", name="案件清单").get_by_role("link").click()
    closed = clerk.page.get_by_role("heading", name="已办结")
    for _ in range(30):
        if closed.is_visible():
            return
        clerk.page.wait_for_timeout(500)
        clerk.page.reload()
    expect(closed).to_be_visible()


def whistle(clerk: Person, chief: Person, street: Person, police: Person, market: Person, inspector: Person) -> str:
    """From the street's call to a case that was handed in and checked; its number."""
    number = blow(street)
    report_arrival(police)
    object_to_it(market)
    the_case_stays_open(street)
    decide_objection(clerk, chief)
    see_arrival(street, POLICE)
    do_the_part(police, POLICE, "摊位已劝离，登记在册")
    answer_after_all(market)
    see_arrival(street, MARKET)
    expect(street.page.get_by_role("button", name="销哨")).to_have_count(0)
    do_the_part(market, MARKET, "油烟净化已安装，证照齐全")
    close_jointly(street)
    rate_the_whistle(police, POLICE)
    rate_the_whistle(market, MARKET)
    both_sides_are_assessed(clerk, number)
    case = hand_in_the_case(street)
    check_the_case(inspector, case)
    return case


# --- accountability ---


def set_the_ladder(clerk: Person, chief: Person) -> None:
    """The clerk brings it in, the chief puts it in force."""
    link(clerk, "问责")
    link(clerk, "问责阶梯")
    clerk.page.get_by_label("或者贴上内容").fill(LADDER)
    clerk.press("核对并存为草稿")
    clerk.sees("已存为草稿，主任启用以后才起作用。")
    chief.page.goto(clerk.page.url)
    chief.page.once("dialog", lambda dialog: dialog.accept())
    chief.press("启用这一版")
    chief.sees("已启用。以后内容不再改动")


def the_street_is_late(unit: Person, past: Past) -> None:
    """The item stands among what waits, past its deadline; an extension can no longer be asked for."""
    open_from_home(unit, ITEM)
    assert unit.page.url.endswith(f"/directives/items/{past.item}/")
    unit.sees(f"{LETTER} 要求")
    expect(unit.page.get_by_text("申报延期")).to_have_count(0)
    unit.page.get_by_label("做了什么").fill("护栏已定制，因连续大风停工")
    unit.press("只报进展")
    unit.sees("已记下进展。")


def open_the_file(clerk: Person) -> str:
    """From what is possible, with why and the evidence; told with what the system found. The address of the file."""
    page = clerk.page
    link(clerk, "问责")
    link(clerk, "可启动清单")
    clerk.sees("列在这里不产生任何后果。")
    entry = page.get_by_role("region", name="文峰街道：可启动“约谈”")
    expect(entry.get_by_role("link").filter(has_text="督办").first).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    entry.get_by_role("button", name="启动一件问责建议").click()
    clerk.sees("已启动。单位还看不到")
    notice = page.get_by_label("告知内容（必填）")
    assert LETTER in notice.input_value()
    clerk.press("告知单位")
    clerk.sees("已告知，单位现在看得到这一件。")
    return page.url


def put_right_and_state(unit: Person, file: str) -> None:
    """What it did, what it says, on which ground it asks for tolerance."""
    link(unit, "问责")
    unit.page.get_by_role("table").get_by_role("link", name="文峰街道").click()
    assert unit.page.url == file
    fill(unit, **{"整改情况（必填）": "护栏已全部安装，附验收单"})
    unit.press("报告整改情况")
    unit.sees("整改情况已报告，接着请陈述。")
    unit.page.get_by_label("陈述", exact=True).fill("连续大风，吊装不能作业，已每日巡守")
    unit.page.get_by_label("申请容错").select_option(label="已履职尽责，因不可抗力、难以预见的原因造成")
    unit.press("提交陈述")
    unit.sees("陈述已提交。")


def propose_and_decide(clerk: Person, chief: Person) -> None:
    """One proposes, another decides, the first one serves it."""
    clerk.page.reload()
    choose(clerk, "建议的措施（必填）", "约谈")
    fill(clerk, **{"理由（必填）": "整改已完成；大风只有两天，容错情形请裁量"})
    clerk.press("提出建议")
    clerk.sees("建议已提出，等有权的岗位决定。")
    open_from_home(chief, "文峰街道")
    choose(chief, "决定（必填）", "按建议作出")
    fill(chief, **{"理由（必填）": "容错不予认定，期限前没有申报"})
    chief.press("作出决定")
    chief.sees("决定已作出，等文明办送达。")
    clerk.page.reload()
    clerk.press("送达决定")
    clerk.sees("已送达，单位可以申诉。")


def record_the_talk(clerk: Person, day: datetime) -> None:
    fold = unfold(clerk, "填写约谈记录")
    for label, text in (
        ("约谈时间（必填）", f"{day - timedelta(minutes=5):%Y-%m-%dT%H:%M}"), ("由哪个岗位约谈（必填）", "区文明办主任"),
        ("谈话要点（必填）", "逐项核对；街道说明大风停工的经过"), ("承诺 1", "每周报一次护栏巡查"),
        ("承诺 1 的期限", f"{day + timedelta(days=14):%Y-%m-%dT%H:%M}"),
    ):  # fmt: skip
        fold.get_by_label(label, exact=True).fill(text)
    fold.get_by_role("button", name="保存约谈记录").click()
    clerk.sees("约谈记录已保存。")


def appeal_and_win(unit: Person, leader: Person, clerk: Person) -> None:
    """Another post revokes it; nothing is in force any more, and the whole file says so."""
    unit.page.reload()
    unit.sees("逐项核对；街道说明大风停工的经过")
    fill(unit, **{"申诉理由（必填）": "大风预警是到期前三天发布的，附气象记录"})
    unit.press("提出申诉")
    unit.sees("申诉已提出，由另一个岗位决定。")
    open_from_home(leader, "文峰街道")
    choose(leader, "决定（必填）", "撤销原决定")
    fill(leader, **{"理由（必填）": "气象记录属实，不可抗力成立"})
    leader.press("决定申诉")
    leader.sees("申诉已决定。")
    clerk.page.reload()
    clerk.press("办结")
    clerk.sees("已办结。")
    unit.page.reload()
    unit.sees("气象记录属实，不可抗力成立")
    facts = unit.page.get_by_role("region", name="岗位和期限")
    expect(facts).to_contain_text(re.compile("申诉结果\\s*撤销原决定"))
    expect(facts).to_contain_text(re.compile("现在有效的措施\\s*没有"))


def accountability(clerk: Person, chief: Person, leader: Person, unit: Person, past: Past, day: datetime) -> None:
    """From a ladder to a decision that was revoked."""
    set_the_ladder(clerk, chief)
    the_street_is_late(unit, past)
    put_right_and_state(unit, open_the_file(clerk))
    propose_and_decide(clerk, chief)
    record_the_talk(clerk, day)
    appeal_and_win(unit, leader, clerk)


# --- appeals and the released month ---


def appeal_the_case(street: Person, past: Past) -> None:
    """From the page of the closed case; hit twice it is raised once, and a second one is not offered."""
    page = street.page
    page.get_by_role("searchbox", name="搜索").fill(past.case)
    page.keyboard.press("Enter")
    page.get_by_role("table", name="案件清单").get_by_role("link").click()
    page.get_by_role("region", name="申诉").get_by_role("link", name="申诉", exact=True).click()
    choose(street, "要求怎么计", "不计超期")
    page.get_by_label("理由", exact=True).select_option(label="期限内已整改，系统记录有误")
    with street.watch.expecting("status of 422"):
        street.press("提交申诉")
        street.sees("请写明情况和依据。")
    page.get_by_label("情况和依据（必填）").fill("当天下午已整改，因网络中断没有提交，附保洁台账。")
    page.get_by_role("button", name="提交申诉", exact=True).dblclick()
    street.sees("申诉已提交，由文明办初审。")
    street.follow(past.case)
    expect(page.get_by_role("region", name="申诉")).to_contain_text("待初审")


def the_month_waits(chief: Person, past: Past) -> None:
    """As long as appeals are undecided it cannot be released; each is named."""
    chief.go(f"/desk/scores/{past.sheet}/")
    chief.sees("公示期已满")
    link(chief, "发布")
    with chief.watch.expecting("status of 422"):
        chief.press("发布，此后不再改")
        chief.sees("决定后才能发布")
    expect(chief.page.get_by_text(f"案件 {past.case}）待初审，决定后才能发布")).to_be_visible()


def review(person: Person, button: str, said: str, reason: str) -> None:
    """Everything that waits for this person, one after the other."""
    for _ in range(2):
        person.go("/desk/")
        waiting = person.page.get_by_role("region", name="等您审核的申诉")
        waiting.get_by_role("link", name="审核", exact=True).first.click()
        choose(person, "意见", "成立")
        fill(person, **{"理由（必填，申诉单位会看到）": reason})
        person.press(button)
        person.sees(said)


def correct_and_release(clerk: Person, chief: Person, past: Past) -> None:
    """The clerk corrects the shown sheet, the chief releases the corrected one."""
    clerk.go(f"/desk/scores/{past.sheet}/")
    link(clerk, "按申诉结果更正")
    clerk.press("按申诉结果更正")
    clerk.sees("已按申诉结果更正，请发布这一份。")
    chief.page.goto(clerk.page.url)
    link(chief, "发布")
    chief.page.get_by_role("button", name="发布，此后不再改").dblclick()
    expect(chief.page.get_by_role("heading", level=1)).to_contain_text("已发布")


def draft(clerk: Person, past: Past) -> None:
    """The month's paper, or the draft of it that is there already."""
    link(clerk, "简报通报")
    link(clerk, "起草")
    clerk.page.get_by_role("radio", name="月排名").check()
    year, month = (int(part) for part in re.findall(r"\d+", past.month))
    clerk.page.get_by_label("日期").fill(f"{year}-{month:02}-15")
    clerk.press("起草")
    clerk.sees("公示与申诉")


def release_the_paper(clerk: Person, chief: Person, past: Past) -> str:
    """What rests on the shown sheet is withdrawn and drafted anew, by one; another releases it. Its number."""
    draft(clerk, past)
    link(clerk, "撤回草稿")
    clerk.press("撤回这份草稿")
    clerk.sees("草稿已撤回，可以重新起草。")
    draft(clerk, past)
    chief.page.goto(clerk.page.url)
    link(chief, "发布")
    chief.press("发布，此后不再改")
    chief.sees("已发布，公开页面上可以看到。")
    number = re.search(r"\S+〔\d{4}〕第\d+期", chief.page.get_by_role("article").inner_text())
    assert number is not None
    return number[0]


def read_in_public(visitor: Person, number: str, past: Past) -> None:
    """How many were raised and granted, which lines changed, and in the ranking what is not counted and by which appeal."""
    visitor.go("/papers/")
    visitor.page.get_by_role("listitem").filter(has_text=number).get_by_role("link").click()
    paper = visitor.page.get_by_role("article")
    expect(paper).to_contain_text(re.compile("收到申诉\\s*2\\s*件，其中申诉成立\\s*2\\s*件"))
    granted, changed = (paper.get_by_role("table", name=name) for name in ("成立的申诉", "因申诉变动的名次和总分"))
    expect(granted.get_by_role("row").filter(has_text=past.case)).to_contain_text("不计超期")
    expect(granted.get_by_role("row").filter(has_text="文峰街道")).to_contain_text("不属本单位，不计")
    expect(changed.get_by_role("row").filter(has_text="学田街道")).to_be_visible()
    visitor.go("/ranking/")
    visitor.follow(f"{past.month}1日")
    for street, part in (("学田街道", "按期整改率"), ("文峰街道", "现场得分率")):
        visitor.page.get_by_text(f"{street}的得分怎么来的").click()
        expect(visitor.page.get_by_text(re.compile(f"{part}：申诉成立，不计 1 项"))).to_be_visible()


def appeals(clerk: Person, chief: Person, street: Person, visitor: Person, past: Past) -> None:
    """From a closed case to the month as everybody can read it."""
    appeal_the_case(street, past)
    the_month_waits(chief, past)
    review(clerk, "提出初审意见", "初审意见已提交，等文明办主任决定。", "经核对台账和函件，属实。")
    review(chief, "作出决定", "已决定，申诉单位能看到结果和理由。", "同意初审意见。")
    correct_and_release(clerk, chief, past)
    read_in_public(visitor, release_the_paper(clerk, chief, past), past)


def test_a_fair_month(people: Arrive, past: Past) -> None:
    clerk, chief, street, police, market = (people(DESK) for _ in range(5))
    unit, leader = people(DESK), people(DESK)
    for person, username in (
        (clerk, "clerk"), (chief, "chief"), (street, "xuetian_chief"), (police, "chengguan_chief"), (market, "shijian_chief"),
        (unit, "wenfeng_chief"), (leader, "leader"),
    ):  # fmt: skip
        person.log_in(username, "/desk/")
    inspector = people(PHONE)
    inspector.log_in("inspector2", "/field/checks/")
    case = whistle(clerk, chief, street, police, market, inspector)
    accountability(clerk, chief, leader, unit, past, datetime.now(SHANGHAI))
    appeals(clerk, chief, street, people(DESK), past)
    the_case_is_closed(clerk, case)
