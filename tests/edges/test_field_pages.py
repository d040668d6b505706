"""The phone pages: a round, its checklist, verdicts, checks, reports."""

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Finding, Visit
from chuangwen.rules.case_flow import Status
from tests.rounds import small_patrol
from tests.world import World, picture

Enter = Callable[[str], Client]


def send(client: Client, world: World, patrol_id: int, **fields: object) -> tuple[int, dict[str, object]]:
    """A verdict as field.js sends it."""
    answer = client.post(
        f"/field/patrols/{patrol_id}/sites/{world.compound.pk}/findings/",
        fields,
        headers={"Accept": "application/json"},
    )
    return answer.status_code, answer.json()


def test_the_inspector_sees_the_rounds_that_name_them(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    assert patrol.title in enter("inspector").get("/field/").content.decode()
    assert patrol.title not in enter("inspector2").get("/field/").content.decode()
    assert enter("inspector2").get(f"/field/patrols/{patrol.pk}/").status_code == 404


def test_the_checklist_is_that_of_the_type_of_place(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    page = enter("inspector").get(f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/").content.decode()
    assert "楼道无堆放杂物" in page
    assert "全巷干净见本色" not in page


def test_a_verdict_answers_with_the_item_as_it_stands_now(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    status, body = send(
        enter("inspector"), world, patrol.pk, criterion="RES-10", verdict="fail", note="2单元纸箱", client_key="a",
        photo=SimpleUploadedFile("x.jpg", picture(), "image/jpeg"),
    )  # fmt: skip
    assert status == 200
    assert body["ok"] is True
    assert "已立案" in str(body["message"])
    assert body["finding"] == {
        "verdict": "fail", "note": "2单元纸箱", "case": Case.objects.get().number, "case_id": Case.objects.get().pk,
        "unit": str(Case.objects.get().unit),
    }  # fmt: skip
    assert Case.objects.get().photos.count() == 1


def test_every_objection_comes_back_as_a_sentence(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    client = enter("inspector")
    status, body = send(client, world, patrol.pk, criterion="RES-10", verdict="fail", client_key="a")
    assert (status, body["ok"]) == (422, False)
    assert "须拍一张" in str(body["objections"])
    broken = SimpleUploadedFile("x.jpg", b"no picture at all", "image/jpeg")
    status, body = send(client, world, patrol.pk, criterion="RES-10", verdict="fail", client_key="b", photo=broken)
    assert (status, "不是完整的照片" in str(body["objections"])) == (422, True)
    assert not Finding.objects.exists()


def test_without_scripts_a_verdict_is_a_page_and_keeps_the_note(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    client = enter("inspector")
    address = f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/findings/"
    refused = client.post(address, {"criterion": "RES-10", "verdict": "fail", "note": "二楼纸箱"})
    assert refused.status_code == 422
    assert "二楼纸箱" in refused.content.decode()
    done = client.post(address, {"criterion": "RES-01", "verdict": "pass"})
    assert done.status_code == 302
    assert done["Location"].endswith("#criterion-RES-01")


def test_a_verdict_without_a_log_in_leads_to_the_log_in(world: World, wednesday: None) -> None:
    patrol = small_patrol(world)
    answer = Client().post(f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/findings/", {"verdict": "pass"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_finishing_a_place(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    client = enter("inspector")
    address = f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/finish/"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"rest_passes": "1"}).status_code == 302
    assert Visit.objects.get().finished_at is not None
    page = client.get(f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/").content.decode()
    assert "本点已完成" in page


def test_checking_a_fix_on_the_phone(world: World, enter: Enter) -> None:
    case = world.case_at(Status.RECTIFIED)
    client = enter("inspector2")
    assert case.title in client.get("/field/checks/").content.decode()
    refused = client.post(f"/field/checks/{case.pk}/", {"verdict": "fail", "note": "", "version": case.version})
    assert refused.status_code == 422
    assert client.post(f"/field/checks/{case.pk}/", {"verdict": "pass", "version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.flow_status is Status.VERIFIED
    late = client.post(f"/field/checks/{case.pk}/", {"verdict": "fail", "note": "没改", "version": case.version - 1})
    assert late.status_code == 409
    assert "没改" in late.content.decode()


def test_a_grid_worker_reports_from_the_street(world: World, enter: Enter) -> None:
    client = enter("grid")
    empty = client.post("/field/report/", {"title": "", "client_key": "r0"})
    assert empty.status_code == 422
    assert "请用一句话写明问题" in empty.content.decode()
    fields = {"title": "站台小广告", "lng": "120.875", "lat": "32.015", "client_key": "r1"}
    for _ in range(2):
        assert client.post("/field/report/", fields).status_code == 302
    case = Case.objects.get()
    assert case.home.code == "XT-01-G1"
    assert case.street is not None
    assert case.street.code == "XT"


def test_a_scanned_code_leads_the_inspector_to_the_checklist_and_others_to_the_standard(
    world: World, enter: Enter
) -> None:
    patrol = small_patrol(world)
    address = f"/field/q/{world.compound.token}/"
    assert enter("inspector").get(address)["Location"] == f"/field/patrols/{patrol.pk}/sites/{world.compound.pk}/"
    page = Client().get(address).content.decode()
    assert "道路平整无坑洼" in page
    assert world.compound.contact_phone not in page
    assert Client().get("/field/q/unknown/").status_code == 404


def kept_of(page: str) -> str:
    """The word in a refused form that brings the pictures back."""
    return page.split('name="kept" value="')[1].split('"', maxsplit=1)[0]


def test_a_refused_check_or_report_keeps_the_pictures_that_came_with_it(world: World, enter: Enter) -> None:
    case = world.case_at(Status.RECTIFIED)
    checker, grid = enter("inspector2"), enter("grid")
    photos = [
        SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg"),
        SimpleUploadedFile("y.jpg", b"text", "image/jpeg"),
    ]
    verdict = {"verdict": "fail", "version": case.version}
    refused = checker.post(f"/field/checks/{case.pk}/", {**verdict, "note": "没改", "photo": photos}).content.decode()
    assert "y.jpg：" in refused
    assert "已收下 1 张照片" in refused
    done = checker.post(f"/field/checks/{case.pk}/", {**verdict, "note": "没改", "kept": kept_of(refused)})
    assert done.status_code == 302
    assert case.photos.count() == 1

    sent = {"lng": "120.875", "lat": "32.015", "client_key": "r1"}
    photo = SimpleUploadedFile("z.jpg", picture("blue"), "image/jpeg")
    untitled = grid.post("/field/report/", {**sent, "title": "", "photo": photo})
    assert untitled.status_code == 422
    kept = kept_of(untitled.content.decode())
    assert grid.post("/field/report/", {**sent, "title": "站台小广告", "kept": kept}).status_code == 302
    assert Case.objects.get(title="站台小广告").photos.count() == 1


def test_no_picture_is_stored_for_a_case_that_the_person_may_not_see(world: World, enter: Enter) -> None:
    elsewhere = world.case_at(Status.RECTIFIED, site=world.lane)
    photo = SimpleUploadedFile("x.jpg", picture("green"), "image/jpeg")
    answer = enter("grid").post(f"/field/checks/{elsewhere.pk}/", {"verdict": "pass", "photo": photo})
    assert answer.status_code == 404
    assert not Photo.objects.exists()
