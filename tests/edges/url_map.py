"""Write the map of addresses anew: python -m tests.edges.url_map > tests/edges/url_permissions.json (look at the change!)."""

import json
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuangwen.project.settings")
    import django

    django.setup()
    from tests.edges.test_every_url import ALL, permission_of

    found = {name: (kind.value if (kind := permission_of(entry)) else "public") for name, _, entry in ALL}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
