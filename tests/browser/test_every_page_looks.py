"""Every main page of every role, wide and narrow: nothing sticks out, nothing is missing, nothing comes from elsewhere."""

import contextlib
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import Arrive
from tests.browser.people import DESK, Person

pytestmark = pytest.mark.browser

WIDTHS = ((1280, 800), (390, 844))
START = {  # account -> where this person begins
    "clerk": "/desk/",
    "chief": "/desk/",
    "leader": "/desk/",
    "admin": "/desk/",
    "xuetian01_w1": "/desk/",
    "inspector1": "/field/",
}
NO_PAGE = re.compile(r"^/(api|static|feeds|ogc|open311)/|/photos/")  # what other programs read is no page

# What is wrong with a page, in words. Read in the page, after everything has loaded.
WRONG = """width => {
  const found = [];
  const all = selector => [...document.querySelectorAll(selector)];
  const shown = one => one.checkVisibility();
  const named = one => one.labels?.length || one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
  const spoken = one => one.innerText.trim() || named(one) || one.querySelector("img[alt], svg[aria-label]");
  const start = one => one.outerHTML.slice(0, 120);
  const wide = document.scrollingElement.scrollWidth;
  if (wide > width + 1) found.push(`页面宽 ${wide}，超出屏幕`);
  const headings = all("h1").filter(shown).length;
  if (headings !== 1) found.push(`有 ${headings} 个 h1`);
  if (!document.title || !document.documentElement.lang) found.push("没有写明标题或语言");
  for (const one of document.images) {
    if (shown(one) && !one.naturalWidth) found.push(`图片没有出来：${one.src}`);
    if (!one.hasAttribute("alt")) found.push(`图片没有说明：${one.src}`);
  }
  for (const one of all("input:not([type=hidden], [aria-hidden=true]), select, textarea"))
    if (!named(one)) found.push(`输入框没有标签：${start(one)}`);
  for (const one of all("button, a[href]")) if (shown(one) && !spoken(one)) found.push(`按钮或链接没有名字：${start(one)}`);
  const ids = all("[id]").map(one => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`重复的 id：${id}`);
  return found;
}"""
STANDS_STILL = """width => {
  document.querySelectorAll("img").forEach(one => { one.loading = "eager"; });
  return [...document.images].every(one => one.complete) && document.scrollingElement.scrollWidth <= width + 1;
}"""


def _shape(path: str) -> str:
    """Pages of one kind differ in their numbers only."""
    return re.sub(r"/(\d+|\d{4}-\d\d-\d\d)(?=/)", "/N", path)


def _walk(start: str, look: Callable[[str], Iterable[str]]) -> None:
    """One page of every kind that can be reached from here; `look` visits it and tells where it leads."""
    waiting, known = [start], {_shape(start)}
    while waiting:
        for path in look(waiting.pop(0)):
            if _shape(path) not in known and not NO_PAGE.search(path):
                known.add(_shape(path))
                waiting.append(path)


def _is_file(person: Person, path: str) -> bool:
    try:
        person.go(path)
    except Error as error:
        if "Download is starting" in str(error):
            return True
        raise
    return False


def _width(person: Person) -> int:
    size = person.page.viewport_size
    return size["width"] if size else 0


def _wrong_at(person: Person, width: int, height: int) -> list[str]:
    if _width(person) != width:
        person.page.set_viewport_size({"width": width, "height": height})
    with contextlib.suppress(Error):  # charts follow the width after a moment; what stays wrong is named below
        person.page.wait_for_function(STANDS_STILL, arg=width, timeout=2000)
    return [f"{width}：{words}" for words in person.page.evaluate(WRONG, width)]


def _links_of(person: Person) -> list[str]:
    found: list[str] = person.page.evaluate("() => [...document.querySelectorAll('a[href]')].map(one => one.href)")
    return [urlsplit(link).path for link in found if link.startswith(person.watch.home)]


def _look(person: Person, found: list[str], path: str) -> list[str]:
    """Look at one page at every width; what is wrong goes to `found`."""
    if _is_file(person, path):
        return []
    # As wide as the last page was left, so that every page is turned over only once.
    for width, height in sorted(WIDTHS, key=lambda size: size[0] != _width(person)):
        found += [f"{path} {words}" for words in _wrong_at(person, width, height)]
    return _links_of(person)


def _open(person: Person, found: list[str], path: str) -> list[str]:
    """Fetch one page without showing it; a closed door goes to `found`."""
    answer = person.context.request.get(f"{person.watch.home}{path}")
    if not answer.ok:
        found.append(f"{path} 打不开：{answer.status}")
    page = answer.text() if "html" in answer.headers.get("content-type", "") else ""
    return [urlsplit(link).path for link in re.findall(r'<a\b[^>]*?\shref="(/[^"#]*)', page)]


def _navigation(person: Person) -> set[str]:
    links = person.page.get_by_role("navigation", name="主导航").get_by_role("link").all()
    return {urlsplit(str(link.get_attribute("href"))).path for link in links}


@pytest.mark.parametrize("account", ["clerk", None])
def test_every_page_that_the_office_and_the_public_can_reach_looks_right(people: Arrive, account: str | None) -> None:
    person, found = people(DESK), list[str]()
    if account:
        person.log_in(account, START[account])
    _walk(START[account] if account else "/", lambda path: _look(person, found, path))
    assert found == []


@pytest.mark.parametrize("account", [account for account in START if account != "clerk"])
def test_the_main_pages_of_the_others_look_right_and_no_link_leads_to_a_closed_door(
    people: Arrive, account: str
) -> None:
    person, found = people(DESK), list[str]()
    person.log_in(account, START[account])
    main = _navigation(person)
    assert START[account] in main
    _walk(START[account], lambda path: (_look if path in main else _open)(person, found, path))
    assert found == []
