"""Corrections teach the next model; it serves after a person saw its figures beside those of the one in use.

Held out is every fifth confirmation, the newest included; both models are judged on the same ones, which the new one
has not seen (the old one may have: its figures flatter it, never the new one).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.text_classes import TextModel
from chuangwen.rules.text_classes_figures import figures
from chuangwen.rules.text_classes_files import model_bytes
from chuangwen.rules.text_classes_training import train
from chuangwen.triage.models import Proposal, Target, TextClassifier
from chuangwen.triage.proposing import model_in_use

LEAST_CONFIRMED, MOST_TEXTS, HOLD = 20, 20_000, 5
Labelled = tuple[str, str]


def confirmed(target: str) -> Sequence[Labelled]:
    """(text, value) of what people confirmed, oldest first."""
    rows = Proposal.objects.filter(decided_at__isnull=False).select_related("case").order_by("decided_at", "case_id")
    found = [(f"{row.case.title} {row.case.text}", str((row.chosen or {}).get(target, ""))) for row in rows]
    return [(text, value) for text, value in found if value]


def _past(target: str) -> Sequence[Labelled]:
    """Past cases whose class or type people had settled; urgency has no past."""
    field = {Target.CLASS: "standard__class_name", Target.POINT_TYPE: "point_type"}.get(Target(target))
    if field is None:
        return ()
    rows = Case.objects.exclude(**{field: None}).exclude(**{field: ""}).exclude(pk__in=Proposal.objects.values("case"))
    found = rows.order_by("-id").values_list("title", "text", field)[: MOST_TEXTS - LEAST_CONFIRMED]
    return [(f"{title} {text}", value) for title, text, value in found]


def ask_training(*, target: str, by: Actor, now: datetime) -> None:
    """Leave the training to the worker. Refuses with every objection."""
    said = [] if may(by, Permission.TRIAGE_RELEASE) else ["训练新模型由区文明办主任决定。"]
    if target not in Target.values:
        raise Refused([*said, "不认识要训练的内容。"])
    number = len(confirmed(target))
    if number < LEAST_CONFIRMED:
        said.append(f"已确认的只有 {number} 条，至少 {LEAST_CONFIRMED} 条才能训练。")
    if said:
        raise Refused(said)
    with transaction.atomic():
        place = Target.values.index(target) + 1
        record(kind="triage.training_asked", subject_kind="triage", subject_id=place, by=by, now=now, target=target)


def train_next(*, target: str, now: datetime) -> TextClassifier | None:
    """Train a model of all that is known but the held-out confirmations, and measure both; for the worker."""
    known = confirmed(target)
    held, taught = known[HOLD - 1 :: HOLD], [row for at, row in enumerate(known) if at % HOLD != HOLD - 1]
    labelled = [*_past(target), *taught]
    if len({value for _text, value in labelled}) < 2 or not held:  # two classes, or nothing to tell apart
        return None
    made = train([text for text, _value in labelled], [value for _text, value in labelled])
    old = model_in_use(target)
    facts = {"held_out": len(held), "new": measured(made, held), "old": measured(old, held) if old else None}
    with transaction.atomic():
        row = TextClassifier.objects.create(
            target=target, content=model_bytes(made), texts=len(labelled), figures=facts, made_at=now
        )  # fmt: skip
        record(
            kind="triage.model_trained", subject_kind="triage_model", subject_id=row.pk, by=SYSTEM, now=now,
            target=target, figures=facts,
        )  # fmt: skip
    return row


def measured(model: TextModel, held: Sequence[Labelled]) -> dict[str, Any]:
    """Accuracy, macro-F1 and calibration error on texts; values that the model does not know count as wrong."""
    classes = [*model.classes, *sorted({value for _text, value in held} - set(model.classes))]
    shares = np.zeros((len(held), len(classes)))
    for at, (text, _value) in enumerate(held):
        shares[at, : len(model.classes)] = model.predict(text).probabilities
    labels = np.array([classes.index(value) for _text, value in held])
    seen = sorted({value for _text, value in held})
    found = figures(shares, labels, classes)
    macro = float(np.mean([found.f1[value] for value in seen]))
    return {"accuracy": round(found.accuracy, 4), "macro_f1": round(macro, 4), "ece": round(found.ece, 4)}


@transaction.atomic
def approve(*, model_id: int, by: Actor, now: datetime) -> TextClassifier:
    """From now on this model proposes. Who approves has its figures beside the old one's on the page."""
    row = TextClassifier.objects.select_for_update().filter(pk=model_id).first()
    if row is None:
        raise NotFound
    said = [] if may(by, Permission.TRIAGE_RELEASE) else ["新模型由区文明办主任起用。"]
    said += ["这个模型已经起用过。"] if row.approved_at is not None else []
    if said:
        raise Refused(said)
    row.approved_at, row.approved_by = now, by.name
    row.save(update_fields=["approved_at", "approved_by"])
    record(
        kind="triage.model_approved", subject_kind="triage_model", subject_id=row.pk, by=by, now=now, target=row.target,
        figures=row.figures,
    )  # fmt: skip
    transaction.on_commit(lambda: cache.delete(f"triage.model.{row.target}"))
    cache.delete(f"triage.model.{row.target}")
    return row
