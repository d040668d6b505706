"""Every way patrols, visits and findings come about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db import transaction

from chuangwen.cases import operations as cases
from chuangwen.cases.found import open_found_case
from chuangwen.cases.models import Case
from chuangwen.evidence.queries import known_photos
from chuangwen.journal.once import KEY_TAKEN, once, taken_before
from chuangwen.journal.operations import record
from chuangwen.journal.queries import event_by_client_key
from chuangwen.patrols.answers import asked_of, checked_answers
from chuangwen.patrols.models import Finding, FindingPhoto, Patrol, PatrolKind, PatrolSite, Secrecy, Verdict, Visit
from chuangwen.patrols.queries import inspectors, patrol_thing, patrols_for, stop_to_walk
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import OFFICE, SYSTEM, Actor, Permission, may
from chuangwen.rules.phone_clock import Judged, judged_at
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.models import Criterion, Edition
from chuangwen.standards.queries import current_edition

_EARLY = {Status.REPORTED, Status.ACCEPTED, Status.DISPATCHED}


@transaction.atomic
def plan_patrol(
    *,
    title: str,
    edition_id: int,
    site_ids: Sequence[int],
    inspector_ids: Iterable[int],
    starts_at: datetime | None,
    ends_at: datetime | None,
    kind: str = PatrolKind.DAILY,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    secret_home: Unit | None = None,
    planned: Mapping[int, datetime] | None = None,
) -> Patrol:
    """A round: places in order, inspectors, an edition that is published, a time window. `planned`: by site when the
    team should be there; it is told to the team and compared with nothing.

    An unannounced one is kept secret until it ends. With `secret_home` it is kept secret until whoever planned it so
    discloses it (disclose_patrols), from everybody whose branch does not hold that unit.
    """

    def make() -> Patrol:
        sites = _sites(site_ids, by)
        people = [user for user in inspectors(now.date()) if user.pk in set(inspector_ids)]
        edition = Edition.objects.filter(pk=edition_id, published_at__isnull=False).first()
        objections = [] if may(by, Permission.PATROL_PLAN) else ["巡查由区文明办安排。"]
        objections += [] if title.strip() else ["请写明巡查名称。"]
        objections += [] if edition else ["请选择一个已发布的测评标准。"]
        objections += [] if site_ids else ["请至少选一个点位。"]
        objections += [] if len(sites) == len(set(site_ids)) else ["有点位不存在、已停用，或不在您的辖区。"]
        objections += [] if people else ["请至少选一名巡查员。"]
        objections += [] if kind in PatrolKind.values else ["请选择巡查类别。"]
        if starts_at is None or ends_at is None or ends_at <= starts_at:
            objections.append("请填写开始和结束时间，结束须晚于开始。")
        if objections or edition is None or starts_at is None or ends_at is None:
            raise Refused(objections)
        patrol = Patrol.objects.create(
            title=title.strip()[:120], kind=kind, edition=edition, starts_at=starts_at, ends_at=ends_at,
            created_at=now, created_by=by.name, client_key=client_key or None, **_secrecy(kind, secret_home, by),
        )  # fmt: skip
        _furnish(patrol, sites, people, by=by, now=now, planned=planned or {})
        return patrol

    return once(lambda: Patrol.objects.filter(client_key=client_key).first() if client_key else None, make)


def _secrecy(kind: str, secret_home: Unit | None, by: Actor) -> dict[str, Any]:
    """Who may know of an unannounced round beside its inspectors: the branch of the office that planned it."""
    if secret_home is not None:
        return {"secrecy": Secrecy.UNTIL_RELEASE, "secret_home": secret_home}
    if kind != PatrolKind.UNANNOUNCED:
        return {}
    own = next(iter(sorted(by.scopes(*OFFICE), key=len)), "")
    return {"secrecy": Secrecy.UNTIL_END, "secret_home": Unit.objects.filter(path=own).first()}


@transaction.atomic
def disclose_patrols(*, patrol_ids: Iterable[int], by: Actor, now: datetime) -> int:
    """From now on these secret rounds are rounds like any other. Returns how many were secret until now."""
    waiting = Patrol.objects.select_for_update().filter(pk__in=list(patrol_ids), disclosed_at=None)
    rows = list(waiting.exclude(secrecy=Secrecy.OPEN).order_by("pk"))
    for patrol in rows:
        patrol.disclosed_at = now
        patrol.save(update_fields=["disclosed_at"])
        record(kind="patrol.disclosed", subject_kind="patrol", subject_id=patrol.pk, by=by, now=now)
    return len(rows)


def disclose_ended(*, now: datetime) -> int:
    """Unannounced rounds that are over are no secret any more; those of a supervision wait for its release."""
    over = Patrol.objects.filter(secrecy=Secrecy.UNTIL_END, disclosed_at=None, ends_at__lte=now).order_by("pk")
    return disclose_patrols(patrol_ids=list(over.values_list("pk", flat=True)[:500]), by=SYSTEM, now=now)


@transaction.atomic
def start_patrol(*, site_id: int, by: Actor, now: datetime) -> Patrol:
    """An inspector who stands at a place begins a round of that one place: from now until midnight, by the edition in force.

    A round of today that holds the place and names the inspector is given back instead of a second one.
    """
    if not may(by, Permission.PATROL_START):
        raise Refused("临时巡查由巡查员自己开始。")
    site = sites_in_scope(by).filter(pk=site_id, active=True).first()
    if site is None:
        raise NotFound("没有找到这个点位，或者它不在您的辖区。")
    edition = current_edition()
    if edition is None:
        raise Refused("还没有发布测评标准，不能开始巡查。")
    User.objects.select_for_update().get(pk=by.user_id or 0)  # two taps at once take turns
    if known := stop_to_walk(by, site_id, now):
        return Patrol.objects.get(pk=known.patrol_id)
    day = now.astimezone(SHANGHAI)
    midnight = datetime.combine(day.date() + timedelta(days=1), time(), SHANGHAI)
    patrol = Patrol.objects.create(
        title=f"{site.name}临时巡查（{day.month}月{day.day}日）"[:120], edition=edition, starts_at=now, ends_at=midnight,
        created_at=now, created_by=by.name,
    )  # fmt: skip
    _furnish(patrol, [site], [User.objects.get(pk=by.user_id or 0)], by=by, now=now)
    return patrol


def _furnish(
    patrol: Patrol,
    sites: Sequence[Site],
    people: Sequence[User],
    *,
    by: Actor,
    now: datetime,
    planned: Mapping[int, datetime] = MappingProxyType({}),
) -> None:
    patrol.inspectors.set(people)
    PatrolSite.objects.bulk_create(
        PatrolSite(patrol=patrol, site=site, position=position, planned_at=planned.get(site.pk))
        for position, site in enumerate(sites, start=1)
    )
    record(
        kind="patrol.planned", subject_kind="patrol", subject_id=patrol.pk, by=by, now=now, sites=len(sites),
        title="" if patrol.secrecy else patrol.title, inspectors=[user.pk for user in people],
    )  # fmt: skip


def _sites(site_ids: Sequence[int], by: Actor) -> list[Site]:
    reach = Site.objects.all() if by.system else sites_in_scope(by)
    found = {site.pk: site for site in reach.filter(pk__in=site_ids, active=True)}
    return [found[site_id] for site_id in dict.fromkeys(site_ids) if site_id in found]


@transaction.atomic
def cancel_patrol(*, patrol_id: int, reason: str, by: Actor, now: datetime) -> Patrol:
    """The round does not take place; what was already found stays."""
    patrol = Patrol.objects.select_for_update().filter(pk=patrol_id).first()
    if patrol is None or not patrols_for(by).filter(pk=patrol_id).exists():
        raise NotFound
    objections = [] if may(by, Permission.PATROL_PLAN) else ["巡查由区文明办安排和取消。"]
    objections += [] if reason.strip() else ["取消巡查须写明理由。"]
    if objections:
        raise Refused(objections)
    if patrol.cancelled_at is None:
        patrol.cancelled_at = now
        patrol.save(update_fields=["cancelled_at"])
        record(
            kind="patrol.cancelled", subject_kind="patrol", subject_id=patrol.pk, by=by, now=now, note=reason.strip()
        )
    return patrol


def _patrol(patrol_id: int, by: Actor) -> Patrol:
    patrol = Patrol.objects.filter(pk=patrol_id).first()
    if patrol is None or not may(by, Permission.PATROL_WALK, patrol_thing(patrol)):
        raise NotFound("没有找到这次巡查，或者它没有安排给您。")
    return patrol


def _visit(patrol: Patrol, site_id: int, by: Actor, now: datetime) -> Visit:
    if patrol.cancelled_at is not None and now >= patrol.cancelled_at:
        raise Refused("这次巡查已取消，取消以后的判定不再收。看到的问题请改用“上报”。")
    own = Visit.objects.select_for_update().filter(patrol=patrol, site_id=site_id, inspector_id=by.user_id)
    visit = own.first()
    if visit is None:
        if not PatrolSite.objects.filter(patrol=patrol, site_id=site_id).exists():
            raise NotFound("这个点位不在本次巡查里。")
        Visit.objects.get_or_create(
            patrol=patrol, site_id=site_id, inspector_id=by.user_id, defaults={"started_at": now}
        )
        visit = own.get()
    visit.patrol = patrol
    visit.site = Site.objects.select_related("home", "street", "owner").get(pk=site_id)
    return visit


def _finding_objections(criterion: Criterion | None, visit: Visit, one: "Judgement", photos: int) -> list[str]:
    if criterion is None:
        return ["这条标准不在本点位的检查单里。"]
    objections = []
    if one.verdict not in Verdict.values:
        objections.append("请选择合格、不合格或不适用。")
    if visit.finished_at is not None:
        objections.append("这个点位已提交完成，不能再改判定。")
    if one.verdict == Verdict.FAIL and criterion.photo_on_fail and not photos:
        objections.append("这条标准不合格时须拍一张现场照片。")
    if one.verdict == Verdict.FAIL and criterion.note_on_fail and not one.note.strip():
        objections.append("这条标准不合格时须写明情况。")
    return objections


@dataclass(frozen=True)
class Judgement:
    """One verdict as it comes in: which criterion, how, and what goes with it. Degrees are WGS-84."""

    criterion_code: str
    verdict: str
    note: str = ""
    photo_ids: Iterable[int] = ()
    lng: Decimal | None = None
    lat: Decimal | None = None
    client_key: str | None = None
    found_at: datetime | None = None
    sent_at: datetime | None = None  # by the same clock as found_at; then found_at is weighed, not believed

    def moment(self, patrol: Patrol, now: datetime) -> Judged:
        """When it was judged; a phone's word is weighed against the moment of receipt."""
        if self.sent_at is None:
            return Judged(self.found_at or now)
        return judged_at(
            found_at=self.found_at, sent_at=self.sent_at, received_at=now, earliest=min(patrol.created_at, now)
        )

    def position(self) -> dict[str, Decimal | None]:
        """Kept only with a failed verdict, and only when both halves were given."""
        keep = self.verdict == Verdict.FAIL and self.lng is not None and self.lat is not None
        return {"lng": self.lng if keep else None, "lat": self.lat if keep else None}


