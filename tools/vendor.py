"""Bring the front-end libraries into the tree, or check that the tree still holds exactly them.

`python tools/vendor.py` asks the npm client for each package of `vendor.lock.toml` by name and version, holds the
archive to its sha512, copies the listed files and writes their sha256 back into the lock. `--check` needs no network.
"""

import base64
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools" / "vendor.lock.toml"
VENDOR = ROOT / "chuangwen" / "web" / "static" / "vendor"
CHECKSUM_MARK = "[sha256]"
# A source map that does not lie beside the file is a request that fails, and collectstatic refuses it.
SOURCE_MAP = re.compile(rb"\s*(?://[#@]|/\*[#@])\s*sourceMappingURL=\S+?\.map\s*(?:\*/)?\s*\Z")


@dataclass(frozen=True)
class Package:
    """One library: where it comes from, which files of it are wanted, and under which licence."""

    name: str
    version: str
    integrity: str
    licence: str
    folder: str
    why: str
    files: dict[str, str]
    icons: tuple[str, ...] = ()
    sprite: str = ""


def read_lock(path: Path = LOCK) -> tuple[list[Package], dict[str, str]]:
    """The packages of the lock, and the sha256 of every file that must lie under the vendor folder."""
    lock = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_package(entry) for entry in lock["package"]], dict(lock.get("sha256", {}))


def _package(entry: dict[str, Any]) -> Package:
    files = {file["from"]: file["to"] for file in entry["files"]}
    plain = {key: entry[key] for key in ("name", "version", "integrity", "licence", "folder", "why")}
    return Package(**plain, files=files, icons=tuple(entry.get("icons", ())), sprite=entry.get("sprite", ""))


def objections(vendor: Path = VENDOR, lock: Path = LOCK) -> list[str]:
    """Every difference between the tree and the lock, one sentence each; empty when they agree."""
    _, wanted = read_lock(lock)
    found = {path.relative_to(vendor).as_posix(): _sha256(path.read_bytes()) for path in _files(vendor)}
    said = [f"缺少文件 {name}，请运行 python tools/vendor.py。" for name in wanted if name not in found]
    said += [f"文件 {name} 不在清单中，请删除或写入 tools/vendor.lock.toml。" for name in found if name not in wanted]
    changed = [name for name in wanted if name in found and wanted[name] != found[name]]
    return said + [
        f"文件 {name} 与清单的校验值不同，请勿手工修改，重新运行 python tools/vendor.py。" for name in changed
    ]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fetch(package: Package, into: Path) -> tarfile.TarFile:
    """The archive of one package, after its sha512 was held to the lock."""
    order = ["npm", "pack", f"{package.name}@{package.version}", "--pack-destination", str(into), "--silent"]
    name = subprocess.run(order, check=True, capture_output=True, text=True).stdout.split()[-1]
    content = (into / name).read_bytes()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if digest != package.integrity:
        raise click.ClickException(
            f"{package.name} {package.version} 的校验值不符：应为 {package.integrity}，实为 {digest}"
        )
    return tarfile.open(fileobj=io.BytesIO(content))


def contents(package: Package, archive: tarfile.TarFile) -> dict[str, bytes]:
    """What one package puts into the vendor folder: path below it to bytes."""
    taken = {f"{package.folder}/{to}": _cleaned(to, _member(archive, source)) for source, to in package.files.items()}
    if package.sprite:
        taken[f"{package.folder}/{package.sprite}"] = sprite(package, archive)
    return taken


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise click.ClickException(f"包中没有文件 {path}")
    return member.read()


def _cleaned(name: str, content: bytes) -> bytes:
    """Without the pointer to a source map; text ends with one line feed, so that editors leave it alone."""
    if not name.endswith((".js", ".css", ".txt")):
        return content
    return SOURCE_MAP.sub(b"", content).rstrip() + b"\n"


def sprite(package: Package, archive: tarfile.TarFile) -> bytes:
    """One SVG with a <symbol> for each named icon; colour and stroke come from the page."""
    symbols = [_symbol(name, _member(archive, f"icons/outline/{name}.svg").decode()) for name in package.icons]
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def _symbol(name: str, svg: str) -> str:
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    shapes = [line.strip() for line in body.splitlines() if line.strip() and 'd="M0 0h24v24H0z"' not in line]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


def licences(packages: list[Package]) -> bytes:
    """The page that names every library, its licence and its files."""
    lines = [
        "# 随附的前端程序库",
        "",
        "由 `tools/vendor.py` 生成，请勿手工修改。许可证全文在各目录的 `LICENSE.txt`。",
        "",
    ]
    lines += ["| 名称 | 版本 | 许可证 | 目录 | 文件 | 用途 |", "| --- | --- | --- | --- | --- | --- |"]
    for package in packages:
        files = [*package.files.values(), *([package.sprite] if package.sprite else [])]
        cells = (package.name, package.version, package.licence, package.folder, ", ".join(files), package.why)
        lines.append("| " + " | ".join(cells) + " |")
    return ("\n".join(lines) + "\n").encode()


def write(files: dict[str, bytes], vendor: Path = VENDOR, lock: Path = LOCK) -> None:
    """Replace the vendor folder's files by these and note their checksums at the end of the lock."""
    for old in list(_files(vendor)):
        old.unlink()
    for name, content in files.items():
        (vendor / name).parent.mkdir(parents=True, exist_ok=True)
        (vendor / name).write_bytes(content)
    head = lock.read_text(encoding="utf-8").split(f"\n{CHECKSUM_MARK}")[0]
    table = "\n".join(f'"{name}" = "{_sha256(files[name])}"' for name in sorted(files))
    lock.write_text(f"{head}\n{CHECKSUM_MARK}\n{table}\n", encoding="utf-8")


def update() -> None:
    """Fetch every package of the lock and write the tree anew."""
    packages, _ = read_lock()
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            with fetch(package, Path(folder)) as archive:
                files |= contents(package, archive)
            click.echo(f"{package.name} {package.version}")
    files["LICENSES.md"] = licences(packages)
    write(files)


@click.command()
@click.option("--check", is_flag=True, help="只核对文件与清单是否一致，不联网。")
def main(check: bool) -> None:
    """取回或核对前端程序库。"""
    if not check:
        update()
    said = objections()
    for sentence in said:
        click.echo(sentence, err=True)
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
