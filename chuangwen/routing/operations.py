"""Every way a set of routing rules changes: drafted, edited, put in force, thrown away. One in force never changes."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.routing.held import forget_held, ground_now, in_force
from chuangwen.routing.known import known_words
from chuangwen.routing.models import Replay, RuleSet
from chuangwen.routing.objections import branch_of_office
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.routing import RoutingRule
from chuangwen.rules.routing_files import (
    MOST_RULES,
    as_rows,
    read_rule,
    read_rules,
    read_sheet,
    read_toml,
)

LONGEST_NAME = 80
_NOT_OFFICE = "派单规则由区文明办编制。"


def digest_of(rules: Sequence[RoutingRule]) -> str:
    """The fingerprint of a list of rules: what a replay was made of."""
    return hashlib.sha256(json.dumps(as_rows(rules), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _read_file(content: bytes, name: str) -> tuple[RoutingRule, ...]:
    """The rules of an uploaded TOML file or spreadsheet, by today's units, areas and standards; BadInput names all faults."""
    known = known_words(ground_now().atlas)
    if name.lower().endswith(".toml"):
        return read_rules(read_toml(content).raws, known)
    return read_sheet(content, known)


@transaction.atomic
def draft_set(
    *, name: str, copy_id: int | None = None, by: Actor, now: datetime, client_key: str | None = None
) -> RuleSet:
    """A new draft, empty or with the rules of another set of the same office. The same submission again gives the same draft."""

    def make() -> RuleSet:
        said = [] if may(by, Permission.ROUTING_EDIT) else [_NOT_OFFICE]
        said += _name_objections(name)
        if said:
            raise Refused(said)
        home = Unit.objects.get(path=branch_of_office(by, *OFFICE))
        rules = visible_set(copy_id, by).listed() if copy_id is not None else ()
        row = RuleSet.objects.create(
            home=home, name=name.strip(), rules=as_rows(rules), digest=digest_of(rules), created_at=now,
            created_by=by.name, changed_at=now, client_key=client_key or None,
        )  # fmt: skip
        _tell("routing.drafted", row, by=by, now=now, copied=copy_id)
        return row

    return once(lambda: RuleSet.objects.filter(client_key=client_key).first() if client_key else None, make)


def _name_objections(name: str) -> list[str]:
    if not name.strip():
        return ["请给这套规则起个名称，例如“2020年下半年派单规则”。"]
    return [f"名称最多 {LONGEST_NAME} 个字。"] if len(name.strip()) > LONGEST_NAME else []


def visible_set(set_id: int, by: Actor, *, lock: bool = False) -> RuleSet:
    """The set through the door of the office that writes it; `lock`: for this transaction."""
    rows = RuleSet.objects.select_for_update(of=("self",)) if lock else RuleSet.objects
    row = rows.select_related("home").filter(pk=set_id).first()
    if row is None or not (by.system or any(row.home.path.startswith(scope) for scope in by.scopes(*OFFICE))):
        raise NotFound
    return row


def _draft(set_id: int, seen_version: int | None, by: Actor) -> RuleSet:
    row = visible_set(set_id, by, lock=True)
    if not may(by, Permission.ROUTING_EDIT):
        raise Refused(_NOT_OFFICE)
    if not row.is_draft:
        raise Refused("这套规则已经决定起用，不能再改。请复制成新的草稿再改。")
    if seen_version is not None and seen_version != row.version:
        raise Conflict("有人刚刚改过这份草稿。请看过最新内容后再改，您写的还在本页上。")
    return row


def _tell(kind: str, row: RuleSet, *, by: Actor, now: datetime, **facts: Any) -> None:
    record(
        kind=kind, subject_kind="routing", subject_id=row.pk, by=by, now=now, name=row.name, digest=row.digest,
        rules=len(row.rules), **facts,
    )  # fmt: skip


@transaction.atomic
def change_rules(
    *,
    set_id: int,
    change: Callable[[tuple[RoutingRule, ...]], Sequence[RoutingRule]],
    seen_version: int | None = None,
    by: Actor,
    now: datetime,
) -> RuleSet:
    """Change the rules of a draft; nothing is written where they stay the same. A replay made before counts no more."""
    row = _draft(set_id, seen_version, by)
    rules = tuple(change(row.listed()))
    said = [f"规则最多 {MOST_RULES} 条。"] if len(rules) > MOST_RULES else []
    names = [rule.name for rule in rules]
    said += [f"有两条规则都叫“{name}”，请换个名称。" for name in dict.fromkeys(names) if names.count(name) > 1]
    if said:
        raise Refused(said)
    digest = digest_of(rules)
    if digest == row.digest:
        return row
    row.rules, row.digest, row.changed_at, row.version = as_rows(rules), digest, now, row.version + 1
    row.save(update_fields=["rules", "digest", "changed_at", "version"])
    _tell("routing.changed", row, by=by, now=now)
    return row


