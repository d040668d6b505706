"""Log-in of phone apps: Digest always, Basic over HTTPS, a password for each phone, a wait after guessing."""

import base64
import json
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.api.openrosa import digest
from chuangwen.people.app_tokens import MOST, ha1_of, issue_app_token, revoke_app_token
from chuangwen.people.models import AppToken, FailedLogin, User
from chuangwen.rules.refusals import Refused
from chuangwen.web.desk.odk import collect_settings
from tests.edges.collect import Phone, digest_header, message, phone
from tests.rounds import small_patrol
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("wednesday")
LIST = "/openrosa/formList"
Enter = Callable[[str], Client]


def basic(username: str, password: str) -> str:
    """The header of a Basic log-in."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def later(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Requests believe that it is this moment."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: moment)


def test_the_example_of_the_rfc_reckons_right() -> None:
    """RFC 2617, section 3.5."""
    fields = digest.read_digest(
        'username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
        'uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", '
        'response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    assert fields is not None
    assert digest.proves("939e7578ed9e3c518a452acee763bce9", "GET", fields)
    assert not digest.proves("939e7578ed9e3c518a452acee763bce9", "POST", fields)


@pytest.mark.parametrize("text", ["", "username=x", 'username="a", qop=auth-int', "\x00" * 20, 'a="' * 50])
def test_half_a_log_in_is_none(text: str) -> None:
    assert digest.read_digest(text) is None


def test_without_log_in_a_challenge_says_how(world: World) -> None:
    for method, path in (
        ("GET", LIST),
        ("HEAD", LIST),
        ("HEAD", "/openrosa/submission"),
        ("POST", "/openrosa/submission"),
    ):
        answer = Client().generic(method, path)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith('Digest realm="chuangwen", qop="auth", algorithm=MD5, nonce="')
        assert answer["X-OpenRosa-Version"] == "1.0"
    assert "ODK Collect 连接" in message(Client().get(LIST))


def test_the_account_password_and_a_wrong_one_do_not_open(world: World) -> None:
    User.objects.filter(username="inspector").update(password="unused")
    app = phone(world)
    app.password = "kong-gang-1920"
    answer = app.get(LIST)
    assert answer.status_code == 401
    assert "用户名或连接密码不对" in message(answer)


def test_each_phone_has_a_password_of_its_own_and_a_lost_one_is_shut_out(world: World) -> None:
    lost, kept = phone(world, name="丢了的"), phone(world, name="新的")
    assert lost.password != kept.password
    revoke_app_token(token_id=AppToken.objects.get(name="丢了的").pk, by=world.actor("inspector"), now=NOW)
    for _ in range(7):  # it keeps trying in a drawer, and must not lock the new one out
        assert "这台手机的连接已断开" in message(lost.get(LIST))
    assert kept.get(LIST).status_code == 200


def test_after_five_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = phone(world)
    guess = Phone("inspector", "x" * 26)
    assert [guess.get(LIST).status_code for _ in range(5)] == [401] * 5
    answer = good.get(LIST)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "15 分钟后再试" in message(answer)
    assert phone(world, "inspector2").get(LIST).status_code == 200
    later(monkeypatch, NOW + timedelta(minutes=16))
    assert good.get(LIST).status_code == 200


def test_guessing_at_the_app_does_not_lock_the_web_page(world: World) -> None:
    guess = Phone("inspector", "x" * 26)
    for _ in range(6):
        guess.get(LIST)
    answer = Client().post("/login/", {"username": "inspector", "password": "x"})
    assert answer.status_code == 422
    assert not FailedLogin.objects.filter(failed_at__isnull=True).exists()


def test_an_old_nonce_is_stale_a_forged_one_nothing_and_a_replay_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = phone(world), Client()
    challenge = client.get(LIST)["WWW-Authenticate"]
    header = digest_header(challenge, "GET", LIST, app.username, app.password)
    assert client.get(LIST, headers={"Authorization": header}).status_code == 200
    replay = client.get(LIST, headers={"Authorization": header})
    assert replay.status_code == 401
    assert "stale=true" in replay["WWW-Authenticate"]
    late = digest_header(client.get(LIST)["WWW-Authenticate"], "GET", LIST, app.username, app.password)
    later(monkeypatch, NOW + timedelta(minutes=11))
    assert "stale=true" in client.get(LIST, headers={"Authorization": late})["WWW-Authenticate"]
    nonce = challenge.partition('nonce="')[2].rstrip('"')
    forged = challenge.replace(nonce, str(int(NOW.timestamp()) + 600) + nonce[10:])
    header = digest_header(forged, "GET", LIST, app.username, app.password)
    answer = client.get(LIST, headers={"Authorization": header})
    assert answer.status_code == 401
    assert "stale" not in answer["WWW-Authenticate"]


def test_a_log_in_for_one_address_opens_no_other(world: World) -> None:
    app, client = phone(world), Client()
    header = digest_header(client.get(LIST)["WWW-Authenticate"], "GET", LIST, app.username, app.password)
    assert client.get("/openrosa/formList?formID=x", headers={"Authorization": header}).status_code == 400
    assert client.post("/openrosa/submission", headers={"Authorization": header}).status_code in {400, 401}


@pytest.mark.parametrize(
    ("name", "value"),
    [("uri", "http://["), ("uri", "\x00"), ("nc", "1"), ("nc", "x" * 300), ("response", "é"), ("username", "甲" * 99)],
)
def test_a_crooked_log_in_is_refused_without_a_fault(world: World, name: str, value: str) -> None:
    client = Client()
    nonce = client.get(LIST)["WWW-Authenticate"].partition('nonce="')[2].rstrip('"')
    fields = {
        "username": "inspector", "realm": "chuangwen", "nonce": nonce, "uri": LIST, "qop": "auth", "nc": "00000001",
        "cnonce": "c", "response": "0" * 32, name: value,
    }  # fmt: skip
    header = "Digest " + ", ".join(f'{key}="{word}"' for key, word in fields.items())
    assert client.get(LIST, headers={"Authorization": header}).status_code in {400, 401}


def test_basic_opens_over_https_only(world: World, settings: Any) -> None:
    app, client = phone(world), Client()
    header = basic(app.username, app.password)
    answer = client.get(LIST, headers={"Authorization": header})
    assert answer.status_code == 401
    assert "没有加密" in message(answer)
    settings.BEHIND_HTTPS = True
    assert client.get(LIST, headers={"Authorization": header}).status_code == 401
    assert client.get(LIST, headers={"Authorization": header}, secure=True).status_code == 200
    wrong = client.get(LIST, headers={"Authorization": basic(app.username, "x")}, secure=True)
    assert wrong.status_code == 401
    assert client.get(LIST, headers={"Authorization": basic("a\x00", "x")}, secure=True).status_code == 401
    for rubbish in ("Basic !!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Basic", "Bearer cw_x"):
        assert client.get(LIST, headers={"Authorization": rubbish}, secure=True).status_code == 401


def test_who_has_left_or_must_change_the_password_does_not_get_in(world: World) -> None:
    app = phone(world)
    User.objects.filter(username="inspector").update(must_change_password=True)
    answer = app.get(LIST)
    assert answer.status_code == 403
    assert "修改密码" in message(answer)
    User.objects.filter(username="inspector").update(must_change_password=False, is_active=False)
    assert app.get(LIST).status_code == 401


def test_a_post_without_rounds_is_told_so(world: World) -> None:
    answer = phone(world, "xt01_worker").get(LIST)
    assert answer.status_code == 403
    assert "岗位" in message(answer)


def test_only_what_digest_needs_is_stored(world: World) -> None:
    app = phone(world)
    row = AppToken.objects.get()
    assert row.ha1 == ha1_of("inspector", app.password)
    assert len(app.password) == 26
    values = [str(getattr(row, one.attname)) for one in row._meta.concrete_fields]
    assert not any(app.password in value for value in values)


def test_a_person_connects_five_phones_at_most_and_names_each(world: World) -> None:
    for number in range(MOST):
        issue_app_token(name=f"手机{number}", by=world.actor("inspector"), now=NOW)
    with pytest.raises(Refused) as refusal:
        issue_app_token(name=" ", by=world.actor("inspector"), now=NOW)
    assert len(refusal.value.objections) == 2


# --- the page ---


def test_the_page_shows_a_new_connection_once_with_its_code(enter: Enter, world: World) -> None:
    client = enter("inspector")
    page = client.post("/desk/odk/", {"name": "工作手机"})
    words = page.content.decode()
    assert page.status_code == 200
    assert "http://127.0.0.1:8000/openrosa" in words
    assert "<svg" in words
    assert page.context["password"] in words
    assert page.context["password"] not in client.get("/desk/odk/").content.decode()
    assert client.post("/desk/odk/", {"name": ""}).status_code == 422


def test_the_code_carries_the_settings_as_collect_reads_them(world: World) -> None:
    carried = json.loads(zlib.decompress(base64.b64decode(collect_settings("inspector", "geheim"))))
    general = carried["general"]
    assert (general["server_url"], general["username"], general["password"]) == (
        "http://127.0.0.1:8000/openrosa", "inspector", "geheim",
    )  # fmt: skip
    assert carried["project"]["name"]


def test_a_phone_is_disconnected_by_its_owner_only(enter: Enter, world: World) -> None:
    app = phone(world)
    row = AppToken.objects.get()
    assert enter("inspector2").post(f"/desk/odk/{row.pk}/disconnect/").status_code == 404
    assert app.get(LIST).status_code == 200
    assert enter("inspector").post(f"/desk/odk/{row.pk}/disconnect/").status_code == 302
    assert app.get(LIST).status_code == 401
    assert "已断开" in enter("inspector").get("/desk/odk/").content.decode()


def test_the_page_names_what_has_not_arrived(enter: Enter, world: World) -> None:
    from tests.edges.collect import Sheet

    patrol = small_patrol(world)
    form = Sheet(
        patrol.edition_id, "RES", world.compound.pk, {"RES-10": "fail"}, {"RES-10": "堆物"}, {"RES-10": "楼道 1.jpg"}
    )
    assert phone(world).send(form.xml()).status_code == 202
    words = enter("inspector").get("/desk/odk/").content.decode()
    assert "还没有收齐的记录（1）" in words
    assert "楼道 1.jpg" in words
    assert "楼道 1.jpg" not in enter("inspector2").get("/desk/odk/").content.decode()


def test_the_password_reaches_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    app = phone(world)
    app.get(LIST)
    Client().get(LIST, headers={"Authorization": basic(app.username, app.password)})
    assert app.password not in caplog.text


def test_the_sample_shows_a_phone_that_is_gone_and_a_record_on_its_way(enter: Enter, world: World) -> None:
    from chuangwen.project.demo import collect

    small_patrol(world)
    collect.load(username="inspector", now=NOW)
    words = enter("inspector").get("/desk/odk/").content.decode()
    assert "旧手机" in words
    assert "还差附件：1700000000000.jpg" in words
    assert AppToken.objects.filter(revoked_at=None).count() == 1
