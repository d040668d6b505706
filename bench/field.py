"""How much a phone must load, and how soon it can be used: in Chromium, with the processor four times slower.

`python bench/field.py`: serves the two streets of the browser tests, logs in as an inspector with a fresh browser, and
prints the bytes on the wire (compressed) and the milliseconds until the page can be used.
"""

import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from chuangwen.project.demo.people import PASSWORD  # noqa: E402 - the path is set above
from tests.browser.bad_line import Line, bad_line  # noqa: E402
from tests.browser.people import ARGS, CHINA, PHONE  # noqa: E402
from tests.browser.rounds import planned  # noqa: E402
from tests.browser.server import running, write_district  # noqa: E402

SLOWER = 4
ROUNDS = 5
FIRST, A_PATROL = 300_000, 20_000  # bytes, what the phone app may cost
USABLE = """() => new Promise((done) => {
  const ready = () => document.querySelector("main a, main button");
  const look = () => (ready() ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 10));
  look();
})"""


def log_in(page: Page, home: str) -> None:
    """With a fresh browser; the page that follows is the first load."""
    page.goto(f"{home}/login/?next=/field/")
    page.get_by_label("账号", exact=True).fill("inspector1")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"{home}/field/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_timeout(3000)


def usable(page: Page, address: str) -> int:
    """Milliseconds from opening an address until its page answers a finger; the middle of five."""
    times: list[float] = []
    for _ in range(ROUNDS):
        page.goto(address)
        times.append(page.evaluate(USABLE))
    return round(sorted(times)[ROUNDS // 2])


def packed(page: Page) -> dict[str, int]:
    """Compressed bytes of each part of the pack."""
    parts = page.evaluate("() => fetch('/field/pack/').then((answer) => answer.text())")
    body = json.loads(parts)["parts"]
    return {name: len(zlib.compress(json.dumps(one, ensure_ascii=False).encode(), 6)) for name, one in body.items()}


def line(what: str, figure: int, limit: int | None = None) -> None:
    """One row of the table."""
    print(f"| {what} | {figure:,} | {f'{limit:,}' if limit else ''} |")


def measure(wire: Line, path: str) -> None:
    """Print the figures. Everything is counted on the line itself, what the service worker fetches included."""
    home = wire.url
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        context = browser.new_context(**PHONE, **CHINA)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        log_in(page, home)
        first = wire.carried
        page.goto(f"{home}{path}")
        page.wait_for_timeout(2000)
        walk = wire.carried - first
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        home_ms, list_ms = usable(page, f"{home}/field/"), usable(page, f"{home}{path}")
        server_ms = usable(page, f"{home}{path}?server=1")
        parts = packed(page)
        browser.close()
    rounds = [size for name, size in parts.items() if name.startswith("patrol:")]
    lists = [size for name, size in parts.items() if name.startswith("list:")]
    print("| 手机端 | 值 | 上限 |\n|---|---:|---:|")
    line("第一次打开（含登录页，压缩后字节）", first, FIRST)
    line("打开一张检查单（压缩后字节）", walk, A_PATROL)
    line("一次巡查带下来的内容（压缩后字节，最大的一次）", max(rounds), A_PATROL)
    line("加上没有见过的检查单（压缩后字节，每类）", max(lists), A_PATROL)
    line("全部带下来的内容（压缩后字节）", sum(parts.values()))
    line(f"首页可用（毫秒，处理器慢 {SLOWER} 倍，不联网的页面）", home_ms)
    line(f"检查单可用（毫秒，处理器慢 {SLOWER} 倍，不联网的页面）", list_ms)
    line(f"检查单可用（毫秒，处理器慢 {SLOWER} 倍，服务器的页面）", server_ms)


def main() -> None:
    """Serve, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        write_district(data)
        with running(data) as server, bad_line(server.url) as wire:
            patrol = planned(server)["离线"]
            measure(wire, patrol.path(patrol.stops[0]))


if __name__ == "__main__":
    main()
