"""The INSERT of an event, prepared once: every change of the house pays for it, and saving by the model costs more than
the hashing (bench/journal.py shows both).
"""

from functools import lru_cache

from django.db import connection

from chuangwen.journal.models import Event

_LATER = {"id", "position", "handled_at"}  # what the database or the worker sets
_FIELDS = tuple(field for field in Event._meta.concrete_fields if field.name not in _LATER)


@lru_cache(maxsize=1)
def _statement() -> str:
    quote = connection.ops.quote_name
    columns, places = ", ".join(quote(str(field.column)) for field in _FIELDS), ", ".join(["%s"] * len(_FIELDS))
    return f"INSERT INTO {quote(Event._meta.db_table)} ({columns}) VALUES ({places}) RETURNING {quote('id')}"


def inserted(event: Event) -> Event:
    """Store a new event; it gets its number. Raises what the database raises, for instance for a used client key."""
    values = [field.get_db_prep_save(getattr(event, field.attname), connection) for field in _FIELDS]
    with connection.cursor() as cursor:
        cursor.execute(_statement(), values)
        (event.pk,) = cursor.fetchone()
    event._state.adding, event._state.db = False, connection.alias
    return event
