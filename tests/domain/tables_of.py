"""What an empty database looks like after `migrate`. Run as `python -m tests.domain.tables_of [--history]`; prints JSON."""

import json
import re
import sys


def _named(name: str) -> str:
    """SQLite numbers what has no name, in the order of the columns."""
    return "" if re.fullmatch(r"fk_\d+|__unnamed_constraint_\d+__", name) else name


def structure() -> dict[str, object]:
    """Of every table its columns and constraints by name, of the history the migrations done; no order of columns."""
    from django.contrib.auth.models import Permission
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    shape = connection.introspection
    with connection.cursor() as cursor:
        tables = {
            name: {
                "columns": {
                    column.name: list(map(str, column[1:])) for column in shape.get_table_description(cursor, name)
                },
                "constraints": sorted(
                    [_named(key), repr(sorted(one.items()))] for key, one in shape.get_constraints(cursor, name).items()
                ),
            }
            for name in shape.table_names(cursor)
        }
    return {
        "tables": tables,
        "migrations": sorted(map(list, MigrationRecorder(connection).applied_migrations())),
        "permissions": sorted(Permission.objects.values_list("content_type__app_label", "codename")),
    }


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0, history="--history" in sys.argv)
    sys.stdout.write(json.dumps(structure(), sort_keys=True, default=str))
