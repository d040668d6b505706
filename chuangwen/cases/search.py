"""Text search over cases: one bigram index, kept in FTS5 on SQLite and in a tsvector on PostgreSQL."""

from collections.abc import Iterable
from typing import cast

from django.db import connection

from chuangwen.cases.models import CaseQuerySet
from chuangwen.rules.text import bigrams, phrases

LONGEST = 5000  # characters of a case that are searched; a tsvector holds 16,383 positions

CREATE = {
    "sqlite": ["CREATE VIRTUAL TABLE cases_search USING fts5(body, content='')"],
    "postgresql": [
        "CREATE TABLE cases_search (case_id bigint PRIMARY KEY, body tsvector NOT NULL)",
        "CREATE INDEX cases_search_body ON cases_search USING gin (body)",
    ],
}


def _vector(text: str) -> str:
    return " ".join(f"'{word}':{place}" for place, word in enumerate(bigrams(text[:LONGEST]).split(), start=1))


def index_cases(rows: Iterable[tuple[int, str]]) -> None:
    """Put the texts of new cases (id, text) into the index; part of the transaction that opens them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            body = [(case_id, bigrams(text[:LONGEST])) for case_id, text in rows]
            cursor.executemany("INSERT INTO cases_search (rowid, body) VALUES (%s, %s)", body)
        else:
            vectors = [(case_id, _vector(text)) for case_id, text in rows]
            cursor.executemany("INSERT INTO cases_search (case_id, body) VALUES (%s, %s::tsvector)", vectors)


def _sqlite_condition(query: str) -> tuple[str, str]:
    parts = [f'"{words[0]}"*' if prefix else '"' + " ".join(words) + '"' for words, prefix in phrases(query)]
    return "SELECT rowid FROM cases_search WHERE cases_search MATCH %s", " AND ".join(parts)


def _postgresql_condition(query: str) -> tuple[str, str]:
    parts = [
        f"'{words[0]}':*" if prefix else "(" + " <-> ".join(f"'{w}'" for w in words) + ")"
        for words, prefix in phrases(query)
    ]
    return "SELECT case_id FROM cases_search WHERE body @@ %s::tsquery", " & ".join(parts)


def matching(cases: CaseQuerySet, query: str) -> CaseQuerySet:
    """Only the cases whose text holds every word of the query; combines with every other filter."""
    if not phrases(query):
        return cases
    sql, parameter = _sqlite_condition(query) if connection.vendor == "sqlite" else _postgresql_condition(query)
    return cast(CaseQuerySet, cases.extra(where=[f"cases_case.id IN ({sql})"], params=[parameter]))
