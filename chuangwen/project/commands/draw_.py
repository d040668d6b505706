"""`chuangwen draw`: draws that anybody can recompute from what was published, without a database."""

import json
import re
import sys
from fractions import Fraction
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.draw_records import Candidates, differences, make_record, read_candidates
from chuangwen.rules.draws import Rule, Source, bits_needed, read_sources, select, select_objections
from chuangwen.rules.refusals import BadInput

LARGEST_FILE = 32 * 1024 * 1024


@click.group()
def command() -> None:
    """抽取：按 RFC 3797 从公开的种子抽取，谁都能重算。"""


def _integer(text: str | None, option: str, objections: list[str]) -> int:
    if text is None:
        objections.append(f"缺少 {option}：请写一个整数。")
    elif re.fullmatch(r"-?\d{1,9}", text.strip()):
        return int(text)
    else:
        objections.append(f"{option} “{text}”不是整数。")
    return 0


def unsorted_sources(key: str) -> list[str]:
    """The sources of a key whose numbers are not smallest first, as the RFC wants them."""
    numeric = [part for part in key.split("/") if re.fullmatch(r"(\d+\.)+", part)]
    return [part for part in numeric if (numbers := part.rstrip(".").split(".")) != sorted(numbers, key=int)]


@command.command("select")
@click.option("--key", default=None, help="密钥串，例如 9319./2.5.8.10.12./9.18.26.34.41.45./")
@click.option("--pool", default=None, help="候选总数，编号从 1 起")
@click.option("--count", default=None, help="抽几个")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def select_command(key: str | None, pool: str | None, count: str | None, as_json: bool) -> None:
    """只抽号码：给出密钥串、候选总数、个数。"""
    objections: list[str] = []
    size, wanted = _integer(pool, "--pool", objections), _integer(count, "--count", objections)
    if objections:
        raise BadInput([*([] if key else ["缺少 --key：请写密钥串。"]), *objections])
    if found := select_objections(key=key or "", pool=size, count=wanted):
        raise BadInput(found)
    for part in unsorted_sources(key or ""):
        click.echo(f"提醒：“{part}”没有从小到大排。密钥串按原样使用；RFC 3797 规定同一来源的数字先排序。", err=True)
    selected = select(key=key or "", pool=size, count=wanted)
    click.echo(json.dumps({"selected": selected}) if as_json else "\n".join(map(str, selected)))


def _read(path: str | None, option: str, objections: list[str]) -> str:
    if path is None:
        objections.append(f"缺少 {option}：请写文件名。")
        return ""
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            objections.append(f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB。")
            return ""
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        objections.append(f"{path} 不是 UTF-8 文字文件，请另存为 UTF-8 再试。")
    except OSError as error:
        objections.append(f"{path} 打不开：{error.strerror or error}。")
    return ""


def _list(path: str | None, objections: list[str]) -> Candidates | None:
    before = len(objections)
    text = _read(path, "--candidates", objections)
    if len(objections) > before:
        return None
    try:
        return read_candidates(text)
    except BadInput as refusal:
        objections += refusal.objections
        return None


def _rule(share: str | None, count: str | None, stratify: str | None, at_least_one: bool, said: list[str]) -> Rule:
    fraction: Fraction | None = None
    if share is not None:
        text = share.strip()
        try:
            fraction = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except (ValueError, ZeroDivisionError):
            said.append(f"份额“{share}”读不懂：请写 0.1、10% 或 1/10。")
    number = _integer(count, "--count", said) if count is not None else None
    rule = Rule(fraction, number, (stratify or "").strip(), at_least_one)
    if not said:
        said += rule.objections()
    return rule


def _seed(sources: str | None, key: str | None, objections: list[str]) -> tuple[Source, ...]:
    if (sources is None) == (key is None):
        objections.append("请用 --sources 给种子文件，或用 --key 给密钥串，二选一。")
        return ()
    if sources is None:
        return ()
    before = len(objections)
    found = read_sources(_read(sources, "--sources", objections))
    if not found and len(objections) == before:
        objections.append("种子文件里没有数字：每行写一个来源，例如“双色球红球：3 8 15 20 26 33”。")
    return found


@command.command("make")
@click.option("--candidates", default=None, help="候选名单 CSV：第一行列名，第一列编号")
@click.option("--sources", default=None, help="种子文件：每行一个来源的数字，名称和冒号可写可不写")
@click.option("--key", default=None, help="不给种子文件时，直接给密钥串")
@click.option("--share", default=None, help="抽多大份额，例如 0.1 或 10%")
@click.option("--count", default=None, help="抽几个")
@click.option("--stratify", default=None, help="按哪一列分层，例如 street")
@click.option("--at-least-one", is_flag=True, help="每层至少抽一个")
@click.option("--title", default="", help="写进记录的名称")
@click.option("--json", "as_json", is_flag=True, help="输出完整记录 JSON，可交给 verify")
@objections_exit_2
def make_command(
    candidates: str | None,
    sources: str | None,
    key: str | None,
    share: str | None,
    count: str | None,
    stratify: str | None,
    at_least_one: bool,
    title: str,
    as_json: bool,
) -> None:
    """从名单抽取，给出可以公布的完整记录。"""
    objections: list[str] = []
    found = _list(candidates, objections)
    seeds = _seed(sources, key, objections)
    rule = _rule(share, count, stratify, at_least_one, objections)
    if objections or found is None:
        raise BadInput(objections)
    record = make_record(candidates=found, rule=rule, sources=seeds, key=key or "", title=title)
    if as_json:
        click.echo(json.dumps(record, ensure_ascii=False, indent=1))
        return
    pool, drawn = len(found.rows), len(record["selected"])
    click.echo(f"候选 {pool} 个，指纹 {record['candidates']['sha256']}", err=True)
    click.echo(
        f"抽中 {drawn} 个（每种结果都可能出现约需种子 {bits_needed(pool=pool, count=drawn):.0f} 比特）", err=True
    )
    click.echo("\n".join(record["selected"]))


@command.command("verify")
@click.argument("record")
@click.option("--sha256", default="", help="抽取前公布的名单指纹，一并核对")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def verify_command(record: str, sha256: str, as_json: bool) -> None:
    """重算一份公布的记录；对不上时退出码为 1，并说明哪里不一样。"""
    objections: list[str] = []
    text = _read(record, "RECORD", objections)
    if sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256.strip()):
        objections.append("--sha256 应是 64 位十六进制数字。")
    if objections:
        raise BadInput(objections)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{record} 不是完整的 JSON 文件，请重新下载。") from error
    said = [sentence.encode(errors="replace").decode() for sentence in differences(found, published_sha256=sha256)]
    if as_json:
        click.echo(json.dumps({"verified": not said, "differences": said}, ensure_ascii=False))
    else:
        click.echo("\n".join(said) if said else "一致：名单指纹、密钥串、每层个数和抽中的都与重算相同。")
    if said:
        sys.exit(1)
