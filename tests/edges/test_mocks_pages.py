"""Pages of mock examinations: the office plans and draws, assessors look on the phone, the report goes out as a paper."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.mocks.models import Look, Mock
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.mocking import AFTER, do, looks, published_mock, username_of
from tests.world import World, picture

Enter = Callable[[str], Client]


def test_from_the_plan_to_the_released_paper(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = published_mock(world).edition_id
    clerk = enter("clerk")
    page = read(clerk.get("/desk/mocks/new/"))
    assert "居民小区" in page.words
    typed = {
        "name": "第二次", "edition": edition, "n-RES": "3", "n-LANE": "x", "announced_on": "", "days_to_do": "7",
        "client_key": "k-2",
    }  # fmt: skip
    wrong = clerk.post("/desk/mocks/new/", typed)
    assert wrong.status_code == 422
    assert "请填整数" in read(wrong).words
    assert "请填写开奖日" in read(wrong).words
    typed |= {"n-LANE": "1", "announced_on": "2020-06-25"}
    made = clerk.post("/desk/mocks/new/", typed)
    assert clerk.post("/desk/mocks/new/", typed)["Location"] == made["Location"]
    address = made["Location"]
    mock = Mock.objects.get(name="第二次")
    assert "等开奖" in read(clerk.get(address)).words

    monkeypatch.setattr("chuangwen.http.clock", lambda: AFTER)
    numbers = {"numbers": ["3 8 15 20 26 33", "seven", "4 0 4"], "numbers_from": "公告", "compared": "1"}
    assert "第 2 组号码读不懂" in read(clerk.post(f"{address}decide/", numbers)).words
    numbers["numbers"] = ["3 8 15 20 26 33", "7", "4 0 4"]
    assert clerk.post(f"{address}decide/", numbers).status_code == 302
    with budget("GET /desk/mocks/{mock_id}/looks/"):
        assert "8 件任务" in read(clerk.get(f"{address}looks/")).words
    _everybody_looks(enter, mock)
    third = _what_is_in_dispute(clerk, address, looks(mock, 3)[0], looks(mock, 2)[0])
    do(third, RES_01="fail")
    with budget("GET /desk/mocks/{mock_id}/"):
        clerk.get(address)
    assert clerk.post(f"{address}close/", {}).status_code == 302
    assert clerk.post(f"{address}release/", {}).status_code == 403
    assert enter("chief").post(f"{address}release/", {}).status_code == 302
    words = read(enter("leader").get(f"{address}report/")).words
    assert "内容已固定" in words
    paper = clerk.get(f"{address}report.docx")
    assert paper.status_code == 200
    assert paper.content[:2] == b"PK"
    assert clerk.get(f"{address}report.odt").status_code == 404
    with budget("GET /desk/mocks/"):
        assert "报告已发布" in read(clerk.get("/desk/mocks/")).words
    assert clerk.post(f"{address}cancel/", {"reason": "x"}).status_code == 422
    for who, status in (("inspector", 403), ("xt_chief", 403), ("gz_clerk", 404)):
        assert enter(who).get(f"{address}report/").status_code == status


def _everybody_looks(enter: Enter, mock: Mock) -> None:
    """One on the phone; the second assessor of that place differs; the others find everything in order."""
    _look_on_the_phone(enter, looks(mock, 1)[0])
    other = looks(mock, 2)[0]
    other_person = enter(username_of(other))
    assert 'data-verdict="fail"' not in other_person.get(f"/field/mocks/{other.pk}/").content.decode()
    assert other_person.get(f"/field/mocks/{looks(mock, 1)[0].pk}/").status_code == 404
    do(other, RES_01="pass")
    for part in (1, 2):
        for look in [*looks(mock, part)[1:], *looks(mock, part, "LANE")]:
            do(look)


def _what_is_in_dispute(clerk: Client, address: str, third: Look, other: Look) -> Look:
    """The office sees both sides and may hand the third look over, but to nobody who was there."""
    swap = f"/desk/mocks/looks/{third.pk}/"
    assert clerk.post(swap, {"assessor": other.assessor_id}).status_code == 422
    assert clerk.post(swap, {"assessor": third.assessor_id}).status_code == 302
    with budget("GET /desk/mocks/{mock_id}/disputes/"):
        assert "1 条有争议" in read(clerk.get(f"{address}disputes/")).words
    with budget("GET /desk/mocks/{mock_id}/report/"):
        words = read(clerk.get(f"{address}report/?by=street")).words
    assert "学田街道" in words
    assert "待第三人 1 条" in words
    assert clerk.post(f"{address}close/", {}).status_code == 422
    return third


def _look_on_the_phone(enter: Enter, look: Look) -> None:
    """RES-10 fails without a photo, then with one; the rest is stated at the end."""
    phone = enter(username_of(look))
    address = f"/field/mocks/{look.pk}/"
    assert address in read(phone.get("/field/")).links
    assert any(task["kind"] == "mock" for task in phone.get("/field/pack/").json()["parts"]["tasks"])
    with budget("GET /field/mocks/{look_id}/"):
        assert "楼道无堆放杂物" in read(phone.get(address)).words
    bare = phone.post(f"{address}verdicts/", {"criterion": "RES-10", "verdict": "fail", "note": "二楼有旧家具"})
    assert bare.status_code == 422
    assert "二楼有旧家具" in bare.content.decode()
    shot = SimpleUploadedFile("a.jpg", picture("green"), "image/jpeg")
    typed = {"criterion": "RES-01", "verdict": "fail", "photo": shot, "client_key": "p-1"}
    with budget("POST /field/mocks/{look_id}/verdicts/"):
        kept = phone.post(f"{address}verdicts/", typed)
    assert kept["Location"].endswith("#criterion-RES-01")
    row = look.answers.get(criterion__code="RES-01")
    assert row.verdict == "fail"
    shown = row.photos.get().photo_id
    assert phone.get(f"{address}photos/{shown}/").getvalue()
    assert enter("clerk").get(f"/desk/mocks/looks/{look.pk}/photos/{shown}/").status_code == 404  # not finished yet
    assert phone.post(f"{address}finish/", {}).status_code == 422
    assert phone.post(f"{address}finish/", {"rest": "pass"}).status_code == 302
    assert "判定已提交" in read(phone.get(address)).words
