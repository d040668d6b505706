"""`chuangwen demo`: a believable district to walk through, on this computer only."""

import os
import time
from pathlib import Path

import click

from chuangwen.project import boot, serving
from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import Refused


@click.command(help="建立样例城区并启动（只供试用，账号密码公开）。")
@click.option("--data", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True, help="数据目录")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--load-only", is_flag=True, help="只装入数据，不启动")
@objections_exit_2
def command(data: Path, host: str, port: int, load_only: bool) -> None:
    """Create, load once, print the accounts, serve with the worker inside."""
    if host not in {"127.0.0.1", "localhost", "::1"} and os.environ.get("CHUANGWEN_DEMO_ANYWHERE") != "1":
        raise Refused("样例账号的密码是公开的，只在本机（127.0.0.1）开放。")
    if not load_only and (objection := serving.port_objection(host, port)):
        raise Refused(objection)
    serving.ensure_secret(boot.data_dir(data))
    boot.setup(data)
    serving.migrate()
    _load_once()
    if load_only:
        return
    from django.db import connection

    connection.close()
    _print_accounts(host, port)
    serving.run_server(host=host, port=port, workers=1, threads=2, worker_inside=True)


def _load_once() -> None:
    from django.utils import timezone

    from chuangwen.project.demo import loader, papers

    if loader.is_loaded():
        return
    started = time.monotonic()
    click.echo("第一次启动，正在装入样例城区（约一分钟）……", err=True)

    def tell(what: str, done: int, total: int) -> None:
        width = 30
        filled = width * done // max(total, 1)
        click.echo(f"\r{what} [{'█' * filled}{'·' * (width - filled)}] {done}/{total}  ", nl=done >= total, err=True)

    now = timezone.localtime()
    loader.load(now=now, tell=tell)
    papers.load(now=now, tell=tell)
    click.echo(f"样例城区已装好，用时 {time.monotonic() - started:.0f} 秒。", err=True)


def _print_accounts(host: str, port: int) -> None:
    from chuangwen.project.demo.district import sample_district
    from chuangwen.project.demo.people import PASSWORD

    click.echo(f"\n创文样例城区：http://{host}:{port}/    （Ctrl+C 停止）\n所有账号的密码：{PASSWORD}\n")
    for username, purpose in sample_district().demo_accounts:
        click.echo(f"  {username:<18}{purpose}")
    click.echo("")
