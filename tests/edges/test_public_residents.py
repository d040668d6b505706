"""我要反映 as residents see it: place, what is near, the form, the receipt, verdict and reopening, subscriptions, standards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.cases.photo_hints import release_photo
from chuangwen.evidence.operations import store_photo
from chuangwen.intake.models import ResidentReport, Subscription
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.rounds import small_edition
from tests.world import NOW, World, picture

Enter = Callable[[str], Client]
REPLY = "您反映的楼道堆着纸箱，学田苑物业已于6月24日清走，二楼住户可以通行。"


def send(client: Client, world: World, **said: Any) -> Any:
    """A report at the compound, found by its name."""
    return client.post(
        f"/report/here/?site={world.compound.pk}",
        {"text": "二楼楼道堆着纸箱，住户无法通行", "client_key": "r1", **said},
    )


def test_from_a_name_to_the_receipt_without_a_script(world: World, wednesday: None) -> None:
    small_edition()
    known = world.case_at(Status.HANDLING)
    client = Client()
    found = client.get("/report/", {"q": "学田苑"}).content.decode()
    assert f"/report/here/?site={world.compound.pk}" in found
    assert "没有找到" in client.get("/report/", {"q": "<script>"}).content.decode()
    with budget("GET /report/here/"):
        page = client.get(f"/report/here/?site={world.compound.pk}").content.decode()
    for words in ("楼道无堆放杂物", "责任单位：学田苑物业", "我也遇到", f"/report/voice/{known.pk}/"):
        assert words in page, words
    assert known.text not in page
    with budget("POST /report/here/"):
        answer = send(client, world, photo=SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg"))
    assert answer.status_code == 302
    assert ResidentReport.objects.get().case.photos.count() == 1
    voiced = client.post(f"/report/voice/{known.pk}/", {})
    assert voiced.status_code == 302
    assert client.post(f"/report/voice/{known.pk}/", {})["Location"] == voiced["Location"]
    assert "您也遇到的问题" in client.get(voiced["Location"]).content.decode()


def test_bad_input_gets_a_sentence_and_loses_nothing(world: World, wednesday: None, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 1000
    client, big = Client(), SimpleUploadedFile("x.jpg", picture("red", (900, 700)), "image/jpeg")
    answer = send(client, world, text="<b>堆物</b>'; DROP TABLE cases--", photo=big)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请缩小后再传" in page
    assert "&lt;b&gt;堆物&lt;/b&gt;" in page
    long = send(client, world, text="长" * 50_000).content.decode()
    assert "最多写 2000 字，现在有 50000 字" in long
    for query, words in (("lng=116.4&lat=39.9", "不在本区范围内"), ("", "请说明在哪里"), ("site=abc", "请说明在哪里")):
        refused = client.get(f"/report/here/?{query}")
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert client.post(f"/report/here/?site={world.compound.pk}", {"homepage": "x"}).status_code == 422
    assert not Case.objects.exists()


def test_much_from_one_network_is_asked_a_small_question_on_the_page(world: World, wednesday: None) -> None:
    for number in range(2):
        assert send(Client(), world, text=f"第 {number} 层堆物", client_key=f"k{number}").status_code == 302
    answer = send(Client(), world, text="第三层堆物", client_key="k3")
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("小问题", "等于几？", "data-proof", "第三层堆物"):
        assert words in page, words


def test_the_receipt_shows_unit_reply_masked_pictures_takes_two_taps_and_reopens(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))
    client = Client()
    address = send(client, world, photo=SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg"))["Location"]
    case, clerk, unit = Case.objects.get(), world.actor("clerk"), world.actor("wy_worker")
    before = case.photos.get().photo_id
    cases.accept(case_id=case.pk, by=clerk, now=NOW)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("XT-01-WY").pk, by=clerk, now=NOW)
    assert "责任单位：学田苑物业" in client.get(address).content.decode()
    after = store_photo(data=picture("green"), by=unit, now=NOW)
    cases.rectify(case_id=case.pk, note="已清", photo_ids=[after.pk], by=unit, now=NOW)
    cases.verify(case_id=case.pk, by=world.actor("inspector"), now=NOW)
    assert f"/photos/{before}/" not in client.get(address).content.decode()
    for photo in (before, after.pk):
        release_photo(case_id=case.pk, photo_id=photo, boxes=(), nothing_to_hide=True, by=clerk, now=NOW)
    worker = enter("wy_worker")
    assert f"/desk/cases/{case.pk}/reply/" in worker.get(f"/desk/cases/{case.pk}/").content.decode()
    with budget("GET /desk/cases/{case_id}/reply/"):
        form = read(worker.get(f"/desk/cases/{case.pk}/reply/"))
    assert "二楼楼道堆着纸箱" in form.words
    bad = worker.post(f"/desk/cases/{case.pk}/reply/", {"kind": "final", "text": "我们高度重视"})
    assert bad.status_code == 422
    assert "没有答到这一点" in bad.content.decode()
    assert worker.post(f"/desk/cases/{case.pk}/reply/", {"kind": "final", "text": REPLY}).status_code == 302
    assert enter("inspector").get(f"/desk/cases/{case.pk}/reply/").status_code == 403
    page = client.get(address).content.decode()
    for words in (REPLY, f"/photos/{before}/", f"/photos/{after.pk}/", "有人答复，也解决了", "可以要求重新办理一次"):
        assert words in page, words
    assert client.post(f"{address}verdict/", {"tap": "unsolved"}).status_code == 302
    assert "您满意吗" in client.get(address).content.decode()
    client.post(f"{address}verdict/", {"satisfied": "no"})
    assert "没有解决，不满意" in read(client.get(address)).words
    rates = enter("clerk").get("/desk/reply-rates/").content.decode()
    assert "学田苑物业" in rates
    assert "不按数量排名" in rates
    assert client.post(f"{address}again/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}again/", {"reason": "三楼没清"}).status_code == 302
    page = client.get(address).content.decode()
    assert "要求重新办理" in page
    assert "可以要求重新办理一次" not in page
    assert client.post("/receipts/0000-0000-0000/again/", {"reason": "x"}).status_code == 404


def test_subscriptions_are_asked_confirmed_and_ended_and_atom_is_open(
    world: World, wednesday: None, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example"
    world.case_at(Status.HANDLING)
    client = Client(enforce_csrf_checks=True)
    atom = client.get("/news.atom", {"area": world.unit("XT").pk})
    assert atom["Content-Type"].startswith("application/atom+xml")
    assert "学田苑" in atom.content.decode()
    assert "纸箱" not in atom.content.decode()
    plain = Client()
    assert "没有这个街道" in plain.post("/subscribe/", {"area": "999999", "email": "a@b.cn"}).content.decode()
    assert "请到邮箱里确认" in plain.post("/subscribe/", {"email": "a@b.cn"}).content.decode()
    row = Subscription.objects.get()
    assert "确认订阅" in plain.get(f"/subscribe/{row.token}/").content.decode()
    row.refresh_from_db()
    assert row.confirmed_at is None
    assert "已订阅" in plain.post(f"/subscribe/{row.token}/").content.decode()
    assert client.post(f"/subscribe/{row.token}/stop/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists()
    assert plain.get(f"/subscribe/{row.token}/").status_code == 404


def test_the_standards_of_each_kind_of_place_are_open(world: World, wednesday: None) -> None:
    small_edition()
    page = read(Client().get("/standards/"))
    assert "/standards/RES/" in page.links
    assert "楼道无堆放杂物" in read(Client().get("/standards/RES/")).words
    assert Client().get("/standards/XXX/").status_code == 404
