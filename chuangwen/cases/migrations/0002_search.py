"""The text index: an FTS5 table on SQLite, a tsvector with GIN on PostgreSQL."""

from django.db import migrations


def create(apps, schema_editor):
    from chuangwen.cases.search import CREATE

    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE cases_search")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
