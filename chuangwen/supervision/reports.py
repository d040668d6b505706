"""督查报告: drafted from the figures, finished by a person, frozen when released.

The words hold places like {案件}; the page puts the figure there, linked to its cases. So a number in a report is always
the figure itself, and nobody can type another one into it.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.cases.models import CaseQuerySet
from chuangwen.journal.operations import record
from chuangwen.rules.case_flow import FINISHED, RUNNING
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.supervision.models import OPEN_REMARKS, RemarkState, Report, Task, TaskStatus
from chuangwen.supervision.operations import NOT_YOURS, locked_task
from chuangwen.supervision.queries import cases_of, manages, open_cases_of, remarks_of

Figure = dict[str, Any]
PLACE = re.compile(r"\{([^{}\n]{1,20})\}")
MOST_PROBLEMS = 8
_PERSONAL = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?![\dXx])")


def _figure(key: str, unit: str, ids: Sequence[int] | None, value: int | None = None) -> Figure:
    cases = sorted(ids) if ids is not None else []
    return {"key": key, "value": len(cases) if value is None else value, "unit": unit, "cases": cases}


def _ids(cases: CaseQuerySet) -> list[int]:
    return list(cases.values_list("pk", flat=True))


def figures_of(task: Task, now: datetime) -> list[Figure]:
    """What a report counts; each figure of cases carries the ids that it counts."""
    cases, remarks = cases_of(task), remarks_of(task)
    late = cases.filter(status__in=sorted(s.value for s in RUNNING), due_at__lt=now)
    done = cases.filter(status__in=sorted(s.value for s in FINISHED))
    kept = remarks.exclude(state__in=[RemarkState.CASE, RemarkState.DROPPED])
    visited = set(task.patrols.filter(visits__finished_at__isnull=False).values_list("visits__site", flat=True))
    return [
        _figure("点位", "个", None, len(visited)),
        _figure("案件", "件", _ids(cases)),
        _figure("办结", "件", _ids(done)),
        _figure("未办结", "件", _ids(open_cases_of(task))),
        _figure("超期", "件", _ids(late)),
        _figure("意见", "条", None, kept.count()),
        _figure("待销号意见", "条", None, kept.filter(state__in=OPEN_REMARKS).count()),
    ]


def _day(moment: datetime) -> str:
    here = moment.astimezone(SHANGHAI)
    return f"{here.year}年{here.month}月{here.day}日"


def _main_problems(task: Task) -> str:
    """What was found, in its own words: the kinds of cases, then what units were asked to answer. A draft for a person to cut."""
    kept = remarks_of(task).exclude(state__in=[RemarkState.RAW, RemarkState.CASE, RemarkState.DROPPED])
    said = [*cases_of(task).order_by("pk").values_list("title", flat=True), *kept.values_list("text", flat=True)]
    words = (_PERSONAL.sub("", re.sub(r"[{}\s]+", " ", text)).strip("；。; ") for text in said)
    return "；".join(list(dict.fromkeys(filter(None, words)))[:MOST_PROBLEMS])


def _draft_text(task: Task) -> str:
    units = "、".join(task.units.order_by("path").values_list("name", flat=True)[:12]) or "辖区各单位"
    asked = "；".join(line.strip().rstrip("；。;") for line in task.questions.splitlines() if line.strip())
    basis = f"根据{task.basis}，" if task.basis else ""
    head = f"{basis}{_day(task.starts_at)}至{_day(task.ends_at)}，对{units}开展{task.get_kind_display()}。"
    paragraphs = [
        head + (f"督查内容：{asked}。" if asked else ""),
        "本次督查走访点位 {点位} 个，立案 {案件} 件，其中已办结 {办结} 件，未办结 {未办结} 件，超期 {超期} 件；"
        "另提出意见 {意见} 条，待销号 {待销号意见} 条。",
        *([f"主要问题：{found}。"] if (found := _main_problems(task)) else []),
        "下一步要求：未办结的按期限整改，区文明办跟踪到销号。",
    ]
    return "\n".join(paragraphs)


def _locked(task_id: int, by: Actor) -> tuple[Task, Report | None]:
    task = locked_task(task_id, by)
    if not manages(by, task):
        raise Refused(NOT_YOURS)
    return task, Report.objects.select_for_update().filter(task=task).first()


def _refuse_released(report: Report | None, *objections: str) -> Report:
    if report is None:
        raise NotFound("这次督查还没有起草报告。")
    found = [*objections, *(["报告已经发布，内容不能再改。"] if report.is_released else [])]
    if found:
        raise Refused(found)
    return report


def _record(report: Report, what: str, by: Actor, now: datetime) -> None:
    record(kind=f"supervision.report_{what}", subject_kind="supervision", subject_id=report.task_id, by=by, now=now)


@transaction.atomic
def draft_report(*, task_id: int, by: Actor, now: datetime) -> Report:
    """A draft from the figures as they stand. Again: the figures anew, the words as they are."""
    task, report = _locked(task_id, by)
    found = [] if may(by, Permission.SUPERVISION_PLAN) else [NOT_YOURS]
    found += [] if task.status in {TaskStatus.RUNNING, TaskStatus.CLOSED} else ["督查下达后才能起草报告。"]
    if found:
        raise Refused(found)
    if report is not None:
        report = _refuse_released(report)
        report.figures, report.edited_at, report.edited_by = figures_of(task, now), now, by.name
        report.version += 1
        report.save(update_fields=["figures", "edited_at", "edited_by", "version"])
        _record(report, "figures", by, now)
        return report
    report = Report.objects.create(
        task=task, title=f"关于{task.title}情况的报告"[:160], text=_draft_text(task), figures=figures_of(task, now), drafted_at=now,
        drafted_by=by.name,
    )  # fmt: skip
    _record(report, "drafted", by, now)
    return report


def _word_objections(report: Report, title: str, text: str) -> list[str]:
    known = {figure["key"] for figure in report.figures}
    found = [] if title.strip() else ["请写标题。"]
    found += [] if text.strip() else ["正文不能为空。"]
    strange = sorted({key for key in PLACE.findall(text) if key not in known})
    if strange:
        found.append(f"没有叫“{'、'.join(strange)}”的数字，可用：{'、'.join(sorted(known))}。")
    if _PERSONAL.search(f"{title}\n{text}"):
        found.append("正文里有手机号码或身份证号码，报告不写个人信息，请删去。")
    return found


@transaction.atomic
def edit_report(
    *, task_id: int, title: str, text: str, by: Actor, now: datetime, seen_version: int | None = None
) -> Report:
    """Other words; the figures stay where the words put them."""
    _task, report = _locked(task_id, by)
    report = _refuse_released(report, *([] if may(by, Permission.SUPERVISION_PLAN) else [NOT_YOURS]))
    if seen_version is not None and seen_version != report.version:
        raise Conflict(
            f"{report.edited_by or report.drafted_by}刚刚改过这份报告。您写的内容还在，请看过最新内容后再决定是否保存。",
            yours=text, theirs=report.text,
        )  # fmt: skip
    if found := _word_objections(report, title, text):
        raise Refused(found)
    report.title, report.text, report.edited_at, report.edited_by = title.strip()[:160], text.strip(), now, by.name
    report.version += 1
    report.save(update_fields=["title", "text", "edited_at", "edited_by", "version"])
    _record(report, "edited", by, now)
    return report


@transaction.atomic
def release_report(*, task_id: int, by: Actor, now: datetime, seen_version: int | None = None) -> Report:
    """Official from now on, for the supervised too. Refuses while figures lag behind or the task is secret."""
    task, report = _locked(task_id, by)
    report = _refuse_released(report)
    found = [] if may(by, Permission.SUPERVISION_RELEASE) else ["督查报告由文明办主任发布。"]
    if seen_version is not None and seen_version != report.version:
        raise Conflict("刚刚有人改过这份报告，请看过最新内容后再发布。")
    found += ["请先公布这次督查，再发布报告。"] if task.concealed else []
    found += _word_objections(report, report.title, report.text)
    if figures_of(task, now) != report.figures:
        found.append("起草以后数字有了变化，请先点“重新取数”，看过再发布。")
    if found:
        raise Refused(found)
    report.released_at, report.released_by = now, by.name
    report.version += 1
    report.save(update_fields=["released_at", "released_by", "version"])
    _record(report, "released", by, now)
    return report
