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
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only wait for one another
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


@pytest.fixture(scope="session", autouse=True)
def _only_pages_keep_their_context() -> None:
    """Django's client copies the context of every template it sees; of the dozens of components in a page nobody asks."""
    from django.test import client as module

    client: Any = module  # the function is not among what the stubs know
    keep = client.store_rendered_templates

    def of_pages(store: Any, signal: Any, sender: Any, template: Any, context: Any, **more: Any) -> None:
        if not (template.name or "").startswith(("components/", "django/forms/")):
            keep(store, signal, sender, template, context, **more)

    client.store_rendered_templates = of_pages


# What takes longest begins first, so that no worker waits for it at the end; and its neighbours share a set-up.
LONG = ("real", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, everything else in its order."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in LONG))


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
