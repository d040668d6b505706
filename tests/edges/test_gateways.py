"""The ways out of the building against a server of our own: the very bodies, signatures and headers, and what refuses."""

import base64
import hashlib
import hmac
import json
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.mail import EmailMessage

from chuangwen.gateways.choosing import gateway_for
from chuangwen.gateways.mail import Mail
from chuangwen.gateways.outgoing import Outgoing, Unsent
from chuangwen.gateways.push import WebPush
from chuangwen.gateways.quiet import Quiet
from chuangwen.gateways.robots import DingTalk, WeCom, dingtalk_sign
from chuangwen.gateways.sms import HttpSms
from chuangwen.notices.outbox import Address
from chuangwen.rules.notices import Channel, Words

WORDS = Words(
    "2 条通知：新派案件 2 件",
    "案件 7（学田苑）派给你单位。\n案件 8（文峰巷）派给你单位。",
    "http://cw.example/desk/notices/",
)
KEY = "0123456789abcdef0123456789abcdef"


@dataclass
class Server:
    """Keeps what it is asked; answers as told."""

    url: str
    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def facts(self) -> Any:
        """The last body as JSON."""
        return json.loads(self.asked[-1][2])


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """A server on this machine, which the installation lists as allowed."""
    found: Server

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            for name, value in {"Content-Length": str(len(found.body)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    found = Server(f"http://127.0.0.1:{listening.server_port}")
    settings.NOTICE_HOSTS = frozenset({found.url})
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    listening.shutdown()
    thread.join()
    listening.server_close()


def outgoing(**address: str) -> Outgoing:
    """The message of the tests, to this address."""
    return Outgoing(KEY, Address(**address), WORDS)


# --- robots ---


def test_wecom_gets_a_text_as_its_interface_says(server: Server) -> None:
    WeCom({"XT": f"{server.url}/cgi-bin/webhook/send?key=693a91f6"}).send(outgoing(group="XT"))
    path, headers, _ = server.asked[0]
    assert path == "/cgi-bin/webhook/send?key=693a91f6"
    assert headers["content-type"].startswith("application/json")
    assert server.facts == {"msgtype": "text", "text": {"content": f"{WORDS.title}\n{WORDS.body}\n{WORDS.url}"}}
    assert len(server.facts["text"]["content"].encode()) <= 2048


def test_dingtalk_gets_a_signed_markdown_message_and_never_its_secret(server: Server) -> None:
    secret = "SEC000000000000000000000"
    robot = DingTalk({"XT": f"{server.url}/robot/send?access_token=abc#{secret}"}, clock=lambda: 1592960400.5)
    robot.send(outgoing(group="XT"))
    path, headers, body = server.asked[0]
    query = parse_qs(urlsplit(path).query)
    digest = hmac.new(secret.encode(), f"1592960400500\n{secret}".encode(), hashlib.sha256).digest()
    assert query == {
        "access_token": ["abc"], "timestamp": ["1592960400500"], "sign": [base64.b64encode(digest).decode()]
    }  # fmt: skip
    assert server.facts["msgtype"] == "markdown"
    assert server.facts["markdown"]["title"] == WORDS.title
    assert f"[查看]({WORDS.url})" in server.facts["markdown"]["text"]
    assert secret not in path + str(headers) + body.decode()


def test_the_signature_is_what_another_program_reckons() -> None:
    # printf '1592960400500\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
    assert dingtalk_sign("SECabc", 1592960400500) == "kkmoRMakrUNuyW1KBD1GWMuGQHyqYedUBG44Ums2UDc="


@pytest.mark.parametrize(
    ("answer", "lasting", "wait"),
    [
        (b'{"errcode":45009,"errmsg":"api freq out of limit"}', False, timedelta(minutes=10)),
        (b'{"errcode":130101,"errmsg":"send too fast"}', False, timedelta(minutes=10)),
        (b'{"errcode":93000,"errmsg":"invalid webhook url key=693a91f6"}', True, None),
        (b'{"errcode":310000,"errmsg":"sign not match"}', True, None),
        (b'{"errcode":-1}', False, None),
        (b"<html>", False, None),
    ],
)
def test_a_robot_that_says_no_is_understood(
    server: Server, answer: bytes, lasting: bool, wait: timedelta | None
) -> None:
    server.body = answer
    with pytest.raises(Unsent) as why:
        WeCom({"XT": f"{server.url}/send?key=693a91f6"}).send(outgoing(group="XT"))
    assert (why.value.lasting, why.value.wait) == (lasting, wait)
    assert "693a91f6" not in why.value.reason


# --- any call ---


@pytest.mark.parametrize(
    ("status", "lasting", "wait"),
    [
        (400, True, None),
        (403, True, None),
        (429, False, timedelta(seconds=77)),
        (503, False, timedelta(seconds=77)),
        (302, True, None),  # we follow nobody anywhere
    ],
)
def test_a_status_says_whether_later_may_be_better(
    server: Server, status: int, lasting: bool, wait: timedelta | None
) -> None:
    server.status, server.headers = status, {"Retry-After": "77", "Location": f"{server.url}/elsewhere"}
    with pytest.raises(Unsent) as why:
        HttpSms(f"{server.url}/sms", "secret").send(outgoing(phone="13900001234"))
    assert (why.value.lasting, why.value.wait) == (lasting, wait)
    assert len(server.asked) == 1


def test_a_server_that_does_not_answer_is_waited_for_shortly(server: Server, settings: Any) -> None:
    settings.NOTICE_HOSTS = frozenset({"http://127.0.0.1:9"})
    with pytest.raises(Unsent) as why:
        HttpSms("http://127.0.0.1:9/sms", "secret").send(outgoing(phone="13900001234"))
    assert why.value.wait == timedelta(minutes=1)
    assert "1390000" not in why.value.reason


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://10.0.0.1/", "file:///etc/passwd", "https://evil.example/"]
)
def test_hosts_that_are_not_known_are_not_called(url: str) -> None:
    for gateway in (WeCom({"XT": url}), DingTalk({"XT": url}), HttpSms(url, "s")):
        with pytest.raises(Unsent) as why:
            gateway.send(outgoing(group="XT", phone="1"))
        assert why.value.lasting


# --- short messages ---


def test_a_short_message_is_signed_and_carries_its_key(server: Server) -> None:
    HttpSms(f"{server.url}/sms", "secret", clock=lambda: 1592960400.9).send(outgoing(phone="13900001234"))
    _, headers, body = server.asked[0]
    assert server.facts == {"to": "13900001234", "text": f"【创文】{WORDS.whole}", "key": KEY}
    assert headers["idempotency-key"] == KEY
    assert headers["x-timestamp"] == "1592960400"
    assert headers["x-signature"] == hmac.new(b"secret", b"1592960400." + body, hashlib.sha256).hexdigest()


# --- pushes ---


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_a_push_is_encrypted_for_its_browser_and_signed_by_us(server: Server) -> None:
    ours, browser = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    secret = b"0123456789abcdef"
    push = WebPush(_b64(ours.private_numbers().private_value.to_bytes(32, "big")), "mailto:wmb@cw.example", lambda: 1e9)
    server.status = 201
    push.send(outgoing(endpoint=f"{server.url}/push/x", p256dh=_b64(_point(browser)), auth=_b64(secret)))
    _, headers, body = server.asked[0]
    told = json.loads(http_ece.decrypt(body, private_key=browser, auth_secret=secret, version="aes128gcm"))
    assert told == {"title": WORDS.title, "body": WORDS.body, "url": WORDS.url, "tag": KEY}
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["content-type"] == "application/octet-stream"
    assert (headers["ttl"], headers["urgency"], len(headers["topic"])) == ("86400", "normal", 32)
    scheme, _, rest = headers["authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", _b64(_point(ours)))
    head, claims, signature = parts["t"].split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    ours.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {
        "aud": server.url, "sub": "mailto:wmb@cw.example", "exp": 10**9 + 12 * 3600
    }  # fmt: skip


def test_a_browser_that_is_gone_is_said_to_be_gone(server: Server) -> None:
    browser = ec.generate_private_key(ec.SECP256R1())
    server.status = 410
    with pytest.raises(Unsent) as why:
        WebPush(_b64(b"\x01" * 32), "mailto:wmb@cw.example").send(
            outgoing(endpoint=f"{server.url}/x", p256dh=_b64(_point(browser)), auth=_b64(b"0" * 16))
        )
    assert why.value.gone


# --- letters ---


def test_a_letter_carries_its_key_as_its_number(mailoutbox: list[EmailMessage], settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "创文 <wmb@cw.example>"
    Mail().send(outgoing(email="wy@cw.example"))
    (letter,) = mailoutbox
    assert letter.to == ["wy@cw.example"]
    assert letter.subject == f"【创文】{WORDS.title}"
    assert WORDS.body in letter.body
    assert WORDS.url in letter.body
    assert letter.message()["Message-ID"] == f"<{KEY}@cw.example>"


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (smtplib.SMTPRecipientsRefused({"wy@cw.example": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"wy@cw.example": (450, b"later")}), False),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
        (ConnectionRefusedError("mail.cw.example"), False),
    ],
)
def test_a_mail_server_that_says_no_is_understood(
    monkeypatch: pytest.MonkeyPatch, error: Exception, lasting: bool
) -> None:
    def fail(_self: EmailMessage) -> None:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)
    with pytest.raises(Unsent) as why:
        Mail().send(outgoing(email="wy@cw.example"))
    assert why.value.lasting is lasting
    assert "wy@cw.example" not in why.value.reason


# --- which one ---


def test_where_nothing_is_set_up_nothing_leaves_and_the_log_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    for channel in Channel:
        gateway = gateway_for(channel)
        assert isinstance(gateway, Quiet)
        with pytest.raises(Unsent):
            gateway.send(outgoing(email="wy@cw.example", phone="13900001234"))
    assert "cw.example" not in caplog.text
    assert "1390000" not in caplog.text
    assert WORDS.title not in caplog.text


def test_each_channel_that_is_set_up_has_its_own_gateway(settings: Any) -> None:
    settings.EMAIL_HOST = settings.SMS_URL = settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY = "set"
    settings.VAPID_CONTACT = "mailto:wmb@cw.example"
    settings.WECOM_ROBOTS = settings.DINGTALK_ROBOTS = {"XT": "https://x"}
    assert [type(gateway_for(channel)) for channel in Channel] == [Mail, HttpSms, WebPush, WeCom, DingTalk]
