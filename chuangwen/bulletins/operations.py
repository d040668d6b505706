"""Every way papers come about: drafted from figures, edited and released by people, or withdrawn."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from chuangwen.bulletins.checks import personal_data
from chuangwen.bulletins.daily import draft_daily
from chuangwen.bulletins.facts import Span
from chuangwen.bulletins.models import Paper, PaperKind
from chuangwen.bulletins.monthly import draft_monthly, month_of
from chuangwen.bulletins.objections import brought_up_to_date
from chuangwen.bulletins.papers import official
from chuangwen.bulletins.queries import check_paper, own_hand
from chuangwen.bulletins.weekly import draft_weekly
from chuangwen.bulletins.writing import Draft
from chuangwen.journal.log import catch_up, record_root
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.official_paper import MOST_TITLE, digest
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.operations import compute_sheet
from chuangwen.scores.queries import sheet_of_period
from chuangwen.scores.reach import local_day, manages, scope_for, window

RULE = "district-month"  # what a monthly ranking is computed by while nobody has computed a sheet for the month


def period_of(kind: str, day: date) -> tuple[date, date]:
    """The first and last day of the paper of this kind that a day belongs to: the day, its week from Monday, its month."""
    if kind == PaperKind.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return month_of(day) if kind == PaperKind.MONTHLY else (day, day)


@transaction.atomic
def draft_paper(*, kind: str, day: date, by: Actor, now: datetime, scope_code: str = "") -> Paper:
    """A draft from the figures as they stand now. A draft of the same kind and period that exists is given back."""
    objections = [] if may(by, Permission.PAPER_DRAFT) else ["简报通报由区文明办起草。"]
    if kind not in PaperKind.values:
        objections.append(f"种类“{kind}”不认识，可用：{'、'.join(PaperKind.values)}。")
    starts_on, ends_on = period_of(kind, day)
    if starts_on > local_day(now):
        objections.append("本期还没有开始，没有可写的数字。")
    if objections:
        raise Refused(objections)
    scope = scope_for(by, scope_code)
    Unit.objects.select_for_update().get(pk=scope.pk)
    if known := Paper.objects.filter(scope=scope, kind=kind, starts_on=starts_on).first():
        return _known(known)
    span = Span(scope, starts_on, ends_on, now)
    sheet = _sheet(span, by=by, now=now) if kind == PaperKind.MONTHLY else None
    draft = _draft(kind, span, sheet)
    paper = Paper.objects.create(
        kind=kind, scope=scope, issuer=_issuer(by, scope), title=draft.title[:160], starts_on=starts_on,
        ends_on=ends_on, sections=draft.sections_json(), figures=draft.figures_json(), sheet=sheet, drafted_at=now,
        drafted_by=by.name,
    )  # fmt: skip
    record(
        kind="paper.drafted", subject_kind="paper", subject_id=paper.pk, by=by, now=now, title=paper.title,
        paper_kind=kind, start=starts_on.isoformat(), end=ends_on.isoformat(),
    )  # fmt: skip
    return Paper.objects.get(pk=paper.pk)


def _known(paper: Paper) -> Paper:
    if paper.is_released:
        raise Refused(f"本期{paper.get_kind_display()}已经发布（{paper.number}），不能重新起草。")
    return paper


def _draft(kind: str, span: Span, sheet: ScoreSheet | None) -> Draft:
    if sheet is not None:
        return draft_monthly(span, sheet)
    return draft_weekly(span) if kind == PaperKind.WEEKLY else draft_daily(span)


def _sheet(span: Span, *, by: Actor, now: datetime) -> ScoreSheet:
    """The sheet of the month: the released one, else the latest; a new one where there is none over the whole month."""
    known = sheet_of_period(span.scope.code, span.start, span.end)
    _, over = window(span.start, span.end)
    if known is not None and (known.is_released or known.computed_at >= min(over, now)):
        return known
    return compute_sheet(rule_name=RULE, start=span.start, end=span.end, scope_code=span.scope.code, by=by, now=now)


def _issuer(by: Actor, scope: Unit) -> str:
    """The office that the drafter belongs to, else the one of the branch where the office's people have their posts."""
    offices = Unit.objects.filter(kind=UnitKind.DISTRICT_OFFICE, active=True)
    own = offices.filter(pk__in=[post.unit_id for post in by.posts]).first()
    here = offices.filter(parent=scope).order_by("path")
    office = own or here.filter(posts__role__in=OFFICE).first() or here.first()
    return office.name if office else scope.name


def _locked(paper_id: int, by: Actor) -> Paper:
    """The paper with its branch locked, so that two releases cannot take one number."""
    scope_id = Paper.objects.filter(pk=paper_id).values_list("scope_id", flat=True).first()
    if scope_id is None:
        raise NotFound
    Unit.objects.select_for_update().get(pk=scope_id)
    paper = Paper.objects.select_for_update(of=("self",)).select_related("scope").filter(pk=paper_id).first()
    if paper is None or not manages(by, paper.scope):
        raise NotFound
    return paper


def _refuse_released(paper: Paper, *objections: str) -> None:
    found = [*objections]
    if paper.is_released:
        found.append(f"{paper.number}已经发布，内容不能再改。")
    if found:
        raise Refused(found)