def upload_rules(
    *, set_id: int, content: bytes, file_name: str, seen_version: int | None = None, by: Actor, now: datetime
) -> RuleSet:
    """The rules of a file take the place of the draft's."""
    rules = _read_file(content, file_name)
    return change_rules(set_id=set_id, change=lambda _old: rules, seen_version=seen_version, by=by, now=now)


def put_rule(
    *, set_id: int, place: int | None, raw: dict[str, str], seen_version: int | None = None, by: Actor, now: datetime
) -> RuleSet:
    """One rule as the row editor sends it: at its place (from 1), or as the last one."""
    rule, said = read_rule(raw, known_words(ground_now().atlas))
    if rule is None:
        raise BadInput(said)

    def change(rules: tuple[RoutingRule, ...]) -> Sequence[RoutingRule]:
        if place is None:
            return (*rules, rule)
        _there(rules, place)
        return (*rules[: place - 1], rule, *rules[place:])

    return change_rules(set_id=set_id, change=change, seen_version=seen_version, by=by, now=now)


def drop_rule(*, set_id: int, place: int, seen_version: int | None = None, by: Actor, now: datetime) -> RuleSet:
    """Take one rule out."""

    def change(rules: tuple[RoutingRule, ...]) -> Sequence[RoutingRule]:
        _there(rules, place)
        return (*rules[: place - 1], *rules[place:])

    return change_rules(set_id=set_id, change=change, seen_version=seen_version, by=by, now=now)


def move_rule(
    *, set_id: int, place: int, up: bool, seen_version: int | None = None, by: Actor, now: datetime
) -> RuleSet:
    """Change a rule's place with its neighbour's; at either end nothing happens."""

    def change(rules: tuple[RoutingRule, ...]) -> Sequence[RoutingRule]:
        _there(rules, place)
        other = place - 1 if up else place + 1
        changed = list(rules)
        if 1 <= other <= len(rules):
            changed[place - 1], changed[other - 1] = rules[other - 1], rules[place - 1]
        return changed

    return change_rules(set_id=set_id, change=change, seen_version=seen_version, by=by, now=now)


def _there(rules: Sequence[RoutingRule], place: int) -> None:
    if not 1 <= place <= len(rules):
        raise NotFound("这条规则已经不在了。")


@transaction.atomic
def discard_set(*, set_id: int, by: Actor, now: datetime) -> None:
    """Throw a draft away, with its replays."""
    row = _draft(set_id, None, by)
    _tell("routing.discarded", row, by=by, now=now)
    row.delete()


@transaction.atomic
def put_in_force(
    *, set_id: int, from_day: date | None, seen_version: int | None = None, by: Actor, now: datetime, today: date
) -> RuleSet:
    """The chief decides that a draft counts from a day on, today or later. Refused without a finished replay of the
    draft as it stands, against the set that is in force now.
    """
    row = _draft(set_id, seen_version, by)
    said = [] if may(by, Permission.ROUTING_FORCE) else ["派单规则由区文明办主任决定起用。"]
    if from_day is None or from_day < today:
        said.append("起用日须是今天或以后。")
    elif RuleSet.objects.filter(home=row.home, from_day=from_day).exists():
        said.append("这一天已经有一套规则起用，请换一天。")
    said += _broken(row)
    said += _replay_objections(row, today)
    if said:
        raise Refused(said)
    row.from_day, row.released_at, row.released_by = from_day, now, by.name
    row.version += 1
    row.save(update_fields=["from_day", "released_at", "released_by", "version"])
    _tell("routing.put_in_force", row, by=by, now=now, from_day=str(from_day))
    forget_held()
    return row


def _broken(row: RuleSet) -> list[str]:
    """What in a draft can no longer be understood: a unit, an area or a standard went since it was written."""
    if not row.rules:
        return ["草稿里一条规则也没有。"]
    known = known_words(ground_now().atlas)
    try:
        read_rules([(f"第 {n} 条", raw) for n, raw in enumerate(row.rules, 1)], known)
    except BadInput as refusal:
        return list(refusal.objections)
    return []


def _replay_objections(row: RuleSet, today: date) -> list[str]:
    last = Replay.objects.filter(rule_set=row, digest=row.digest).exclude(finished_at=None).order_by("-id").first()
    if last is None:
        return ["请先用现在的草稿试算一次，看过会改变什么，再决定起用。"]
    now = in_force(row.home.path, today)
    if last.against_id != (now.pk if now else None):
        return ["试算以后，现行的规则换过了。请再试算一次。"]
    return []
