"""`python -m chuangwen.api.snapshot > docs/openapi.json`: the description of the interface, the same every time."""

import json
import os
import sys


def snapshot() -> str:
    """The OpenAPI description as sorted JSON with a final newline. Needs Django to be set up."""
    from chuangwen.api.main import api  # noqa: PLC0415  # after the set-up

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
    import django

    django.setup()
    sys.stdout.write(snapshot())
