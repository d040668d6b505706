"""The pictures of the readme, taken from the sample district in a real Chromium.

`python -m tools.screenshots [--data var/demo]` loads the sample into the directory when it is empty, serves it on a free
port, and writes docs/images/*.png, each of at most 200 kB. Nothing in the sample is changed but log-ins.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.people import ARGS, DESK, PHONE, Person, arrive
from tests.browser.server import running
from tests.paths import ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000
DRAWN = 1500  # milliseconds until charts and maps stand still


def _save(person: Person, name: str) -> None:
    person.page.wait_for_timeout(DRAWN)
    person.has_no_complaints()
    path = IMAGES / f"{name}.png"
    person.page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise click.ClickException(f"{path.name} 有 {size // 1000} kB，超过 {MOST_BYTES // 1000} kB。")
    click.echo(f"{path.relative_to(ROOT)}  {size // 1000} kB", err=True)


def _page(path: str, name: str) -> Callable[[Person], None]:
    def take(person: Person) -> None:
        person.go(path)
        _save(person, name)

    return take


def _case(person: Person) -> None:
    """A case with both pictures: best one that is being put right again, else a finished one about what they show."""
    for query in ("state=open&rework=1", "state=done&rework=1&q=垃圾", "state=done&q=垃圾"):
        person.go(f"/desk/cases/?{query}")
        links = person.page.get_by_role("table").get_by_role("link")
        for path in links.evaluate_all("all => all.map(one => one.pathname)"):
            person.go(path)
            if person.page.get_by_role("figure").get_by_role("img").count() == 2:
                _save(person, "case")
                return
    raise click.ClickException("没有找到带整改前后照片的案件。")


def _checklist(person: Person) -> None:
    """Somebody has just pressed 不合格; nothing is sent."""
    person.go("/field/")
    person.page.get_by_role("link").filter(has_text="已完成点位").first.tap()
    person.page.get_by_role("link").filter(has_text="未开始").first.tap()
    person.page.get_by_role("button", name="不合格", exact=True).first.tap()
    _save(person, "field-checklist")


def _newest_paper(person: Person) -> None:
    person.go("/papers/?kind=monthly")
    person.page.get_by_role("main").get_by_role("listitem").get_by_role("link").last.click()
    _save(person, "paper")


LARGE: dict[str, Any] = {"viewport": {"width": 1600, "height": 1000}, "device_scale_factor": 0.8}  # 1280 x 800 pixels
POCKET: dict[str, Any] = {**PHONE, "device_scale_factor": 2}
XUETIAN = {"longitude": 120.87, "latitude": 31.99}

# device, account ("" for a visitor), where this person begins, what is taken
SHOTS: tuple[tuple[dict[str, Any], str, str, tuple[Callable[[Person], None], ...]], ...] = (
    (DESK, "clerk", "/desk/", (_page("/desk/", "desk-home"),)),
    (LARGE, "clerk", "/desk/", (_page("/desk/dashboard/", "dashboard"), _page("/desk/map/", "map"), _case)),
    (DESK, "", "/", (_page("/ranking/", "ranking"), _newest_paper)),
    (POCKET, "inspector1", "/field/", (_checklist,)),
)


def _take_all(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for device, account, start, takes in SHOTS:
            person = arrive(browser, url, device, geolocation=XUETIAN, permissions=["geolocation"])
            if account:
                person.log_in(account, start)
            for take in takes:
                take(person)
            person.context.close()
        browser.close()


@click.command(help="拍 README 用的截图（docs/images/）。")
@click.option("--data", type=click.Path(path_type=Path), default=ROOT / "var" / "demo", help="样例城区的数据目录")
def main(data: Path) -> None:
    """Load, serve, look."""
    subprocess.run(
        [sys.executable, "-m", "chuangwen", "demo", "--load-only", "--data", str(data)], cwd=ROOT, check=True
    )
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running(data) as server:
        _take_all(server.url)


if __name__ == "__main__":
    main()
