"""Every way units, people and posts change."""

import hashlib
import re
import secrets
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.people.models import ApiToken, Post, Unit, UnitKind, User
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound, Refused

_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
_USERNAME = re.compile(r"[a-z0-9_.-]{2,40}")


def system_actor() -> Actor:
    """The house itself, for imports from the shell and scheduled work."""
    return SYSTEM


def _must(by: Actor, permission: Permission) -> None:
    if not may(by, permission):
        raise Refused("您的岗位不能做这件事。需要时请联系系统管理员。")


def unit_objections(*, code: str, name: str, kind: str) -> list[str]:
    """What is wrong with a unit's own fields."""
    objections = []
    if not _CODE.fullmatch(code):
        objections.append(f"编码“{code}”须为 1–32 位字母、数字、横线或下划线。")
    if not name.strip():
        objections.append("名称不能为空。")
    if kind not in UnitKind.values:
        objections.append(f"类别“{kind}”不认识，可用：{'、'.join(UnitKind.values)}。")
    return objections


@transaction.atomic
def put_unit(
    *, code: str, name: str, kind: str, parent_code: str = "", is_sample: bool = False, by: Actor, now: datetime
) -> tuple[Unit, bool]:
    """Create the unit or bring it up to date. Returns it and whether anything changed."""
    _must(by, Permission.PEOPLE_MANAGE)
    if objections := unit_objections(code=code, name=name, kind=kind):
        raise Refused(objections)
    parent = Unit.objects.select_for_update().filter(code=parent_code).first() if parent_code else None
    if parent_code and parent is None:
        raise Refused(f"上级单位编码“{parent_code}”不存在。")
    path = f"{parent.path if parent else '/'}{code}/"
    unit = Unit.objects.select_for_update().filter(code=code).first()
    if unit is None:
        unit = Unit.objects.create(code=code, name=name, kind=kind, parent=parent, path=path, is_sample=is_sample)
        record(kind="unit.created", subject_kind="unit", subject_id=unit.pk, by=by, now=now, name=name, path=path)
        return unit, True
    if parent and parent.path.startswith(unit.path):
        raise Refused(f"“{parent.name}”是“{unit.name}”的下级，不能作它的上级。")
    return unit, _update_unit(unit, name=name, kind=kind, parent=parent, path=path, by=by, now=now)


def _update_unit(unit: Unit, *, name: str, kind: str, parent: Unit | None, path: str, by: Actor, now: datetime) -> bool:
    if (unit.name, unit.kind, unit.path) == (name, kind, path):
        return False
    before, old_path = {"name": unit.name, "kind": unit.kind, "path": unit.path}, unit.path
    unit.name, unit.kind, unit.parent, unit.path = name, kind, parent, path
    unit.save(update_fields=["name", "kind", "parent", "path"])
    if path != old_path:
        below = list(Unit.objects.select_for_update().filter(path__startswith=old_path).exclude(pk=unit.pk))
        for child in below:
            child.path = path + child.path.removeprefix(old_path)
        Unit.objects.bulk_update(below, ["path"])
    record(
        kind="unit.changed",
        subject_kind="unit",
        subject_id=unit.pk,
        by=by,
        now=now,
        before=before,
        name=name,
        path=path,
    )
    return True


@transaction.atomic
def put_user(
    *,
    username: str,
    display_name: str,
    phone: str = "",
    password: str | None = None,
    is_demo: bool = False,
    by: Actor,
    now: datetime,
) -> tuple[User, bool]:
    """Create the account or bring name and phone up to date. A new account without a password cannot log in yet."""
    _must(by, Permission.PEOPLE_MANAGE)
    objections = []
    if not _USERNAME.fullmatch(username):
        objections.append(f"账号“{username}”须为 2–40 位小写字母、数字、点、横线或下划线。")
    if not display_name.strip():
        objections.append("姓名不能为空。")
    if objections:
        raise Refused(objections)
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        user = User.objects.create_user(
            username,
            password,
            display_name=display_name,
            phone=phone,
            is_demo=is_demo,
            must_change_password=not is_demo,
        )
        record(kind="user.created", subject_kind="user", subject_id=user.pk, by=by, now=now, username=username)
        return user, True
    if (user.display_name, user.phone) == (display_name, phone):
        return user, False
    user.display_name, user.phone = display_name, phone
    user.save(update_fields=["display_name", "phone"])
    record(kind="user.changed", subject_kind="user", subject_id=user.pk, by=by, now=now)
    return user, True


