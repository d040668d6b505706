"""Open311 GeoReport v2 as programs of others use it; the client library `three` is the judge of the JSON."""

import itertools
import warnings
from typing import Any

import pytest
from defusedxml import ElementTree
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.evidence.models import PublicCopy
from chuangwen.opendata.models import ProgramReport
from chuangwen.opendata.operations import issue_program_key
from chuangwen.rules.case_flow import Status
from chuangwen.standards.models import Content, Criterion, Edition, Item, PointType
from tests.world import NOW, World, photo_id, picture

BASE = "/open311/v2"


@pytest.fixture
def key(world: World, wednesday: None) -> str:
    """The key of a program, as the administrator issued it."""
    return issue_program_key(name="市民随手拍", house="市大数据局", hourly_limit=3, by=world.actor("admin"), now=NOW)


def upload() -> SimpleUploadedFile:
    """A small picture."""
    return SimpleUploadedFile("灯.jpg", picture(), content_type="image/jpeg")


class InProcess:
    """The part of a requests session that `three` uses, answered by the application in this process."""

    def __init__(self) -> None:
        self.client = Client()

    def get(self, url: str, params: Any = None) -> Any:
        return self.client.get(url.removeprefix("http://testserver"), params or {})

    def post(self, url: str, data: Any = None, files: Any = None) -> Any:
        return self.client.post(url.removeprefix("http://testserver"), {**data, **(files or {})})


