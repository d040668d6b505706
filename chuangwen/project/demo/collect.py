"""ODK Collect in the sample: two phones of an inspector, one of them gone, and a record whose picture is on its way."""

import hashlib
from datetime import datetime, timedelta

from chuangwen.patrols.models import Patrol
from chuangwen.people.app_tokens import app_tokens_of, issue_app_token, revoke_app_token
from chuangwen.people.queries import actor_by_username
from chuangwen.rules.permissions import Actor
from chuangwen.rules.submissions import Filled, FilledForm
from chuangwen.standards.models import Criterion
from chuangwen.standards.xlsform import form_head
from chuangwen.submissions.operations import Parcel, receive_form
from chuangwen.submissions.queries import forms_to_fill

RECORD = "uuid:00000000-0000-4000-8000-000000000001"


def load(*, username: str, now: datetime) -> None:
    """Through the same operations as everything else. The passwords are thrown away: nobody can log in with them."""
    by = actor_by_username(username, now.date())
    issue_app_token(name="旧手机", by=by, now=now - timedelta(days=40))
    revoke_app_token(token_id=app_tokens_of(by.user_id or 0)[0].pk, by=by, now=now - timedelta(days=12))
    issue_app_token(name="工作手机", by=by, now=now - timedelta(days=12))
    if Patrol.objects.filter(inspectors=by.user_id, ends_at__gte=now, cancelled_at=None).exists():
        _hand_in(by, now)


def _hand_in(by: Actor, now: datetime) -> None:
    for wanted in forms_to_fill(by.user_id or 0, now):
        asked = Criterion.objects.filter(
            edition_id=wanted.edition_id, point_type=wanted.point_type, method="field", photo_on_fail=True
        )
        if failed := asked.order_by("position").first():
            head = form_head(wanted.edition_id, wanted.point_type)
            form = FilledForm(
                instance_id=RECORD, deprecated_id="", form_id=head.form_id, version=head.version,
                edition_id=wanted.edition_id, point_type=wanted.point_type, site_id=int(wanted.sites[0][0]),
                found_at=now - timedelta(minutes=6), rest_passes=True, answers={},
                criteria=(Filled(failed.code, "fail", "现场照片随后发送", photo="1700000000000.jpg"),),
            )  # fmt: skip
            parcel = Parcel(form, hashlib.sha256(RECORD.encode()).hexdigest(), {}, sent_at=now)
            receive_form(parcel=parcel, by=by, now=now)
            return
