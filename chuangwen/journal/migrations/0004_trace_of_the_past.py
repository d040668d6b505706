"""Events from before the trace get digest, seal and erasable words; the worker then puts them into the log."""

from django.db import migrations, transaction

from chuangwen.journal.sealing import sealed
from chuangwen.rules.trace import Entry

BATCH = 2000
COLUMNS = ["facts", "words", "salt", "commitment", "nonce", "digest", "marks", "seal"]


def seal_the_past(apps, schema_editor):
    connection, model = schema_editor.connection, apps.get_model("journal", "Event")
    fields = [model._meta.get_field(name) for name in COLUMNS]
    statement = f"UPDATE journal_event SET {', '.join(f'{name} = %s' for name in COLUMNS)} WHERE id = %s"
    last = 0
    while batch := list(model.objects.using(connection.alias).filter(digest=None, id__gt=last).order_by("id")[:BATCH]):
        rows = [[*(f.get_db_prep_save(v, connection) for f, v in zip(fields, columns(event))), event.id] for event in batch]
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.executemany(statement, rows)
        last = batch[-1].id


def columns(event):
    """The columns of the trace of one old event."""
    bare = Entry(
        event.kind, event.subject_kind, event.subject_id, event.actor_id, event.actor_name, event.at, {},
        event.client_key, None, b"",
    )
    made = sealed(bare, event.facts)
    return [getattr(made, name) for name in COLUMNS]


class Migration(migrations.Migration):
    atomic = False  # a long journal is sealed batch by batch; broken off, it goes on where it stopped

    dependencies = [("journal", "0003_trace")]

    operations = [migrations.RunPython(seal_the_past, migrations.RunPython.noop)]
