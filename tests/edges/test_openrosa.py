"""ODK Collect fetches the forms of a person's rounds and hands them in; everybody and everything else is told why not."""

import hashlib
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart

from chuangwen.api.openrosa.answers import message_xml
from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.patrols.operations import cancel_patrol
from chuangwen.standards.models import Question
from chuangwen.submissions.models import Part, Submission
from tests.edges.collect import HOST, Phone, Sheet, message, phone, texts
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World, picture

pytestmark = pytest.mark.usefixtures("wednesday")
ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><data id="x">&b;</data>'
)


@pytest.fixture
def patrol(world: World) -> Patrol:
    """The inspector's round of this morning, planned yesterday."""
    planned = small_patrol(world)
    Patrol.objects.update(created_at=NOW - timedelta(days=1))
    planned.refresh_from_db()
    return planned


@pytest.fixture
def collect(world: World, patrol: Patrol) -> Phone:
    """The inspector's phone."""
    return phone(world)


def sheet(world: World, patrol: Patrol, **filled: object) -> Sheet:
    """The compound's checklist; nothing judged, the rest passes."""
    return Sheet(**{"edition_id": patrol.edition_id, "point_type": "RES", "site": world.compound.pk, **filled})  # type: ignore[arg-type]


def failing(world: World, patrol: Patrol, photo: str = "1592960000000.jpg", **filled: object) -> Sheet:
    """The compound's checklist with one failed criterion that needs a picture."""
    return sheet(
        world, patrol, verdicts={"RES-01": "pass", "RES-10": "fail"}, notes={"RES-10": "三单元楼道堆放纸箱"},
        photos={"RES-10": photo}, places={"RES-10": "32.0111 120.8712 4.0 8.0"}, **filled,
    )  # fmt: skip


def nothing_kept() -> bool:
    """No trace of a refused upload."""
    return not (
        Submission.objects.exists() or Part.objects.exists() or Visit.objects.exists() or Photo.objects.exists()
    )


# --- what a phone may fetch ---


def test_an_inspector_gets_a_form_for_each_type_of_place_on_the_round(collect: Phone) -> None:
    answer = collect.get("/openrosa/formList")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer["X-OpenRosa-Version"] == "1.0"
    ids = texts(answer, "list", "xform", "formID")
    assert len(ids) == len(set(ids)) == 2
    for name in ("name", "version", "downloadUrl", "manifestUrl"):
        assert all(texts(answer, "list", "xform", name))
    assert all(re.fullmatch(r"md5:[0-9a-f]{32}", one) for one in texts(answer, "list", "xform", "hash"))
    assert texts(answer, "list", "xform", "descriptionText") == ["", ""]


def test_the_list_narrows_and_describes_when_asked(collect: Phone) -> None:
    [first, _] = texts(collect.get("/openrosa/formList"), "list", "xform", "formID")
    one = collect.get(f"/openrosa/formList?formID={first}&verbose=true&listAllVersions=true&deviceID=collect:x")
    assert texts(one, "list", "xform", "formID") == [first]
    assert texts(one, "list", "xform", "descriptionText") == ["未完成的点位 1 个"]
    assert texts(collect.get("/openrosa/formList?formID=unknown"), "list", "xform", "formID") == []


def test_hashes_are_those_of_what_is_downloaded_and_sites_are_exactly_the_stops(world: World, collect: Phone) -> None:
    listed = collect.get("/openrosa/formList")
    found = dict(
        zip(texts(listed, "list", "xform", "name"), texts(listed, "list", "xform", "manifestUrl"), strict=True)
    )
    for url, md5 in zip(
        texts(listed, "list", "xform", "downloadUrl"), texts(listed, "list", "xform", "hash"), strict=True
    ):
        form = collect.get(url.removeprefix(HOST))
        assert form["Content-Type"] == "text/xml; charset=utf-8"
        assert md5 == "md5:" + hashlib.md5(form.content).hexdigest()
    manifest = collect.get(next(url for name, url in found.items() if "居民小区" in name).removeprefix(HOST))
    assert "sites.csv" in texts(manifest, "manifest", "mediaFile", "filename")
    csv = collect.get(texts(manifest, "manifest", "mediaFile", "downloadUrl")[0].removeprefix(HOST))
    assert "md5:" + hashlib.md5(csv.content).hexdigest() in texts(manifest, "manifest", "mediaFile", "hash")
    rows = csv.content.decode().split()
    assert rows[0] == "name,label"
    assert rows[1:] == [f"{world.compound.pk},学田苑（学田街道）"]


