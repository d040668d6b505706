"""Django's `migrate`, which gives an empty database its tables at once."""

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from chuangwen.project import fresh


class Command(migrate.Command):
    """As Django's; a database without tables is made from the models, unless `--history` asks for every migration."""

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--history", action="store_true", help="空数据库也逐个执行迁移，不直接按模型建表。")

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["app_label"] or options["plan"] or options["check_unapplied"] or options["fake"]
        elsewhere = options["database"] != DEFAULT_DB_ALIAS
        if named or elsewhere or options.pop("history", False) or not fresh.is_empty():
            super().handle(*args, **options)
        else:
            fresh.make_tables()
