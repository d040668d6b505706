"""Log-in, lock-out, password, language."""

from datetime import timedelta

import pytest
from django.test import Client

from chuangwen.people.models import User
from tests.world import NOW, PASSWORD, build


@pytest.fixture
def accounts(db: None, wednesday: None) -> None:
    """The small district with passwords."""
    build()
    for username in ("clerk", "inspector"):
        user = User.objects.get(username=username)
        user.set_password(PASSWORD)
        user.save()


def log_in(username: str, password: str, client: Client | None = None) -> int:
    """Try to log in; the status."""
    return (client or Client()).post("/login/", {"username": username, "password": password}).status_code


def test_the_right_password_leads_to_the_place_of_work(accounts: None) -> None:
    desk = Client().post("/login/", {"username": "clerk", "password": PASSWORD})
    field = Client().post("/login/", {"username": "inspector", "password": PASSWORD})
    assert (desk["Location"], field["Location"]) == ("/desk/", "/field/")


def test_after_five_wrong_passwords_even_the_right_one_waits(accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [log_in("clerk", "wrong") for _ in range(5)] == [422] * 5
    assert log_in("clerk", PASSWORD) == 429
    assert log_in("inspector", PASSWORD) == 302
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(minutes=16))
    assert log_in("clerk", PASSWORD) == 302


def test_the_way_after_log_in_stays_in_the_house(accounts: None) -> None:
    form = {"username": "clerk", "password": PASSWORD}
    assert Client().post("/login/", {**form, "next": "https://evil.example/"})["Location"] == "/desk/"
    assert Client().post("/login/", {**form, "next": "/desk/cases/"})["Location"] == "/desk/cases/"


def test_a_new_password_needs_the_old_one_and_names_every_objection(accounts: None) -> None:
    client = Client()
    log_in("clerk", PASSWORD, client)
    answer = client.post("/password/", {"old_password": "x", "new_password1": "a", "new_password2": "b"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "原密码不对" in page
    assert "两次输入的新密码不一样" in page
    new = "nan-tong-lang-shan"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password/", form).status_code == 302
    assert log_in("clerk", new) == 302


def test_english_is_the_second_language_of_the_frame(accounts: None) -> None:
    client = Client()
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert "Log in" in client.get("/login/").content.decode()


def test_leaving_ends_the_session(accounts: None) -> None:
    client = Client()
    log_in("clerk", PASSWORD, client)
    client.post("/logout/")
    assert client.get("/desk/tokens/").status_code in {302, 404}