@transaction.atomic
def edit_paper(
    *, paper_id: int, texts: Mapping[int, str], by: Actor, now: datetime, seen_version: int | None, title: str = ""
) -> Paper:
    """Put other words into a draft. `texts`: number of the section from 0 -> its paragraphs, one a line.

    Tables and figures stay as they were drafted; what the words then say is held to them when the paper is released.
    """
    paper = _locked(paper_id, by)
    _refuse_released(paper, *([] if may(by, Permission.PAPER_DRAFT) else ["简报通报由区文明办修改。"]))
    if seen_version is not None and seen_version != paper.version:
        raise Conflict(
            f"{paper.edited_by}刚刚改过这份草稿。您写的内容还在，请看过最新内容后再决定是否提交。",
            yours="\n\n".join(texts.values()),
            theirs="\n\n".join("\n".join(section["paragraphs"]) for section in paper.sections),
        )
    objections = personal_data([title, *texts.values()])
    if unknown := sorted(set(texts) - set(range(len(paper.sections)))):
        objections.append(f"没有第 {'、'.join(str(number + 1) for number in unknown)} 部分。")
    if len(title.strip()) > MOST_TITLE:
        objections.append(f"标题最多 {MOST_TITLE} 字。")
    if objections:
        raise Refused(objections)
    for number, text in texts.items():
        paper.sections[number]["paragraphs"] = list(filter(None, map(_clean, text.splitlines())))
    paper.title = _clean(title) or paper.title
    paper.edited_at, paper.edited_by = now, by.name
    paper.version += 1
    paper.save(update_fields=["sections", "title", "edited_at", "edited_by", "version"])
    record(
        kind="paper.edited", subject_kind="paper", subject_id=paper.pk, by=by, now=now, sections=sorted(texts),
        title=paper.title,
    )  # fmt: skip
    return paper


def _clean(line: str) -> str:
    """Without control characters, which no document can hold."""
    return re.sub(r"[\x00-\x1f\x7f]", "", line).strip()


def release_paper(*, paper_id: int, by: Actor, now: datetime, seen_version: int | None = None) -> Paper:
    """Give the paper its number and the root of the journal, and make it official. From then on nothing in it changes.

    Needs a second person: not the one who drafted it, nor the one who edited it last. The journal keeps the SHA-256 of
    what was released (rules/official_paper.py `digest`).

    What was done until now enters the log first, in a transaction of its own that nobody who records waits for.
    """
    catch_up()
    return _release(paper_id=paper_id, by=by, now=now, seen_version=seen_version)


@transaction.atomic
def _release(*, paper_id: int, by: Actor, now: datetime, seen_version: int | None) -> Paper:
    paper = _locked(paper_id, by)
    _refuse_released(paper, *([] if may(by, Permission.PAPER_RELEASE) else ["简报通报由文明办主任发布。"]))
    if seen_version is not None and seen_version != paper.version:
        raise Conflict(f"{paper.edited_by}刚刚改过这份草稿，请看过最新内容后再发布。")
    if paper.sheet is not None and paper.sheet.is_released:
        paper.sections, paper.figures = brought_up_to_date(paper.sections, paper.figures, paper.sheet)
    objections = [*own_hand(by, paper), *_release_objections(paper), *check_paper(paper)]
    if objections:
        raise Refused(objections)
    paper.year = local_day(now).year
    same = Paper.objects.filter(scope_id=paper.scope_id, kind=paper.kind, year=paper.year)
    paper.serial = (same.aggregate(last=Max("serial"))["last"] or 0) + 1
    paper.released_at, paper.released_by = now, by.name
    if root := record_root(now=now):
        paper.trace_size, paper.trace_root = root.size, root.root
    paper.version += 1
    paper.save(
        update_fields=[
            "sections", "figures", "year", "serial", "released_at", "released_by", "trace_size", "trace_root", "version",
        ]
    )  # fmt: skip
    record(
        kind="paper.released", subject_kind="paper", subject_id=paper.pk, by=by, now=now, number=paper.number,
        title=paper.title, trace_size=paper.trace_size, trace_root=paper.trace_root, content=digest(official(paper)),
    )  # fmt: skip
    return paper


def _release_objections(paper: Paper) -> list[str]:
    objections = []
    if local_day(paper.drafted_at) < paper.ends_on:
        objections.append("这份草稿在本期最后一天之前起草，数字不全。请在期末撤回并重新起草。")
    if paper.sheet is not None and not paper.sheet.is_released:
        other = sheet_of_period(paper.scope.code, paper.starts_on, paper.ends_on)
        newer = other is not None and other.is_released
        objections.append(
            "本期已发布另一份得分表，请撤回这份草稿并重新起草。"
            if newer
            else "排名所用的得分表还没有发布，请先发布得分表。"
        )
    return objections


@transaction.atomic
def withdraw_draft(*, paper_id: int, by: Actor, now: datetime) -> None:
    """Throw a draft away, so that the period can be drafted anew. What was released stays."""
    paper = _locked(paper_id, by)
    _refuse_released(paper, *([] if may(by, Permission.PAPER_DRAFT) else ["草稿由区文明办撤回。"]))
    facts = {"title": paper.title, "paper_kind": paper.kind, "start": paper.starts_on.isoformat()}
    paper.delete()
    record(kind="paper.withdrawn", subject_kind="paper", subject_id=paper_id, by=by, now=now, **facts)
