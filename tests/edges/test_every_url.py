"""Every address × every role: nobody sees or does what the map forbids.

The map of addresses is on file (url_permissions.json), so that a new page is let in by a person who looked at it.
"""

import json
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chuangwen.journal.models import Event
from chuangwen.people.models import User
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import NOBODY, Actor, Permission, may
from tests.campaign_world import dragnet
from tests.declaring import asked as asked_material
from tests.declaring import opened
from tests.paths import ROOT
from tests.rounds import small_patrol
from tests.whistling import whistled
from tests.world import NOW, PEOPLE, World

Enter = Callable[[str], Client]
ON_FILE = ROOT / "tests" / "edges" / "url_permissions.json"
# One of each role and kind of unit; a second one of the same kind is no other case for the map.
REACHES = ["", *[row[0] for row in PEOPLE if row[0] not in {"inspector2", "wf_chief", "gz_clerk"}]]
ROLES = ["", *{row[2]: row[0] for row in reversed(PEOPLE)}.values()]
# Who may do what is no question of the database: on PostgreSQL one account of each reach walks.
if connection.vendor == "postgresql":
    REACHES = ["", "clerk", "xt_chief", "wy_worker", "inspector"]
NO_ENTRY = {302, 401, 403, 404}


def routes(resolver: URLResolver, prefix: str = "", names: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """Every address: its full name, its pattern, the entry. The JSON interface is walked in test_api_auth.py."""
    for entry in resolver.url_patterns:
        here = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if here != "api/":
                yield from routes(entry, here, f"{names}{entry.namespace}:" if entry.namespace else names)
        else:
            yield f"{names}{entry.name}", here, entry


ALL = list(routes(get_resolver()))


def permission_of(entry: URLPattern) -> Permission | None:
    """What the view asks for; None when it is open to anybody on purpose."""
    permission = getattr(entry.callback, "permission", "forgotten")
    assert permission != "forgotten", f"{entry.name} 既没有 @door 也没有 @public"
    assert permission is None or isinstance(permission, Permission)
    return permission


def by_app(entry: URLPattern) -> bool:
    """Whether the door is that of a phone app: a connection password opens it, a browser's session never does."""
    return bool(getattr(entry.callback, "by_app", False))


def asked(entry: URLPattern) -> str:
    """What the map on file says of an address."""
    permission = permission_of(entry)
    return "public" if permission is None else f"app:{permission.value}" if by_app(entry) else permission.value


def test_every_page_has_a_door_and_is_on_file() -> None:
    now = {name: asked(entry) for name, _, entry in ALL}
    on_file = json.loads(ON_FILE.read_text(encoding="utf-8"))
    assert now == on_file, "页面和权限有变化：确认无误后更新 tests/edges/url_permissions.json"


@pytest.fixture
def furnished(world: World) -> dict[str, str]:
    """Something at every kind of address: the words that patterns are filled with."""
    patrol = small_patrol(world)
    case = world.case_at(Status.HANDLING)
    user = User.objects.get(username="xt01_worker")
    return {
        "case_id": str(case.pk), "patrol_id": str(patrol.pk), "site_id": str(world.compound.pk), "photo_id": "1",
        "move": "rectify", "token": world.compound.token, "user_id": str(user.pk), "username": user.username,
        "unit_id": str(world.unit("XT").pk), "edition_id": str(patrol.edition_id), "year": "2020", "kind": "units",
        "point_type": "RES", "campaign_id": str(dragnet(world).pk), "whistle_id": str(whistled(world).pk), "ending": "docx",
        "drive_id": str(opened(world, patrol.edition).pk), "requirement_id": str(asked_material("1-1").pk),
    }  # fmt: skip


def address(pattern: str, words: dict[str, str]) -> str:
    """The pattern with its words filled in; unknown numbers become 1."""
    import re

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: words.get(found[2], "1"), pattern).replace(
        "^", ""
    ).replace("$", "")


def actor_of(world: World, username: str) -> Actor:
    """The actor of the account, or nobody."""
    return world.actor(username) if username else NOBODY


@pytest.mark.parametrize("username", REACHES)
def test_pages_open_for_whom_the_map_lets_in(
    world: World, enter: Enter, furnished: dict[str, str], username: str
) -> None:
    client = enter(username) if username else Client()
    actor = actor_of(world, username)
    for name, pattern, entry in ALL:
        permission = permission_of(entry)
        answer = client.get(address(pattern, furnished))
        assert answer.status_code < 500, name
        if permission is None:
            continue
        if by_app(entry):
            assert answer.status_code == 401, name
        elif not username:
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/login/"), name
        elif not may(actor, permission):
            assert answer.status_code == 403, (name, username)
        else:
            assert answer.status_code != 403 or name in {"web:desk:case-move"}, (name, username)


@pytest.mark.parametrize("username", ROLES)
def test_posting_where_the_map_says_no_changes_nothing(
    world: World, enter: Enter, furnished: dict[str, str], username: str
) -> None:
    client = enter(username) if username else Client()
    actor = actor_of(world, username)
    before = Event.objects.count()
    for name, pattern, entry in ALL:
        permission = permission_of(entry)
        if permission is None or (may(actor, permission) and not by_app(entry)):
            continue
        answer = client.post(address(pattern, furnished), {"note": "x", "reason": "x", "title": "x", "name": "x"})
        assert answer.status_code in NO_ENTRY, (name, username)
    assert Event.objects.count() == before


def test_another_districts_clerk_finds_nothing_by_guessing_numbers(enter: Enter, furnished: dict[str, str]) -> None:
    client = enter("gz_clerk")
    before = Event.objects.count()
    for name, pattern, entry in ALL:
        if ("<int:case_id>" not in pattern and "<int:site_id>" not in pattern) or permission_of(entry) is None:
            continue
        assert client.get(address(pattern, furnished)).status_code in {404, 405}, name
        answer = client.post(address(pattern, furnished), {"note": "外区提交", "verdict": "pass", "reason": "x"})
        assert answer.status_code in {404, 405}, name
    assert Event.objects.count() == before


def test_an_expired_post_opens_nothing(world: World, enter: Enter) -> None:
    from chuangwen.people.models import Post

    Post.objects.filter(user__username="clerk").update(ends_on=NOW.date().replace(month=1))
    assert enter("clerk").get("/desk/").status_code == 403
