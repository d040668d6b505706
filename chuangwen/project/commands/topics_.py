"""`chuangwen topics`: the hot topics of a file of messages. No database."""

import json
from datetime import date
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.topic_files import as_facts, between, read_voices
from chuangwen.rules.topics import TRENDS, Topic, topics


@click.command(name="topics")
@click.argument("file")
@click.option("--since", default="", help="从哪一天起，如 2020-01-01。")
@click.option("--until", default="", help="到哪一天止。")
@click.option("--most", default=50, show_default=True, help="最多列几个，1 到 1000。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@objections_exit_2
def command(*, file: str, since: str, until: str, most: int, as_json: bool) -> None:
    """一段时间的热点：同一件事的留言归成一组，写明标题、地点、几个人说、起止日期、走势。"""
    objections = [] if 1 <= most <= 1000 else ["--most 应是 1 到 1000 的整数。"]
    first, last = _day(since, "--since", objections), _day(until, "--until", objections)
    try:
        content = Path(file).read_bytes()
    except OSError:
        objections.append(f"文件“{file}”读不出来，请检查路径和权限。")
    if objections:
        raise BadInput(objections)
    kept, begin, end = between(read_voices(content), first, last)
    found = topics(kept, since=begin, until=end, most=most)
    if as_json:
        facts = {"messages": len(kept), "since": str(begin), "until": str(end), "topics": [as_facts(t) for t in found]}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join([f"{begin} 至 {end}，{len(kept)} 条留言，{len(found)} 个热点。", *map(_line, found)]))


def _day(text: str, name: str, objections: list[str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        objections.append(f"{name}=“{text}”应写成 2020-06-28。")
        return None


def _line(topic: Topic) -> str:
    place = f"　{topic.place}" if topic.place else ""
    return f"{topic.voices:>4} 条　{topic.title}{place}　{topic.first} 至 {topic.last}　{TRENDS[topic.trend]}"
