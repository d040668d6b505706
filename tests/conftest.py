"""Fixtures of every test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from hypothesis import settings as Properties  # noqa: N812 - `settings` is the fixture of Django here

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

os.environ.setdefault("CHUANGWEN_DB_POOL", "0")
# Few examples each run keep the rules under five seconds; HYPOTHESIS_PROFILE=thorough tries many.
Properties.register_profile("quick", max_examples=16, deadline=None)
Properties.register_profile("thorough", max_examples=1000, deadline=None)
Properties.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def _own_files(request: pytest.FixtureRequest) -> Iterator[None]:
    """Photos go to a folder of the test's own; nothing cached reaches the next test. Rules need neither, and no folder."""
    if request.node.path.parent.name in {"rules", "samples", "commands"}:
        yield
        return
    settings: Any = request.getfixturevalue("settings")
    folder: Path = request.getfixturevalue("tmp_path")
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": folder / "files", "base_url": None}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def world(db: None) -> "World":
    """The small district of tests/world.py, ready. Imported here, so that tests of rules load no models."""
    from tests.world import build  # see the docstring

    return build()


@pytest.fixture
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests believe that it is nine o'clock on the Wednesday of the small district."""
    from tests.world import NOW  # see `world`

    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW)


@pytest.fixture
def enter(world: "World", wednesday: None) -> "Callable[[str], Client]":
    """`enter("clerk")` gives a browser in which this account of the small district is logged in."""
    from django.test import Client  # see `world`

    from chuangwen.people.models import User  # see `world`

    def log_in(username: str) -> "Client":
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    return log_in
