"""The small district, made once for every test that serves a copy of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.odk.servers import write_district

District = tuple[Path, dict[str, Any]]


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """A data directory, and what the phone of its inspector knows."""
    data = tmp_path_factory.mktemp("district")
    return data, write_district(data)
