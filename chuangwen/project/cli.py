"""The `chuangwen` command: sub-commands load when called, so an analysing command starts without Django."""

import functools
import importlib
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import click

from chuangwen import __version__
from chuangwen.rules.refusals import BadInput, Refused

# Before NumPy is first loaded: our matrices are small, and threads would only wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS: dict[str, str] = {
    "due": "算出期限：起点 + 时限，按中国工作日历",
    "score": "按公布的规则算总分和名次",
    "rank": "公平排名：扣除宽严影响，给出名次区间",
    "risk": "按风险排先后：评一评早多少天发现问题",
    "ladders": "问责阶梯：哪一档可以启动、依据和反证",
    "draw": "按公开的种子抽取，重算公布的抽取记录",
    "forecast": "预测测评结果：总分、过线的把握、先改什么先查哪里",
    "plan": "安排路线：各队明天走哪些点位，或解公开算例",
    "routing": "核对派单规则，看每件案件会派给谁",
    "classify": "留言分类：训练、预测、评估",
    "topics": "一段时间的热点：同一件事的留言归成一组",
    "survey": "问卷加权：按总体构成迭代调整，给出设计效应",
    "vote": "业主共同决定事项计票：面积和人数分别算，写出理由",
    "standards": "核对、导入、导出测评标准和立案标准",
    "import": "导入单位、人员、点位、留言",
    "demo": "建立并装入样例城区",
    "serve": "启动网站（工作进程在内）",
    "work": "只运行后台工作进程",
    "pushkeys": "生成手机推送的密钥",
    "admin": "建系统管理员账号",
    "journal": "证明和核对留痕：有没有被改过",
    "manage": "Django 管理命令",
}

P = ParamSpec("P")
R = TypeVar("R")


def objections_exit_2(command: Callable[P, R]) -> Callable[P, R]:
    """Turn BadInput and Refused into sentences on stderr and exit code 2."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (BadInput, Refused) as refusal:
            for objection in refusal.objections:
                click.echo(objection, err=True)
            sys.exit(2)

    return run


class _LazyGroup(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"chuangwen.project.commands.{cmd_name}_")
        return cast(click.Command, module.command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chuangwen")
def main() -> None:
    """创文：文明创建与基层治理。分析类命令不需要数据库，也不需要启动服务。"""
