"""`chuangwen vote`: counts an owners' vote from a file. Needs no database."""

import json
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.voting_files import count_vote, read_vote
from chuangwen.rules.voting_sheet import as_data, as_words


@click.command(help="业主共同决定事项计票：参与够不够、同意够不够，面积和人数分别算，每一步写出理由。")
@click.option("--in", "path", metavar="文件", help="表决数据（JSON），格式见 docs/guides/voting.md")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def command(path: str | None, as_json: bool) -> None:
    """Read the vote, print the result; a vote that failed is a result like any other."""
    if path is None:
        raise BadInput("请用 --in 指明表决数据（JSON 文件）。")
    vote = read_vote(_bytes(path))
    result = count_vote(vote)
    click.echo(json.dumps(as_data(vote, result), ensure_ascii=False, indent=2) if as_json else as_words(vote, result))


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"表决数据“{path}”读不出来，请检查路径和权限。") from error
