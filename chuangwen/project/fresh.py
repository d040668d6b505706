"""The first tables of an empty database, made at once instead of by the whole history of migrations."""

from typing import cast

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps

# The installed models serve a migration's function as well as those of its day: there are no rows.
TODAY = cast(StateApps, apps)


def is_empty() -> bool:
    """Whether the database holds no table at all."""
    return not connection.introspection.table_names()


def make_tables() -> None:
    """Every table as today's models want it, what migrations do in Python, and every migration noted as done.

    All of it or, when it is broken off, none. To replay the history takes many times as long, for the same tables.
    """
    connection.disable_constraint_checking()  # SQLite makes tables only without, and cannot change it in a transaction
    try:
        with transaction.atomic():
            _walk_history_of_others()
            _create_models()
            _settle_history()
    finally:
        connection.enable_constraint_checking()
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)


def _ours(label: str) -> bool:
    return apps.get_app_config(label).name.startswith("chuangwen.")


def _walk_history_of_others() -> None:
    """Django's own apps: short, and their history ends in other key types than their models say."""
    executor = MigrationExecutor(connection)
    executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if not _ours(leaf[0])])


def _create_models() -> None:
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if _ours(model._meta.app_label) and model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def _settle_history() -> None:
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    for operation in (operation for migration in plan for operation in migration.operations):
        if isinstance(operation, RunPython):
            with connection.schema_editor() as editor:
                operation.code(TODAY, editor)
    recorder = executor.recorder
    recorder.migration_qs.bulk_create(recorder.Migration(app=one.app_label, name=one.name) for one in plan)
