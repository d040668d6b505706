"""The work of a special campaign beside its cases: milestones that are reached, money that is spent."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from chuangwen.campaigns.models import BEIJING, Campaign, Milestone, Spending
from chuangwen.campaigns.moving import record_step
from chuangwen.campaigns.queries import locked_for, manages
from chuangwen.journal.once import taken_before
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.permissions import UNIT, Actor
from chuangwen.rules.refusals import NotFound, Refused

MOST_MONEY = Decimal(10) ** 11


def works_on(actor: Actor, campaign: Campaign) -> bool:
    """Whether this person's office plans the campaign or their unit is in its team."""
    paths = actor.unit_paths(*UNIT)
    return manages(actor, campaign) or any(part.unit.path.startswith(paths or ("//",)) for part in campaign.team.all())


def _objections(campaign: Campaign, by: Actor) -> list[str]:
    objections = [] if works_on(by, campaign) else ["只有区文明办和专项队伍里的单位可以登记。"]
    if campaign.flow_status is not CampaignStatus.RUNNING:
        objections.append(f"“{campaign.title}”{campaign.flow_status.label}，不能再登记。")
    return objections


@transaction.atomic
def complete_milestone(
    *, campaign_id: int, milestone_id: int, note: str, by: Actor, now: datetime, client_key: str | None = None
) -> Milestone:
    """Somebody says that it is reached, and on what evidence. Said twice, the first word stands."""
    campaign = locked_for(by, campaign_id)
    milestone = Milestone.objects.select_for_update().filter(campaign=campaign, pk=milestone_id).first()
    if milestone is None:
        raise NotFound
    if taken_before(client_key, "campaign", campaign_id):
        return milestone
    objections = _objections(campaign, by)
    objections += [] if note.strip() else ["请写完成依据：开了什么会、出了什么文件、到了什么程度。"]
    if milestone.done_at is not None:
        objections.append(f"{milestone.done_by}已登记完成：{milestone.note}")
    if objections:
        raise Refused(objections)
    milestone.done_at, milestone.done_by, milestone.note = now, by.name, note.strip()[:500]
    milestone.save(update_fields=["done_at", "done_by", "note"])
    record_step(
        campaign,
        "milestone_done",
        by=by,
        now=now,
        client_key=client_key,
        milestone=milestone.title,
        note=milestone.note,
    )
    return milestone


@transaction.atomic
def enter_spending(
    *, campaign_id: int, spent_on: date | None, amount: Decimal | None, purpose: str, by: Actor, now: datetime,
    client_key: str | None = None,
) -> Spending | None:  # fmt: skip
    """Money that was spent: a day that has come, an amount above zero, a purpose. None for a repeated submission."""
    campaign = locked_for(by, campaign_id)
    if taken_before(client_key, "campaign", campaign_id):
        return None
    objections = _objections(campaign, by)
    if spent_on is None or spent_on > now.astimezone(BEIJING).date():
        objections.append("请填写支出日期，不能晚于今天。")
    if amount is None or not 0 < amount < MOST_MONEY:
        objections.append("请填写金额（元），须大于 0。")
    objections += [] if purpose.strip() else ["请写明用途。"]
    if objections or spent_on is None or amount is None:
        raise Refused(objections)
    spending = Spending.objects.create(
        campaign=campaign, spent_on=spent_on, amount=amount.quantize(Decimal("0.01")), purpose=purpose.strip()[:200],
        entered_at=now, entered_by=by.name,
    )  # fmt: skip
    record_step(
        campaign,
        "money_spent",
        by=by,
        now=now,
        client_key=client_key,
        amount=str(spending.amount),
        note=spending.purpose,
    )
    return spending


@transaction.atomic
def strike_spending(
    *, campaign_id: int, spending_id: int, reason: str, by: Actor, now: datetime, client_key: str | None = None
) -> Spending:
    """An entry was wrong: it stays readable and counts no more."""
    campaign = locked_for(by, campaign_id)
    spending = Spending.objects.select_for_update().filter(campaign=campaign, pk=spending_id).first()
    if spending is None:
        raise NotFound
    if spending.struck_at is not None:
        return spending
    objections = _objections(campaign, by)
    objections += [] if reason.strip() else ["划去一笔支出须写明理由。"]
    if objections:
        raise Refused(objections)
    spending.struck_at, spending.struck_reason = now, reason.strip()[:300]
    spending.save(update_fields=["struck_at", "struck_reason"])
    record_step(
        campaign, "spending_struck", by=by, now=now, client_key=client_key, amount=str(spending.amount),
        note=spending.struck_reason,
    )  # fmt: skip
    return spending
