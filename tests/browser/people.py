"""Somebody in front of a screen: a browser of their own, watched for errors and for requests to anywhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as Silence

from chuangwen.project.demo.people import PASSWORD

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PATIENCE = 30_000  # milliseconds; a machine may be busy
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
CHINA: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "color_scheme": "light"}
OWN_SCHEMES = frozenset({"data", "blob", "about"})


@dataclass
class Watch:
    """Everything on this person's pages that should not have happened."""

    home: str
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def on(self, context: BrowserContext) -> None:
        """Listen to every page of this browser."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"脚本出错：{error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"} or any(words in message.text for words in self.expected):
            return
        self.complaints.append(f"控制台 {message.type}：{message.text}（{message.location.get('url', '')}）")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in OWN_SCHEMES and not request.url.startswith(self.home):
            self.complaints.append(f"向别处发请求：{request.url}")

    @contextmanager
    def expecting(self, *words: str) -> Iterator[None]:
        """Messages of the browser with these words are part of the story in this block."""
        self.expected = words
        yield
        self.expected = ()


@dataclass
class Person:
    """One person with one open page."""

    page: Page
    watch: Watch

    @property
    def context(self) -> BrowserContext:
        """Their browser."""
        return self.page.context

    def go(self, path: str) -> None:
        """Open an address of ours and wait until nothing more loads; a page that never comes is asked for once more, as anybody would."""
        try:
            self.page.goto(f"{self.watch.home}{path}", wait_until="load")
        except Silence:
            self.page.goto(f"{self.watch.home}{path}", wait_until="load")

    def sees(self, text: str) -> None:
        """A sentence, or a part of one, stands visibly on the page."""
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def follow(self, name: str) -> None:
        """Press the link with these words."""
        self.page.get_by_role("link", name=name).first.click()

    def press(self, name: str) -> None:
        """Press the one button with exactly these words."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def log_in(self, username: str, then: str) -> None:
        """As everybody does it: from the page that asks for it."""
        self.go(f"/login/?next={then}")
        self.page.get_by_label("账号", exact=True).fill(username)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.press("登录")
        self.page.wait_for_url(f"{self.watch.home}{then}")

    def has_no_complaints(self) -> None:
        """Nothing went wrong on any of their pages so far."""
        assert not self.watch.complaints, "\n".join(self.watch.complaints)


def arrive(browser: Browser, home: str, device: dict[str, Any], **more: Any) -> Person:
    """A person with a fresh browser; nobody yet."""
    context = browser.new_context(**device, **CHINA, **more)
    context.set_default_timeout(PATIENCE)
    watch = Watch(home)
    watch.on(context)
    return Person(context.new_page(), watch)


def shows_pictures(pictures: Locator) -> None:
    """Each of these pictures is there, and there is at least one."""
    expect(pictures.first).to_be_visible()
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        expect(picture).not_to_have_js_property("naturalWidth", 0)
