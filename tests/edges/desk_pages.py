"""Reading desk pages as a person does: words without tags, the forms on a page and what they hold."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any


@dataclass
class PageForm:
    """A form as a browser would send it."""

    action: str
    fields: dict[str, list[str]]

    def filled(self, **changes: Any) -> dict[str, Any]:
        """Its fields with changes, ready to post."""
        return {**self.fields, **changes}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, PageForm] = {}
        self.ids: set[str] = set()
        self.links: list[str] = []
        self._form: PageForm | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form":
            self._form = PageForm(found.get("action", "").split("#")[0], {})
            self.forms[found.get("id") or self._form.action] = self._form
        if tag == "input" and self._form is not None and found.get("name"):
            self._keep(found)

    def _keep(self, found: dict[str, str]) -> None:
        ticked = found.get("type") not in {"checkbox", "radio"} or "checked" in found
        if self._form is not None and ticked and found.get("type") != "file":
            self._form.fields.setdefault(found["name"], []).append(found.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


@dataclass
class Page:
    """An answer, read."""

    status: int
    words: str
    html: str
    forms: dict[str, PageForm]
    ids: set[str]
    links: list[str]

    def offers(self) -> set[str]:
        """The names of what can be done with the case on this page."""
        return {name.removeprefix("move-") for name in self.forms if name.startswith("move-")}


def read(answer: Any) -> Page:
    """The answer as words, forms and links."""
    html = answer.content.decode()
    reader = _Reader()
    reader.feed(html)
    words = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style|datalist).*?</\1>", "", html, flags=re.S))
    )
    return Page(answer.status_code, words, html, reader.forms, reader.ids, reader.links)
