"""Publicity as people use it: the calendar, news from a draft to the newspaper, and who may not."""

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from chuangwen.cases import operations as cases
from chuangwen.cases.photo_hints import release_photo
from chuangwen.evidence.models import Photo
from chuangwen.journal.models import Event
from chuangwen.publicity.drafting import draft_from_campaign
from chuangwen.publicity.models import Brief, Outreach
from chuangwen.publicity.queries import to_review
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import NotFound, Refused
from tests.budgets import budget
from tests.campaign_world import dragnet
from tests.world import NOW, World, photo_id, picture

Enter = Callable[[str], Client]
GOOD = {
    "action": "submit", "title": "文峰巷的灯亮了", "byline": "区文明办", "audience": "communities", "named": "",
    "body": "6月24日，巡查发现文峰巷路灯不亮。问题交给文峰社区处理，两天后修好，经现场核查通过。",
}  # fmt: skip


def test_the_calendar_covers_five_audiences_and_reach_stays_with_the_event(enter: Enter, world: World) -> None:
    chief, leader = enter("xt_chief"), enter("leader")
    event = {
        "title": "垃圾分类进校园", "audience": "schools", "unit": str(world.unit("XT").pk), "starts_on": "2020-06-24",
        "ends_on": "2020-06-24", "place": "学田小学", "client_key": "k1",
    }  # fmt: skip
    backwards = chief.post("/desk/publicity/new/", event | {"ends_on": "2020-06-01", "client_key": "k0"})
    assert backwards.status_code == 422
    assert "结束不能早于开始" in backwards.content.decode()
    for _ in range(2):
        assert chief.post("/desk/publicity/new/", event).status_code == 302
    row = Outreach.objects.get()
    assert leader.get("/desk/publicity/new/").status_code == 404
    with budget("GET /desk/publicity/"):
        page = leader.get("/desk/publicity/?month=2020-06").content.decode()
    assert all(word in page for word in ("机关", "社区", "企业", "学校", "家庭", "垃圾分类进校园"))
    address = f"/desk/publicity/{row.pk}/act/"
    leader.post(address, {"action": "held", "reached": "9"})
    assert Outreach.objects.get().held_at is None
    chief.post(address, {"action": "held", "reached": "viele"})
    assert Outreach.objects.get().held_at is None
    chief.post(address, {"action": "held", "reached": "120", "version": "1"})
    assert Outreach.objects.get().reached == 120
    assert "约 120 人次" in enter("xt_chief").get("/desk/publicity/?audience=schools").content.decode()
    chief.post(address, {"action": "cancel", "reason": "下雨"})
    assert Outreach.objects.get().cancelled_at is None  # it took place
    assert "垃圾分类进校园" not in enter("wf_chief").get("/desk/publicity/").content.decode()
    columns = {field.name for field in Outreach._meta.get_fields() if field.is_relation}
    assert columns == {"unit"}  # how many came is set against no person


