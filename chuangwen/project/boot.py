"""Start Django for a command, once."""

import os
from pathlib import Path


def data_dir(chosen: Path | None = None) -> Path:
    """The installation's data directory, as settings will read it."""
    return Path(chosen or os.environ.get("CHUANGWEN_DATA") or "var/data").resolve()


def setup(data: Path | None = None) -> None:
    """Prepare Django; `data` chooses the installation's data directory."""
    os.environ["CHUANGWEN_DATA"] = str(data_dir(data))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
    data_dir(data).mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
