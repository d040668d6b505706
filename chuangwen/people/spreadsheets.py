"""Units and people as tables: what is read from a file, and files that read back into the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chuangwen.people.models import Post, Unit, UnitKind, User
from chuangwen.rules.permissions import Role
from chuangwen.rules.tables import (
    choice_column,
    day_column,
    read_table,
    text_column,
    write_table,
    yes_no_column,
)

UNIT_COLUMNS: Final = (
    text_column("code", "编码", 32, required=True, note="字母、数字、横线或下划线，最多 32 位，全市唯一，定了不再改。"),
    text_column("name", "名称", 80, required=True, width=30),
    choice_column("kind", "类别", dict(UnitKind.choices), required=True),
    text_column("parent_code", "上级编码", 32, note="上级单位的编码，可以在本表里，次序不限；最上一级留空。"),
    yes_no_column("active", "在用", note="写是或否；新单位不写就是“是”。"),
)
PEOPLE_COLUMNS: Final = (
    text_column("username", "账号", 40, required=True, note="2–40 位小写字母、数字、点、横线或下划线。"),
    text_column("display_name", "姓名", 40, required=True),
    text_column("phone", "电话", 20),
    yes_no_column("active", "在用", note="写是或否；写否则不能登录。新账号不写就是“是”。"),
    text_column("unit_code", "单位编码", 32, note="任职的单位。一人任几职的，写几行，账号、姓名、电话照抄。"),
    choice_column("role", "岗位", {role.value: role.label for role in Role}),
    day_column("starts_on", "任职起", note="如 2020-06-28；不写就从导入当天算起，已在任的不变。"),
    day_column("ends_on", "任职止", note="最后一天；一直任职的留空。"),
)


@dataclass(frozen=True)
class UnitRow:
    """One unit; None: the file does not say, so a known unit stays as it is."""

    code: str
    name: str
    kind: str
    parent_code: str | None = None
    active: bool | None = None
    number: int = 0


@dataclass(frozen=True)
class PersonRow:
    """One person with at most one post; None: the file does not say. `ends_on_said`: it has that column."""

    username: str
    display_name: str
    phone: str | None = None
    active: bool | None = None
    unit_code: str = ""
    role: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    ends_on_said: bool = True
    number: int = 0


def read_units(content: bytes) -> tuple[UnitRow, ...]:
    """The units in a CSV or .xlsx file; raises BadInput naming every bad row, its field and what is wrong."""
    return tuple(UnitRow(**line.values, number=line.number) for line in read_table(content, UNIT_COLUMNS))


def read_people(content: bytes) -> tuple[PersonRow, ...]:
    """The people in a CSV or .xlsx file, a row for each post; raises BadInput naming every bad row."""
    return tuple(
        PersonRow(**line.values, ends_on_said="ends_on" in line.values, number=line.number)
        for line in read_table(content, PEOPLE_COLUMNS)
    )


def export_units(units: Iterable[Unit], *, as_csv: bool = False) -> bytes:
    """A file of these units that imports without a change."""
    codes = dict(Unit.objects.values_list("pk", "code"))
    rows = [
        UnitRow(unit.code, unit.name, unit.kind, codes[unit.parent_id] if unit.parent_id else "", unit.active)
        for unit in units
    ]
    return write_table("单位", UNIT_COLUMNS, rows, as_csv=as_csv)


def export_people(users: Iterable[User], *, as_csv: bool = False) -> bytes:
    """A file of these people with all their posts, past ones too, that imports without a change."""
    people = list(users)
    posts: dict[int, list[Post]] = {}
    for post in Post.objects.filter(user__in=[user.pk for user in people]).select_related("unit").order_by("id"):
        posts.setdefault(post.user_id, []).append(post)
    rows = [row for user in people for row in _rows_of(user, posts.get(user.pk, ()))]
    return write_table("人员", PEOPLE_COLUMNS, rows, as_csv=as_csv)


def _rows_of(user: User, posts: Sequence[Post]) -> list[PersonRow]:
    plain = (user.username, user.display_name, user.phone, user.is_active)
    rows = [PersonRow(*plain, post.unit.code, post.role, post.starts_on, post.ends_on) for post in posts]
    return rows or [PersonRow(*plain)]
