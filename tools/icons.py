"""Draw the icons of the phone app from favicon.svg: `python tools/icons.py` (needs Debian's Chromium)."""

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

APP = Path(__file__).resolve().parent.parent / "chuangwen" / "web" / "static" / "app"
ICONS = (("icon-192.png", 192, 1.0), ("icon-512.png", 512, 1.0), ("icon-512-maskable.png", 512, 0.72))
SEAL = "#b3341f"


def draw(page: Page, name: str, size: int, share: float) -> None:
    """One square; a maskable one keeps the sign inside the middle, because phones cut the corners off."""
    svg = (APP / "favicon.svg").read_text(encoding="utf-8")
    inner = f"width:{size * share}px;height:{size * share}px"
    ground = SEAL if share < 1 else "transparent"
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f'<body style="margin:0;display:grid;place-items:center;height:{size}px;background:{ground}">'
        f'<div style="{inner}">{svg.replace("<svg ", f"<svg style={inner!r} ")}</div></body>'
    )
    page.screenshot(path=str(APP / name), omit_background=True)


def main() -> None:
    """All of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for name, size, share in ICONS:
            draw(page, name, size, share)
        browser.close()


if __name__ == "__main__":
    main()
