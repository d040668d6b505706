"""整改任务书: many cases under one deadline."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from chuangwen.cases.clock import set_act_by
from chuangwen.cases.models import Case, Order
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.rules.case_flow import OPEN, RUNNING, Status
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.queries import work_calendar

_JOINABLE = [status.value for status in OPEN - {Status.SUSPENDED, Status.RECTIFIED, Status.VERIFIED}]


def _objections(number: str, title: str, issuer: str, deadline: datetime | None, now: datetime, by: Actor) -> list[str]:
    objections = []
    if not may(by, Permission.ORDER_ISSUE):
        objections.append("整改任务书由区文明办下达。")
    for label, text in (("文号", number), ("标题", title), ("发文单位", issuer)):
        if not text.strip():
            objections.append(f"请填写{label}。")
    if deadline is None or deadline <= now:
        objections.append("整改期限须在现在之后。")
    if Order.objects.filter(number=number.strip()).exists():
        objections.append(f"文号“{number.strip()}”已经用过。")
    return objections


@transaction.atomic
def issue_order(
    *,
    number: str,
    title: str,
    issuer: str,
    deadline: datetime | None,
    case_ids: Iterable[int],
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Order:
    """Put open cases under one deadline. Repeating the submission gives the order that already exists."""
    wanted = set(case_ids)

    def make() -> Order:
        if deadline is None:
            raise Refused(_objections(number, title, issuer, deadline, now, by))
        cases = _joinable(wanted, _objections(number, title, issuer, deadline, now, by), by)
        order = Order.objects.create(
            number=number.strip(), title=title.strip(), issuer=issuer.strip(), note=note.strip(), deadline=deadline,
            issued_at=now, issued_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        for case in cases:
            _join(case, order, by=by, now=now)
        record(
            kind="order.issued", subject_kind="order", subject_id=order.pk, by=by, now=now, number=order.number,
            deadline=timestamp(deadline), cases=[case.pk for case in cases],
        )  # fmt: skip
        return order

    return once(lambda: Order.objects.filter(client_key=client_key).first() if client_key else None, make)


def _joinable(wanted: set[int], objections: list[str], by: Actor) -> list[Case]:
    visible = Case.objects.visible_to(by).filter(pk__in=wanted).values("pk")
    cases = list(Case.objects.select_for_update(of=("self",)).filter(pk__in=visible).order_by("pk"))
    if not wanted:
        objections.append("请至少选一件案件。")
    if len(cases) < len(wanted):
        objections.append("有案件不存在，或您无权查看。")
    objections += [
        f"{case.number} 现在是“{case.flow_status.label}”，不能列入。" for case in cases if case.status not in _JOINABLE
    ]
    objections += [f"{case.number} 已列入另一份整改任务书。" for case in cases if case.order_id is not None]
    if objections:
        raise Refused(objections)
    return cases


def _join(case: Case, order: Order, *, by: Actor, now: datetime) -> None:
    case.order = order
    if case.flow_status in RUNNING:
        case.due_at, case.due_warning = order.deadline, ""
    set_act_by(case, work_calendar(), now)
    case.version += 1
    case.save(update_fields=["order", "due_at", "due_warning", "act_by", "version"])
    record(
        kind="case.ordered", subject_kind="case", subject_id=case.pk, by=by, now=now, order=order.number,
        due_at=timestamp(case.due_at),
    )  # fmt: skip
