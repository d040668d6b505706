"""常用条件: filters of the case list that a person keeps for themselves."""

from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import SavedView
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound, Refused

MOST_VIEWS, LONGEST_NAME, LONGEST_QUERY = 30, 40, 500


def _objections(name: str, query: str, by: Actor) -> list[str]:
    objections = [] if by.user_id is not None else ["只有登录的人才能保存常用条件。"]
    if not name:
        objections.append("请给这组条件起个名字，例如“学田超期”。")
    if len(name) > LONGEST_NAME:
        objections.append(f"名字最多 {LONGEST_NAME} 个字，现在有 {len(name)} 个。")
    if not query:
        objections.append("现在没有任何筛选条件，请先筛选，再保存。")
    if len(query) > LONGEST_QUERY:
        objections.append("条件太长，存不下，请去掉一些再保存。")
    return objections


@transaction.atomic
def save_view(*, name: str, query: str, by: Actor, now: datetime) -> SavedView:
    """Keep a filter (the query of the list's address) under a name; the same name again takes the new filter.

    Refuses without a name or a condition, when something is too long, and beyond thirty views a person.
    """
    name, query = name.strip(), query.strip()
    objections = _objections(name, query, by)
    owner = by.user_id or 0
    mine = SavedView.objects.filter(user_id=owner)
    known = mine.filter(name=name).first()
    if known is None and mine.count() >= MOST_VIEWS:
        objections.append(f"常用条件最多存 {MOST_VIEWS} 组，请先删去不用的。")
    if objections:
        raise Refused(objections)
    view = known or SavedView(user_id=owner, name=name)
    view.query = query
    view.save()
    record(kind="view.saved", subject_kind="view", subject_id=view.pk, by=by, now=now, name=name)
    return view


@transaction.atomic
def forget_view(*, view_id: int, by: Actor, now: datetime) -> None:
    """Delete one of the person's own filters; somebody else's looks like an unknown one."""
    view = SavedView.objects.filter(pk=view_id, user_id=by.user_id or 0).first()
    if view is None:
        raise NotFound("这组常用条件已经不在了。")
    record(kind="view.forgotten", subject_kind="view", subject_id=view.pk, by=by, now=now, name=view.name)
    view.delete()
