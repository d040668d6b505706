"""What a wave says: weights, rates with intervals, by street with borrowed strength, change, shares of every option.

Computed by the worker into one row, shown from there. Figures that rest on too few sheets never get that far.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.people.queries import streets
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.questionnaires import FIRST_LANGUAGE, Kind, Question, said
from chuangwen.rules.raking import MISSING, category, design_effect, rake
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.survey_estimates import Share, StreetShare, Voice, change, share_of, shares_by_street, shown_cells
from chuangwen.rules.survey_rates import Judge, judge_of, read_rates
from chuangwen.surveys.models import Answer, Wave, WaveState
from chuangwen.surveys.operations import record_wave
from chuangwen.surveys.queries import questionnaire_of

DIGITS = 6
Facts = dict[str, Any]


@transaction.atomic
def compute_results(*, wave_id: int, now: datetime) -> Wave:
    """Work out the stored results of a wave anew. Safe to repeat."""
    wave = Wave.objects.select_for_update(of=("self",)).select_related("survey__home", "form").get(pk=wave_id)
    wave.results, wave.computed_at = _worked_out(wave, now), now
    wave.save(update_fields=["results", "computed_at"])
    record_wave(wave, "computed", SYSTEM, now, sheets=wave.results["counted"])
    return wave


def counted_answers(wave: Wave) -> Sequence[Answer]:
    """The sheets that estimates rest on: those of drawn households where a sample was drawn, else all that came."""
    rows = Answer.objects.filter(wave=wave, left_out="").select_related("street")
    return list(rows.filter(sampled=True) if wave.sampled else rows)


def weigh(wave: Wave, rows: Sequence[Answer]) -> tuple[list[float], list[str]]:
    """A weight a sheet, and what had to be said about it. Categories that nobody answered for are left to the others."""
    if not rows:
        return [], ["还没有计入的答卷。"]
    if not wave.margins:
        return [1.0] * len(rows), ["没有填总体构成，没有加权。"]
    facts = [_raked_by(row) for row in rows]
    margins, notes = _possible(wave.margins, facts)
    try:
        return list(rake(facts, margins).weights) if margins else [1.0] * len(rows), notes
    except BadInput as refusal:
        return [1.0] * len(rows), [*notes, "没有加权：", *refusal.objections]


def _raked_by(row: Answer) -> dict[str, str]:
    plain = {name: value for name, value in row.answers.items() if isinstance(value, str)}
    return {**plain, "street": row.street.code}


def _possible(
    margins: Mapping[str, Mapping[str, float]], facts: Sequence[Mapping[str, str]]
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Margins that these sheets can be raked to."""
    found: dict[str, dict[str, float]] = {}
    notes = []
    for variable, shares in margins.items():
        here = {category(row, variable) for row in facts} - {MISSING}
        empty = sorted(name for name, people in shares.items() if people > 0 and name not in here)
        notes += [f"“{variable}”为“{name}”的没有人答，结果不代表他们。" for name in empty]
        left = {name: people for name, people in shares.items() if name in here}
        if left and here <= left.keys():
            found[variable] = left
        else:
            notes.append(f"没有按“{variable}”加权：答卷里的分类与总体构成不一致。")
    return found, notes


def _worked_out(wave: Wave, now: datetime) -> Facts:
    rows = counted_answers(wave)
    weights, notes = weigh(wave, rows)
    names = {street.code: street.name for street in streets(wave.survey.home.path)}
    before = _wave_before(wave)
    rates = [
        _rate(wave, judge_of(rate), rows, weights, before, names, now) for rate in read_rates(wave.form.rates or "")
    ]
    everything = Answer.objects.filter(wave=wave)
    return {
        "counted": len(rows), "all": everything.count(), "left_out": everything.exclude(left_out="").count(),
        "flagged": everything.exclude(flags=[]).count(), "sampled": wave.sampled, "least": wave.least, "notes": notes,
        "design_effect": round(design_effect(weights), DIGITS) if weights else None,
        "heaviest": round(max(weights), 3) if weights else None, "lightest": round(min(weights), 3) if weights else None,
        "rates": rates, "questions": list(_questions(wave, rows, weights)), "before": before.title if before else "",
    }  # fmt: skip


def _wave_before(wave: Wave) -> Wave | None:
    rows = Wave.objects.filter(survey=wave.survey_id, state=WaveState.CLOSED.value, results__isnull=False)
    return rows.filter(ends_on__lt=wave.starts_on).order_by("-ends_on", "-id").first()


def _voices(judge: Judge, rows: Sequence[Answer], weights: Sequence[float]) -> list[Voice]:
    found = []
    for row, weight in zip(rows, weights, strict=True):
        verdict = judge.verdict(row.answers, row.street.code, row.day)
        if verdict is not None:
            found.append(Voice(verdict, weight, row.street.code))
    return found


