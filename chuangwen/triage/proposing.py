"""The worker looks at a new report: into the index, and what it is about; a person confirms or corrects it."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import lru_cache

from django.core.cache import cache
from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.moving import NOT_ALLOWED, locked, refuse_unseen
from chuangwen.intake.queries import report_text
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.routing.queries import suggestion_for, unit_meant
from chuangwen.rules.gazetteer import Found
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.rules.text_classes import TextModel
from chuangwen.rules.text_classes_files import read_model
from chuangwen.rules.triage import ORDINARY, URGENT, Offer, by_model, by_words, of_units, urgency
from chuangwen.standards.models import CaseStandard, Criterion
from chuangwen.standards.queries import case_standards, current_edition, point_types
from chuangwen.triage.index import REPORTS, index_report
from chuangwen.triage.models import Proposal, Target, TextClassifier
from chuangwen.triage.places import names

NEWEST = 20_000


def look_at_report(*, case_id: int, now: datetime) -> bool:
    """Index a new report and propose what it is about; repeatable. Returns whether it is a report."""
    if not index_report(case_id=case_id):
        return False
    case = Case.objects.select_related("home", "street", "unit", "site", "standard").get(pk=case_id)
    text = report_text(case_id) or case.text
    classes = _classes(case, text)
    places = names().within(f"{case.title} {case.place} {text}")
    offered = {
        Target.CLASS: classes, Target.POINT_TYPE: _types(case, text, places), Target.URGENCY: _urgency(case, text),
        "unit": of_units(classes, _units(case, classes, now)),
    }  # fmt: skip
    facts = {str(name): [offer.row() for offer in offers] for name, offers in offered.items()}
    found = [[place.name, place.kind, round(place.probability, 4)] for place in places]
    known = {"offered": facts, "places": found, "made_at": now}
    with transaction.atomic():
        _row, new = Proposal.objects.update_or_create(case=case, defaults=known)
        if new:
            record(kind="triage.proposed", subject_kind="triage", subject_id=case_id, by=SYSTEM, now=now)
    return True


def look_at_missing(*, now: datetime, at_most: int = 200) -> int:
    """Reports among the newest that nobody looked at yet: those that were imported. Returns how many."""
    newest = Case.objects.filter(origin_kind__in=REPORTS).order_by("-id").values_list("pk", flat=True)[:NEWEST]
    known = set(Proposal.objects.order_by("-case_id").values_list("case_id", flat=True)[:NEWEST])
    missing = [case_id for case_id in newest if case_id not in known][:at_most]
    for case_id in missing:
        look_at_report(case_id=case_id, now=now)
    return len(missing)


def _classes(case: Case, text: str) -> Sequence[Offer]:
    if case.standard is not None:
        return [Offer(case.standard.class_name, 1.0, ("上报时已选定立案标准",))]
    model = model_in_use(Target.CLASS)
    if model is not None:
        return by_model(model, f"{case.title} {text}")
    words: dict[str, str] = {}
    for name, item, condition in case_standards().values_list("class_name", "item", "condition"):
        words[name] = f"{words.get(name, '')} {name} {item} {condition}"
    return by_words(case.title, text, words)


def _types(case: Case, text: str, places: Sequence[Found]) -> Sequence[Offer]:
    labels = {row.code: row.name for row in point_types()}
    if case.point_type:
        return [Offer(case.point_type, 1.0, (f"点位“{case.site.name}”" if case.site else "已选定",))]
    named = next((place for place in places if place.point_type), None)
    if named is not None:
        return [Offer(named.point_type, named.probability, (named.name,))]
    model = model_in_use(Target.POINT_TYPE)
    if model is not None:
        return by_model(model, f"{case.title} {text}")
    edition = current_edition()
    words = {code: name * 2 for code, name in labels.items()}
    for code, asked in Criterion.objects.filter(edition=edition).values_list("point_type", "text"):
        words[code] = f"{words.get(code, '')} {asked}"
    return by_words(case.title, text, words)


def _urgency(case: Case, text: str) -> Sequence[Offer]:
    model = model_in_use(Target.URGENCY)
    return by_model(model, f"{case.title} {text}") if model else urgency(case.title, text)


def _units(case: Case, classes: Sequence[Offer], now: datetime) -> Mapping[str, tuple[str, str]]:
    """Where the routing rules, else the past, send each class: the case as if it were of that class."""
    found = {}
    for offer in classes:
        as_if = copy(case)
        if case.standard is None:
            as_if.standard = CaseStandard(class_name=offer.value)
        if unit := suggestion_for(as_if, now):
            found[offer.value] = (unit.unit_name, unit.why)
    return found


def model_in_use(target: str) -> TextModel | None:
    """The approved model of the newest approval, read once a process."""
    key = f"triage.model.{target}"
    number = cache.get(key)
    if number is None:
        row = TextClassifier.objects.filter(target=target, approved_at__isnull=False).order_by("-approved_at", "-id")
        number = row.values_list("pk", flat=True).first() or 0
        cache.set(key, number, 60)
    return loaded(number) if number else None


@lru_cache(maxsize=4)
def loaded(number: int) -> TextModel:
    """The model of a row; rows never change their content."""
    return read_model(bytes(TextClassifier.objects.values_list("content", flat=True).get(pk=number)))


@transaction.atomic
def confirm(
    *,
    case_id: int,
    class_name: str,
    point_type: str,
    urgency_word: str,
    unit: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Proposal:
    """A person says what the report is about; where that differs from the proposal it is kept as a correction."""
    case = locked(case_id)
    refuse_unseen(case, by)
    row = Proposal.objects.filter(case=case_id).first()
    if row is None:
        raise NotFound
    if taken_before(client_key, "case", case_id):
        return row
    said = {"class": class_name.strip(), "point_type": point_type.strip(), "urgency": urgency_word.strip()}
    objections = [] if may(by, Permission.TRIAGE_CONFIRM, case.thing()) else [NOT_ALLOWED]
    objections += _objections(said, {offer[0] for offers in row.offered.values() for offer in offers})
    meant = {}
    if unit.strip():
        try:
            meant = {"unit_id": unit_meant(unit)}
        except BadInput as bad:
            objections += bad.objections
    if objections:
        raise Refused(objections)
    first = {name: offers[0][0] if offers else "" for name, offers in row.offered.items()}
    row.chosen = {**said, "unit": unit.strip(), **meant}
    row.corrected = any(value != first.get(name, "") for name, value in said.items()) or (
        bool(unit.strip()) and unit.strip() != first.get("unit", "")
    )
    row.decided_at = now
    row.save(update_fields=["chosen", "corrected", "decided_at"])
    record(
        kind="triage.confirmed", subject_kind="case", subject_id=case_id, by=by, now=now, client_key=client_key,
        chosen=row.chosen, corrected=row.corrected,
    )  # fmt: skip
    return row


def _objections(said: Mapping[str, str], offered: Collection[str]) -> list[str]:
    found = []
    known = set(case_standards().values_list("class_name", flat=True))
    if not said["class"]:
        found.append("请写明类别。")
    elif known and said["class"] not in known:
        found.append(f"立案标准里没有类别“{said['class']}”，请从列表里选。")
    types = {row.code for row in point_types()} | set(offered)
    if said["point_type"] and said["point_type"] not in types:
        found.append("点位类型不认识，请从列表里选。")
    if said["urgency"] not in {URGENT, ORDINARY}:
        found.append("紧急程度请选“紧急”或“一般”。")
    return found


def proposal_of(case: Case) -> Proposal | None:
    """The proposal about a case, if the worker has come to it."""
    return Proposal.objects.filter(case=case.pk).first()
