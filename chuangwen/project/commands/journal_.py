"""`chuangwen journal`: prove that an event is in the trace, verify the whole trace, check a proof without a database."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from chuangwen.project import boot
from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.proof_files import check_proof
from chuangwen.rules.refusals import BadInput

if TYPE_CHECKING:
    from chuangwen.journal.verifying import Claim, Report

F = TypeVar("F", bound=Callable[..., object])
LARGEST_PROOF: Final = 5 * 2**20
_PATH: Final = click.Path(path_type=Path)
_data = click.option("--data", type=_PATH, default=None, help="数据目录（默认 CHUANGWEN_DATA 或 ./var/data）。")
_json = click.option("--json", "as_json", is_flag=True, help="结果输出为 JSON。")


@click.group(help="证明和核对留痕。办法见 docs/guides/trace.md。")
def command() -> None:
    """The group; the sub-commands do the work."""


def _open(data: Path | None) -> None:
    """Start Django on a database that has a trace; verifying must not change it, so nothing is migrated here."""
    boot.setup(data)
    from django.db import connection

    if "journal_root" not in connection.introspection.table_names():
        raise BadInput(f"{boot.data_dir(data)} 里没有留痕。请用 --data 指明数据目录，旧版本的数据先启动一次新版本。")


def _print(found: Mapping[str, Any]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@command.command("prove", help="证明一条留痕（编号 EVENT）在留痕树里，给出离线核对所需的一切。")
@click.argument("event")
@click.option(
    "--root", "root", default="", metavar="根值", help="对照哪个记录过的根值（条数，或根值开头至少 8 位），默认最新的。"
)
@click.option("--with-words", is_flag=True, help="连同可能含个人信息的文字和盐；默认只给承诺值。")
@_json
@_data
@objections_exit_2
def prove(event: str, root: str, *, with_words: bool, as_json: bool, data: Path | None) -> None:
    """Inclusion proof of one event."""
    if not (event.isascii() and event.isdecimal() and len(event) < 19):
        raise BadInput(f"留痕编号“{event}”应是一个数。")
    _open(data)
    from chuangwen.journal.proofs import inclusion

    proof = inclusion(event_id=int(event), root=root, with_words=with_words)
    if proof["recorded_at"] is None:
        click.echo("这个根值还没有记录和公布（每小时一次）；要交给别人核对，请过后再出证明。", err=True)
    if as_json:
        _print(proof)
        return
    said = proof["event"]
    lines = [
        f"留痕 {said['id']}：{said['kind']} {said['subject_kind']}/{said['subject_id']}，{said['actor_name']}，{said['at']}",
        f"位置：前 {proof['tree_size']} 条中的第 {proof['position'] + 1} 条",
        f"摘要：{proof['digest']}", f"叶子：{proof['leaf']}",
        *(f"路径 {number}：{step}" for number, step in enumerate(proof["path"], start=1)),
        f"根值：{proof['root']}" + (f"（{proof['recorded_at']} 记录）" if proof["recorded_at"] else "（未公布）"),
    ]  # fmt: skip
    click.echo("\n".join(lines))


@command.command("consistency", help="证明较早的根值 OLD 所含的留痕原样保留在较新的根值 NEW 里。")
@click.argument("old")
@click.argument("new")
@_json
@_data
@objections_exit_2
def consistency(old: str, new: str, *, as_json: bool, data: Path | None) -> None:
    """Consistency proof between two recorded roots."""
    _open(data)
    from chuangwen.journal.proofs import consistency as prove_consistency

    proof = prove_consistency(old=old, new=new)
    if as_json:
        _print(proof)
        return
    for name, label in (("first", "较早"), ("second", "较新")):
        click.echo(f"{label}：前 {proof[name]['tree_size']} 条，根值 {proof[name]['root']}")
    click.echo("\n".join(f"路径 {number}：{step}" for number, step in enumerate(proof["path"], start=1)) or "路径：空")


@command.command(
    "check-proof", help="核对证明文件 FILE（prove 或 consistency 的 JSON）。不需要数据库，任何人都能运行。"
)
@click.argument("file", type=_PATH)
@_json
@objections_exit_2
def check(file: Path, *, as_json: bool) -> None:
    """Check one proof file; exit code 1 when it does not hold."""
    verdict = check_proof(_read(file))
    if as_json:
        _print({"holds": not verdict.faults, "shows": verdict.shows, "faults": verdict.faults})
    elif verdict.faults:
        click.echo("\n".join(("不成立。", *verdict.faults)))
    else:
        click.echo(f"成立：{verdict.shows}")
        click.echo("请再核对：这个根值与通报上印的、公开页上列的同样条数的根值一致。", err=True)
    sys.exit(1 if verdict.faults else 0)


def _read(file: Path) -> Any:
    try:
        if file.stat().st_size > LARGEST_PROOF:
            raise BadInput(f"文件 {file} 太大，不是证明文件。")
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInput(f"文件 {file} 打不开，请检查路径和权限。") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"文件 {file} 不是 JSON。") from error


@command.command("verify", help="重新计算全部留痕，指出每一处改动、删除、插入、换位和截尾。有问题时退出码为 1。")
@click.option(
    "--root", "roots", multiple=True, metavar="根值", help="从通报上抄来的根值（十六进制，可带空格），可以写多次。"
)
@_json
@_data
@objections_exit_2
def verify(roots: tuple[str, ...], *, as_json: bool, data: Path | None) -> None:
    """Recompute everything; roots printed in released papers count as known from outside."""
    wanted = _hex(roots)
    _open(data)
    from chuangwen.journal.verifying import verify as verify_all

    report = verify_all(claims=_claims(wanted), tell=_progress(quiet=as_json or not sys.stderr.isatty()))
    if as_json:
        _print({"ok": not report.faults, **asdict(report)})
    else:
        _say(report)
    sys.exit(1 if report.faults else 0)


def _hex(roots: tuple[str, ...]) -> list[str]:
    found = ["".join(root.split()).lower() for root in roots]
    objections = [
        f"根值“{given}”应是 64 位十六进制文字，请照通报上的抄全。"
        for given, root in zip(roots, found, strict=True)
        if not re.fullmatch(r"[0-9a-f]{64}", root)
    ]
    if objections:
        raise BadInput(objections)
    return found


def _claims(wanted: list[str]) -> "list[Claim]":
    from chuangwen.bulletins.queries import printed_roots
    from chuangwen.journal.verifying import Claim

    printed = [Claim(f"{number}印的根值", root, size) for number, size, root in printed_roots()]
    sizes = {claim.root: claim.size for claim in printed}
    return [*printed, *(Claim("您给的根值", root, sizes.get(root)) for root in wanted)]


def _progress(*, quiet: bool) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        if not quiet:
            click.echo(f"\r已核对 {done}/{total} 条", nl=done >= total, err=True)

    return tell


def _say(report: "Report") -> None:
    click.echo("\n".join(fault.text for fault in report.faults) or "没有发现改动。")
    click.echo(f"留痕 {report.size} 条，根值 {report.root}；核对了 {report.roots} 个记录和公布过的根值。")
    if report.waiting:
        click.echo(f"另有 {report.waiting} 条刚写入、等待进树。", err=True)
    if report.erased:
        click.echo(f"其中 {report.erased} 条的文字已依法删除，承诺值仍在树里。", err=True)


@command.command(
    "admit", help="让被挡在树外的留痕 EVENTS 进树：只在查明确是本系统写入（例如换过密钥）时用，本身会留痕。"
)
@click.argument("events", nargs=-1, required=True, type=click.IntRange(1, 2**63 - 1))
@click.option("--reason", required=True, help="为什么可以进树。")
@_data
@objections_exit_2
def admit(events: tuple[int, ...], reason: str, data: Path | None) -> None:
    """Admit events that were set aside."""
    _open(data)
    from django.utils import timezone

    from chuangwen.journal.admitting import admit as admit_events

    click.echo(f"{admit_events(event_ids=list(dict.fromkeys(events)), reason=reason, now=timezone.now())} 条可以进树。")


@command.command("root", help="把等待的留痕放进树里，记录并输出现在的根值。")
@_json
@_data
@objections_exit_2
def root(*, as_json: bool, data: Path | None) -> None:
    """Record the present root."""
    _open(data)
    from django.utils import timezone

    from chuangwen.journal.log import catch_up, record_root

    catch_up()
    found = record_root(now=timezone.now())
    if found is None:
        raise BadInput("还没有留痕。")
    said = {"tree_size": found.size, "root": found.root, "recorded_at": found.at.isoformat()}
    _print(said) if as_json else click.echo(f"前 {found.size} 条，根值 {found.root}")
