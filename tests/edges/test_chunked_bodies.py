"""Uploads without a length, as far as no real server is needed; tests/odk/test_chunked.py sends them to three."""

import io
from collections.abc import Iterable
from typing import Any

from chuangwen.api.openrosa.answers import refused_body
from chuangwen.project.chunked import PATIENCE, ChunkedBodies

LIMIT = 100


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Says back the length it was told and what it could read."""
    start_response("200 OK", [])
    return [environ.get("CONTENT_LENGTH", "-").encode(), b" ", environ["wsgi.input"].read()]


def ask(body: bytes, path: str = "/api/photos", **environ: Any) -> tuple[str, bytes, io.BytesIO]:
    """Status, answer, and what was left of the body."""
    statuses: list[str] = []
    source = io.BytesIO(body)
    given = {"PATH_INFO": path, "wsgi.input": source, **environ}
    answer = ChunkedBodies(app, limit=LIMIT, refuse=refused_body)(
        given, lambda status, _headers: statuses.append(status)
    )
    said = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    return statuses[0], said, source


CHUNKED: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


def test_a_body_in_chunks_gets_its_length() -> None:
    assert ask(b"x" * LIMIT, **CHUNKED)[:2] == ("200 OK", b"100 " + b"x" * LIMIT)
    assert ask(b"", **CHUNKED)[:2] == ("200 OK", b"0 ")


def test_a_body_with_a_length_is_left_alone() -> None:
    assert ask(b"abc", CONTENT_LENGTH="3")[:2] == ("200 OK", b"3 abc")
    assert ask(b"abc")[:2] == ("200 OK", b"- abc")


def test_too_much_is_refused_in_words_that_the_client_reads() -> None:
    status, said, _ = ask(b"x" * (LIMIT + 1), **CHUNKED)
    assert status == "413 Content Too Large"
    assert said.decode().startswith("一次提交不能超过")
    assert b"<OpenRosaResponse" in ask(b"x" * (LIMIT + 1), "/openrosa/submission", **CHUNKED)[1]


def test_an_endless_body_is_not_read_to_its_end() -> None:
    _, _, source = ask(b"x" * 10_000_000, **CHUNKED)
    assert source.tell() <= PATIENCE * LIMIT + 64 * 1024 + LIMIT


def test_a_server_that_hands_over_raw_chunks_is_refused_instead_of_waited_for() -> None:
    status, said, source = ask(b"5\r\nhello\r\n0\r\n\r\n", HTTP_TRANSFER_ENCODING="chunked")
    assert status == "411 Length Required"
    assert "没有长度" in said.decode()
    assert source.tell() == 0
