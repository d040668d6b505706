"""What other rooms know, where they are part of this installation: None where a room is not."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from django.apps import apps


def _room(name: str) -> Any:
    return import_module(f"chuangwen.{name}.queries") if apps.is_installed(f"chuangwen.{name}") else None


def completeness(edition_id: int, *, now: datetime) -> Any:
    """How complete the material is."""
    room = _room("declarations")
    return room.completeness(edition_id, now=now) if room else None


def mock_observations(edition_id: int) -> Iterable[Any] | None:
    """What finished mock examinations saw."""
    room = _room("mocks")
    return room.observations(edition_id) if room else None


def mock_results() -> Sequence[Any] | None:
    """The finished mock examinations with their rates."""
    room = _room("mocks")
    return room.results() if room else None


def questionnaire_rates(edition_id: int, *, now: datetime) -> Sequence[Any] | None:
    """What people answered."""
    room = _room("surveys")
    return room.questionnaire_rates(edition_id, now=now) if room else None