@transaction.atomic
def record_finding(*, patrol_id: int, site_id: int, by: Actor, now: datetime, **judged: Any) -> Finding:
    """Judge one criterion (`judged`: the fields of Judgement). A failed one opens a case; judging again corrects,
    while the visit is not finished. The same client key again gives the finding that already exists.
    """
    judgement = Judgement(**judged)
    return record_findings(patrol_id=patrol_id, site_id=site_id, judgements=[judgement], by=by, now=now)[0]


@transaction.atomic
def record_findings(
    *, patrol_id: int, site_id: int, judgements: Sequence[Judgement], by: Actor, now: datetime
) -> list[Finding]:
    """Judge several criteria of one place together: all are taken or none."""
    patrol = _patrol(patrol_id, by)
    moments = [one.moment(patrol, now) for one in judgements]
    visit = _visit(patrol, site_id, by, min((moment.at for moment in moments), default=now))
    rows = Criterion.objects.filter(
        edition_id=visit.patrol.edition_id,
        code__in=[judgement.criterion_code for judgement in judgements],
        point_type_id=visit.site.point_type,
    )
    criteria = {criterion.code: criterion for criterion in rows}
    earlier = {row.criterion_id: row for row in Finding.objects.filter(visit=visit, criterion__in=criteria.values())}
    return [
        # What a phone sent late is filed now and judged then; whoever tells the past is believed about both.
        _judge(visit, criteria.get(one.criterion_code), one, earlier, moment, by, now if one.sent_at else moment.at)
        for one, moment in zip(judgements, moments, strict=True)
    ]


