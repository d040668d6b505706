"""Care of the database itself."""

from django.db import connection


def refresh_statistics(*, whole: bool = False) -> None:
    """Let the planner know how the tables have grown. PostgreSQL does so by itself; SQLite has to be asked."""
    if connection.vendor == "sqlite" or whole:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if whole else "PRAGMA optimize")
