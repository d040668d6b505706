"""回复上级: drafted from the results of the items, finished by a person, released by another, then frozen.

The words hold places like {完成}; pages and papers put the figure there, so nobody can type another one into it.
"""

import re
from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.directives.models import Directive, Reply
from chuangwen.directives.queries import keeps
from chuangwen.directives.reply_facts import figures_of, results_of
from chuangwen.journal.operations import record
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.directives import KIND_WORDS, ItemResult, kind_of
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused

PLACE = re.compile(r"\{([^{}\n]{1,20})\}")
_PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])")
_NOT_OFFICE = "回复由收文的文明办起草。"


def _day(moment: datetime) -> str:
    here = moment.astimezone(SHANGHAI)
    return f"{here.year}年{here.month}月{here.day}日"


def _draft_text(paper: Directive, results: list[ItemResult], now: datetime) -> str:
    lines = [
        f"《{paper.title}》（{paper.number}）收悉。区里已将所列事项分解到责任单位，现将办理情况报告如下。",
        "来文所列事项 {总数} 件，已完成 {完成} 件，其中按期完成 {按期完成} 件、逾期完成 {逾期完成} 件；"
        "尚未完成 {未完成} 件，其中经同意延期 {同意延期} 件、已到期未完成 {到期未完成} 件、期限内办理中 {办理中} 件。",
        "各事项办理情况：",
        *(f"{one.number}. {one.text}（{one.units}）：{_what(one, now)}" for one in results),
        "未完成的事项，我们将继续督促责任单位办理，办结后另行报告。",
    ]
    return "\n".join(lines)


def _what(one: ItemResult, now: datetime) -> str:
    if one.done_at is not None:
        return one.result.rstrip("。") + "。"
    until = f"，期限 {_day(one.deadline)}" if one.deadline >= now else ""
    said = f"。目前：{one.result.rstrip('。')}" if one.result else ""
    return f"{KIND_WORDS[kind_of(one, now)]}{until}{said}。"


def _locked(directive_id: int, by: Actor) -> tuple[Directive, Reply | None]:
    paper = Directive.objects.select_for_update(of=("self",)).select_related("home").filter(pk=directive_id).first()
    if paper is None or not (keeps(by, paper)):
        raise NotFound
    return paper, Reply.objects.select_for_update().filter(directive=paper).first()


def _record(reply: Reply, what: str, by: Actor, now: datetime) -> None:
    record(kind=f"directive.reply_{what}", subject_kind="directive", subject_id=reply.directive_id, by=by, now=now)


def _rows(results: list[ItemResult]) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number, "text": one.text, "units": one.units, "result": one.result,
            "done_at": one.done_at.isoformat() if one.done_at else None,
            "handed_in_at": one.handed_in_at.isoformat() if one.handed_in_at else None,
            "deadline": one.deadline.isoformat(), "first_deadline": one.first_deadline.isoformat(),
        }
        for one in results
    ]  # fmt: skip


@transaction.atomic
def draft_reply(*, directive_id: int, by: Actor, now: datetime) -> Reply:
    """A draft from the items as they stand. Again: the figures and items anew, the words as they are."""
    paper, reply = _locked(directive_id, by)
    if reply is not None and reply.is_released:
        raise Refused("回复已经签发，内容不能再改。")
    results = results_of(paper)
    figures = figures_of(results, now)
    if reply is not None:
        reply.figures, reply.items, reply.taken_at = figures, _rows(results), now
        reply.version += 1
        reply.save(update_fields=["figures", "items", "taken_at", "version"])
        _record(reply, "figures", by, now)
        return reply
    reply = Reply.objects.create(
        directive=paper, title=f"关于《{paper.title}》办理情况的报告"[:160], text=_draft_text(paper, results, now),
        figures=figures, items=_rows(results), taken_at=now, drafted_at=now, drafted_by=by.name, drafter_id=by.user_id,
    )  # fmt: skip
    _record(reply, "drafted", by, now)
    return reply


def _word_objections(reply: Reply, title: str, text: str) -> list[str]:
    known = [figure["key"] for figure in reply.figures]
    found = [] if title.strip() else ["请写标题。"]
    found += [] if text.strip() else ["正文不能为空。"]
    strange = sorted({key for key in PLACE.findall(text) if key not in known})
    if strange:
        found.append(f"没有叫“{'、'.join(strange)}”的数字，可用：{'、'.join(known)}。")
    if _PERSONAL.search(f"{title}\n{text}"):
        found.append("正文里有手机号码或身份证号码，回复不写个人信息，请删去。")
    return found


def _open(reply: Reply | None, seen_version: int | None, yours: str = "") -> Reply:
    if reply is None:
        raise NotFound("还没有起草回复。")
    if reply.is_released:
        raise Refused("回复已经签发，内容不能再改。")
    if seen_version is not None and seen_version != reply.version:
        raise Conflict(
            f"{reply.edited_by or reply.drafted_by}刚刚改过这份回复。您写的内容还在，请看过最新内容后再决定是否保存。",
            yours=yours, theirs=reply.text,
        )  # fmt: skip
    return reply


@transaction.atomic
def edit_reply(
    *, directive_id: int, title: str, text: str, by: Actor, now: datetime, seen_version: int | None = None
) -> Reply:
    """Other words; the figures stay where the words put them."""
    _paper, reply = _locked(directive_id, by)
    reply = _open(reply, seen_version, text)
    if found := _word_objections(reply, title, text):
        raise Refused(found)
    reply.title, reply.text = title.strip()[:160], text.strip()
    reply.edited_at, reply.edited_by, reply.editor_id = now, by.name, by.user_id
    reply.version += 1
    reply.save(update_fields=["title", "text", "edited_at", "edited_by", "editor", "version"])
    _record(reply, "edited", by, now)
    return reply


@transaction.atomic
def release_reply(*, directive_id: int, by: Actor, now: datetime, seen_version: int | None = None) -> Reply:
    """签发, by the office's chief, who neither drafted nor last edited it; refuses while figures lag behind."""
    paper, reply = _locked(directive_id, by)
    reply = _open(reply, seen_version)
    found = [] if may(by, Permission.DIRECTIVE_RELEASE) else ["回复由文明办主任签发。"]
    if by.user_id is not None and by.user_id in {reply.drafter_id, reply.editor_id}:
        found.append("起草、修改的人不能自己签发，请另一位主任签发，或请专员修改保存一次后再签发。")
    found += _word_objections(reply, reply.title, reply.text)
    results = results_of(paper)
    if _rows(results) != reply.items or figures_of(results, now) != reply.figures:
        found.append("起草以后办理情况有了变化，请先点“重新取数”，看过再签发。")
    if found:
        raise Refused(found)
    reply.released_at, reply.released_by = now, by.name
    reply.version += 1
    reply.save(update_fields=["released_at", "released_by", "version"])
    _record(reply, "released", by, now)
    return reply
