"""Which forms a person has to fill, which round a filled one belongs to, and what is still on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from chuangwen.patrols.models import Patrol, PatrolSite, Visit
from chuangwen.places.models import Site
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.rules.submissions import FilledForm
from chuangwen.submissions.models import Submission

LATE = timedelta(days=14)  # how long after its end a round still takes forms that were filled without signal


@dataclass(frozen=True)
class ToFill:
    """One form: the checklist of a type of place in an edition, with the places to choose from (number, name)."""

    edition_id: int
    point_type: str
    sites: tuple[tuple[str, str], ...]


def forms_to_fill(user_id: int, now: datetime) -> Sequence[ToFill]:
    """A form for every edition and type of place on a person's open rounds, with the places they have not finished."""
    own = Q(patrol__inspectors=user_id, patrol__cancelled_at=None, patrol__ends_at__gte=now)
    done = Visit.objects.filter(
        patrol=OuterRef("patrol"), site=OuterRef("site"), inspector=user_id, finished_at__isnull=False
    )
    stops = PatrolSite.objects.filter(own).exclude(Exists(done)).order_by("patrol__starts_at", "patrol_id", "position")
    rows = stops.values_list("patrol__edition_id", "site__point_type", "site_id", "site__name", "site__street__name")
    forms: dict[tuple[int, str], dict[str, str]] = {}
    for edition_id, point_type, site_id, name, street in rows:
        label = f"{name}（{street}）" if street else name
        forms.setdefault((edition_id, point_type), {}).setdefault(str(site_id), label)
    return [ToFill(edition_id, kind, tuple(sites.items())) for (edition_id, kind), sites in sorted(forms.items())]


def round_of(form: FilledForm, *, user_id: int | None, judged_at: datetime | None, now: datetime) -> Patrol:
    """The round that a filled form belongs to: the person's, with this place, by this edition, not finished there.

    Open ones first, the earliest of them; else the one that ended last, for forms that come late; else one that was
    cancelled after `judged_at`. Otherwise a refusal that says why there is none.
    """
    own = Patrol.objects.filter(inspectors=user_id, stops__site_id=form.site_id, ends_at__gte=now - LATE)
    site = Site.objects.filter(pk=form.site_id).first()
    if site is None or not (rounds := list(own.order_by("starts_at", "pk"))):
        raise NotFound("这个点位不在您的巡查里，或巡查已结束太久。请在 ODK Collect 里更新表单，或联系区文明办安排。")
    if site.point_type != form.point_type:
        raise Refused(f"“{site.name}”不是这张表单的点位类型。请换用对应的表单。")
    here = [patrol for patrol in rounds if patrol.edition_id == form.edition_id]
    if not here:
        raise Refused("您的巡查用的是另一版测评标准。请在 ODK Collect 里更新表单后重新填写。")
    finished = Visit.objects.filter(patrol__in=here, site=site, inspector=user_id, finished_at__isnull=False)
    done = set(finished.values_list("patrol_id", flat=True))
    found = _best([patrol for patrol in here if patrol.pk not in done], judged_at or now, now)
    if found is None and done:
        raise Conflict("这个点位您已提交完成，不能再改判定。有补充请在案件里说明，新看到的问题请用“上报”。")
    if found is None:
        raise Conflict("这次巡查已取消，取消以后的判定不再收。看到的问题请改用“上报”。")
    return found


def _best(unfinished: Sequence[Patrol], judged_at: datetime, now: datetime) -> Patrol | None:
    valid = [patrol for patrol in unfinished if patrol.cancelled_at is None]
    running = [patrol for patrol in valid if patrol.ends_at >= now]
    earlier = [patrol for patrol in unfinished if patrol.cancelled_at is not None and judged_at < patrol.cancelled_at]
    return next(iter([*running, *reversed(valid), *reversed(earlier)]), None)


def waiting_of(user_id: int) -> Sequence[Submission]:
    """A person's forms of which pictures have not arrived, the oldest first, each with `missing`: their file names."""
    rows = Submission.objects.filter(sender_id=user_id, filed_at=None, replaced_at=None)
    waiting = list(rows.prefetch_related("parts").order_by("received_at")[:50])
    for row in waiting:
        here = {part.name for part in row.parts.all()}
        row.missing = [name for name in row.wanted if name not in here]  # type: ignore[attr-defined]  # for the page
    return waiting
