"""Calling other services by HTTP: known hosts only, no redirects, short time-outs, little read, nothing secret logged."""

import json
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from django.conf import settings

from chuangwen.gateways.outgoing import Unsent
from chuangwen.notices.addresses import address_objection

MOST_READ = 64 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that sends us elsewhere could send us anywhere."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)  # minds the proxy of the machine, if it has one


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after: timedelta | None

    def facts(self) -> Mapping[str, Any]:
        """The body as JSON; empty when it is something else."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def post(url: str, body: bytes, headers: Mapping[str, str], *, known: Collection[str] = ()) -> Answer:
    """POST to a known host. Answers of any status come back; no answer, or a host we do not call, raises Unsent."""
    objection = address_objection(url, known, settings.NOTICE_HOSTS)
    if objection:
        raise Unsent(objection, lasting=True)
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with _OPENER.open(request, timeout=settings.NOTICE_TIMEOUT) as answer:
            return _answer(answer.status, answer.read(MOST_READ), answer.headers.get("Retry-After"))
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.read(MOST_READ), error.headers.get("Retry-After"))
    except (OSError, HTTPException) as error:
        raise Unsent(f"对方没有应答（{type(error).__name__}）。", wait=timedelta(minutes=1), whole=True) from None


def post_json(url: str, facts: Mapping[str, Any], *, known: Collection[str] = (), **headers: str) -> Answer:
    """The same with JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(facts, ensure_ascii=False).encode()
    return post(url, body, {"Content-Type": "application/json; charset=utf-8", **named}, known=known)


def _answer(status: int, body: bytes, after: str | None) -> Answer:
    after = after or ""
    wait = timedelta(seconds=min(int(after), 86_400)) if after.isdecimal() and len(after) < 7 else None
    return Answer(status, body, wait)


def refuse_failure(answer: Answer) -> None:
    """Raise Unsent for any status but success: 408, 429 and 5xx may be better later, the others not."""
    if 200 <= answer.status < 300:
        return
    later = answer.status in {408, 425, 429} or answer.status >= 500
    wait = answer.retry_after or (timedelta(minutes=10) if answer.status == 429 else None)
    raise Unsent(f"对方回答 {answer.status}。", lasting=not later, wait=wait if later else None)
