"""The small district, ready."""

import pytest

from tests.world import World, build


@pytest.fixture
def world(db: None) -> World:
    """The small district of tests/world.py."""
    return build()
