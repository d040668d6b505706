"""Noticing that somebody else saved the same thing while a form was open, for things that carry no version."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from chuangwen.web.desk.lists import words_of

Difference = tuple[str, str, str]  # label, what is typed here, what is saved now


def fingerprint(facts: Mapping[str, Any]) -> str:
    """A short word for what a form showed when it was opened."""
    return hashlib.sha256(repr(sorted((name, _plain(value)) for name, value in facts.items())).encode()).hexdigest()[
        :16
    ]


def differences(form: forms.Form, theirs: Mapping[str, Any]) -> list[Difference]:
    """Where a sound form says something else than what is saved."""
    mine = form.cleaned_data
    return [
        (str(form.fields[name].label), _shown(form.fields[name], mine[name]), _shown(form.fields[name], value))
        for name, value in theirs.items()
        if _plain(mine[name]) != _plain(value)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    words = words_of(field)
    several: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    return "、".join(str(words.get(part, _plain(part))) for part in several) or _("（空）")