def _taken_before(visit: Visit, criterion: Criterion | None, client_key: str | None) -> Finding | None:
    """The finding that this very submission made or corrected, also when it was corrected again since."""
    if not client_key:
        return None
    event = event_by_client_key(client_key)
    known = Finding.objects.filter(client_key=client_key).first()
    if (event and (event.subject_kind, event.subject_id) != ("visit", visit.pk)) or (
        known and known.visit_id != visit.pk
    ):
        raise Refused(KEY_TAKEN)
    return known or (Finding.objects.filter(visit=visit, criterion=criterion).first() if event else None)


def _judge(
    visit: Visit,
    criterion: Criterion | None,
    one: Judgement,
    earlier: dict[int, Finding],
    moment: Judged,
    by: Actor,
    now: datetime,
) -> Finding:
    if known := _taken_before(visit, criterion, one.client_key):
        return known
    photos = known_photos(one.photo_ids, by=by)
    objections = _finding_objections(criterion, visit, one, len(photos))
    if objections or criterion is None:
        raise Refused(objections)
    finding = earlier.get(criterion.pk)
    corrected = finding is not None
    if finding is None:
        finding = Finding(visit=visit, criterion=criterion)
    else:
        _withdraw_case(finding, one.verdict, now)
    finding.verdict, finding.note, finding.found_at = one.verdict, one.note.strip()[:500], moment.at
    finding.lng, finding.lat = one.position().values()
    finding.client_key = one.client_key or finding.client_key
    finding.save()
    earlier[criterion.pk] = finding
    if photos:
        shown = [FindingPhoto(finding=finding, photo=photo) for photo in photos]
        FindingPhoto.objects.bulk_create(shown, ignore_conflicts=True)
    record(
        kind="finding.corrected" if corrected else "finding.recorded", subject_kind="visit", subject_id=visit.pk,
        by=by, now=now, client_key=one.client_key, criterion=criterion.code, verdict=one.verdict,
        **({"clock": moment.note} if moment.note else {}),
    )  # fmt: skip
    if one.verdict == Verdict.FAIL and finding.case_id is None:
        finding.case = open_found_case(
            site=visit.site, criterion=criterion, finding_id=finding.pk, note=finding.note,
            photo_ids=[photo.pk for photo in photos], by=by, now=now,
        )  # fmt: skip
        finding.save(update_fields=["case"])
    return finding


