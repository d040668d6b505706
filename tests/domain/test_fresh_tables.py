"""An empty database gets its tables at once, and they are the tables that the history of migrations makes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from chuangwen.project import fresh


@contextmanager
def empty_database(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The environment of a program whose database has nothing in it yet; of the kind these tests run on."""
    if connection.vendor == "sqlite":
        yield {**os.environ, "CHUANGWEN_DATA": str(folder / name)}
        return
    import psycopg

    database = f"{connection.settings_dict['NAME']}_{name}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{database}"')
        try:
            url = urlsplit(settings.DATABASE_URL)._replace(path=f"/{database}").geturl()
            yield {**os.environ, "CHUANGWEN_DATA": str(folder / name), "CHUANGWEN_DATABASE_URL": url}
        finally:
            server.execute(f'DROP DATABASE "{database}"')


def test_both_ways_make_the_same_tables(tmp_path: Path, db: None) -> None:
    """Same columns, keys, indexes, permissions and migrations done, whether made at once or step by step."""
    made = []
    for name, words in (("fresh", ()), ("history", ("--history",))):
        (tmp_path / name).mkdir()
        with empty_database(tmp_path, name) as environment:
            command = [sys.executable, "-m", "tests.domain.tables_of", *words]
            made.append(json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout))
    at_once, step_by_step = made
    assert len(at_once["tables"]) > 150
    assert "cases_search" in at_once["tables"]
    for name in sorted({*at_once["tables"], *step_by_step["tables"]}):
        assert at_once["tables"].get(name) == step_by_step["tables"].get(name), name
    assert at_once == step_by_step


def test_a_database_with_tables_keeps_to_its_history(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is empty is made at once; a database in use is brought up to date step by step."""
    monkeypatch.setattr(fresh, "make_tables", lambda: pytest.fail("this database is not empty"))
    before = MigrationRecorder(connection).applied_migrations().keys()
    call_command("migrate", interactive=False, verbosity=0)
    assert MigrationRecorder(connection).applied_migrations().keys() == before


def test_broken_off_it_leaves_nothing(tmp_path: Path, db: None) -> None:
    """A start cut short while it makes the tables can be repeated: there is no half of them."""
    breaking = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from chuangwen.project import fresh\n"
        "def cut(): raise KeyboardInterrupt\n"
        "fresh._settle_history, whole = cut, fresh._settle_history\n"
        "try: fresh.make_tables()\n"
        "except KeyboardInterrupt: pass\n"
        "assert fresh.is_empty()\n"
        "fresh._settle_history = whole\n"
        "fresh.make_tables()\n"
        "print(len(connection.introspection.table_names()))\n"
    )
    (tmp_path / "cut").mkdir()
    with empty_database(tmp_path, "cut") as environment:
        done = subprocess.run([sys.executable, "-c", breaking], env=environment, check=True, capture_output=True)
    assert int(done.stdout) == len(connection.introspection.table_names())
