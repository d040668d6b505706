"""Reading patrols, visits and findings."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from chuangwen.cases.photo_hints import Elsewhere
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Finding, FindingPhoto, Patrol, PatrolKind, PatrolSite, Secrecy, Verdict, Visit
from chuangwen.people.models import User
from chuangwen.places.models import Site
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Role, Thing, may
from chuangwen.rules.photo_hints import BEIJING
from chuangwen.rules.refusals import NotFound

_FIGURES = {"passed": "pass", "failed": "fail"}


def patrol_kinds() -> dict[str, str]:
    """The kinds of patrol with their Chinese words."""
    return {kind.value: str(kind.label) for kind in PatrolKind}


def inspectors(today: date) -> Sequence[User]:
    """People who hold an inspector's post on this day."""
    on_duty = Q(posts__starts_on__lte=today) & (Q(posts__ends_on=None) | Q(posts__ends_on__gte=today))
    rows = User.objects.filter(on_duty, posts__role=Role.INSPECTOR.value, is_active=True)
    return list(rows.distinct().order_by("display_name"))


def patrol_thing(patrol: Patrol) -> Thing:
    """What permissions need to know of a patrol."""
    return Thing(assigned=frozenset(user.pk for user in patrol.inspectors.all()))


def concealed(at: datetime | None = None) -> QuerySet[Patrol]:
    """The rounds that are secret, or still were at a moment in the past."""
    hidden = Q(disclosed_at=None) if at is None else Q(disclosed_at=None) | Q(disclosed_at__gt=at)
    return Patrol.objects.filter(hidden).exclude(secrecy=Secrecy.OPEN)


def concealed_from(actor: Actor) -> QuerySet[Patrol]:
    """The secret rounds that this person must not notice: all but their own and those of offices below them."""
    if actor.system:
        return Patrol.objects.none()
    hidden = concealed()
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        hidden = hidden.exclude(secret_home__path__startswith=scope)
    return hidden.exclude(inspectors=actor.user_id) if actor.user_id is not None else hidden


def patrols_for(actor: Actor) -> QuerySet[Patrol]:
    """The patrols an actor may see: office and leaders those with a place in their branch, inspectors their own.
    A secret one is seen by its inspectors, and by those whose branch holds the office that planned it.
    """
    if actor.system:
        return Patrol.objects.all()
    if scopes := set(actor.scopes(*OFFICE, Role.LEADER)):
        within = Q()
        for scope in scopes:
            within |= Q(site__home__path__startswith=scope) | Q(site__owner__path__startswith=scope)
        reached = Patrol.objects.filter(Exists(PatrolSite.objects.filter(within, patrol=OuterRef("pk"))))
        return reached.exclude(pk__in=concealed_from(actor).values("pk"))
    if Role.INSPECTOR in actor.roles:
        return Patrol.objects.filter(inspectors=actor.user_id)
    return Patrol.objects.none()


def with_progress(patrols: QuerySet[Patrol]) -> QuerySet[Patrol]:
    """Adds `stop_count` and `done_count` to each patrol."""
    stops = (
        PatrolSite.objects.filter(patrol=OuterRef("pk")).order_by().values("patrol").annotate(n=Count("pk")).values("n")
    )
    done = (
        Visit.objects.filter(patrol=OuterRef("pk"), finished_at__isnull=False)
        .order_by()
        .values("patrol")
        .annotate(n=Count("site", distinct=True))
        .values("n")
    )
    return patrols.annotate(stop_count=Subquery(stops), done_count=Subquery(done))


def patrol_for(actor: Actor, patrol_id: int) -> Patrol:
    """The patrol, when the actor may see it."""
    found = patrols_for(actor).filter(pk=patrol_id).select_related("edition")
    patrol = found.prefetch_related("inspectors").first()
    if patrol is None or not may(actor, Permission.PATROL_SEE, patrol_thing(patrol)):
        raise NotFound
    return patrol


def in_state(patrols: QuerySet[Patrol], state: str, now: datetime) -> QuerySet[Patrol]:
    """Those that run now, come later, are over or were cancelled (`running`, `upcoming`, `past`, `cancelled`)."""
    conditions = {
        "running": Q(cancelled_at=None, starts_at__lte=now, ends_at__gte=now),
        "upcoming": Q(cancelled_at=None, starts_at__gt=now),
        "past": Q(cancelled_at=None, ends_at__lt=now),
        "cancelled": Q(cancelled_at__isnull=False),
    }
    return patrols.filter(conditions.get(state, Q()))


def open_patrols_of(user_id: int, now: datetime) -> QuerySet[Patrol]:
    """What an inspector has to walk now or soon, the earliest first."""
    rows = Patrol.objects.filter(inspectors=user_id, cancelled_at=None, ends_at__gte=now)
    return rows.select_related("edition").order_by("starts_at", "id")


def stops_of(patrol: Patrol) -> Sequence[PatrolSite]:
    """The places of a round in order."""
    return list(PatrolSite.objects.filter(patrol=patrol).select_related("site__street", "site__owner"))


