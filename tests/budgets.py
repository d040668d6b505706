"""How many statements a request may cost: the budgets are on file, the test says what it really was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.paths import ROOT

ON_FILE = ROOT / "tests" / "edges" / "query_budgets.json"
TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def budgets() -> dict[str, int]:
    """Route -> the most statements that one request of it may cost."""
    return {route: row["budget"] for route, row in json.loads(ON_FILE.read_text(encoding="utf-8")).items()}


@contextmanager
def budget(route: str) -> Iterator[None]:
    """Counts the statements inside, transaction control apart; fails over the budget and prints every one of them."""
    allowed = budgets()[route]
    with CaptureQueriesContext(connection) as captured:
        yield
    counted = [row["sql"] for row in captured if not row["sql"].startswith(TRANSACTION_CONTROL)]
    print(f"{route}: {len(counted)} of {allowed}")  # noqa: T201  # shown by pytest -rP and beside a failure
    if len(counted) > allowed:
        lines = "\n".join(f"{place:2} {sql}" for place, sql in enumerate(counted, start=1))
        pytest.fail(
            f"{route} 用了 {len(counted)} 条语句，预算 {allowed} 条（tests/edges/query_budgets.json）：\n{lines}"
        )
