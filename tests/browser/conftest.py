"""A real server, a real Chromium, and people who use both."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.people import ARGS, PATIENCE, Person, arrive
from tests.browser.server import Server, running, write_district

Arrive = Callable[..., Person]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A failure shows what the server said."""
    report = yield
    if report.failed and (server := getattr(item, "funcargs", {}).get("server")) is not None:
        report.sections.append(("server", server.said()))
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's Chromium; without it the tests fail, they are not skipped."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("没有找到 Chromium，浏览器测试不能进行。请运行：sudo apt-get install -y chromium", pytrace=False)
    return path


@pytest.fixture(scope="session")
def district(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample district of two streets, written once; not begun where nobody could look at it."""
    data = tmp_path_factory.mktemp("district")
    write_district(data)
    return data


@contextmanager
def a_copy_served(district: Path, data: Path) -> Iterator[Server]:
    """A district of one's own, served until the block ends."""
    shutil.copytree(district, data)
    with running(data) as started:
        yield started


@pytest.fixture(scope="session")
def server(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The district that most stories share."""
    with a_copy_served(district, tmp_path_factory.mktemp("browser") / "data") as started:
        yield started


@pytest.fixture(scope="package")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """One Chromium. It ends with this package: its event loop would refuse the database to tests that follow."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def people(chromium: Browser, server: Server) -> Iterator[Arrive]:
    """`people(DESK)` gives a person with a fresh browser. At the end nobody has anything to complain of."""
    here: list[Person] = []

    def one_more(device: dict[str, Any], **more: Any) -> Person:
        here.append(arrive(chromium, server.url, device, **more))
        return here[-1]

    yield one_more
    for person in here:
        person.context.close()
    complaints = [complaint for person in here for complaint in person.watch.complaints]
    assert not complaints, "\n".join(complaints)
