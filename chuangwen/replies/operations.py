"""A reply goes out once it holds what it must; a deadline that moves tells its reporter by itself; a verdict is taken."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.operations import close_checked
from chuangwen.cases.reopening import answer
from chuangwen.intake.models import ResidentReport
from chuangwen.intake.queries import receipt_of, report_round
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.replies.models import Reply, ReplyKind, Satisfaction, Verdict
from chuangwen.replies.queries import (
    READY,
    case_to_answer,
    check_words,
    day_words,
    facts_of,
    points,
    report_of,
    templates,
)
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.reply_checks import reply_objections
from chuangwen.rules.residents import ANSWERED

LONGEST_REPLY = 3000


@transaction.atomic
def send_reply(
    *,
    case_id: int,
    kind: str,
    text: str,
    passed_over: Sequence[str] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Reply:
    """Tell the reporter, on the page of their receipt. Refuses with every objection of the checks; points named in
    `passed_over` need no answer, which is kept with the reply. A final reply is the answer of the case, and closes one
    that is checked.
    """

    def make() -> Reply:
        case = case_to_answer(by, case_id)
        known = [point for point in points(case) if point in passed_over]
        found = [] if kind in ReplyKind.values else ["请选“办理结果”或“进展告知”。"]
        if kind == ReplyKind.FINAL and case.flow_status not in READY:
            found.append("还没有整改完，请先发“进展告知”，整改后再答复结果。")
        found += [f"答复最多写 {LONGEST_REPLY} 字。"] if len(text) > LONGEST_REPLY else []
        names = {case.unit.name} if case.unit else {"区文明办"}
        report = report_of(case) if kind == ReplyKind.FINAL else ""
        found += reply_objections(text, report=report, unit_names=names, words=check_words(), passed_over=known)
        if found:
            raise Refused(found)
        reply = Reply.objects.create(
            case=case, kind=kind, text=text.strip(), unit=case.unit, passed_over=known, sent_by_id=by.user_id,
            sent_at=now, key=client_key or None,
        )  # fmt: skip
        _record(reply, by, now)
        if kind == ReplyKind.FINAL:
            answer(case_id=case.pk, text=text, by=by, now=now)
            close_checked(case_id=case.pk, now=now)
        return reply

    return once(lambda: Reply.objects.filter(key=client_key, case=case_id).first() if client_key else None, make)


def _record(reply: Reply, by: Actor, now: datetime) -> None:
    record(
        kind="reply.sent",
        subject_kind="case",
        subject_id=reply.case_id,
        by=by,
        now=now,
        reply=reply.pk,
        what=reply.kind,
    )


@transaction.atomic
def tell_moved_deadline(*, case_id: int, event_id: int, now: datetime) -> Reply | None:
    """The deadline of a resident's case moved: its reporter is told the unit and the new day. Safe to repeat."""
    case = Case.objects.select_related("site", "unit", "standard").filter(pk=case_id).first()
    report, _round = report_round(case_id)
    until = case.suspended_until or case.due_at if case else None
    if case is None or report is None or until is None or case.flow_status not in RUNNING | {Status.SUSPENDED}:
        return None
    text = templates()["interim"].format(**{**facts_of(case, now), "until": day_words(until)}, done="")

    def make() -> Reply:
        reply = Reply.objects.create(
            case=case, kind=ReplyKind.INTERIM, text=text, unit=case.unit, sent_at=now, key=f"moved-{event_id}"
        )
        _record(reply, SYSTEM, now)
        return reply

    return once(lambda: Reply.objects.filter(key=f"moved-{event_id}").first(), make)


@transaction.atomic
def judge(
    *, receipt: str, responded: bool | None = None, solved: bool | None = None, satisfied: str = "", now: datetime
) -> Verdict:
    """One of two taps of the reporter: answered and solved, or how satisfied. Each stays as it was given first."""
    found = receipt_of(receipt, now)
    if found.report_id is None:
        raise NotFound("只有提交反映的人可以评价。")
    ResidentReport.objects.select_for_update().get(pk=found.report_id)  # two taps at once, one after the other
    case = Case.objects.get(pk=found.case_id)
    if case.flow_status not in ANSWERED:
        raise Refused("这件事还没有办完，办完后请您评价。")
    row = Verdict.objects.filter(report=found.report_id, round=found.round).first()
    if row is None and (responded is None or solved is None):
        raise Refused("请先选有没有人联系您、解决了没有。")
    if satisfied and satisfied not in Satisfaction.values:
        raise Refused("请选“满意”“基本满意”或“不满意”。")
    if row is None:
        on_time = None if case.due_at is None or case.rectified_at is None else not case.is_late(now)
        row = Verdict(
            report_id=found.report_id, round=found.round, unit_id=case.unit_id, responded=bool(responded),
            solved=bool(solved), on_time=on_time, given_at=now,
        )  # fmt: skip
    row.satisfied = row.satisfied or satisfied
    row.save()
    record(kind="reply.judged", subject_kind="case", subject_id=case.pk, by=SYSTEM, now=now, solved=row.solved)
    return row