def visits_of(patrol: Patrol) -> Sequence[Visit]:
    """Every visit of a round with the number of its failed findings as `failed`."""
    failed = Count("findings", filter=Q(findings__verdict="fail"))
    return list(Visit.objects.filter(patrol=patrol).select_related("inspector").annotate(failed=failed))


def findings_of(visit: Visit) -> Sequence[Finding]:
    """What was judged at one visit."""
    return list(Finding.objects.filter(visit=visit).select_related("criterion", "case").prefetch_related("photos"))


def failed_findings_of(patrol: Patrol) -> Sequence[Finding]:
    """Everything on a round that was not in order, with the case that it opened, by place."""
    rows = Finding.objects.filter(visit__patrol=patrol, verdict=Verdict.FAIL)
    return list(rows.select_related("criterion", "case__unit", "visit").order_by("visit__finished_at", "id"))


def by_last_visit(sites: QuerySet[Site]) -> QuerySet[Site]:
    """The sites with `last_visit`, the end of their last finished visit: never visited first, then the longest ago."""
    last = Visit.objects.filter(site=OuterRef("pk"), finished_at__isnull=False).order_by()
    last = last.exclude(patrol__in=concealed().values("pk"))
    newest = Subquery(last.values("site").annotate(newest=Max("finished_at")).values("newest"))
    return sites.annotate(last_visit=newest).order_by(F("last_visit").asc(nulls_first=True), "code")


def last_visits(actor: Actor, site: Site, at_most: int = 5) -> Sequence[Visit]:
    """The last finished visits to a place that this person may know of, newest first, with `passed` and `failed`."""
    if site.pk in actor.blind_sites:
        return []
    rows = Visit.objects.filter(site=site, finished_at__isnull=False).select_related("patrol", "inspector")
    rows = rows.exclude(patrol__in=concealed_from(actor).values("pk"))
    figures = {name: Count("findings", filter=Q(findings__verdict=verdict)) for name, verdict in _FIGURES.items()}
    return list(rows.annotate(**figures).order_by("-started_at", "-id")[:at_most])


def public_visit(site: Site) -> Visit | None:
    """The last finished visit to a place that is no secret, with `passed` and `failed`: its result for anybody."""
    rows = Visit.objects.filter(site=site, finished_at__isnull=False).exclude(patrol__in=concealed().values("pk"))
    figures = {name: Count("findings", filter=Q(findings__verdict=verdict)) for name, verdict in _FIGURES.items()}
    return rows.annotate(**figures).order_by("-started_at", "-id").first()


def visit_of(patrol_id: int, site_id: int, user_id: int) -> Visit | None:
    """The visit of this inspector at this stop, if begun."""
    return Visit.objects.filter(patrol_id=patrol_id, site_id=site_id, inspector_id=user_id).first()


def stop_of(patrol: Patrol, site_id: int) -> PatrolSite:
    """One place of a round."""
    stop = (
        PatrolSite.objects.filter(patrol=patrol, site_id=site_id).select_related("site__street", "site__owner").first()
    )
    if stop is None:
        raise NotFound("这个点位不在本次巡查里。")
    return stop


def finding_photo_for(actor: Actor, patrol_id: int, site_id: int, photo_id: int) -> Photo:
    """A photo of a finding, when the actor may see the patrol."""
    patrol = patrol_for(actor, patrol_id)
    rows = FindingPhoto.objects.filter(
        finding__visit__patrol=patrol, finding__visit__site_id=site_id, photo_id=photo_id
    )
    found = rows.select_related("photo").first()
    if found is None:
        raise NotFound
    return found.photo


def stops_to_walk(actor: Actor, site_id: int, now: datetime) -> Sequence[PatrolSite]:
    """The open rounds of this inspector that hold the site, for a scanned code; the earliest first."""
    if actor.user_id is None:
        return []
    open_rounds = open_patrols_of(actor.user_id, now).values("pk")
    stops = PatrolSite.objects.filter(patrol__in=open_rounds, site_id=site_id).select_related("patrol")
    return list(stops.order_by("patrol__starts_at", "patrol_id"))


def stop_to_walk(actor: Actor, site_id: int, now: datetime) -> PatrolSite | None:
    """The first of them."""
    return next(iter(stops_to_walk(actor, site_id, now)), None)


def findings_with_photos(photo_ids: Iterable[int]) -> Sequence[Elsewhere]:
    """Where these photos serve as evidence of findings that opened no case."""
    rows = FindingPhoto.objects.filter(photo_id__in=list(photo_ids), finding__case=None)
    rows = rows.select_related("finding__visit__site").order_by("finding__found_at")[:20]
    return [
        Elsewhere(
            photo_id=row.photo_id, where=f"{row.finding.visit.site.name} {row.finding.found_at.astimezone(BEIJING):%Y-%m-%d} 的检查",
            at=row.finding.found_at, site_id=row.finding.visit.site_id,
        )
        for row in rows
    ]  # fmt: skip
