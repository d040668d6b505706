"""Write the map of addresses anew: python -m tests.edges.url_map > tests/edges/url_permissions.json (look at the change!)."""

import json
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
    import django

    django.setup()
    from tests.edges.test_every_url import ALL, asked

    found = {name: asked(entry) for name, _, entry in ALL}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