def _rate(
    wave: Wave, judge: Judge, rows: Sequence[Answer], weights: Sequence[float], before: Wave | None,
    names: Mapping[str, str], now: datetime,
) -> Facts:  # fmt: skip
    voices, rate = _voices(judge, rows, weights), judge.rate
    whole = share_of(voices)
    told: Facts = {
        "key": rate.key, "name": rate.name, "kind": rate.kind, "source": rate.source, "counts": rate.counts,
        "among": rate.among, "respondents": len(voices), "shown": whole is not None and len(voices) >= wave.least,
        "streets": [], "change": None, "day": now.astimezone(SHANGHAI).date().isoformat(),
    }  # fmt: skip
    if whole is None or not told["shown"]:
        return told
    lines = shares_by_street(voices)
    shown = shown_cells({line.street: line.respondents for line in lines}, wave.least)
    told |= _share(whole) | {"streets": [_street(line, names, shown) for line in lines]}
    earlier = next((row for row in (before.results or {})["rates"] if row["key"] == rate.key), None) if before else None
    if earlier and earlier["shown"]:
        moved = change(whole, Share(*(earlier[name] for name in ("rate", "low", "high", "respondents", "effective"))))
        told["change"] = {
            "difference": round(moved.difference, DIGITS), "low": round(moved.low, DIGITS),
            "high": round(moved.high, DIGITS), "certain": moved.certain, "same": _same(before, wave, rate.key),
        }  # fmt: skip
    return told


def _same(before: Wave | None, wave: Wave, key: str) -> bool:
    """Whether both waves define the rate alike."""
    if before is None:
        return False
    first, second = ({rate.key: rate for rate in read_rates(one.form.rates)} for one in (before, wave))
    return first.get(key) == second.get(key)


def _share(whole: Share) -> Facts:
    return {
        "rate": round(whole.rate, DIGITS), "low": round(whole.low, DIGITS), "high": round(whole.high, DIGITS),
        "effective": round(whole.effective, 3),
    }  # fmt: skip


def _street(line: StreetShare, names: Mapping[str, str], shown: frozenset[str]) -> Facts:
    told: Facts = {"code": line.street, "name": names.get(line.street, line.street), "shown": line.street in shown}
    if told["shown"]:
        told |= {
            "direct": round(line.direct, DIGITS), "rate": round(line.rate, DIGITS), "low": round(line.low, DIGITS),
            "high": round(line.high, DIGITS), "respondents": line.respondents, "kept": round(line.kept, 3),
        }  # fmt: skip
    return told


def _questions(wave: Wave, rows: Sequence[Answer], weights: Sequence[float]) -> Iterator[Facts]:
    """The weighted share of every option, of those who answered the question."""
    for question in questionnaire_of(wave.form).questions:
        if question.kind == Kind.TEXT:
            continue
        for name, row_text in _named(question):
            given = [
                (row.answers[name], weight) for row, weight in zip(rows, weights, strict=True) if name in row.answers
            ]
            told: Facts = {
                "code": name, "text": said(question.text, FIRST_LANGUAGE) + (f"：{row_text}" if row_text else ""),
                "respondents": len(given), "shown": len(given) >= wave.least, "many": question.kind == Kind.MANY,
                "options": [],
            }  # fmt: skip
            if told["shown"]:
                told["options"] = [_option(code, text, given) for code, text in _choices(question)]
            yield told


def _named(question: Question) -> list[tuple[str, str]]:
    if question.kind != Kind.MATRIX:
        return [(question.code, "")]
    return [(f"{question.code}.{row.code}", said(row.text, FIRST_LANGUAGE)) for row in question.rows]


def _choices(question: Question) -> list[tuple[Any, str]]:
    if question.kind == Kind.SCALE:
        return [(number, str(number)) for number in range(question.low, question.high + 1)]
    return [(option.code, said(option.text, FIRST_LANGUAGE)) for option in question.options]


def _option(code: Any, text: str, given: Sequence[tuple[Any, float]]) -> Facts:
    share = share_of(
        [Voice(code in value if isinstance(value, list) else code == value, weight) for value, weight in given]
    )
    return {"text": text, "rate": round(share.rate, DIGITS) if share else 0.0}


# --- for analysts ---


def answers_csv(wave: Wave) -> str:
    """Every counted sheet with its weight: no code, no household, no address, no day, no own words; the order of rows
    is that of their random keys.
    """
    rows = counted_answers(wave)
    weights, _notes = weigh(wave, rows)
    columns = [
        name
        for question in questionnaire_of(wave.form).questions
        if question.kind != Kind.TEXT
        for name in question.names()
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["weight", "street", "channel", "flags", *columns])
    for row, weight in zip(rows, weights, strict=True):
        cells = [row.answers.get(name, "") for name in columns]
        said_flags = " ".join(row.flags)
        plain = [" ".join(cell) if isinstance(cell, list) else cell for cell in cells]
        writer.writerow([f"{weight:.6f}", row.street.code, row.channel, said_flags, *plain])
    return out.getvalue()
