"""`chuangwen work`: only the worker; any number of them against PostgreSQL."""

import signal
import threading
from pathlib import Path

import click

from chuangwen.project import boot
from chuangwen.project.cli import objections_exit_2


@click.command(help="只运行后台工作进程（PostgreSQL 部署时与网站分开）。")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录")
@click.option("--once", is_flag=True, help="把现有的工作做完就退出")
@objections_exit_2
def command(data: Path | None, once: bool) -> None:
    """React to events and keep the timetable."""
    boot.setup(data)
    from django.utils import timezone

    from chuangwen.jobs import loops
    from chuangwen.jobs.sending import send_once

    if once:
        loops.tick_once(timezone.now())
        while loops.react_once(timezone.now()):
            pass
        while send_once(timezone.now()):
            pass
        while loops.place_once():
            pass
        return
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    loops.work_forever(stop)
