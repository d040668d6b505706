"""Start Django for a command, once."""

import os
from pathlib import Path


def setup(data: Path | None = None) -> None:
    """Prepare Django; `data` chooses the installation's data directory."""
    if data is not None:
        os.environ["CHUANGWEN_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
    import django  # noqa: PLC0415 - analysing commands must start without Django

    django.setup()
