"""Multiply the sample's cases in place, keeping their shape: same sites, units, standards; other days and numbers."""

import random
from datetime import timedelta

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.search import index_cases

BATCH = 2000


def grow(target: int, *, seed: int = 1) -> int:
    """Copy cases until there are `target`; returns how many were added. Copies have no journal and no photos."""
    rng = random.Random(seed)
    missing = target - Case.objects.count()
    samples = list(Case.objects.order_by("id")[:5000])
    for start in range(0, max(missing, 0), BATCH):
        with transaction.atomic():
            rows = [_copy(rng.choice(samples), rng) for _ in range(min(BATCH, missing - start))]
            made = Case.objects.bulk_create(rows)
            index_cases([(case.pk, f"{case.title} {case.text} {case.place}") for case in made])
    return max(missing, 0)


def _copy(case: Case, rng: random.Random) -> Case:
    shift = timedelta(days=rng.randint(-700, 0), minutes=rng.randint(-600, 600))
    moved = {
        name: value + shift
        for name in ("reported_at", "dispatched_at", "clock_started_at", "due_at", "rectified_at", "ended_at", "act_by")
        if (value := getattr(case, name)) is not None
    }
    fields = {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
    drop = {"id", "client_key", "origin_id", "order_id"}
    kept = {name: value for name, value in fields.items() if name not in drop}
    # Old copies are done: a district does not have tens of thousands of open cases.
    status = case.status if shift > timedelta(days=-60) else "closed"
    done = moved.get("rectified_at") or moved.get("dispatched_at", moved["reported_at"]) + timedelta(hours=30)
    extra = {"rectified_at": done, "ended_at": done} if status == "closed" else {}
    return Case(
        **{
            **kept,
            **moved,
            "status": status,
            "suspended_until": None if status == "closed" else kept["suspended_until"],
            **extra,
        }
    )
