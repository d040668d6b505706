"""`chuangwen admin`: the first system administrator of a new installation."""

from pathlib import Path

import click

from chuangwen.project import boot, serving
from chuangwen.project.cli import objections_exit_2


@click.command(help="建一个系统管理员账号（没有单位时同时建最上级单位）。")
@click.argument("username")
@click.argument("display_name")
@click.option("--unit", "unit_code", default="ROOT", show_default=True, help="任职单位编码")
@click.option("--unit-name", default="本区", show_default=True, help="单位不存在时，新建的最上级单位名称")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录")
@click.password_option("--password", prompt="密码", confirmation_prompt="再输一次", help="不写则在提示处输入")
@objections_exit_2
def command(username: str, display_name: str, unit_code: str, unit_name: str, data: Path | None, password: str) -> None:
    """Make the account, its unit if need be, and the post."""
    serving.ensure_secret(boot.data_dir(data))
    boot.setup(data)
    serving.migrate()
    from django.db import transaction
    from django.utils import timezone

    from chuangwen.people import operations as people
    from chuangwen.people.queries import unit_exists

    now, by = timezone.localtime(), people.system_actor()
    with transaction.atomic():
        if not unit_exists(unit_code):
            people.put_unit(code=unit_code, name=unit_name, kind="district", by=by, now=now)
        people.put_user(username=username, display_name=display_name, by=by, now=now)
        people.set_password(username=username, password=password, by=by, now=now)
        people.appoint(
            username=username, unit_code=unit_code, role="system_admin", starts_on=now.date(), by=by, now=now
        )
    click.echo(f"已建系统管理员 {username}，任职单位 {unit_code}。首次登录须修改密码。", err=True)
