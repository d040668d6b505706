"""Extensions: asked by the unit, decided by the office; each adds the original limit once, at most twice.

Source of the rule: the extension clauses in use in digital city management (docs/glossary.md, 延期).
"""

from datetime import datetime

from django.db import transaction

from chuangwen.cases.clock import set_act_by, set_due
from chuangwen.cases.models import Case, Extension
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.case_flow import RUNNING
from chuangwen.rules.deadlines import may_extend
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.queries import work_calendar


def _locked(case_id: int, by: Actor) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("home", "unit", "standard", "order")
    case = rows.filter(pk=case_id).first()
    if case is None or not may(by, Permission.CASE_SEE, case.thing()):
        raise NotFound
    return case


def extension_objections(case: Case, *, pending: bool, now: datetime) -> tuple[str, ...]:
    """Why this case cannot be extended now; empty when it can."""
    if case.order_id is not None:
        return ("整改任务书的期限是统一的，不能单独延期。",)
    if case.flow_status not in RUNNING or case.due_at is None:
        return (f"案件现在是“{case.flow_status.label}”，不能申请延期。",)
    return may_extend(extensions=case.extension_count, now=now, due=case.due_at, pending=pending)


@transaction.atomic
def ask_extension(
    *, case_id: int, reason: str, by: Actor, now: datetime, client_key: str | None = None
) -> Extension | None:
    """The unit asks for one more limit. Returns None when the same submission was already taken."""
    case = _locked(case_id, by)
    if taken_before(client_key, "case", case_id):
        return None
    pending = Extension.objects.filter(case=case, granted=None).exists()
    objections = list(extension_objections(case, pending=pending, now=now))
    if not may(by, Permission.EXTENSION_ASK, case.thing()):
        objections.insert(0, "延期由责任单位负责人申请。")
    if not reason.strip():
        objections.append("申请延期须写明理由。")
    if objections:
        raise Refused(objections)
    asked = Extension.objects.create(case=case, reason=reason.strip()[:500], asked_by_id=by.user_id, asked_at=now)
    record(
        kind="case.extension_asked", subject_kind="case", subject_id=case.pk, by=by, now=now, client_key=client_key,
        note=asked.reason,
    )  # fmt: skip
    return asked


@transaction.atomic
def decide_extension(
    *, case_id: int, granted: bool, reason: str = "", by: Actor, now: datetime, client_key: str | None = None
) -> Extension | None:
    """The office decides the open request; granted moves the deadline by the original limit."""
    case = _locked(case_id, by)
    if taken_before(client_key, "case", case_id):
        return None
    asked = Extension.objects.filter(case=case, granted=None).first()
    objections = []
    if asked is None:
        objections.append("这件案件没有待批的延期申请，可能已由他人批复。")
    if not may(by, Permission.EXTENSION_DECIDE, case.thing()):
        objections.append("延期由区文明办批复。")
    if not granted and not reason.strip():
        objections.append("不同意延期须写明理由。")
    if objections or asked is None:
        raise Refused(objections)
    asked.granted, asked.decided_by_id, asked.decided_at = granted, by.user_id, now
    asked.decision_reason = reason.strip()[:500]
    asked.save(update_fields=["granted", "decided_by", "decided_at", "decision_reason"])
    if granted:
        case.extension_count += 1
        set_due(case, work_calendar())
        set_act_by(case, work_calendar(), now)
    case.version += 1
    case.save(update_fields=["extension_count", "due_at", "due_warning", "act_by", "version"])
    record(
        kind="case.extension_granted" if granted else "case.extension_refused", subject_kind="case", subject_id=case.pk,
        by=by, now=now, client_key=client_key, note=asked.decision_reason, due_at=timestamp(case.due_at),
    )  # fmt: skip
    return asked
