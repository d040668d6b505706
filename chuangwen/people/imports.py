"""Importing units and people from tables: all of a file or nothing of it, and the same file again changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.people.models import Post, Unit, User
from chuangwen.people.operations import _USERNAME, unit_objections
from chuangwen.people.spreadsheets import PersonRow, UnitRow
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Permission, Role, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.tables import ImportReport, Problem, doubles, sentences
from chuangwen.rules.trees import cycles

LONGEST_PATH: Final = 400
_FIELDS: Final = ("name", "kind", "parent", "path", "active")


def _must_manage(by: Actor) -> None:
    if not may(by, Permission.PEOPLE_MANAGE):
        raise Refused("您的岗位不能导入单位和人员。需要时请联系系统管理员。")


# --- units ---


@transaction.atomic
def import_units(*, rows: Sequence[UnitRow], by: Actor, now: datetime, dry_run: bool = False) -> ImportReport:
    """Create the units and bring known ones up to date; parents may come in any order.

    With problems, or in a dry run, nothing is written. Units that are not in the file stay as they are.
    """
    _must_manage(by)
    tree = _Tree({unit.code: unit for unit in Unit.objects.select_for_update().order_by("path")}, rows)
    if problems := sentences(tree.problems()):
        return ImportReport(problems=problems)
    new, changed = tree.new(), tree.changed()
    if not dry_run:
        _create_units(new, tree, by=by, now=now)
        _change_units(changed, tree, by=by, now=now)
        _move_others(tree)
    return ImportReport(len(new), len(changed), len(rows) - len(new) - len(changed))


class _Tree:
    """The tree of units as it will be: what is known, with the rows of the file over it."""

    def __init__(self, known: Mapping[str, Unit], rows: Sequence[UnitRow]) -> None:
        self.known = dict(known)
        self.rows = {row.code: row for row in rows}
        self._all_rows = rows
        by_id = {unit.pk: unit.code for unit in known.values()}
        self.parents = {unit.code: by_id[unit.parent_id] if unit.parent_id else "" for unit in known.values()}
        for row in rows:
            above = self.parents.get(row.code, "") if row.parent_code is None else row.parent_code
            self.parents[row.code] = above
        self._paths: dict[str, str] = {}

    def problems(self) -> Iterator[Problem]:
        """Everything that keeps the rows from being taken."""
        yield from doubles(((row.number, row.code) for row in self._all_rows), "编码")
        for row in self._all_rows:
            for what in unit_objections(code=row.code, name=row.name, kind=row.kind):
                yield Problem(row.number, "", what)
            if row.parent_code and row.parent_code not in self.parents:
                yield Problem(row.number, "上级编码", f"没有编码为“{row.parent_code}”的单位，表里也没有。")
        rings = cycles(self.parents)
        for ring in rings:
            at = min((self.rows[code].number for code in ring if code in self.rows), default=0)
            yield Problem(at, "上级编码", f"上级关系绕成了一圈：{' → '.join((*ring, ring[0]))}。请改正其中一个的上级。")
        if not rings:
            yield from self._deep_ones()

    def _deep_ones(self) -> Iterator[Problem]:
        for row in self.rows.values():
            if len(self.path(row.code)) > LONGEST_PATH:
                yield Problem(row.number, "上级编码", f"层级太深：各级编码连起来超过 {LONGEST_PATH} 个字。")

    def path(self, code: str) -> str:
        """The codes from the root down to this unit."""
        line = [code]
        while (above := self.parents.get(line[-1], "")) and line[-1] not in self._paths:
            line.append(above)
        for step in reversed(line):
            if step not in self._paths:
                self._paths[step] = f"{self._paths.get(self.parents.get(step, ''), '/')}{step}/"
        return self._paths[code]

    def wanted(self, row: UnitRow) -> tuple[str, str, str, bool]:
        """Name, kind, path and whether in use, as the row says."""
        unit = self.known.get(row.code)
        active = (unit.active if unit else True) if row.active is None else row.active
        return row.name, row.kind, self.path(row.code), active

    def new(self) -> list[UnitRow]:
        """Rows of units that are not known yet, parents first."""
        rows = [row for row in self.rows.values() if row.code not in self.known]
        return sorted(rows, key=self.depth)

    def depth(self, row: UnitRow) -> int:
        """1 for a unit without a parent."""
        return self.path(row.code).count("/") - 1

    def changed(self) -> list[UnitRow]:
        """Rows that differ from what is known."""
        return [row for row in self.rows.values() if self._differs(row)]

    def _differs(self, row: UnitRow) -> bool:
        unit = self.known.get(row.code)
        return unit is not None and (unit.name, unit.kind, unit.path, unit.active) != self.wanted(row)


def _create_units(rows: Sequence[UnitRow], tree: _Tree, *, by: Actor, now: datetime) -> None:
    """Write new units level by level, because a child needs the id of its parent."""
    for _, level in groupby(rows, key=tree.depth):
        units = []
        for row in level:
            name, kind, path, active = tree.wanted(row)
            parent = tree.known.get(tree.parents[row.code])
            units.append(Unit(code=row.code, name=name, kind=kind, parent=parent, path=path, active=active))
        for unit in Unit.objects.bulk_create(units, batch_size=500):
            tree.known[unit.code] = unit
            record(
                kind="unit.created", subject_kind="unit", subject_id=unit.pk, by=by, now=now, name=unit.name,
                path=unit.path,
            )  # fmt: skip


def _change_units(rows: Sequence[UnitRow], tree: _Tree, *, by: Actor, now: datetime) -> None:
    for row in rows:
        unit = tree.known[row.code]
        before = {"name": unit.name, "kind": unit.kind, "path": unit.path, "active": unit.active}
        unit.name, unit.kind, unit.path, unit.active = tree.wanted(row)
        unit.parent = tree.known.get(tree.parents[row.code])
        unit.save(update_fields=_FIELDS)
        record(
            kind="unit.changed", subject_kind="unit", subject_id=unit.pk, by=by, now=now, before=before,
            name=unit.name, path=unit.path,
        )  # fmt: skip


def _move_others(tree: _Tree) -> None:
    """Units below a moved one: their path follows."""
    moved = [unit for code, unit in tree.known.items() if unit.path != tree.path(code)]
    for unit in moved:
        unit.path = tree.path(unit.code)
    Unit.objects.bulk_update(moved, ["path"], batch_size=200)


# --- people ---


@transaction.atomic
def import_people(*, rows: Sequence[PersonRow], by: Actor, now: datetime, dry_run: bool = False) -> ImportReport:
    """Create accounts (without a password: they cannot log in yet), bring names and phones up to date, appoint.

    A post without a first day begins on the day of the import, unless the person holds it already. Posts that are
    not in the file stay. Counts people. With problems, or in a dry run, nothing is written.
    """
    _must_manage(by)
    roll = _Roll.of(rows, by, now.astimezone(SHANGHAI).date())
    if problems := sentences(roll.problems(rows)):
        return ImportReport(problems=problems)
    plans = [roll.plan(username, own) for username, own in roll.rows.items()]
    if not dry_run:
        _create_users([plan for plan in plans if plan.is_new], by=by, now=now)
        for plan in plans:
            _carry_out(plan, by=by, now=now)
    created = sum(plan.is_new for plan in plans)
    changed = sum(not plan.is_new and plan.changes for plan in plans)
    return ImportReport(created, changed, len(plans) - created - changed)


@dataclass
class _Plan:
    """What an import does with one person."""

    user: User
    is_new: bool
    before: tuple[str, str, bool]
    posts: list[Post] = field(default_factory=list)

    @property
    def account_changes(self) -> bool:
        return (self.user.display_name, self.user.phone, self.user.is_active) != self.before

    @property
    def changes(self) -> bool:
        return self.account_changes or bool(self.posts)


@dataclass(frozen=True)
class _Roll:
    """The rows of a file by person, and what is known of the people, units and posts in it."""

    rows: Mapping[str, Sequence[PersonRow]]
    users: Mapping[str, User]
    units: Mapping[str, Unit]
    posts: Mapping[tuple[str, str, str], Sequence[Post]]
    by: Actor
    today: date

    @classmethod
    def of(cls, rows: Sequence[PersonRow], by: Actor, today: date) -> "_Roll":
        own: dict[str, list[PersonRow]] = {}
        for row in rows:
            own.setdefault(row.username, []).append(row)
        users = {user.username: user for user in User.objects.select_for_update().filter(username__in=list(own))}
        posts: dict[tuple[str, str, str], list[Post]] = {}
        held = Post.objects.filter(user__username__in=list(own)).select_related("user", "unit")
        for post in held.order_by("starts_on"):
            posts.setdefault((post.user.username, post.unit.code, post.role), []).append(post)
        units = {unit.code: unit for unit in Unit.objects.all()}
        return cls(own, users, units, posts, by, today)

    def problems(self, rows: Sequence[PersonRow]) -> Iterator[Problem]:
        """Everything that keeps the rows from being taken."""
        for row in rows:
            yield from self._row_problems(row)
        for own in self.rows.values():
            yield from self._disagreements(own)

    def _row_problems(self, row: PersonRow) -> Iterator[Problem]:
        if not _USERNAME.fullmatch(row.username):
            what = f"“{row.username}”须为 2–40 位小写字母、数字、点、横线或下划线。"
            yield Problem(row.number, "账号", what)
        if not row.display_name.strip():
            yield Problem(row.number, "姓名", "没有填写。")
        known = self.users.get(row.username)
        if row.active is False and known is not None and known.pk == self.by.user_id:
            yield Problem(row.number, "在用", "不能停用自己的账号。")
        if row.unit_code and row.unit_code not in self.units:
            yield Problem(row.number, "单位编码", f"没有编码为“{row.unit_code}”的单位，请先导入单位。")
        if row.role and row.role not in set(Role):
            yield Problem(row.number, "岗位", f"“{row.role}”不认识。")
        yield from self._post_problems(row)

    def _post_problems(self, row: PersonRow) -> Iterator[Problem]:
        if bool(row.unit_code) != bool(row.role):
            missing = "岗位" if row.unit_code else "单位编码"
            yield Problem(row.number, missing, "单位编码和岗位要么都填，要么都不填。")
        elif not row.role and (row.starts_on or row.ends_on):
            yield Problem(row.number, "岗位", "写了任职日期，没有写岗位。")
        if row.ends_on and row.starts_on is None:
            yield Problem(row.number, "任职起", "写了任职止，任职起也要写。")
        elif row.ends_on and row.starts_on and row.ends_on < row.starts_on:
            yield Problem(row.number, "任职止", "不能早于任职起。")

    def _disagreements(self, own: Sequence[PersonRow]) -> Iterator[Problem]:
        first = own[0]
        undated = {(row.unit_code, row.role) for row in own if row.starts_on is None}
        posts: dict[tuple[str, str, date | None], int] = {}
        for row in own:
            for label, one, other in (
                ("姓名", first.display_name, row.display_name),
                ("电话", first.phone, row.phone),
                ("在用", first.active, row.active),
            ):
                if one != other:
                    yield Problem(row.number, label, f"账号“{row.username}”在第 {first.number} 行写的不一样。")
            post = (row.unit_code, row.role)
            at = posts.setdefault((*post, None if post in undated else row.starts_on), row.number)
            if at != row.number:
                yield Problem(row.number, "账号", f"与第 {at} 行是同一个人的同一任职，重复了。")

    def plan(self, username: str, own: Sequence[PersonRow]) -> _Plan:
        """What is to be done with one person."""
        user = self.users.get(username) or User(username=username, must_change_password=True)
        is_new = user.pk is None
        plan = _Plan(user, is_new, (user.display_name, user.phone, user.is_active))
        user.display_name = own[0].display_name
        if own[0].phone is not None:
            user.phone = own[0].phone
        if own[0].active is not None:
            user.is_active = own[0].active
        plan.posts += [post for row in own if row.role and (post := self._post(user, row)) is not None]
        return plan

    def _post(self, user: User, row: PersonRow) -> Post | None:
        """The post to write for a row, None when it is there already."""
        held = self.posts.get((row.username, row.unit_code, row.role), ())
        if row.starts_on:
            same = [post for post in held if post.starts_on == row.starts_on]
        else:
            same = [post for post in held if post.ends_on is None or post.ends_on >= self.today]
        if not same:
            starts_on = row.starts_on or self.today
            unit = self.units[row.unit_code]
            return Post(user=user, unit=unit, role=row.role, starts_on=starts_on, ends_on=row.ends_on)
        post = same[-1]
        if not row.ends_on_said or post.ends_on == row.ends_on:
            return None
        post.ends_on = row.ends_on
        return post


def _create_users(plans: Sequence[_Plan], *, by: Actor, now: datetime) -> None:
    for plan in plans:
        plan.user.set_unusable_password()
    for user in User.objects.bulk_create([plan.user for plan in plans], batch_size=500):
        record(kind="user.created", subject_kind="user", subject_id=user.pk, by=by, now=now, username=user.username)


def _carry_out(plan: _Plan, *, by: Actor, now: datetime) -> None:
    user = plan.user
    if not plan.is_new and plan.account_changes:
        user.save(update_fields=["display_name", "phone", "is_active"])
        if plan.before[2] != user.is_active:
            kind = "user.activated" if user.is_active else "user.deactivated"
            record(kind=kind, subject_kind="user", subject_id=user.pk, by=by, now=now)
        if plan.before[:2] != (user.display_name, user.phone):
            record(kind="user.changed", subject_kind="user", subject_id=user.pk, by=by, now=now)
    for post in plan.posts:
        post.user = user
        post.save()
        record(
            kind="post.appointed", subject_kind="user", subject_id=user.pk, by=by, now=now, unit=post.unit.code,
            role=post.role,
        )  # fmt: skip
