"""Drafts out of what the house knows: a closed campaign, a finished case with its pictures before and after."""

from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.campaigns.coverage import places_of
from chuangwen.campaigns.models import Campaign
from chuangwen.campaigns.queries import campaign_for
from chuangwen.cases.filters import FROM_RESIDENTS
from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.cases.queries import case_for
from chuangwen.evidence.queries import public_photos
from chuangwen.people.models import Unit
from chuangwen.publicity.models import Brief, BriefPhoto
from chuangwen.publicity.operations import draft_brief
from chuangwen.publicity.queries import own_units
from chuangwen.rules.brief_words import Draft, of_campaign, of_case
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.case_flow import FINISHED
from chuangwen.rules.coverage import tally
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import current_edition


def _in_whose_name(by: Actor) -> Unit:
    units = own_units(by)
    if not units:
        raise Refused("您的岗位不能写简讯。")
    return units[0]


def draft_from_campaign(*, campaign_id: int, by: Actor, now: datetime, client_key: str | None = None) -> Brief:
    """A draft out of a campaign that has been closed; its figures are those of this moment. No pictures yet."""
    campaign = campaign_for(by, campaign_id)
    if campaign.flow_status is not CampaignStatus.CLOSED:
        raise Refused("结束了的排查或专项才能写成简讯。")
    unit = _in_whose_name(by)
    draft = of_campaign(_campaign_facts(campaign))
    return draft_brief(
        title=draft.title, body=draft.body, byline=unit.name, unit_id=unit.pk, origin=("campaign", campaign.pk), by=by,
        now=now, client_key=client_key,
    )  # fmt: skip


def _campaign_facts(campaign: Campaign) -> dict[str, Any]:
    found = tally(place.state for place in places_of(SYSTEM, campaign)) if campaign.is_dragnet else None
    coverage = {"done": found.done, "total": found.total, "unreachable": found.unreachable} if found else None
    return {
        "title": campaign.title, "aim": campaign.aim, "areas": [unit.name for unit in campaign.areas.all()],
        "starts_on": campaign.starts_on, "ends_on": campaign.ends_on, "conclusion": campaign.conclusion,
        "coverage": coverage, "cases": None,
    }  # fmt: skip


@transaction.atomic
def draft_from_case(*, case_id: int, by: Actor, now: datetime, client_key: str | None = None) -> Brief:
    """A draft out of a finished case, in the words of the standard, with its released pictures before and after."""
    case = case_for(by, case_id)
    if case.flow_status not in FINISHED or case.site is None or case.ended_at is None:
        raise Refused("在登记的点位上、已经结案的案件才能写成简讯。")
    unit = _in_whose_name(by)
    pictures = _pictures(case)
    draft = of_case(_case_facts(case), [row.role for row in pictures])
    brief = draft_brief(
        title=draft.title, body=draft.body, byline=unit.name, unit_id=unit.pk, origin=("case", case.pk), by=by, now=now,
        client_key=client_key,
    )  # fmt: skip
    if not brief.pictures.exists():
        _add(brief, pictures, draft)
    return brief


def _add(brief: Brief, pictures: list[CasePhoto], draft: Draft) -> None:
    BriefPhoto.objects.bulk_create(
        BriefPhoto(brief=brief, photo_id=row.photo_id, caption=draft.captions[at], position=at)
        for at, row in enumerate(pictures)
    )


def _pictures(case: Case) -> list[CasePhoto]:
    """One before and one after, the latest of each, of those that a person already released."""
    rows = list(CasePhoto.objects.filter(case=case, role__in=[PhotoRole.BEFORE, PhotoRole.AFTER]).order_by("id"))
    released = public_photos([row.photo_id for row in rows])
    found = {row.role: row for row in rows if row.photo_id in released}
    kept = [found[role] for role in (PhotoRole.BEFORE, PhotoRole.AFTER) if role in found]
    return kept if len({row.photo_id for row in kept}) == len(kept) else kept[:1]


def _case_facts(case: Case) -> dict[str, Any]:
    edition = current_edition()
    rows = (
        Criterion.objects.filter(edition=edition, code=case.criterion_code) if edition and case.criterion_code else None
    )
    words = rows.values_list("text", flat=True).first() if rows is not None else None
    return {
        "place": case.site.name if case.site else "", "street": case.street.name if case.street else "",
        "trouble": _trouble(words or "", case.standard.item if case.standard else ""),
        "unit": case.unit.name if case.unit else "", "reported_at": case.reported_at.astimezone(),
        "ended_at": case.ended_at.astimezone() if case.ended_at else case.reported_at,
        "from_resident": case.origin_kind in FROM_RESIDENTS,
    }  # fmt: skip


def _trouble(requirement: str, item: str) -> str:
    """In the words of the standards: the requirement that was not met, else the kind of trouble."""
    return f"没有做到“{requirement}”" if requirement else f"有“{item}”的问题" if item else "有环境秩序方面的问题"
