"""A bad connection: everything passes through here, and every third request is lost, before or after it arrived."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Line:
    """Where the browser connects to, and how the connection behaves: `good`, `down`, or `third`."""

    url: str
    state: Literal["good", "down", "third"] = "good"
    seen: int = 0
    lost_before: int = 0
    lost_after: int = 0
    carried: int = 0  # bytes of answers, with their heads
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fate(self) -> Literal["good", "before", "after"]:
        """What becomes of the next request."""
        if self.state == "down":
            return "before"
        if self.state == "good":
            return "good"
        with self.lock:
            self.seen += 1
            if self.seen % 3:
                return "good"
            if self.seen % 2:
                self.lost_before += 1
                return "before"
            self.lost_after += 1
            return "after"


def _handler(line: Line, home: str) -> type[BaseHTTPRequestHandler]:
    target = urlsplit(home)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            self.close_connection = True
            fate = line.fate()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if fate == "before":
                return self._hang_up()
            there = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
            there.request(self.command, self.path, body, dict(self.headers.items()))
            answer = there.getresponse()
            content = answer.read()
            there.close()
            if fate == "after":
                return self._hang_up()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            with line.lock:
                line.carried += len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)
            return None

        def _hang_up(self) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = do_HEAD = _pass_on  # noqa: N815 - the names that the library calls

        def log_message(self, *_words: object) -> None:
            """Nothing to say."""

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, _request: object, _address: object) -> None:
        """A browser that was killed in the middle is part of the story."""


@contextmanager
def bad_line(home: str) -> Iterator[Line]:
    """A connection to this server, good until told otherwise."""
    line = Line("")
    server = _Quiet(("127.0.0.1", 0), _handler(line, home))
    line.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