def test_a_finished_place_leaves_the_list(world: World, patrol: Patrol, collect: Phone) -> None:
    assert collect.send(sheet(world, patrol).xml()).status_code == 201
    names = texts(collect.get("/openrosa/formList"), "list", "xform", "name")
    assert len(names) == 1
    assert "背街小巷" in names[0]


def test_who_walks_no_round_has_no_forms_and_opens_none(world: World, patrol: Patrol) -> None:
    other = phone(world, "inspector2")
    listed = other.get("/openrosa/formList")
    assert (listed.status_code, texts(listed, "list", "xform", "formID")) == (200, [])
    for name in ("form.xml", "manifest", "media/sites.csv"):
        answer = other.get(f"/openrosa/forms/{phone_form(world, patrol)}/{name}")
        assert answer.status_code == 404
        assert "没有这张表单" in message(answer)


def phone_form(world: World, patrol: Patrol) -> str:
    """The id of the compound's form."""
    found = re.search(r'<data [^>]*id="([^"]+)"', sheet(world, patrol).xml())
    assert found
    return found[1]


def test_a_slash_at_the_end_and_head_do_no_harm(collect: Phone) -> None:
    assert collect.get("/openrosa/formList/").status_code == 200
    assert collect.ask("HEAD", "/openrosa/formList").status_code == 200
    answer = collect.ask("HEAD", "/openrosa/submission/")
    assert answer.status_code == 204
    assert int(answer["X-OpenRosa-Accept-Content-Length"]) > 10_000_000
    assert collect.ask("HEAD", "/openrosa/submission").status_code == 204


def test_an_answer_is_xml_whatever_it_quotes() -> None:
    body = ElementTree.fromstring(message_xml(["a\x01<&>\ufffe", "乙"], good=False))
    assert "".join(body.itertext()) == "a\ufffd<&>\ufffd\n乙"


# --- handing in ---


