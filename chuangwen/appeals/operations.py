"""Every way appeals change: raised by a unit, proposed, decided, taken to the next level; windows and set times."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from chuangwen.appeals.models import Appeal, AppealPhoto, Review, TermSet, Window
from chuangwen.appeals.queries import (
    REVIEWS,
    case_appeal_until,
    counts_for,
    finding_for,
    involved_in,
    is_open,
    may_escalate,
    released,
    terms_for,
    terms_scope,
    visible_to,
)
from chuangwen.cases.models import Case
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import KEY_TAKEN, once, taken_before
from chuangwen.journal.operations import record
from chuangwen.patrols.models import Verdict
from chuangwen.patrols.queries import concealed
from chuangwen.people.models import Unit
from chuangwen.rules import appeals as rules
from chuangwen.rules.appeals import CLAIMS, Outcome, State, Step, Subject, Terms
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.standards.queries import work_calendar

ONCE = "这一项已经申诉过，每项只能申诉一次。"
NOT_YOURS = "申诉由责任单位的负责人或承办人提出。"
OVER = "申诉期限已过，或者这一项不在可以申诉的范围。"


@dataclass(frozen=True)
class Plea:
    """What a unit asks and why."""

    claim: str
    ground: str
    words: str = ""
    photos: Sequence[int | Arriving] = ()


@dataclass(frozen=True)
class _Target:
    """What is appealed, whose it is, and what already stands against it."""

    subject: Subject
    unit: Unit
    home: Unit
    facts: Mapping[str, Any]
    objections: Sequence[str]
    window: Window | None = None

    @property
    def thing(self) -> Thing:
        return Thing(home=self.home.path, handler=self.unit.path)


def _plea_objections(plea: Plea, subject: Subject, terms: Terms) -> list[str]:
    found = []
    if plea.claim not in CLAIMS[subject]:
        found.append("请选择要求怎么计。")
    if plea.ground not in terms.grounds:
        found.append("请从列出的申诉理由中选一条。")
    if not plea.words.strip():
        found.append("请写明情况和依据。")
    if len(plea.words.strip()) > rules.MOST_WORDS:
        found.append(f"说明最多 {rules.MOST_WORDS} 字。")
    return found


@transaction.atomic
def appeal_case(*, case_id: int, plea: Plea, by: Actor, now: datetime, client_key: str | None = None) -> Appeal:
    """The handling unit objects to how a closed case counts, or one in a sheet that is shown; once per case."""

    def find() -> _Target:
        rows = Case.objects.select_for_update(of=("self",)).select_related("home", "unit", "street")
        case = rows.filter(pk=case_id).first()
        if case is None or case.unit is None or not may(by, Permission.CASE_SEE, case.thing()):
            raise NotFound
        until = case_appeal_until(case, now)
        objections = [] if until is not None and now < until else [OVER]
        objections += [ONCE] if Appeal.objects.filter(case=case).exists() else []
        return _Target(Subject.CASE, case.unit, case.home, {"case": case}, objections)

    return _raise(find, plea, by=by, now=now, client_key=client_key)


@transaction.atomic
def appeal_finding(
    *, window_id: int, finding_id: int, plea: Plea, by: Actor, now: datetime, client_key: str | None = None
) -> Appeal:
    """A street objects to a failed finding of the sheet that is shown; once per finding, while it is shown."""

    def find() -> _Target:
        window, finding = _window(window_id), finding_for(finding_id)
        street = finding.visit.site.street
        hidden = concealed(now).filter(pk=finding.visit.patrol_id).exists()
        if street is None or hidden or not street.path.startswith(window.scope.path):
            raise NotFound
        day = finding.visit.finished_at.astimezone(SHANGHAI).date() if finding.visit.finished_at else None
        inside = day is not None and window.starts_on <= day <= window.ends_on
        objections = [] if is_open(window, now) and inside else [OVER]
        objections += [] if finding.verdict == Verdict.FAIL else ["只有不合格的判定可以申诉。"]
        objections += [ONCE] if Appeal.objects.filter(finding=finding).exists() else []
        return _Target(Subject.FINDING, street, finding.visit.site.home, {"finding": finding}, objections, window)

    return _raise(find, plea, by=by, now=now, client_key=client_key)


@transaction.atomic
def appeal_part(
    *, window_id: int, unit_id: int, part: str, plea: Plea, by: Actor, now: datetime, client_key: str | None = None
) -> Appeal:
    """A street objects to a whole part of its line; once per part, while the sheet is shown."""

    def find() -> _Target:
        window = _window(window_id)
        unit = Unit.objects.filter(pk=unit_id, path__startswith=window.scope.path).first()
        if unit is None or not window.part_label(part):
            raise NotFound
        known = Appeal.objects.filter(window=window, unit=unit, part=part).exists()
        objections = [*([] if is_open(window, now) else [OVER]), *([ONCE] if known else [])]
        return _Target(Subject.PART, unit, unit, {"part": part}, objections, window)

    return _raise(find, plea, by=by, now=now, client_key=client_key)


def _window(window_id: int) -> Window:
    window = Window.objects.select_related("scope").filter(pk=window_id).first()
    if window is None:
        raise NotFound
    return window


def _raise(find: Any, plea: Plea, *, by: Actor, now: datetime, client_key: str | None) -> Appeal:
    def make() -> Appeal:
        target: _Target = find()
        terms = terms_for(target.home)
        objections = [] if may(by, Permission.APPEAL_RAISE, target.thing) else [NOT_YOURS]
        objections += [*target.objections, *_plea_objections(plea, target.subject, terms)]
        if objections:
            raise Refused(objections)
        appeal = Appeal.objects.create(
            unit=target.unit, home=target.home, window=target.window, subject=target.subject.value, claim=plea.claim,
            ground=plea.ground, words=plea.words.strip(), raised_by_id=by.user_id, raised_at=now,
            act_by=rules.end_of(now, terms.review_days, work_calendar()), client_key=client_key or None, **target.facts,
        )  # fmt: skip
        _attach(appeal, plea.photos, by=by, now=now)
        _record(appeal, "raised", by, now, claim=plea.claim, ground=plea.ground, words=appeal.words)
        return appeal

    appeal = once(lambda: Appeal.objects.filter(client_key=client_key).first() if client_key else None, make)
    if appeal.raised_by_id != by.user_id:
        raise Refused(KEY_TAKEN)
    return appeal


def _attach(appeal: Appeal, photos: Iterable[int | Arriving], *, by: Actor, now: datetime) -> None:
    stored = stored_photos(photos=photos, by=by, now=now)
    AppealPhoto.objects.bulk_create([AppealPhoto(appeal=appeal, photo=photo) for photo in stored])


def _record(appeal: Appeal, what: str, by: Actor, now: datetime, key: str | None = None, **facts: Any) -> None:
    subject = {"case": appeal.case_id, "finding": appeal.finding_id, "part": appeal.part, "unit": appeal.unit_id}
    record(
        kind=f"appeal.{what}", subject_kind="appeal", subject_id=appeal.pk, by=by, now=now, client_key=key,
        **{name: value for name, value in subject.items() if value}, **facts,
    )  # fmt: skip


# --- reviewing ---


def _locked(appeal_id: int, by: Actor, seen_version: int | None) -> Appeal:
    rows = Appeal.objects.select_for_update(of=("self",)).select_related(
        "unit", "home", "window", "case__home", "finding__visit"
    )
    appeal = rows.filter(visible_to(by), pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    if seen_version is not None and seen_version != appeal.version:
        raise Conflict(f"刚刚有人办过这件申诉，现在是“{appeal.get_state_display()}”。请看过最新情况再办。")
    return appeal


def _once(client_key: str | None, appeal_id: int, act: Callable[[], Appeal]) -> Appeal:
    """The act, or what the same submission already did: asked only when the act does not go through."""
    try:
        with transaction.atomic():
            return act()
    except NotFound:
        raise
    except (IntegrityError, Refused):
        if taken_before(client_key, "appeal", appeal_id):
            return Appeal.objects.get(pk=appeal_id)
        raise


@transaction.atomic
def review_appeal(
    *,
    appeal_id: int,
    step: str,
    outcome: str,
    effect: str = "",
    reason: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Appeal:
    """The word of one reviewer: `propose` by a clerk, `decide` by the chief, `finish` by a leader after an escalation.

    Each level is another person, nobody reviews their own unit's or what they had a hand in. What is decided counts
    from this moment on.
    """

    def act() -> Appeal:
        appeal = _locked(appeal_id, by, seen_version)
        level, target = _review_step(appeal, step, by)
        wrong = rules.verdict_objections(Subject(appeal.subject), appeal.asked, outcome, effect, reason)
        wrong += ["这个月的排名已经发布，不能再改。"] if released(appeal) else []
        if wrong:
            raise Refused(wrong)
        granted = rules.effect_of(appeal.asked, Outcome(outcome), effect)
        Review.objects.create(
            appeal=appeal, level=level, outcome=outcome, effect=granted, reason=reason.strip(), by_id=by.user_id or 0, at=now
        )  # fmt: skip
        if level > 1:
            _settle(appeal, outcome, granted, now, again=level == 2)
        _go(appeal, target, now)
        _record(appeal, target.value, by, now, client_key, outcome=outcome, effect=granted, reason=reason.strip())
        return appeal

    return _once(client_key, appeal_id, act)


def _review_step(appeal: Appeal, step: str, by: Actor) -> tuple[int, State]:
    due = REVIEWS.get(appeal.flow_state)
    if due is None or due[0] != step:
        raise Refused(f"这件申诉现在是“{appeal.get_state_display()}”，这一步已经办过或还不能办。")
    _, permission, level = due
    if not may(by, permission, appeal.thing()):
        raise Refused("这一步不由您办：初审由文明办专员、决定由文明办主任、复核由区领导办，本单位的不能自己审。")
    if not may(by, permission, appeal.thing(involved_in(appeal))):
        raise Refused("您经办过这一项，或已经审过这件申诉，请由另一个人审。")
    try:
        return level, rules.target(appeal.flow_state, due[0])
    except BadInput as refusal:
        raise Refused(refusal.objections) from refusal


def _settle(appeal: Appeal, outcome: str, effect: str, now: datetime, *, again: bool) -> None:
    appeal.outcome, appeal.effect, appeal.settled_at, appeal.escalate_until = outcome, effect, now, None
    days = terms_for(appeal.home).escalation_days
    if again and outcome == Outcome.REFUSED and days:
        appeal.escalate_until = rules.end_of(now, days, work_calendar())


def _go(appeal: Appeal, target: State, now: datetime) -> None:
    open_still = target in rules.OPEN
    appeal.state = target.value
    appeal.act_by = rules.end_of(now, terms_for(appeal.home).review_days, work_calendar()) if open_still else None
    appeal.version += 1
    appeal.save(
        update_fields=[
            "state", "act_by", "outcome", "effect", "settled_at", "escalate_until", "escalated_at", "escalated_by",
            "escalated_words", "version",
        ]
    )  # fmt: skip


@transaction.atomic
def escalate_appeal(
    *,
    appeal_id: int,
    words: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Appeal:
    """Take a refused appeal to the next level, once, if the terms of the branch allow it."""

    def act() -> Appeal:
        appeal = _locked(appeal_id, by, seen_version)
        wrong = [] if may(by, Permission.APPEAL_ESCALATE, appeal.thing()) else ["申请复核由申诉单位的负责人提出。"]
        if not wrong and not may_escalate(by, appeal, now):
            wrong.append("不能申请复核：只有不成立的决定可以在期限内申请一次，本月发布以后不能再提。")
        wrong += [] if words.strip() else ["请写明为什么申请复核。"]
        wrong += [] if len(words.strip()) <= rules.MOST_REASON else [f"说明最多 {rules.MOST_REASON} 字。"]
        if wrong:
            raise Refused(wrong)
        appeal.escalated_at, appeal.escalated_by_id, appeal.escalated_words = now, by.user_id, words.strip()
        appeal.escalate_until = None
        _go(appeal, rules.target(appeal.flow_state, Step.ESCALATE), now)
        _record(appeal, "escalated", by, now, client_key, words=words.strip())
        return appeal

    return _once(client_key, appeal_id, act)


# --- windows and set times; the rooms above decide when a sheet is shown and released ---


def open_window(
    *, scope: Unit, sheet_id: int, rule_name: str, starts_on: date, ends_on: date, parts: Sequence[Mapping[str, str]],
    by: Actor, now: datetime,
) -> Window:  # fmt: skip
    """Show a sheet to its units: from now on they can object, for the set number of working days."""
    terms = terms_for(scope)
    window = Window.objects.create(
        scope=scope, sheet_id=sheet_id, rule_name=rule_name, starts_on=starts_on, ends_on=ends_on,
        parts=[dict(part) for part in parts], days=terms.window_days, note="" if terms.window_days else terms.window_note,
        opened_at=now, opened_by=by.name, closes_at=rules.end_of(now, terms.window_days, work_calendar()),
    )  # fmt: skip
    record(
        kind="appeal.window_opened", subject_kind="appeal_window", subject_id=window.pk, by=by, now=now, sheet=sheet_id,
        days=window.days, closes_at=timestamp(window.closes_at),
    )  # fmt: skip
    return window


def close_window(*, window_id: int, by: Actor, now: datetime) -> Window:
    """The month is released: what came in is frozen, nothing about it can be decided any more."""
    window = Window.objects.select_for_update(of=("self",)).select_related("scope").get(pk=window_id)
    window.released_at = now
    window.counts = asdict(counts_for(window.scope.path, window.starts_on, window.ends_on))
    window.save(update_fields=["released_at", "counts"])
    record(
        kind="appeal.window_closed", subject_kind="appeal_window", subject_id=window.pk, by=by, now=now, **window.counts
    )
    return window


@transaction.atomic
def put_terms(*, terms: Terms, by: Actor, now: datetime, seen_version: int | None = None) -> TermSet:
    """Set times and grounds of the chief's branch. Windows and appeals that run keep the times they began with."""
    if not may(by, Permission.APPEAL_TERMS):
        raise Refused("申诉规则由文明办主任制定。")
    scope = terms_scope(by)
    Unit.objects.select_for_update().get(pk=scope.pk)
    known = TermSet.objects.filter(scope=scope).first()
    if known is not None and seen_version is not None and seen_version != known.version:
        raise Conflict(f"{known.changed_by}刚刚改过申诉规则，请看过最新内容再改。")
    if objections := rules.terms_objections(terms):
        raise Refused(objections)
    facts = {**asdict(terms), "grounds": list(terms.grounds), "changed_at": now, "changed_by": by.name}
    saved, _ = TermSet.objects.update_or_create(
        scope=scope, defaults=facts | {"version": known.version + 1 if known else 1}
    )
    told = {name: value for name, value in facts.items() if name.endswith(("_days", "_note", "grounds"))}
    record(kind="appeal.terms", subject_kind="unit", subject_id=scope.pk, by=by, now=now, **told)
    return saved
