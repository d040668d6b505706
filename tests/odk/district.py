"""The small district with a round of today and a connected phone, written into a data directory.

Run as `python -m tests.odk.district DIR`; prints what a phone needs to know as JSON.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

from chuangwen.project import boot, serving


def write(data: Path) -> dict[str, object]:
    """Everything a server needs; the account and password of the phone, a site of the round and its form."""
    serving.ensure_secret(data)
    boot.setup(data)
    serving.migrate()
    from django.utils import timezone

    from chuangwen.patrols.operations import plan_patrol
    from chuangwen.people.app_tokens import issue_app_token
    from chuangwen.people.queries import actor_by_username
    from chuangwen.standards.xlsform import form_head
    from tests.rounds import small_edition
    from tests.world import build

    world, now = build(), timezone.now()
    inspector, clerk = (actor_by_username(name, now.date()) for name in ("inspector", "clerk"))
    edition = small_edition()
    plan_patrol(
        title="学田文峰日常巡查", edition_id=edition.pk, site_ids=[world.compound.pk, world.lane.pk],
        inspector_ids=[inspector.user_id or 0], starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8),
        by=clerk, now=now - timedelta(hours=2),
    )  # fmt: skip
    return {
        "username": "inspector", "password": issue_app_token(name="测试", by=inspector, now=now),
        "site": world.compound.pk, "form_id": form_head(edition.pk, "RES").form_id,
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(write(Path(sys.argv[1]))))
