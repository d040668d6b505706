"""The real program on a port of its own, as `chuangwen demo` starts it: server and worker in one process."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from tests.paths import ROOT

READY_WITHIN = 60  # seconds; a machine may be busy


@dataclass(frozen=True)
class Server:
    """Where it answers and where it writes what goes wrong."""

    url: str
    log: Path

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-6000:]


def environment(data: Path) -> dict[str, str]:
    """The variables of a process that works on this directory, without those of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHUANGWEN_")}
    return {**kept, "CHUANGWEN_DATA": str(data), "PYTHONUNBUFFERED": "1"}


def write_district(data: Path) -> None:
    """Fill the directory in a process of its own, because this one may already have settings of another place."""
    command = [sys.executable, "-m", "tests.browser.district", str(data)]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"样例城区没有装好：\n{done.stderr[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/login/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _wait(process: subprocess.Popen[bytes], server: Server) -> None:
    patience = time.monotonic() + READY_WITHIN
    while not _answers(server.url):
        if process.poll() is not None or time.monotonic() > patience:
            raise AssertionError(f"网站没有在 {READY_WITHIN} 秒内启动：\n{server.said()}")
        time.sleep(0.1)


@contextmanager
def running(data: Path) -> Iterator[Server]:
    """Serve this directory until the block ends."""
    port = _free_port()
    server = Server(f"http://127.0.0.1:{port}", data / "server.log")
    command = [sys.executable, "-m", "chuangwen", "demo", "--data", str(data), "--port", str(port)]
    with server.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment(data), stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(process, server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
