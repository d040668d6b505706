"""Papers from above at the desk: registered, broken down, reported, said late, signed off, replied to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.directives import reporting
from chuangwen.directives.models import Declaration, Directive, Item, Reply, Report
from chuangwen.directives.operations import link_cases
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.directed import TITLE, given_to, handed_in, part_of, received, said_late
from tests.domain.test_directives import pdf
from tests.edges.desk_pages import read
from tests.world import NOW, World, photo_id, picture

Enter = Callable[[str], Client]


def typed(**changes: Any) -> dict[str, Any]:
    """A paper as the form sends it."""
    return {
        "level": "city", "issuer": "市文明办", "number": "通文明办〔2020〕12号", "title": TITLE, "received_on": "2020-06-23",
        "deadline": "2020-08-20T18:00", "lines": "1. 清理楼道\n（二）修复路面\n\n3、整治校园周边", "client_key": "k1", **changes,
    }  # fmt: skip


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, data)


def test_a_paper_with_its_scan_goes_from_the_form_to_the_units(world: World, enter: Enter) -> None:
    clerk, unit = enter("clerk"), enter("xt01_worker")
    for _ in range(2):
        files = [upload("来文.pdf", pdf()), upload("附页.jpg", picture())]
        answer = clerk.post("/desk/directives/new/", {**typed(), "scan": files})
    paper = Directive.objects.get()
    assert answer["Location"] == f"/desk/directives/{paper.pk}/"
    assert list(paper.items.values_list("text", flat=True)) == ["清理楼道", "修复路面", "整治校园周边"]
    page = read(clerk.get(answer["Location"]))
    assert "下一步：文明办 分解到单位" in page.words
    assert "PDF（3 页）" in page.words
    shown = clerk.get(f"{answer['Location']}scans/{paper.scans.get(document__isnull=False).pk}/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert b"".join(shown.streaming_content) == pdf()  # type: ignore[attr-defined]  # a file is streamed
    item = paper.items.get(number=1)
    address = f"/desk/directives/items/{item.pk}/"
    said = {
        "act": "break-down",
        "lead": "学田社区",
        "joint": "CC-CG、没有这个",
        "due_at": "2020-08-15T18:00",
        "version": 1,
    }
    assert "没有找到单位“没有这个”" in read(clerk.post(address, said)).words
    assert unit.get(address).status_code == 404
    assert clerk.post(address, {**said, "joint": "CC-CG"}).status_code == 302
    assert "清理楼道" in read(unit.get("/desk/")).words
    assert "修复路面" not in read(unit.get(f"/desk/directives/{paper.pk}/")).words
    assert unit.get(f"/desk/directives/{paper.pk}/scans/{paper.scans.all()[0].pk}/").status_code == 404


def test_a_refused_paper_names_everything_and_keeps_the_scan(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    files = [upload("来文.pdf", pdf()), upload("脚本.pdf", pdf(b"/OpenAction << /S /JavaScript >>"))]
    answer = read(clerk.post("/desk/directives/new/", {**typed(title="", lines=""), "scan": files}))
    assert answer.status == 422
    for words in ("脚本.pdf：这个 PDF 带脚本", "请至少写一件事项", "已收下 1 个文件"):
        assert words in answer.words, words
    form = next(form for form in answer.forms.values() if "kept" in form.fields)
    assert clerk.post("/desk/directives/new/", {**typed(), "kept": form.fields["kept"]}).status_code == 302
    assert Directive.objects.get().scans.count() == 1


def test_a_table_names_every_bad_row(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    assert clerk.get("/desk/directives/items.xlsx")["Content-Type"].endswith("sheet")
    head = "事项,牵头单位,配合单位,内部期限\n"
    bad = f"{head}清理楼道,XT,,2020-08-32\n,XT,,\n".encode()
    page = read(clerk.post("/desk/directives/new/", {**typed(lines=""), "table": upload("x.csv", bad)}))
    for words in ("第 2 行「内部期限」", "第 3 行「事项」：没有填写", "x.csv"):
        assert words in page.words, words
    good = f"{head}清理楼道,XT,学田社区、CC-CG,2020-08-10\n".encode()
    assert clerk.post("/desk/directives/new/", {**typed(lines=""), "table": upload("x.csv", good)}).status_code == 302
    assert Item.objects.get().parts.count() == 3


def test_the_unit_reports_with_what_its_cases_already_say(world: World, enter: Enter) -> None:
    item, unit, by = given_to(world, "XT-01"), enter("xt01_worker"), world.actor("wy_worker")
    case = world.case_at(Status.HANDLING)
    cases.rectify(
        case_id=case.pk, note="堆放的纸箱已清走", photo_ids=[photo_id(by)], by=by, now=NOW + timedelta(minutes=9)
    )
    link_cases(item_id=item.pk, numbers=[case.number], by=world.actor("clerk"), now=NOW)
    address = f"/desk/directives/items/{item.pk}/"
    with budget("GET /desk/directives/items/{item_id}/ as a unit with cases"):
        page = read(unit.get(address))
    for words in ("堆放的纸箱已清走", f"来自案件 {case.number}，物业承办人填", "整改后照片 1 张一并带入"):
        assert words in page.words, words
    form = page.forms["report-form"]
    assert form.fields["case"] == [str(case.pk)]
    with budget("POST /desk/directives/items/{item_id}/ with a case"):
        assert unit.post(address, form.filled(**{"as": "done"})).status_code == 302
    report = Report.objects.get()
    assert (report.text, report.photos.get().case_id) == ("堆放的纸箱已清走", case.pk)
    shown = enter("leader").get(f"{address}photos/{report.photos.get().photo_id}/")
    assert shown.getvalue()[:2] == b"\xff\xd8"
    page = read(enter("clerk").get(address))
    assert "文字来自学田社区报完成时写的" in page.words
    assert "等文明办办的上级督办事项" in read(enter("clerk").get("/desk/")).words


def test_the_office_sends_back_and_signs_off(world: World, enter: Enter) -> None:
    item, clerk = given_to(world, "XT-01"), enter("clerk")
    handed_in(world, item, "XT-01", "xt01_worker")
    address = f"/desk/directives/items/{item.pk}/"
    part = part_of(item, "XT-01")
    version = Item.objects.get(pk=item.pk).version
    refused = clerk.post(address, {"act": "sign", "as": "back", "reason": "", "result": "", "version": version})
    assert refused.status_code == 422
    assert "请勾选退回哪个单位" in read(refused).words
    clerk.post(address, {"act": "sign", "as": "back", "reason": "还有两处", "part": part.pk, "version": version})
    assert "还有两处" in read(enter("xt01_worker").get(address)).words
    handed_in(world, item, "XT-01", "xt01_worker")
    stale = clerk.post(address, {"act": "sign", "as": "sign", "result": "全部清理", "version": version})
    assert stale.status_code == 409
    assert "全部清理" in stale.content.decode()
    version = Item.objects.get(pk=item.pk).version
    with budget("POST /desk/directives/items/{item_id}/"):
        clerk.post(address, {"act": "sign", "as": "sign", "result": "全部清理", "version": version})
    assert Item.objects.get(pk=item.pk).signed_off_by == "周文"


def test_a_delay_is_declared_decided_and_answered(world: World, enter: Enter) -> None:
    item, unit, clerk = given_to(world, "XT-01"), enter("xt01_worker"), enter("clerk")
    address = f"/desk/directives/items/{item.pk}/"
    said = {
        "act": "delay",
        "part": part_of(item, "XT-01").pk,
        "ground": "works",
        "needs": "无",
        "proposed_at": "2020-09-30T18:00",
    }
    page = read(unit.post(address, {**said, "reason": "难"}))
    assert page.status == 422
    assert "至少 5 个字" in page.words
    assert unit.post(address, {**said, "reason": "须等雨污管网改造完成"}).status_code == 302
    declared = Declaration.objects.get()
    page = read(clerk.get(address))
    assert "学田社区申报不能按期完成" in page.words
    clerk.post(address, {"act": "decide", "as": "ask", "declaration": declared.pk, "note": "已去函"})
    clerk.post(
        address, {"act": "answer", "declaration": declared.pk, "note": "同意", "new_deadline": "2020-09-30T18:00"}
    )
    assert "上级已同意延期" in read(unit.get(address)).words


def test_the_reply_is_drafted_released_by_another_and_read(world: World, enter: Enter) -> None:
    paper, clerk, chief = received(world), enter("clerk"), enter("chief")
    address = f"/desk/directives/{paper.pk}/reply/"
    assert "还没有起草" in read(clerk.get(address)).words
    clerk.post(address, {"act": "draft"})
    page = read(clerk.get(address))
    assert "来文所列事项 3 件，已完成 0 件" in page.words.replace(" 3 ", " 3 ")
    refused = clerk.post(address, {"act": "edit", "title": "", "text": "打 13900001234", "version": 1})
    assert refused.status_code == 422
    assert "手机号码" in refused.content.decode()
    assert "由文明办主任签发" in read(clerk.post(address, {"act": "release"})).words
    assert chief.post(address, {"act": "release", "version": 1}).status_code == 302
    assert Reply.objects.get().released_by == "陆主任"
    leader = enter("leader")
    with budget("GET /desk/directives/{directive_id}/reply/"):
        assert "已签发" in read(leader.get(address)).words


def test_pages_stay_within_their_budgets(world: World, enter: Enter) -> None:
    item = given_to(world, "XT-01", "CC-CG")
    said_late(world, item, "XT-01", "xt01_worker")
    handed_in(world, item, "CC-CG", "cg_worker")
    reporting.report_progress(
        item_id=item.pk, part_id=part_of(item, "XT-01").pk, text="清了一半", by=world.actor("xt01_worker"), now=NOW
    )
    clerk = enter("clerk")
    with budget("GET /desk/directives/"):
        assert TITLE in read(clerk.get("/desk/directives/?state=open&level=city")).words
    with budget("GET /desk/directives/{directive_id}/"):
        assert "学田社区" in read(clerk.get(f"/desk/directives/{item.directive_id}/")).words
    with budget("GET /desk/directives/items/{item_id}/"):
        assert "清了一半" in read(clerk.get(f"/desk/directives/items/{item.pk}/")).words
    assert "决定延期申报" in read(clerk.get("/desk/")).words


@pytest.mark.parametrize("username", ["inspector", "grid", "admin"])
def test_others_do_not_see_papers_from_above(world: World, enter: Enter, username: str) -> None:
    paper = received(world)
    assert enter(username).get(f"/desk/directives/{paper.pk}/").status_code == 403
    assert "上级督办件" not in read(enter(username).get("/desk/")).words


def test_the_office_keeps_the_list_of_grounds(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    assert "须业主表决或居民同意" in clerk.get("/desk/directives/grounds/").content.decode()
    assert clerk.post("/desk/directives/grounds/", {"names": "等经费\n等经费"}).status_code == 422
    clerk.post("/desk/directives/grounds/", {"names": "等经费\n等审批"})
    item = given_to(world, "XT-01")
    assert "等审批" in read(enter("xt01_worker").get(f"/desk/directives/items/{item.pk}/")).html


def test_an_order_for_the_cases_of_an_item_is_not_typed_again(world: World, enter: Enter) -> None:
    item, clerk = given_to(world, "XT-01"), enter("clerk")
    case = world.case_at(Status.HANDLING)
    link_cases(item_id=item.pk, numbers=[case.number], by=world.actor("clerk"), now=NOW)
    page = read(clerk.get(f"/desk/directives/items/{item.pk}/"))
    link = next(link for link in page.links if "/orders/new/" in link)
    shown = read(clerk.get(link))
    assert "已填，来自通文明办〔2020〕12号第 1 件事项，可以改。" in shown.words
    form = next(form for form in shown.forms.values() if "deadline" in form.fields)
    assert (form.fields["title"], form.fields["deadline"]) == ([item.text], ["2020-08-15T18:00"])
    assert form.fields["case"] == [str(case.pk)]
    assert enter("clerk").get("/desk/orders/new/?item=9999").status_code == 404