def _withdraw_case(finding: Finding, verdict: str, now: datetime) -> None:
    """Another verdict on the same criterion: a case it opened is withdrawn while its unit has not begun."""
    if finding.case_id is None or verdict == Verdict.FAIL:
        return
    case = Case.objects.get(pk=finding.case_id)
    if case.flow_status not in _EARLY:
        raise Refused("这条不合格已立案并开始整改，不能改判。请在案件里说明情况。")
    cases.withdraw_found(case_id=case.pk, reason="巡查员当场更正判定", by=SYSTEM, now=now)
    finding.case = None


@transaction.atomic
def record_answers(
    *,
    patrol_id: int,
    site_id: int,
    answers: Mapping[str, str],
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    answered_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Visit:
    """Answer further questions of the checklist (values as in `rules.form_answers`); "" takes an answer back.

    Names that are not given keep their answer. Refuses, with every objection, unknown names, wrong kinds of answers and
    broken constraints. The same again changes nothing, also when it was answered otherwise since.
    `answered_at` and `sent_at` by the clock of a phone that tells it late.
    """
    patrol = _patrol(patrol_id, by)
    given = Judgement("", "", found_at=answered_at if sent_at else None, sent_at=sent_at).moment(patrol, now)
    visit = _visit(patrol, site_id, by, given.at)
    if taken_before(client_key, "visit", visit.pk):
        return visit
    kept = checked_answers(visit, answers, by=by, now=given.at)
    if kept == visit.answers:
        return visit
    if visit.finished_at is not None:
        raise Refused("这个点位已提交完成，不能再改回答。")
    visit.answers = kept
    visit.save(update_fields=["answers"])
    record(
        kind="visit.answered", subject_kind="visit", subject_id=visit.pk, by=by, now=now, client_key=client_key,
        questions=sorted(name for name in answers), **({"clock": given.note} if given.note else {}),
    )  # fmt: skip
    return visit


@transaction.atomic
def finish_visit(
    *,
    patrol_id: int,
    site_id: int,
    rest_passes: bool,
    by: Actor,
    now: datetime,
    ended_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Visit:
    """Done with this place. `rest_passes`: the inspector states that everything not judged is in order.

    `ended_at` and `sent_at` by the clock of a phone that tells it late; repeating it changes nothing.
    """
    patrol = _patrol(patrol_id, by)
    judged = Judgement("", Verdict.PASS, found_at=ended_at if sent_at else None, sent_at=sent_at).moment(patrol, now)
    visit = _visit(patrol, site_id, by, judged.at)
    if visit.finished_at is not None:
        return visit
    wanted = Criterion.objects.filter(
        edition_id=visit.patrol.edition_id, point_type_id=visit.site.point_type, method="field"
    )
    known = dict(Finding.objects.filter(visit=visit).values_list("criterion_id", "verdict"))
    left = [criterion for criterion in wanted if criterion.pk not in known]
    asked = asked_of(visit, list(wanted), known)
    open_ = [criterion for criterion in left if criterion.code not in asked.not_asked]
    objections = [*asked.unanswered]
    if open_ and not rest_passes:
        objections.append(f"还有 {len(open_)} 条没有判定：{'、'.join(criterion.code for criterion in open_[:8])}。")
    if objections:
        raise Refused(objections)
    verdicts = {criterion.pk: Verdict.PASS if criterion in open_ else Verdict.NA for criterion in left}
    Finding.objects.bulk_create(
        Finding(visit=visit, criterion=criterion, verdict=verdicts[criterion.pk], found_at=judged.at)
        for criterion in left
    )
    visit.finished_at = judged.at
    visit.save(update_fields=["finished_at"])
    record(
        kind="visit.finished", subject_kind="visit", subject_id=visit.pk, by=by, now=now, patrol=patrol_id, site=site_id,
        passed_together=len(left),
    )  # fmt: skip
    return visit
