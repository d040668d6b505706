"""The wheel alone is enough: installed elsewhere and started in an empty directory, it serves pages and assets."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.paths import ROOT

START_SECONDS = 60


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel. The back-end must be in the environment already: no test asks the network."""
    out = tmp_path_factory.mktemp("dist")
    if subprocess.run([sys.executable, "-c", "import hatchling"], check=False, capture_output=True).returncode:
        pytest.fail("缺少构建工具 hatchling，请用 make test 准备环境（tools/venv.sh dev）。")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds the installed wheel and nothing else; libraries come from the running environment."""
    site = tmp_path_factory.mktemp("site")
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel)
    return site


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty directory, as on an operator's new machine."""
    return tmp_path


@pytest.fixture
def served(installed: Path, empty: Path) -> Iterator[str]:
    """The address of a server started from the installed wheel."""
    port = _free_port()
    log = empty.parent / f"{empty.name}.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [installed / "bin" / "chuangwen", "serve", "--data", empty / "data", "--port", str(port)],
            cwd=empty,
            env=_bare_environment(installed, empty),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _bare_environment(installed: Path, home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    return {"PATH": path, "PYTHONPATH": str(installed), "HOME": str(home), "LANG": "C.UTF-8"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            _get(address)
        except urllib.error.HTTPError:
            return  # it answers; what it answers is the test's business
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"chuangwen serve 没有在 {START_SECONDS} 秒内应答：\n{log.read_text(encoding='utf-8')}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=15)
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
        return bytes(answer.read())


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "chuangwen").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    missing = sorted(ours - packed)
    assert not missing, "这些文件没有进安装包，多半被 .gitignore 排除了：\n" + "\n".join(missing)
    assert any(name.endswith(("LICENSE", "licenses/LICENSE")) for name in packed)


def test_the_installed_copy_is_the_one_that_runs(installed: Path, empty: Path) -> None:
    program = [sys.executable, "-c", "import chuangwen; print(chuangwen.__file__)"]
    where = subprocess.check_output(program, cwd=empty, env=_bare_environment(installed, empty), text=True)
    assert Path(where.strip()).is_relative_to(installed)


def test_started_in_an_empty_directory_it_serves_residents_and_writes_only_its_data(served: str, empty: Path) -> None:
    page = _get(f"{served}/").decode()
    assert "<html" in page
    assets = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))
    assert any(asset.split("?")[0].endswith(".css") and "vendor" in asset for asset in assets), assets
    for asset in assets:
        assert _get(served + asset), asset
    assert [path.name for path in empty.iterdir()] == ["data"]
