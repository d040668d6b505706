"""Reading the publicity calendar and the news."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from chuangwen.evidence.queries import PublicPhoto, public_photos
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.publicity.models import Brief, BriefPhoto, Outreach
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, Thing, may
from chuangwen.rules.publicity import Audience, BriefStatus, Consent, Named
from chuangwen.rules.refusals import NotFound

_SEES = (*OFFICE, Role.LEADER)


def _reach(actor: Actor, unit: str = "unit") -> Q:
    """Office and leaders: their branch; units: their own branch."""
    found = Q(pk__in=[])
    for scope in set(actor.scopes(*_SEES, *UNIT)):
        found |= Q(**{f"{unit}__path__startswith": scope})
    return found


def outreaches_for(actor: Actor) -> QuerySet[Outreach]:
    """The events that an actor may see. Everybody at work sees those of their whole branch."""
    rows = Outreach.objects.select_related("unit")
    if actor.system:
        return rows
    return rows.filter(_reach(actor)) if may(actor, Permission.PUBLICITY_SEE) else rows.none()


def outreach_for(actor: Actor, outreach_id: int) -> Outreach:
    """The door to one event."""
    found = outreaches_for(actor).filter(pk=outreach_id).first()
    if found is None:
        raise NotFound
    return found


def between(rows: QuerySet[Outreach], first: date, last: date) -> QuerySet[Outreach]:
    """Events that touch a stretch of days."""
    return rows.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "id")


@dataclass(frozen=True)
class AudienceFigures:
    """What was done for one audience in a stretch of days. `reached` is summed over events, never over people."""

    audience: Audience
    planned: int
    held: int
    reached: int


def audience_figures(rows: QuerySet[Outreach]) -> Sequence[AudienceFigures]:
    """All five audiences, also those for whom nothing is planned; one statement."""
    live = rows.filter(cancelled_at=None).order_by().values("audience")
    figures = live.annotate(n=Count("pk"), held=Count("pk", filter=Q(held_at__isnull=False)), all=Sum("reached"))
    known = {row["audience"]: row for row in figures}
    return [
        AudienceFigures(one, row["n"], row["held"], row["all"] or 0)
        if (row := known.get(one.value))
        else AudienceFigures(one, 0, 0, 0)
        for one in Audience
    ]


def unit_thing(unit: Unit, *, involved: frozenset[int] = frozenset()) -> Thing:
    """What permissions need to know of something that a unit holds or writes."""
    return Thing(home=unit.path, handler=unit.path, involved=involved)


def brief_thing(brief: Brief) -> Thing:
    """The same of a piece of news, with everybody who wrote in it."""
    return unit_thing(brief.unit, involved=frozenset(brief.writers.values_list("pk", flat=True)))


def own_units(actor: Actor) -> Sequence[Unit]:
    """Units in whose name this person may plan and write, the own ones first."""
    ids = [post.unit_id for post in actor.posts if post.role in {*OFFICE, *UNIT}]
    return list(Unit.objects.filter(pk__in=ids, active=True).order_by("path"))


def briefs_for(actor: Actor) -> QuerySet[Brief]:
    """News within reach, newest first."""
    rows = Brief.objects.select_related("unit").order_by("-id")
    if actor.system:
        return rows
    return rows.filter(_reach(actor)) if may(actor, Permission.PUBLICITY_SEE) else rows.none()


def brief_for(actor: Actor, brief_id: int) -> Brief:
    """The door to one piece of news."""
    found = briefs_for(actor).filter(pk=brief_id).first()
    if found is None:
        raise NotFound
    return found


def to_review(actor: Actor) -> QuerySet[Brief]:
    """What waits for a second person, and this person has not written."""
    if not may(actor, Permission.PUBLICITY_SEE) or actor.user_id is None:
        return Brief.objects.none()
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        reach |= Q(unit__path__startswith=scope)
    rows = Brief.objects.filter(reach, status=BriefStatus.REVIEW.value)
    return rows.exclude(writers=actor.user_id).select_related("unit").order_by("submitted_at", "id")


@dataclass(frozen=True)
class Picture:
    """A picture of a piece of news, and its public copy if there is one."""

    photo_id: int
    caption: str
    copy: PublicPhoto | None


def pictures_of(brief: Brief) -> Sequence[Picture]:
    """In order. Two statements."""
    rows = list(brief.pictures.all())
    copies = public_photos([row.photo_id for row in rows])
    return [Picture(row.photo_id, row.caption, copies.get(row.photo_id)) for row in rows]


def picture_for(actor: Actor, brief_id: int, photo_id: int) -> BriefPhoto:
    """A picture through the door of its news."""
    brief = brief_for(actor, brief_id)
    found = BriefPhoto.objects.filter(brief=brief, photo_id=photo_id).select_related("photo").first()
    if found is None:
        raise NotFound
    return found


def named_of(brief: Brief) -> tuple[Named, ...]:
    """The names that were settled."""
    return tuple(Named(row.name, Consent(row.consent), row.how) for row in brief.names.all())


def known_people() -> frozenset[str]:
    """Names of persons that the house knows: accounts, and those who answer for places."""
    names = set(User.objects.values_list("display_name", flat=True))
    for row in Site.objects.order_by().values_list("contact_name", "leader_name").distinct():
        names |= set(row)
    return frozenset(names - {""})


def public_briefs() -> QuerySet[Brief]:
    """What residents read, newest first."""
    return (
        Brief.objects.filter(status=BriefStatus.PUBLISHED.value).select_related("unit").order_by("-published_at", "-id")
    )


def public_brief(brief_id: int) -> Brief:
    """One published piece; anything else is not there."""
    found = public_briefs().filter(pk=brief_id).first()
    if found is None:
        raise NotFound
    return found


def writes(actor: Actor) -> bool:
    """Whether this person has a post in whose name news is written. No statement."""
    return any(post.role in {*OFFICE, *UNIT} for post in actor.posts)
