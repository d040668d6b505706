"""Fixtures of every test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache

os.environ.setdefault("CHUANGWEN_DB_POOL", "0")


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: object, request: pytest.FixtureRequest) -> Iterator[None]:
    """Photos go to a folder of the test's own; nothing cached reaches the next test."""
    if "/tests/rules/" in str(request.node.path):
        yield
        return
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "files", "base_url": None}}  # type: ignore[attr-defined]
    settings.STORAGES = {**settings.STORAGES, "default": default}  # type: ignore[attr-defined]
    cache.clear()
    yield
    cache.clear()
