"""The permission map reads like the regulation and keeps its walls."""

import pytest

from chuangwen.rules.permissions import (
    NOBODY,
    PERMISSION_MAP,
    SYSTEM,
    Actor,
    Permission,
    PostFact,
    Role,
    Thing,
    may,
)


def somebody(role: Role, unit: str = "/NT/CC/XT/", scope: str = "", user_id: int = 7) -> Actor:
    """An actor with one post."""
    return Actor(user_id, "某人", (PostFact(role, 1, "单位", unit, scope or unit),))


OFFICE = somebody(Role.OFFICE_CLERK, "/NT/CC/WM/", "/NT/CC/")
CHIEF = somebody(Role.OFFICE_CHIEF, "/NT/CC/WM/", "/NT/CC/")
CASE = Thing(home="/NT/CC/XT/01/", handler="/NT/CC/XT/01/WY/", reported_by=3, rectified_by=5)


def test_every_permission_has_its_line_in_the_map() -> None:
    assert set(PERMISSION_MAP) == set(Permission)


@pytest.mark.parametrize("permission", list(Permission))
def test_somebody_without_a_post_may_do_nothing(permission: Permission) -> None:
    assert not may(NOBODY, permission, CASE)
    assert not may(Actor(9, "无岗位"), permission, Thing(home="/NT/", handler="/NT/"))


def test_each_sees_only_its_own_branch() -> None:
    assert may(OFFICE, Permission.CASE_SEE, CASE)
    assert may(somebody(Role.UNIT_CHIEF), Permission.CASE_SEE, CASE)
    assert not may(somebody(Role.UNIT_CHIEF, "/NT/CC/WF/"), Permission.CASE_SEE, CASE)
    assert not may(somebody(Role.OFFICE_CLERK, "/NT/GZ/WM/", "/NT/GZ/"), Permission.CASE_SEE, CASE)


def test_a_prefix_of_a_name_is_not_a_branch() -> None:
    near = Thing(home="/NT/CC/XT2/01/", handler="/NT/CC/XT2/01/")
    assert not may(somebody(Role.UNIT_CHIEF, "/NT/CC/XT/"), Permission.CASE_SEE, near)


def test_nobody_verifies_what_they_or_their_unit_rectified() -> None:
    inspector = somebody(Role.INSPECTOR, "/NT/CC/WM/", "/NT/CC/", user_id=5)
    assert not may(inspector, Permission.CASE_VERIFY, CASE)
    assert may(somebody(Role.INSPECTOR, "/NT/CC/WM/", "/NT/CC/", user_id=6), Permission.CASE_VERIFY, CASE)
    both = Actor(
        8,
        "兼职",
        (
            PostFact(Role.INSPECTOR, 1, "文明办", "/NT/CC/WM/", "/NT/CC/"),
            PostFact(Role.UNIT_WORKER, 2, "物业", "/NT/CC/XT/01/WY/", "/NT/CC/XT/01/WY/"),
        ),
    )
    assert not may(both, Permission.CASE_VERIFY, CASE)


def test_the_handling_unit_cannot_close_its_own_case() -> None:
    worker = somebody(Role.UNIT_WORKER, "/NT/CC/XT/01/WY/")
    assert may(worker, Permission.CASE_HANDLE, CASE)
    for permission in (Permission.CASE_CLOSE, Permission.CASE_VERIFY, Permission.CASE_FORCE, Permission.CASE_CANCEL):
        assert not may(worker, permission, CASE)


def test_release_is_decided_by_a_person_never_by_the_house() -> None:
    for permission in (Permission.SCORE_RELEASE, Permission.PAPER_RELEASE):
        assert may(CHIEF, permission)
        assert not may(SYSTEM, permission)
        assert not may(OFFICE, permission)


def test_a_reporter_may_take_back_only_what_nobody_began() -> None:
    reporter = somebody(Role.INSPECTOR, "/NT/CC/WM/", "/NT/CC/", user_id=3)
    early = Thing(home=CASE.home, handler=CASE.handler, reported_by=3, early=True)
    assert may(reporter, Permission.CASE_CANCEL, early)
    assert not may(reporter, Permission.CASE_CANCEL, CASE)
