"""A resident reports at a printed code; the house opens the case, hands out a receipt number and forgets what it can."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from chuangwen.cases.found import found_title
from chuangwen.cases.operations import open_case
from chuangwen.evidence.arriving import Arriving
from chuangwen.intake.models import RecentSender, ResidentReport
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.places.models import Site
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import Refused
from chuangwen.rules.residents import LENGTH, LONGEST_TEXT, SIGNS, read_phone, receipt_number, without_numbers
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import checklist, current_edition, standard_for

ORIGIN = "resident"
WINDOW = timedelta(hours=1)
PHONE_KEPT = timedelta(days=30)  # after the case is done, for a last call
PHONE_KEPT_AT_MOST = timedelta(days=400)


def _criterion(site: Site, code: str) -> Criterion | None:
    edition = current_edition()
    rows = checklist(edition.pk, site.point_type) if edition and code else []
    return next((row for row in rows if row.code == code), None)


@transaction.atomic
def report_at(
    *,
    site: Site,
    text: str = "",
    criterion_code: str = "",
    phone: str = "",
    photos: Iterable[Arriving] = (),
    sender: str,
    now: datetime,
    client_key: str | None = None,
) -> ResidentReport:
    """What is wrong at this place, as a reported case of the house: nobody is named as its reporter.

    `sender`: the address it came from; only a digest of it is kept, for an hour, to hold back floods. Refuses with
    every objection. The same client key again gives the report that it already made.
    """

    def make() -> ResidentReport:
        criterion, number = _criterion(site, criterion_code), read_phone(phone)
        found = [] if text.strip() or criterion else ["请选一条没有做到的，或者写一句什么问题。"]
        found += ["选的这一条不在这里的要求里，请重新选。"] if criterion_code and criterion is None else []
        found += [f"最多写 {LONGEST_TEXT} 字。"] if len(text) > LONGEST_TEXT else []
        found += ["电话号码看不懂，请写手机号或带区号的座机；也可以不填。"] if number is None else []
        if found:
            raise Refused(found)
        _hold_back_floods(sender, now)
        words = without_numbers(text.strip())
        asked = criterion.text if criterion else "群众反映的问题"
        case = open_case(
            title=found_title(site.name, asked, words), text=words, home=site.home, street=site.street, site=site,
            origin_kind=ORIGIN, standard=standard_for(criterion.case_standard) if criterion else None,
            severity=criterion.severity if criterion else "B", criterion_code=criterion.code if criterion else "",
            photo_ids=photos, by=SYSTEM, now=now,
        )  # fmt: skip
        receipt = receipt_number([secrets.randbelow(len(SIGNS)) for _ in range(LENGTH)])
        return ResidentReport.objects.create(
            case=case, receipt=receipt, phone=number or "", made_at=now, client_key=client_key or None
        )

    return once(lambda: ResidentReport.objects.filter(client_key=client_key).first() if client_key else None, make)


def _hold_back_floods(sender: str, now: datetime) -> None:
    """Many people can share one address, so the limit is generous; what is older than the window is forgotten here."""
    RecentSender.objects.filter(sent_at__lte=now - WINDOW).delete()
    digest = salted_hmac("chuangwen.intake", sender, algorithm="sha256").hexdigest()
    if RecentSender.objects.filter(digest=digest).count() >= settings.RESIDENT_REPORTS_PER_HOUR:
        raise Refused("这一小时里从您所在的网络报来的问题太多，请过一会儿再试；急事请拨打 12345。")
    RecentSender.objects.create(digest=digest, sent_at=now)


@transaction.atomic
def forget_phones(*, now: datetime) -> int:
    """Telephone numbers that nobody needs any more, and digests of addresses. Returns how many numbers."""
    RecentSender.objects.filter(sent_at__lte=now - WINDOW).delete()
    kept = ResidentReport.objects.exclude(phone="")
    done = kept.filter(case__ended_at__lte=now - PHONE_KEPT) | kept.filter(made_at__lte=now - PHONE_KEPT_AT_MOST)
    ids = list(done.values_list("pk", flat=True))
    for report_id in ids:
        record(kind="report.phone_forgotten", subject_kind="report", subject_id=report_id, by=SYSTEM, now=now)
    return ResidentReport.objects.filter(pk__in=ids).update(phone="")