@transaction.atomic
def appoint(
    *, username: str, unit_code: str, role: str, starts_on: date, ends_on: date | None = None, by: Actor, now: datetime
) -> tuple[Post, bool]:
    """Give a person a role in a unit; the same appointment twice changes nothing."""
    _must(by, Permission.PEOPLE_MANAGE)
    user = User.objects.select_for_update().filter(username=username).first()
    unit = Unit.objects.filter(code=unit_code).first()
    objections = []
    if user is None:
        objections.append(f"没有账号“{username}”。")
    if unit is None:
        objections.append(f"没有编码为“{unit_code}”的单位。")
    if role not in set(Role):
        objections.append(f"岗位“{role}”不认识，可用：{'、'.join(Role)}。")
    if ends_on and ends_on < starts_on:
        objections.append("任职止不能早于任职起。")
    if objections or user is None or unit is None:
        raise Refused(objections)
    post, created = Post.objects.get_or_create(
        user=user, unit=unit, role=role, starts_on=starts_on, defaults={"ends_on": ends_on}
    )
    changed = created or post.ends_on != ends_on
    if changed:
        post.ends_on = ends_on
        post.save(update_fields=["ends_on"])
        record(
            kind="post.appointed", subject_kind="user", subject_id=user.pk, by=by, now=now, unit=unit.code, role=role
        )
    return post, changed


@transaction.atomic
def dismiss(*, post_id: int, last_day: date, by: Actor, now: datetime) -> Post:
    """A post ends; the person keeps the account."""
    _must(by, Permission.PEOPLE_MANAGE)
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    if last_day < post.starts_on:
        raise Refused("任职止不能早于任职起。")
    post.ends_on = last_day
    post.save(update_fields=["ends_on"])
    record(kind="post.ended", subject_kind="user", subject_id=post.user_id, by=by, now=now, role=post.role)
    return post


def _password_objections(password: str, user: User) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        return list(refusal.messages)
    return []


@transaction.atomic
def set_password(*, username: str, password: str, by: Actor, now: datetime) -> None:
    """A new password, by the person or by a system administrator (then to be changed at the next log-in)."""
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise NotFound
    own = by.user_id == user.pk
    if not own:
        _must(by, Permission.PEOPLE_MANAGE)
    if objections := _password_objections(password, user):
        raise Refused(objections)
    user.set_password(password)
    user.must_change_password = not own
    user.save(update_fields=["password", "must_change_password"])
    record(kind="user.password_changed", subject_kind="user", subject_id=user.pk, by=by, now=now)


@transaction.atomic
def set_active(*, username: str, active: bool, by: Actor, now: datetime) -> User:
    """Let an account in, or keep it out; what it did stays in the journal."""
    _must(by, Permission.PEOPLE_MANAGE)
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise NotFound
    if user.pk == by.user_id:
        raise Refused("不能停用自己的账号。")
    user.is_active = active
    user.save(update_fields=["is_active"])
    record(
        kind="user.activated" if active else "user.deactivated", subject_kind="user", subject_id=user.pk, by=by, now=now
    )
    return user


@transaction.atomic
def issue_token(*, name: str, by: Actor, now: datetime) -> str:
    """A key for a program that acts as this person; shown once, kept only as a digest."""
    if by.user_id is None:
        raise Refused("请先登录。")
    if not name.strip():
        raise Refused("请写明这个密钥给哪个程序用。")
    token = "cw_" + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user_id=by.user_id, name=name.strip()[:60], digest=hashlib.sha256(token.encode()).hexdigest(), created_at=now
    )
    record(kind="token.issued", subject_kind="user", subject_id=by.user_id, by=by, now=now, token=row.pk, name=row.name)
    return token


@transaction.atomic
def revoke_token(*, token_id: int, by: Actor, now: datetime) -> None:
    """The key stops working at once."""
    if by.user_id is None:
        raise NotFound
    row = ApiToken.objects.select_for_update().filter(pk=token_id, user_id=by.user_id).first()
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record(kind="token.revoked", subject_kind="user", subject_id=row.user_id, by=by, now=now, token=row.pk)
