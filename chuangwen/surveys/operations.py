"""How a questionnaire and its waves come to be: drafted, published (frozen), held, closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.questionnaires import (
    LANGUAGES,
    Question,
    Questionnaire,
    objections_to,
    packed,
    question_objections,
)
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.survey_rates import rate_objections, read_rates
from chuangwen.standards.models import Edition
from chuangwen.surveys.models import Form, Survey, Wave, WaveState
from chuangwen.surveys.queries import form_for, home_of, questionnaire_of, survey_for, surveys_for, wave_for
from chuangwen.surveys.usual import usual_content, usual_rates

NOT_YOURS = "问卷由区文明办设计和安排。"
FROZEN = "这一版已经发布，不能再改。请先复制成新的草稿。"
CHANGED = "刚刚有人改过这份问卷。请看过最新的题目再保存。"


def record_survey(survey_id: int, what: str, by: Actor, now: datetime, **facts: Any) -> None:
    """One event of a questionnaire."""
    record(kind=f"survey.{what}", subject_kind="survey", subject_id=survey_id, by=by, now=now, **facts)


def record_wave(wave: Wave, what: str, by: Actor, now: datetime, **facts: Any) -> None:
    """One event of a wave. Never with a household or an answer that could be led back to one."""
    record(kind=f"wave.{what}", subject_kind="wave", subject_id=wave.pk, by=by, now=now, **facts)


@transaction.atomic
def create_survey(*, title: str, by: Actor, now: datetime, client_key: str | None = None) -> Survey:
    """A new questionnaire with the usual questions as its draft. The same client key again gives the same."""

    def make() -> Survey:
        home = home_of(by)
        found = [] if may(by, Permission.SURVEY_PLAN) and home else [NOT_YOURS]
        found += [] if title.strip() else ["请写问卷名称。"]
        if found or home is None:
            raise Refused(found)
        survey = Survey.objects.create(
            title=title.strip()[:120], home=home, created_at=now, created_by=by.name, client_key=client_key or None
        )
        Form.objects.create(survey=survey, number=1, content=usual_content(), rates=usual_rates())
        record_survey(survey.pk, "created", by, now)
        return survey

    known = once(lambda: Survey.objects.filter(client_key=client_key).first() if client_key else None, make)
    if not surveys_for(by).filter(pk=known.pk).exists():
        raise Refused(KEY_TAKEN)
    return known


def _draft(form_id: int, by: Actor, seen_version: int | None) -> Form:
    form_for(by, form_id)
    form = Form.objects.select_for_update().get(pk=form_id)
    if not may(by, Permission.SURVEY_PLAN):
        raise Refused(NOT_YOURS)
    if not form.is_draft:
        raise Refused(FROZEN)
    if seen_version is not None and seen_version != form.version:
        raise Conflict(CHANGED)
    return form


def _keep(form: Form, content: Questionnaire, by: Actor, now: datetime, what: str, **facts: Any) -> Form:
    form.content, form.version = packed(content), form.version + 1
    form.save(update_fields=["content", "rates", "version"])
    record_survey(form.survey_id, what, by, now, number=form.number, **facts)
    return form


@transaction.atomic
def save_head(
    *,
    form_id: int,
    title: Mapping[str, str],
    intro: Mapping[str, str],
    languages: Sequence[str],
    rates: str,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Form:
    """Title, introduction, languages and the definitions of the rates."""
    form = _draft(form_id, by, seen_version)
    found = [] if title.get("zh", "").strip() else ["请写问卷的中文标题。"]
    unknown = [name for name in languages if name not in LANGUAGES]
    found += [f"不认识语言“{'、'.join(unknown)}”。"] if unknown else []
    try:
        read_rates(rates)
    except BadInput as refusal:
        found += refusal.objections
    if found:
        raise Refused(found)
    chosen = tuple(dict.fromkeys(["zh", *languages]))
    form.rates = rates
    changed = replace(
        questionnaire_of(form), languages=chosen, title=_words(title, chosen, 120), intro=_words(intro, chosen, 600)
    )
    return _keep(form, changed, by, now, "head_saved")


def _words(words: Mapping[str, str], languages: Sequence[str], most: int) -> dict[str, str]:
    return {name: said[:most] for name in languages if (said := words.get(name, "").strip())}


@transaction.atomic
def save_question(
    *, form_id: int, question: Question, replaces: str = "", by: Actor, now: datetime, seen_version: int | None = None
) -> Form:
    """A question at the end, or in the place of the one with the code `replaces`."""
    form = _draft(form_id, by, seen_version)
    content = questionnaire_of(form)
    found = question_objections(question)
    if question.code != replaces and content.question(question.code) is not None:
        found.append(f"编码“{question.code}”已经用过。")
    if found:
        raise Refused(found)
    rows = [question if row.code == replaces else row for row in content.questions]
    rows += [] if replaces and question in rows else [question]
    return _keep(form, replace(content, questions=tuple(rows)), by, now, "question_saved", code=question.code)


@transaction.atomic
def move_question(
    *, form_id: int, code: str, step: int, by: Actor, now: datetime, seen_version: int | None = None
) -> Form:
    """One place up (-1) or down (1); 0 takes it out."""
    form = _draft(form_id, by, seen_version)
    content = questionnaire_of(form)
    rows = list(content.questions)
    place = next((at for at, row in enumerate(rows) if row.code == code), None)
    if place is None:
        raise NotFound("没有这道题，可能刚被删去。")
    row = rows.pop(place)
    if step:
        rows.insert(max(0, min(len(rows), place + step)), row)
    return _keep(form, replace(content, questions=tuple(rows)), by, now, "question_moved", code=code, step=step)


@transaction.atomic
def publish_form(*, form_id: int, by: Actor, now: datetime) -> Form:
    """发布: frozen from now on. Refuses with everything that is wrong with questions and rates."""
    form = form_for(by, form_id)
    if not may(by, Permission.SURVEY_PUBLISH):
        raise Refused("问卷由文明办主任发布。")
    form = Form.objects.select_for_update().get(pk=form_id)
    if not form.is_draft:
        return form
    content = questionnaire_of(form)
    found = objections_to(content)
    try:
        found += rate_objections(read_rates(form.rates), content)
    except BadInput as refusal:
        found += refusal.objections
    if found:
        raise Refused(found)
    form.published_at, form.published_by = now, by.name
    form.save(update_fields=["published_at", "published_by"])
    record_survey(form.survey_id, "published", by, now, number=form.number)
    return form


@transaction.atomic
def copy_form(*, survey_id: int, by: Actor, now: datetime) -> Form:
    """A draft out of the newest version; the draft that there is already, if there is one."""
    survey_for(by, survey_id)
    if not may(by, Permission.SURVEY_PLAN):
        raise Refused(NOT_YOURS)
    Survey.objects.select_for_update().get(pk=survey_id)
    last = Form.objects.filter(survey_id=survey_id).order_by("-number").first()
    if last is None or last.is_draft:
        if last is None:
            raise NotFound
        return last
    form = Form.objects.create(survey_id=survey_id, number=last.number + 1, content=last.content, rates=last.rates)
    record_survey(survey_id, "copied", by, now, number=form.number)
    return form


# --- waves ---


@dataclass(frozen=True)
class WaveFacts:
    """What a wave is, as it is typed. `quotas`: street code -> answers; `margins`: variable -> category -> people."""

    title: str
    starts_on: date | None
    ends_on: date | None
    edition_id: int | None = None
    open_link: bool = False
    least: int = 10
    quotas: Mapping[str, int] | None = None
    margins: Mapping[str, Mapping[str, float]] | None = None

    def objections(self) -> list[str]:
        """Everything that is wrong with it."""
        found = [] if self.title.strip() else ["请写这一轮的名称，例如“2020 年上半年”。"]
        if self.starts_on is None or self.ends_on is None or self.ends_on < self.starts_on:
            found.append("请填开始和结束日期，结束不早于开始。")
        found += [] if 5 <= self.least <= 1000 else ["最少份数须在 5 到 1000 之间：份数太少的结果不显示。"]
        found += [f"配额“{code}”须是正整数。" for code, n in (self.quotas or {}).items() if not 0 < n <= 100_000]
        return found


def _edition(facts: WaveFacts) -> Edition | None:
    """The published edition that is named."""
    if facts.edition_id is None:
        return None
    return Edition.objects.filter(pk=facts.edition_id, published_at__isnull=False).first()


@transaction.atomic
def plan_wave(*, survey_id: int, facts: WaveFacts, by: Actor, now: datetime, client_key: str | None = None) -> Wave:
    """One more time round, with the newest published version."""

    def make() -> Wave:
        survey = survey_for(by, survey_id)
        form = survey.forms.filter(published_at__isnull=False).order_by("-number").first()
        found = [] if may(by, Permission.SURVEY_PLAN) else [NOT_YOURS]
        found += [] if form else ["请先发布一版问卷。"]
        found += facts.objections()
        edition = _edition(facts)
        found += ["请选择一个已发布的测评标准。"] if facts.edition_id and edition is None else []
        if found or form is None or facts.starts_on is None or facts.ends_on is None:
            raise Refused(found)
        wave = Wave.objects.create(
            survey=survey, form=form, edition=edition, title=facts.title.strip()[:120], starts_on=facts.starts_on,
            ends_on=facts.ends_on, open_link=facts.open_link, least=facts.least, quotas=dict(facts.quotas or {}),
            margins={name: dict(rows) for name, rows in (facts.margins or {}).items()}, created_at=now,
            client_key=client_key or None,
        )  # fmt: skip
        record_wave(wave, "planned", by, now, number=form.number)
        return wave

    known = once(lambda: Wave.objects.filter(client_key=client_key).first() if client_key else None, make)
    if known.survey_id != survey_id or not surveys_for(by).filter(pk=survey_id).exists():
        raise Refused(KEY_TAKEN)
    return known


def locked_wave(wave_id: int, by: Actor, *states: WaveState) -> Wave:
    """The wave for this change, locked; refused where it is in another state."""
    wave_for(by, wave_id)
    wave = Wave.objects.select_for_update().get(pk=wave_id)
    if not may(by, Permission.SURVEY_PLAN):
        raise Refused(NOT_YOURS)
    if states and wave.state not in states:
        raise Refused(f"这一轮现在是“{wave.get_state_display()}”，不能这样办。")
    return wave


@transaction.atomic
def edit_wave(*, wave_id: int, facts: WaveFacts, by: Actor, now: datetime, seen_version: int | None = None) -> Wave:
    """Other days, quotas, margins, least size, until it is closed. The version of the questionnaire stays."""
    wave = locked_wave(wave_id, by, WaveState.PLANNED, WaveState.OPEN)
    if seen_version is not None and seen_version != wave.version:
        raise Conflict("刚刚有人改过这一轮的安排。您写的内容还在，请看过最新情况再保存。")
    found = facts.objections()
    edition = _edition(facts)
    found += ["请选择一个已发布的测评标准。"] if facts.edition_id and edition is None else []
    if found or facts.starts_on is None or facts.ends_on is None:
        raise Refused(found)
    wave.title, wave.starts_on, wave.ends_on = facts.title.strip()[:120], facts.starts_on, facts.ends_on
    wave.edition, wave.open_link, wave.least = edition, facts.open_link, facts.least
    wave.quotas = dict(facts.quotas or {})
    wave.margins = {name: dict(rows) for name, rows in (facts.margins or {}).items()}
    wave.version += 1
    wave.save()
    record_wave(wave, "edited", by, now)
    return wave


@transaction.atomic
def start_wave(*, wave_id: int, by: Actor, now: datetime) -> Wave:
    """From now on answers are taken. A frame that was published must have been drawn first."""
    wave = locked_wave(wave_id, by, WaveState.PLANNED, WaveState.OPEN)
    if wave.state == WaveState.OPEN:
        return wave
    if wave.frame and not wave.sampled:
        raise Refused("抽样名单已公布，请先填开奖号码抽出住户，再开始。")
    if not wave.open_link and not wave.sampled:
        raise Refused("还没有抽样，也没有打开公开链接：这样谁也不能填。请选一样。")
    wave.state = WaveState.OPEN.value
    wave.version += 1
    wave.save(update_fields=["state", "version"])
    record_wave(wave, "started", by, now)
    return wave


@transaction.atomic
def close_wave(*, wave_id: int, by: Actor, now: datetime) -> Wave:
    """No more answers; the results are computed by the worker."""
    wave = locked_wave(wave_id, by, WaveState.OPEN, WaveState.CLOSED)
    if wave.state == WaveState.CLOSED:
        return wave
    wave.state = WaveState.CLOSED.value
    wave.version += 1
    wave.save(update_fields=["state", "version"])
    record_wave(wave, "closed", by, now)
    return wave


@transaction.atomic
def ask_for_results(*, wave_id: int, by: Actor, now: datetime) -> Wave:
    """现在计算: the worker computes what the answers so far say."""
    wave = locked_wave(wave_id, by, WaveState.OPEN, WaveState.CLOSED)
    record_wave(wave, "results_asked", by, now)
    return wave
