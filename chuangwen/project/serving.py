"""Starting the website: checks that a production start must pass, then granian."""

import os
import secrets
import sys
from pathlib import Path

import click

from chuangwen.rules.refusals import Refused


def ensure_secret(data: Path) -> None:
    """Write a secret of this installation's own at the first start, readable by its owner only."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "secret_key"
    if os.environ.get("CHUANGWEN_SECRET_KEY") or path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(50))


def refuse_unsafe_start() -> None:
    """A production start refuses the default secret and a database with published sample accounts."""
    from django.conf import settings

    from chuangwen.people.queries import has_demo_accounts

    objections = []
    if settings.SECRET_KEY == settings.DEFAULT_SECRET_KEY or len(settings.SECRET_KEY) < 32:
        objections.append(
            "密钥是默认值或过短。请设置 CHUANGWEN_SECRET_KEY（不少于 32 个字符），或删去该变量让系统自动生成。"
        )
    if settings.DEBUG:
        objections.append("正式运行不能打开 CHUANGWEN_DEBUG。")
    if has_demo_accounts():
        objections.append(
            "这个数据库里有样例账号，密码是公开的，不能正式运行。请换一个数据目录；看样例请用 chuangwen demo。"
        )
    if objections:
        raise Refused(objections)


def migrate() -> None:
    """Bring the database up to date, fill the working calendar and, the first time, the table of whistle promises."""
    from django.core.management import call_command
    from django.utils import timezone

    from chuangwen.people.operations import system_actor
    from chuangwen.standards.calendar import FIRST_YEAR, seed_calendar
    from chuangwen.whistles.operations import seed_promises

    call_command("migrate", interactive=False, verbosity=0)
    now = timezone.now()
    seed_calendar(years=list(range(FIRST_YEAR, now.year + 2)), by=system_actor(), now=now)
    seed_promises(by=system_actor(), now=now)


def run_server(*, host: str, port: int, workers: int, threads: int, worker_inside: bool) -> None:
    """Serve until stopped. On SQLite one process with two threads: more writers only wait for each other."""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ["CHUANGWEN_WORKER_INSIDE"] = "1" if worker_inside else "0"
    server = Granian(
        "chuangwen.project.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
        log_level="warning",  # type: ignore[arg-type]  # granian takes the name as well
    )
    try:
        server.serve()
    except (OSError, RuntimeError) as error:
        click.echo(f"没能在 {host}:{port} 启动：{error}。端口可能被占用，请换一个，例如 PORT=8001。", err=True)
        sys.exit(1)


def port_objection(host: str, port: int) -> str:
    """A sentence when the address is taken, else nothing."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return f"{host}:{port} 已被占用。请先停掉占用它的程序，或换一个端口，例如 PORT=8001 make demo。"
    return ""