def test_a_filled_form_becomes_visit_findings_and_case_in_one_stroke(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    answer = collect.send(failing(world, patrol).xml(), {"1592960000000.jpg": picture()})
    assert answer.status_code == 201, message(answer)
    assert "登记判定 2 条，其中不合格 1 条" in message(answer)
    visit = Visit.objects.get()
    assert (visit.patrol, visit.site, visit.inspector.username) == (patrol, world.compound, "inspector")
    assert visit.finished_at is not None
    verdicts = dict(visit.findings.values_list("criterion__code", "verdict"))
    assert verdicts == {"RES-01": "pass", "RES-10": "fail", "RES-16": "pass"}
    failed = visit.findings.get(verdict="fail")
    assert (failed.note, str(failed.lat), str(failed.lng)) == ("三单元楼道堆放纸箱", "32.011100", "120.871200")
    assert failed.found_at == NOW - timedelta(minutes=10)
    assert failed.photos.count() == 1
    assert failed.case is not None
    assert Submission.objects.get().filled is None


def test_the_same_upload_again_changes_nothing(world: World, patrol: Patrol, collect: Phone) -> None:
    xml = failing(world, patrol).xml()
    assert collect.send(xml, {"1592960000000.jpg": picture()}).status_code == 201
    before = (Finding.objects.count(), Case.objects.count(), Photo.objects.count(), Event.objects.count())
    answer = collect.send(xml, {"1592960000000.jpg": picture()})
    assert answer.status_code == 202
    assert "以前已收到" in message(answer)
    assert before == (Finding.objects.count(), Case.objects.count(), Photo.objects.count(), Event.objects.count())


def test_pictures_may_come_later_in_any_order_and_twice(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(
        world, patrol, verdicts={"RES-01": "fail", "RES-10": "fail"}, notes={"RES-01": "坑洼", "RES-10": "堆物"},
        photos={"RES-01": "路面.jpg", "RES-10": "楼道.jpg"},
    )  # fmt: skip
    first = collect.send(form.xml())
    assert first.status_code == 202
    assert "还差 2 个附件（楼道.jpg、路面.jpg）" in message(first)
    assert not Visit.objects.exists()
    for _ in range(2):
        assert collect.send(form.xml(), {"路面.jpg": picture("red")}).status_code == 202
    last = collect.send(form.xml(), {"楼道.jpg": picture("blue")})
    assert last.status_code == 201, message(last)
    assert Finding.objects.filter(verdict="fail", photos__isnull=False).count() == 2


def test_an_attachment_that_the_form_does_not_name_is_left_and_said(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    answer = collect.send(sheet(world, patrol).xml(), {"audit.csv": b"event,node", "多余.jpg": picture()})
    assert answer.status_code == 201
    assert "没有收下的附件：audit.csv、多余.jpg" in message(answer)
    again = collect.send(sheet(world, patrol, site=world.lane.pk, point_type="LANE").xml(), {"b\x01<&.jpg": b"x"})
    assert "b<&.jpg" in message(again)
    assert not Photo.objects.exists()


def test_other_content_under_a_known_number_is_refused(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(world, patrol, verdicts={"RES-01": "pass"})
    assert collect.send(form.xml()).status_code == 201
    form.verdicts["RES-01"] = "na"
    answer = collect.send(form.xml())
    assert answer.status_code == 409
    assert "内容不同" in message(answer)


def test_another_picture_under_a_known_name_is_refused(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(
        world, patrol, verdicts={"RES-10": "fail", "RES-01": "fail"}, notes={"RES-10": "堆物", "RES-01": "坑"},
        photos={"RES-10": "a.jpg", "RES-01": "b.jpg"},
    )  # fmt: skip
    collect.send(form.xml(), {"a.jpg": picture("red")})
    answer = collect.send(form.xml(), {"a.jpg": picture("blue"), "b.jpg": picture("green")})
    assert answer.status_code == 400
    assert "附件“a.jpg”已收到过内容不同的一张" in message(answer)
    assert Part.objects.count() == 1


def test_what_was_not_judged_keeps_the_visit_open_and_an_edit_corrects_it(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    first = sheet(world, patrol, verdicts={"RES-01": "fail"}, notes={"RES-01": "坑洼"}, rest_passes=False)
    answer = collect.send(first.xml())
    assert answer.status_code == 201
    assert "还有 2 条没有判定" in message(answer)
    assert Visit.objects.get().finished_at is None
    edit = sheet(world, patrol, verdicts={"RES-01": "pass"}, deprecated_id=first.instance_id)
    assert collect.send(edit.xml()).status_code == 201
    assert Visit.objects.get().finished_at is not None
    assert Finding.objects.get(criterion__code="RES-01").verdict == "pass"
    late = sheet(world, patrol, verdicts={"RES-01": "na"}, deprecated_id=edit.instance_id)
    refused = collect.send(late.xml())
    assert refused.status_code == 409
    assert "已提交完成，不能再改判定" in message(refused)


def test_an_edit_says_which_verdicts_it_leaves_as_they_were(world: World, patrol: Patrol, collect: Phone) -> None:
    first = sheet(world, patrol, verdicts={"RES-01": "fail"}, notes={"RES-01": "坑洼"}, rest_passes=False)
    collect.send(first.xml())
    answer = collect.send(sheet(world, patrol, deprecated_id=first.instance_id).xml())
    assert "仍按不合格保留：RES-01" in message(answer)


def test_an_edit_takes_the_place_of_a_form_that_still_waits(world: World, patrol: Patrol, collect: Phone) -> None:
    first = failing(world, patrol)
    assert collect.send(first.xml()).status_code == 202
    edit = sheet(world, patrol, verdicts={"RES-10": "pass"}, deprecated_id=first.instance_id)
    assert collect.send(edit.xml()).status_code == 201
    late = collect.send(first.xml(), {"1592960000000.jpg": picture()})
    assert late.status_code == 409
    assert "已由修改后的一份代替" in message(late)
    assert Finding.objects.get(criterion__code="RES-10").verdict == "pass"


def test_a_form_of_an_older_edition_is_taken_while_the_round_uses_it(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    newer = small_edition_again()
    assert newer != patrol.edition_id
    assert collect.send(sheet(world, patrol).xml()).status_code == 201
    other = collect.send(sheet(world, patrol, edition_id=newer).xml())
    assert other.status_code == 403
    assert "另一版测评标准" in message(other)


def small_edition_again() -> int:
    """A newer published edition of the same standard."""
    from chuangwen.standards.models import Edition

    Edition.objects.update(version="0")
    return small_edition().pk


def asked(patrol: Patrol, name: str, kind: str, **more: object) -> None:
    """One more question of the compound's checklist."""
    Question.objects.create(
        edition_id=patrol.edition_id, point_type_id="RES", name=name, type=kind, label=name, **more
    )  # fmt: skip


def test_answers_to_further_questions_and_their_pictures_are_kept_with_the_visit(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    asked(patrol, "households", "integer", constraint=". > 0", constraint_message="户数须大于零")
    asked(patrol, "gate", "image")
    wrong = sheet(world, patrol, extra={"households": "0", "gate": "大门.jpg"})
    refused = collect.send(wrong.xml(), {"大门.jpg": picture()})
    assert refused.status_code == 403
    assert "户数须大于零" in message(refused)
    assert nothing_kept()
    form = sheet(world, patrol, extra={"households": "320", "gate": "大门.jpg"})
    assert "还差 1 个附件（大门.jpg）" in message(collect.send(form.xml()))
    assert collect.send(form.xml(), {"大门.jpg": picture()}).status_code == 201
    visit = Visit.objects.get()
    assert visit.answers == {"households": "320", "gate": str(Photo.objects.get().pk)}
    assert visit.finished_at is not None
    assert visit.started_at <= visit.finished_at


def test_a_required_answer_that_is_missing_keeps_the_place_open(world: World, patrol: Patrol, collect: Phone) -> None:
    asked(patrol, "households", "integer", required=True)
    answer = collect.send(sheet(world, patrol, verdicts={"RES-01": "pass"}).xml())
    assert answer.status_code == 201
    assert "点位还没有完成" in message(answer)
    assert Visit.objects.get().finished_at is None
    more = collect.send(sheet(world, patrol, extra={"households": "7"}).xml())
    assert "点位已完成" in message(more)


# --- times and places that cannot be believed ---


def test_a_clock_two_years_off_is_not_believed_and_said(world: World, patrol: Patrol, collect: Phone) -> None:
    answer = collect.send(sheet(world, patrol, ended="2018-06-24T08:50:00.000+08:00").xml())
    assert answer.status_code == 201
    assert "判定时间不可信" in message(answer)
    assert set(Finding.objects.values_list("found_at", flat=True)) == {NOW}


def test_a_clock_that_also_dates_the_sending_is_put_right(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(world, patrol, ended="2018-06-24T08:50:00.000+08:00")
    small = NOW.replace(year=2018)
    answer = collect.send(form.xml(), Date=small.strftime("%a, %d %b %Y %H:%M:%S +0800"))
    assert "已按系统时钟改正" in message(answer)
    assert set(Finding.objects.values_list("found_at", flat=True)) == {NOW - timedelta(minutes=10)}


@pytest.mark.parametrize("place", ["48.85 2.35 0 0", "91 200 0 0", "这里"])
def test_a_position_far_from_the_place_is_not_taken_as_one_but_kept_in_words(
    world: World, patrol: Patrol, collect: Phone, place: str
) -> None:
    form = sheet(world, patrol, verdicts={"RES-01": "fail"}, notes={"RES-01": "坑洼"}, places={"RES-01": place})
    answer = collect.send(form.xml())
    assert answer.status_code == 201
    assert "RES-01 的定位不在辖区附近" in message(answer)
    finding = Finding.objects.get(criterion__code="RES-01")
    assert (finding.lng, finding.note) == (None, f"坑洼（手机定位：{place}）")


# --- what is refused ---


def test_a_place_that_is_not_on_the_round_is_refused(world: World, patrol: Patrol, collect: Phone) -> None:
    for site in (999_999, world.lane.pk):
        answer = collect.send(sheet(world, patrol, site=site, verdicts={"RES-01": "pass"}).xml())
        assert answer.status_code in {403, 404}
        assert "点位" in message(answer)
    assert nothing_kept()


def test_somebody_elses_round_is_no_round(world: World, patrol: Patrol) -> None:
    answer = phone(world, "inspector2").send(sheet(world, patrol).xml())
    assert answer.status_code == 404
    assert "不在您的巡查里" in message(answer)
    assert nothing_kept()


def test_somebody_elses_record_is_not_added_to(world: World, patrol: Patrol, collect: Phone) -> None:
    form = failing(world, patrol)
    collect.send(form.xml())
    answer = phone(world, "inspector2").send(form.xml(), {"1592960000000.jpg": picture()})
    assert answer.status_code == 404
    assert Part.objects.count() == 0


def test_a_cancelled_round_takes_what_was_judged_before_and_nothing_later(
    world: World, patrol: Patrol, collect: Phone
) -> None:
    cancel_patrol(patrol_id=patrol.pk, reason="下暴雨", by=world.actor("clerk"), now=NOW - timedelta(minutes=5))
    late = collect.send(sheet(world, patrol, ended="2020-06-24T08:58:00.000+08:00").xml())
    assert late.status_code == 409
    assert "已取消" in message(late)
    assert nothing_kept()
    early = collect.send(sheet(world, patrol, verdicts={"RES-01": "pass"}, ended="2020-06-24T08:50:00.000+08:00").xml())
    assert early.status_code == 201, message(early)


def test_a_failed_criterion_without_its_picture_is_refused_whole(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(world, patrol, verdicts={"RES-01": "pass", "RES-10": "fail"}, notes={"RES-10": "堆物"})
    answer = collect.send(form.xml())
    assert answer.status_code == 403
    assert "拍一张现场照片" in message(answer)
    assert nothing_kept()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("空.jpg", b"", "空"),
        ("不是.jpg", b"MZ\x90\x00" * 50, "照片"),
        ("半张.jpg", picture(size=(640, 480))[:900], "照片"),
    ],
)
def test_a_file_that_is_no_whole_picture_is_refused_and_nothing_kept(
    world: World, patrol: Patrol, collect: Phone, name: str, data: bytes, words: str
) -> None:
    answer = collect.send(failing(world, patrol, photo=name).xml(), {name: data})
    assert answer.status_code == 400
    assert f"附件“{name}”" in message(answer)
    assert words in message(answer)
    assert nothing_kept()


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("", "空"),
        ("<data id='x'>", "不是完整的 XML"),
        (picture(), "不是完整的 XML"),
        (ENTITIES, "不允许"),
        ("<data id='no-such-form'><meta><instanceID>uuid:1</instanceID></meta></data>", "没有编号为"),
        ("<data/>", "没有编号为"),
        ("<data>" + "<a/>" * 600_000 + "</data>", "2 MB"),
    ],
)
def test_what_is_no_filled_form_is_refused(
    world: World, patrol: Patrol, collect: Phone, xml: str | bytes, words: str
) -> None:
    answer = collect.send(xml)
    assert answer.status_code in {400, 404}
    assert words in message(answer)
    assert nothing_kept()


def test_every_objection_to_a_filled_form_is_named_at_once(world: World, patrol: Patrol, collect: Phone) -> None:
    form = sheet(world, patrol, site="那里", instance_id="uuid:" + "9" * 250, verdicts={"RES-01": "maybe"})
    words = message(collect.send(form.xml()))
    assert all(part in words for part in ("249", "没有选点位", "RES-01 的判定“maybe”"))
    empty = message(collect.send(sheet(world, patrol, instance_id="", rest_passes=False).xml()))
    assert "instanceID" in empty
    assert "没有任何判定" in empty


def test_fields_that_the_checklist_does_not_have_are_said(world: World, patrol: Patrol, collect: Phone) -> None:
    answer = collect.send(sheet(world, patrol, extra={"old_question": "12"}).xml())
    assert answer.status_code == 201
    assert "没有收下的填写项：old_question" in message(answer)


def test_one_form_an_upload_no_more_no_less(world: World, patrol: Patrol, collect: Phone) -> None:
    for data, words in (
        ({"other": "x"}, "没有收到表单记录"),
        ({"xml_submission_file": ["<data/>"] * 2}, "有且只有一份"),
    ):
        answer = collect.ask("POST", "/openrosa/submission", data)
        assert answer.status_code == 400
        assert words in message(answer)
    assert nothing_kept()


def test_of_an_upload_that_broke_off_only_whole_parts_count(world: World, patrol: Patrol, collect: Phone) -> None:
    photo = picture(size=(640, 480))
    form = failing(world, patrol, photo="a.jpg").xml().encode()
    parts = {
        "xml_submission_file": SimpleUploadedFile("form.xml", form, "text/xml"),
        "a.jpg": SimpleUploadedFile("a.jpg", photo, "image/jpeg"),
    }
    whole = encode_multipart("4V0k", parts)
    kind = "multipart/form-data; boundary=4V0k"
    in_the_form, in_the_picture = whole.index(b"c_RES_10"), len(whole) - len(photo) // 2
    refused = collect.ask("POST", "/openrosa/submission", whole[:in_the_form], content_type=kind)
    assert refused.status_code == 400
    assert "可能没有传完" in message(refused)
    assert nothing_kept()
    held = collect.ask("POST", "/openrosa/submission", whole[:in_the_picture], content_type=kind)
    assert held.status_code == 202
    assert "还差 1 个附件（a.jpg）" in message(held)
    assert not Photo.objects.exists()
    assert collect.ask("POST", "/openrosa/submission", whole, content_type=kind).status_code == 201


def test_one_name_holds_one_picture_in_an_upload(world: World, patrol: Patrol, collect: Phone) -> None:
    form = SimpleUploadedFile("form.xml", failing(world, patrol, photo="a.jpg").xml().encode(), "text/xml")
    two = [SimpleUploadedFile("a.jpg", picture(colour), "image/jpeg") for colour in ("red", "blue")]
    answer = collect.ask("POST", "/openrosa/submission", {"xml_submission_file": form, "a.jpg": two})
    assert answer.status_code == 400
    assert "同名但内容不同" in message(answer)
    assert nothing_kept()
    same = [SimpleUploadedFile("a.jpg", picture("red"), "image/jpeg") for _ in range(2)]
    form.seek(0)
    assert collect.ask("POST", "/openrosa/submission", {"xml_submission_file": form, "a.jpg": same}).status_code == 201


def test_an_upload_over_the_limit_is_refused_before_it_is_read(
    world: World, patrol: Patrol, collect: Phone, settings: object
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    answer = collect.send(failing(world, patrol).xml(), {"1592960000000.jpg": b"x" * 1024 * 1024})
    assert answer.status_code == 413
    assert "不能超过 1 MB" in message(answer)


# --- a browser's session is no key here ---


def test_a_session_of_a_browser_opens_nothing(world: World, patrol: Patrol) -> None:
    from chuangwen.people.models import User

    client = Client()
    client.force_login(User.objects.get(username="inspector"))
    assert client.get("/openrosa/formList").status_code == 401
