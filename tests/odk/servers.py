"""Our site under real web servers, each on a copy of the same small district."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.paths import ROOT

READY_WITHIN = 60  # seconds; a machine may be busy
PYTHON = (sys.executable, "-W", "ignore", "-m")
COMMANDS = {
    "granian": ("chuangwen", "serve", "--data", "{data}", "--port", "{port}"),
    "gunicorn": (
        "gunicorn",
        "chuangwen.project.wsgi:application",
        "--bind",
        "127.0.0.1:{port}",
        "--log-level",
        "warning",
    ),
    "uvicorn": ("uvicorn", "chuangwen.project.asgi:application", "--port", "{port}", "--log-level", "warning"),
}


@dataclass(frozen=True)
class Site:
    """A running server, and what the phone of its inspector knows."""

    port: int
    data: Path
    known: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def count(self, question: str) -> int:
        """A figure straight from the database."""
        with closing(sqlite3.connect(self.data / "chuangwen.sqlite3")) as database:
            return int(database.execute(question).fetchone()[0])


def _environment(data: Path, more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHUANGWEN_")}
    return {**kept, "CHUANGWEN_DATA": str(data), "PYTHONUNBUFFERED": "1", **more}


def write_district(data: Path) -> dict[str, Any]:
    """Fill the directory in a process of its own."""
    command = [*PYTHON, "tests.odk.district", str(data)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(data, {}), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    known: dict[str, Any] = json.loads(done.stdout)
    return known


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    patience = time.monotonic() + READY_WITHIN
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > patience:
            raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-4000:])
        time.sleep(0.05)


@contextmanager
def running(server: str, district: Path, known: dict[str, Any], folder: Path, **settings: str) -> Iterator[Site]:
    """Serve a copy of the district until the block ends."""
    data, port = folder / server, _free_port()
    shutil.copytree(district, data)
    command = [part.format(data=data, port=port) for part in COMMANDS[server]]
    log = data / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*PYTHON, *command], cwd=ROOT, env=_environment(data, settings), stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port, log)
            yield Site(port, data, known)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