@pytest.fixture
def three(key: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library as a program would use it; it was written for Python 2 and asks for one name of it."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from three import Three

    client = Three("http://testserver/open311/v2/", api_key=key)
    client.session = InProcess()
    return client


def test_a_program_of_others_reports_and_follows_what_becomes_of_it(three: Any, key: str, world: World) -> None:
    found = three.discovery()
    assert found["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert {"service_code", "service_name", "type", "metadata"} <= three.services()[0].keys()
    made = three.post(
        "other", lat="32.0111", long="120.8711", description="楼道里堆满纸箱，电话13812345678", name="Wang Fang",
        media=upload(), jurisdiction_id="cc.nantong",
    )  # fmt: skip
    number = made[0]["service_request_id"]
    case = Case.objects.get()
    assert case.number == number
    assert case.site == world.compound
    assert (case.origin_kind, case.reported_by) == ("resident", None)
    assert "13812345678" not in case.text
    receipt = made[0]["service_notice"].split("回执号 ")[1][:14]
    assert three.token(receipt) == [{"service_request_id": number, "token": receipt}]
    assert three.request(number)[0]["code"] == "404"  # nobody has looked at it yet
    own = three.request(number, api_key=key)[0]
    assert own["description"].startswith("楼道里堆满纸箱")
    assert own["status"] == "open"
    cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    shown = three.request(number)[0]
    assert shown["description"] == "其他问题"
    assert shown["lat"] == 32.011
    assert three.requests(service_code="RES", start="06-20-2020", end="06-25-2020", count=5)[0] == shown
    assert three.requests(status="closed") == []


def test_a_kind_of_place_asks_which_requirement_is_not_met(world: World, key: str) -> None:
    content = Content.objects.create(
        item=Item.objects.create(
            edition=Edition.objects.create(code="E", version="1", name="E", published_at=NOW, updated_at=NOW), code="1"
        ),
        code="1",
    )
    kind = PointType.objects.create(code="RES", name="居民小区")
    Criterion.objects.create(
        edition=content.item.edition, content=content, point_type=kind, code="RES-10", text="楼道无堆物", severity="A",
        method="field", case_standard="T-4WH",
    )  # fmt: skip
    client = Client()
    attribute = client.get(f"{BASE}/services/RES.json").json()["attributes"][0]
    assert attribute["values"] == [{"key": "RES-10", "name": "楼道无堆物"}]
    body = {"api_key": key, "service_code": "RES", "lat": "32.0112", "long": "120.8712"}
    assert client.post(f"{BASE}/requests.json", body | {"attribute[criterion]": "NIX"}).status_code == 400
    number = client.post(f"{BASE}/requests.json", body | {"attribute[criterion]": "RES-10"}).json()[0][
        "service_request_id"
    ]
    case = Case.objects.get()
    assert (case.criterion_code, case.severity, case.number) == ("RES-10", "A", number)
    cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    assert client.get(f"{BASE}/requests/{number}.json").json()[0]["description"] == "没有做到“楼道无堆物”"


def xml(answer: Any) -> Any:
    """The root of an XML answer."""
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def test_the_same_in_xml(world: World, key: str) -> None:
    client = Client()
    case = world.case_at(Status.HANDLING)
    assert xml(client.get(f"{BASE}/discovery.xml")).findtext("endpoints/endpoint/type") == "production"
    assert xml(client.get(f"{BASE}/services")).findtext("service/service_code")
    listed = xml(
        client.get(f"{BASE}/requests.xml", {"service_request_id": f"{case.number},209901010000009", "page": "1"})
    )
    assert listed.tag == "service_requests"
    assert [row.findtext("service_request_id") for row in listed] == [case.number]
    assert listed.findtext("request/agency_responsible") == "学田苑物业"
    more = xml(client.get(f"{BASE}/requests/{case.number}.xml", {"extensions": "true"}))
    assert more.findtext("request/extended_attributes/stage") == "整改中"
    wrong = client.post(f"{BASE}/requests.xml", {"service_code": "other"})
    assert wrong.status_code == 403
    assert xml(wrong).findtext("error/code") == "403"
    assert xml(client.get(f"{BASE}/services/NIX.xml")).findtext("error/description") == "没有事项“NIX”。"
    assert client.delete(f"{BASE}/requests.xml").status_code == 405


def test_every_objection_comes_back_in_the_shape_of_the_standard(key: str) -> None:
    client = Client()
    bad = {"api_key": key, "lat": "200", "media_url": "file:///etc/passwd", "phone": "1" * 41}
    answer = client.post(f"{BASE}/requests.json", bad)
    assert answer.status_code == 400
    assert [row["code"] for row in answer.json()] == ["400"] * 4
    for query in ("page=x", "status=done", "start_date=gestern", "bbox=1,2,3", "page=999", "api_key=cwp_x"):
        assert client.get(f"{BASE}/requests.json?{query}").status_code in {400, 403}, query
    far = client.post(
        f"{BASE}/requests.json", {"api_key": key, "service_code": "other", "lat": "1", "long": "1", "description": "x"}
    )
    assert "不在本区" in far.json()[0]["description"]
    not_there = client.post(f"{BASE}/requests.json", {"api_key": key, "service_code": "other", "address_id": "nix"})
    assert "address_id" in not_there.json()[0]["description"]
    text = client.post(
        f"{BASE}/requests.json",
        {
            "api_key": key,
            "service_code": "other",
            "address_id": "S-RES-1",
            "description": "x",
            "media": SimpleUploadedFile("x.jpg", b"no picture"),
        },
    )
    assert text.status_code == 400
    assert not Case.objects.exists()


def test_a_repeated_submission_makes_one_case_and_a_flood_ends_at_the_keys_limit(key: str) -> None:
    client = Client()
    body = {"api_key": key, "service_code": "other", "address_string": "学田苑", "description": "路灯不亮"}
    twice = [client.post(f"{BASE}/requests.json", body, headers={"Idempotency-Key": "a"}).json() for _ in range(2)]
    assert twice[0] == twice[1]
    again = client.post(f"{BASE}/requests.json", body)
    assert again.json()[0]["service_request_id"] == twice[0][0]["service_request_id"]
    answers = [client.post(f"{BASE}/requests.json", body | {"description": f"第{n}件"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert ProgramReport.objects.count() == 3


def test_updates_tell_what_happened_and_take_a_further_word(key: str, world: World) -> None:
    client = Client()
    body = {"api_key": key, "service_code": "other", "lat": "32.011", "long": "120.871", "description": "路灯不亮"}
    number = client.post(f"{BASE}/requests.json", body).json()[0]["service_request_id"]
    case = Case.objects.get()
    word = {"api_key": key, "service_request_id": number, "description": "第三根，13812345678", "update_id": "7"}
    for _ in range(2):
        assert client.post(f"{BASE}/servicerequestupdates.json", word).status_code == 200
    clerk = world.actor("clerk")
    cases.accept(case_id=case.pk, by=clerk, now=NOW)
    cases.force_close(case_id=case.pk, reason="路灯归市里管", by=world.actor("chief"), now=NOW)
    day = {"start_date": "2020-06-24T00:00:00Z", "end_date": "2020-06-25T00:00:00Z"}
    told = client.get(f"{BASE}/servicerequestupdates.json", day).json()
    assert [row["status"] for row in told] == ["INVESTIGATING", "CLOSED"]
    assert "市里" not in str(told)
    assert (
        xml(client.get(f"{BASE}/servicerequestupdates.xml", day)).findtext("request_update/service_request_id")
        == number
    )
    unhappy = word | {"status": "REOPEN", "description": "还是不亮", "update_id": "8"}
    answer = client.post(f"{BASE}/servicerequestupdates.json", unhappy)
    assert answer.status_code == 200, answer.json()
    assert client.post(f"{BASE}/servicerequestupdates.json", unhappy).status_code == 400  # once a report
    case.refresh_from_db()
    assert case.flow_status is Status.ACCEPTED
    other = issue_program_key(name="b", house="b", by=world.actor("admin"), now=NOW)
    assert client.post(f"{BASE}/servicerequestupdates.json", word | {"api_key": other}).status_code == 404
    for query in ("start_date=2020-01-01", "start_date=2020-06-25&end_date=2020-06-20", "end_date=x"):
        assert client.get(f"{BASE}/servicerequestupdates.json?{query}").status_code == 400, query


def test_only_masked_pictures_and_words_of_the_standard_leave_the_house(world: World, wednesday: None) -> None:
    masked = photo_id(world.actor("inspector"))
    case = world.open_case(photo_ids=[masked])
    cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    client = Client()
    one = client.get(f"{BASE}/requests/{case.number}.json").json()[0]
    assert one["media_url"] is None
    assert one["description"] == "楼道堆物"
    assert "纸箱" not in str(one)
    PublicCopy.objects.create(
        photo_id=masked, masked=True, path="x", sha256="x", width=1, height=1, made_at=NOW, boxes=[]
    )
    assert client.get(f"{BASE}/requests.json").json()[0]["media_url"].endswith(f"/photos/{masked}/")
    assert client.get(f"{BASE}/requests.json", {"bbox": "120.9,32,121,33"}).json() == []
    cases.cancel(case_id=case.pk, reason="重复上报", by=world.actor("chief"), now=NOW)
    assert client.get(f"{BASE}/requests/{case.number}.json").status_code == 404


def test_the_administrator_issues_and_revokes_keys(enter: Any) -> None:
    admin, anybody = enter("admin"), enter("chief")
    assert anybody.get("/desk/programs/").status_code == 403
    assert admin.post("/desk/programs/", {"name": "", "house": "", "hourly_limit": "0"}).status_code == 422
    page = admin.post("/desk/programs/", {"name": "随手拍", "house": "大数据局", "hourly_limit": "9"}).content.decode()
    token = page.split("<code>")[1].split("</code>")[0]
    body = {"api_key": token, "service_code": "other", "address_id": "S-RES-1", "description": "灯不亮"}
    assert Client().post(f"{BASE}/requests.json", body).status_code == 200
    assert token not in admin.get("/desk/programs/").content.decode()
    key_id = ProgramReport.objects.get().key_id
    assert admin.post(f"/desk/programs/{key_id}/revoke/").status_code == 302
    assert Client().post(f"{BASE}/requests.json", body).status_code == 403
