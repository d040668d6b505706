"""`chuangwen serve`: the website, ready for work."""

from pathlib import Path

import click

from chuangwen.project import boot, serving
from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import Refused


@click.command(help="启动网站。SQLite 时后台工作进程在内；PostgreSQL 时请另开 chuangwen work。")
@click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="数据目录（默认 CHUANGWEN_DATA 或 ./var/data）"
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=0, help="进程数；0 表示自动：SQLite 1 个，PostgreSQL 2 个")
@objections_exit_2
def command(data: Path | None, host: str, port: int, workers: int) -> None:
    """Check, migrate, serve."""
    if objection := serving.port_objection(host, port):
        raise Refused(objection)
    serving.ensure_secret(boot.data_dir(data))
    boot.setup(data)
    from django.db import connection

    sqlite = connection.vendor == "sqlite"
    serving.migrate()
    serving.refuse_unsafe_start()
    connection.close()
    click.echo(f"创文已启动：http://{host}:{port}/ （Ctrl+C 停止）", err=True)
    serving.run_server(
        host=host, port=port, workers=workers or (1 if sqlite else 2), threads=2 if sqlite else 4, worker_inside=sqlite
    )
