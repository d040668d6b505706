"""Hints on the photos of a case, as the pages of verifiers show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from chuangwen.cases.photo_hints import hints_for
from chuangwen.cases.worklist import Case
from chuangwen.rules.permissions import Actor


def hint_rows(actor: Actor, case: Case) -> Sequence[Mapping[str, Any]]:
    """One row a hint: what it says, the photo of this case and the earlier one. Nothing for who does not verify."""
    return [_row(case, hint) for hint in hints_for(actor, case)]


def _row(case: Case, hint: Any) -> Mapping[str, Any]:
    own = reverse("web:desk:case-photo", args=[case.pk, hint.photo_id])
    other = ""
    if hint.other_id is not None and hint.other_id != hint.photo_id:
        other = reverse("web:desk:case-hint-photo", args=[case.pk, hint.pk])
    return {
        "id": hint.pk, "label": hint.get_kind_display(), "fact": hint.fact, "measure": hint.measure,
        "harmless": hint.harmless, "url": own, "other_url": other, "at": hint.photo.taken_at or hint.photo.stored_at,
        "other_at": (hint.other.taken_at or hint.other.stored_at) if hint.other else None,
        "set_aside_at": hint.set_aside_at, "word": hint.set_aside_word,
        "action": reverse("web:desk:case-hint-set-aside", args=[case.pk, hint.pk]),
    }  # fmt: skip
