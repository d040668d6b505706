"""A small ODK Collect for tests: Digest log-in by the standard library, filled forms, uploads in parts."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.request import AbstractDigestAuthHandler, Request, parse_http_list, parse_keqv_list
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.people.app_tokens import issue_app_token
from chuangwen.people.models import User
from chuangwen.standards.xlsform import form_head
from tests.world import NOW, World

NAMESPACES = {
    "list": "http://openrosa.org/xforms/xformsList",
    "manifest": "http://openrosa.org/xforms/xformsManifest",
    "said": "http://openrosa.org/http/response",
}
HOST = "http://testserver"


def digest_header(challenge: str, method: str, path: str, username: str, password: str) -> str:
    """The Authorization header that the standard library's client answers a challenge with."""
    handler = AbstractDigestAuthHandler()
    words = parse_keqv_list(parse_http_list(challenge.removeprefix("Digest ")))
    handler.add_password(words["realm"], HOST + path, username, password)  # type: ignore[attr-defined]  # typeshed lacks it
    answer = handler.get_authorization(Request(HOST + path, method=method), words)
    assert answer
    return f"Digest {answer}"


@dataclass
class Phone:
    """An app with a connection password. Every request is asked for and answers a challenge of its own."""

    username: str
    password: str
    client: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, data: Any = None, content_type: str = "", **headers: str) -> Any:
        """One request, with its log-in."""
        challenge = self.client.generic(method, path)["WWW-Authenticate"]
        authorization = digest_header(challenge, method, path, self.username, self.password)
        send = getattr(self.client, method.lower())
        kind = {"content_type": content_type} if content_type else {}
        return send(
            path, data, **kind, headers={"Authorization": authorization, "X-OpenRosa-Version": "1.0", **headers}
        )

    def get(self, path: str) -> Any:
        """GET with log-in."""
        return self.ask("GET", path)

    def send(self, xml: str | bytes, files: Mapping[str, bytes] | None = None, **headers: str) -> Any:
        """One POST of a filled form with some of its files."""
        parts: dict[str, Any] = {
            name: SimpleUploadedFile(name, data, "image/jpeg") for name, data in (files or {}).items()
        }
        form = io.BytesIO(xml.encode() if isinstance(xml, str) else xml)
        form.name = "form.xml"
        return self.ask("POST", "/openrosa/submission", {"xml_submission_file": form, **parts}, **headers)


def phone(world: World, username: str = "inspector", name: str = "工作手机") -> Phone:
    """A phone that this person has connected."""
    password = issue_app_token(name=name, by=world.actor(username), now=NOW)
    return Phone(User.objects.get(username=username).username, password)


def message(answer: Any) -> str:
    """What an OpenRosa answer says to the person."""
    found = ElementTree.fromstring(answer.content).find("said:message", NAMESPACES)
    assert found is not None
    return found.text or ""


def texts(answer: Any, kind: str, row: str, name: str) -> list[str]:
    """The texts of one element of every row of a list or manifest."""
    root = ElementTree.fromstring(answer.content)
    return [node.findtext(f"{kind}:{name}", "", NAMESPACES) for node in root.iterfind(f"{kind}:{row}", NAMESPACES)]


@dataclass
class Sheet:
    """A filled checklist of one place."""

    edition_id: int
    point_type: str
    site: int | str
    verdicts: dict[str, str] = field(default_factory=dict)  # code -> pass | fail | na
    notes: dict[str, str] = field(default_factory=dict)
    photos: dict[str, str] = field(default_factory=dict)  # code -> file name
    places: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    rest_passes: bool = True
    ended: str = "2020-06-24T08:50:00.000+08:00"
    instance_id: str = field(default_factory=lambda: f"uuid:{uuid4()}")
    deprecated_id: str = ""
    form_id: str = ""

    def xml(self) -> str:
        """The instance as a client would send it."""
        head = form_head(self.edition_id, self.point_type)
        edit = f"<deprecatedID>{self.deprecated_id}</deprecatedID>" if self.deprecated_id else ""
        return (
            f"<?xml version='1.0' ?><data xmlns:orx='http://openrosa.org/xforms' id={quoteattr(self.form_id or head.form_id)}"
            f" version={quoteattr(head.version)}><start>{self.ended}</start><end>{self.ended}</end>"
            f"<site>{self.site}</site>{self._fields(self.extra)}"
            f"{''.join(self._criterion(code, verdict) for code, verdict in self.verdicts.items())}"
            f"<rest_passes>{'OK' if self.rest_passes else ''}</rest_passes>"
            f"<orx:meta><orx:instanceID>{escape(self.instance_id)}</orx:instanceID>"
            f"{edit.replace('<', '<orx:').replace('<orx:/', '</orx:')}</orx:meta></data>"
        )

    def _criterion(self, code: str, verdict: str) -> str:
        base = "c_" + code.replace("-", "_")
        parts = {
            "verdict": verdict, "note": self.notes.get(code, ""), "photo": self.photos.get(code, ""),
            "place": self.places.get(code, ""),
        }  # fmt: skip
        return f"<{base}>{self._fields({f'{base}_{name}': value for name, value in parts.items()})}</{base}>"

    def _fields(self, values: Mapping[str, str]) -> str:
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