@pytest.fixture
def finished(world: World) -> int:
    """The id of a closed case with its released pictures before and after."""
    inspector, worker = world.actor("inspector"), world.actor("wy_worker")
    before, after = photo_id(inspector), photo_id(worker, "white")
    case = world.case_at(Status.HANDLING, photo_ids=[before])
    cases.rectify(case_id=case.pk, note="已清理", photo_ids=[after], by=worker, now=NOW)
    cases.verify(case_id=case.pk, by=world.actor("inspector2"), now=NOW)
    cases.close(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    for shot in (before, after):
        release_photo(case_id=case.pk, photo_id=shot, boxes=[], nothing_to_hide=True, by=world.actor("clerk"), now=NOW)
    return case.pk


def test_a_finished_case_becomes_news_that_a_second_person_passes(enter: Enter, world: World, finished: int) -> None:
    clerk, chief = enter("clerk"), enter("chief")
    assert (
        clerk.post("/desk/briefs/start/", {"from": "case", "id": str(finished), "client_key": "s"}).status_code == 302
    )
    brief = Brief.objects.get()
    address = f"/desk/briefs/{brief.pk}/"
    with budget("GET /desk/briefs/{brief_id}/"):
        page = clerk.get(address).content.decode()
    assert "学田苑整改前" in page
    assert "楼道堆物" in page
    assert "纸箱" not in page
    with budget("POST /desk/briefs/{brief_id}/"):
        assert clerk.post(address, {"action": "submit", "client_key": "a"}).status_code == 302
    assert clerk.post(address, {"action": "publish", "client_key": "b"}).status_code == 422  # not the own text
    assert Client().get(f"/news/{brief.pk}/").status_code == 404
    with budget("GET /desk/briefs/"):
        assert "等您审的（1）" in chief.get("/desk/briefs/").content.decode()
    assert chief.post(address, {"action": "send_back", "reason": ""}).status_code == 422
    assert chief.post(address, {"action": "send_back", "reason": "标题太平"}).status_code == 302
    assert "标题太平" in clerk.get(address).content.decode()
    words = {"title": "学田苑楼道清爽了", "body": brief.body, "byline": "区文明办", "audience": "", "named": ""}
    assert clerk.post(address, words | {"action": "submit", "version": "1"}).status_code == 409
    assert clerk.post(address, words | {"action": "submit"}).status_code == 302
    for _ in range(2):
        assert chief.post(address, {"action": "publish", "client_key": "p"}).status_code == 302
    assert Event.objects.filter(kind="brief.publish").count() == 1
    with budget("GET /news/{brief_id}/"):
        shown = Client().get(f"/news/{brief.pk}/").content.decode()
    assert "学田苑楼道清爽了" in shown
    assert "/photos/" in shown
    assert "学田苑楼道清爽了" in Client().get("/news/").content.decode()
    assert "学田苑楼道清爽了" in Client().get("/feeds/news.atom").content.decode()
    answer = clerk.get(f"{address}docx/")
    document = Document(io.BytesIO(answer.content))
    lines = [paragraph.text for paragraph in document.paragraphs if paragraph.text]
    assert lines[0] == "学田苑楼道清爽了"
    assert lines[-2:] == ["学田苑整改后", "（区文明办供稿）"]
    assert len(document.inline_shapes) == 2
    assert "周文" not in document.core_properties.author + document.core_properties.last_modified_by
    assert chief.post(address, {"action": "withdraw", "reason": "照片要换"}).status_code == 302
    assert Client().get(f"/news/{brief.pk}/").status_code == 404


def test_nobody_is_named_without_agreeing_and_no_bare_face_is_shown(enter: Enter) -> None:
    writer, clerk = enter("xt_chief"), enter("clerk")
    writer.post("/desk/briefs/start/", {"client_key": "n"})
    brief = Brief.objects.get()
    address = f"/desk/briefs/{brief.pk}/"
    named = GOOD | {"body": GOOD["body"] + "巡查员甲说灯坏了三天。联系电话13812345678。"}
    shot = SimpleUploadedFile("灯.jpg", picture("red"), content_type="image/jpeg")
    refused = writer.post(address, named | {"photo": shot})
    assert refused.status_code == 422
    words = refused.content.decode()
    assert all(part in words for part in ("出现了巡查员甲", "电话号码", "公开副本", "图片说明"))
    assert "巡查员甲说灯坏了三天" in words  # nothing typed is lost
    shown = Photo.objects.get().pk
    agreed = GOOD | {
        "body": GOOD["body"] + "巡查员甲说灯坏了三天。", "named": "巡查员甲：6月24日口头同意", f"caption-{shown}": "修好的灯",
    }  # fmt: skip
    assert "公开副本" in writer.post(address, agreed).content.decode()
    mask = f"{address}photos/{shown}/mask/"
    assert writer.get(mask).status_code == 200
    assert writer.post(mask, {}).status_code == 422
    assert enter("wf_chief").post(mask, {"nothing": "1"}).status_code == 404
    assert writer.post(mask, {"nothing": "1"}).status_code == 302
    assert writer.post(address, agreed).status_code == 302
    assert writer.post(address, agreed).status_code == 422  # it lies with the second person now
    assert enter("wf_chief").get(address).status_code == 404
    assert "6月24日口头同意" in clerk.get(address).content.decode()
    assert clerk.post(address, {"action": "publish"}).status_code == 302
    assert "同意" not in Client().get(f"/news/{brief.pk}/").content.decode()


def test_a_campaign_becomes_news_only_when_it_is_over(world: World) -> None:
    campaign, chief = dragnet(world), world.actor("chief")
    with pytest.raises(Refused, match="结束了的"):
        draft_from_campaign(campaign_id=campaign.pk, by=chief, now=NOW)
    type(campaign).objects.filter(pk=campaign.pk).update(status="closed", ended_at=NOW, conclusion="全部查完")
    brief = draft_from_campaign(campaign_id=campaign.pk, by=world.actor("clerk"), now=NOW + timedelta(days=1))
    assert "全部查完。" in brief.body
    assert f"{date(2020, 6, 24).month}月" in brief.body
    assert not to_review(chief).exists()
    with pytest.raises(NotFound):
        draft_from_campaign(campaign_id=campaign.pk, by=world.actor("gz_clerk"), now=NOW)
