"""The online submission at the desk: the unit's list, upload, review, the office's overview, tables, packages."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.declarations.checking import check_version
from chuangwen.declarations.models import Drive, Package, Requirement, Version
from chuangwen.declarations.packing import prepare_package
from tests.budgets import budget
from tests.declaring import WORDS, accepted, asked, handed, opened, scene, word_file
from tests.edges.desk_pages import read
from tests.rounds import small_edition
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
Enter = Callable[[str], Client]
HEAD = "编号,标准编码,材料种类,份数,提供单位\n"


def test_the_office_opens_a_drive_and_imports_what_is_asked(world: World, enter: Enter) -> None:
    edition, clerk = small_edition(), enter("clerk")
    said = {
        "edition": edition.pk,
        "name": "",
        "test_month": "2020-08-01",
        "due_at": "2020-07-20T18:00",
        "client_key": "d",
    }
    assert "请写名称" in read(clerk.post("/desk/declarations/new/", said)).words
    for _ in range(2):
        answer = clerk.post("/desk/declarations/new/", {**said, "name": "八月测评申报"})
    drive = Drive.objects.get()
    assert answer["Location"] == f"/desk/declarations/drives/{drive.pk}/"
    assert "材料有效期 2019-08-01 至 2020-07-31" in read(clerk.get(answer["Location"])).words
    address = f"{answer['Location']}import/"
    bad = SimpleUploadedFile("x.csv", f"{HEAD}1-1,没有,说明,0,XT-01\n".encode())
    assert "第 2 行「份数」" in read(clerk.post(address, {"file": bad})).words
    good = SimpleUploadedFile("x.csv", f"{HEAD}1-1,RES-01,说明,,XT-01\n1-2,RES-10,实景图片,2,XT-01\n".encode())
    look = read(clerk.post(address, {"file": good}))
    assert not Requirement.objects.exists()
    assert clerk.post(address, look.forms["confirm"].fields).status_code == 302
    assert asked("1-2").count == 2
    people = SimpleUploadedFile("x.csv", "单位,分管领导账号,联络员账号\nXT-01,xt_chief,xt01_worker\n".encode())
    look = read(clerk.post(f"{answer['Location']}duties/", {"file": people}))
    assert clerk.post(f"{answer['Location']}duties/", look.forms["confirm"].fields).status_code == 302
    with budget("GET /desk/declarations/drives/{drive_id}/"):
        page = read(clerk.get(answer["Location"]))
    for words in ("要交 3 份", "公共环境", "学田社区", "联络员 学田社区承办人"):
        assert words in page.words, words
    for name in ("requirements.xlsx", "requirements.xlsx?template=1", "duties.xlsx"):
        assert clerk.get(f"{answer['Location']}{name}")["Content-Type"].endswith("sheet")
    assert enter("xt01_worker").post(address, {"file": good}).status_code == 404


def test_a_unit_sees_what_it_owes_and_hands_in(world: World, enter: Enter) -> None:
    opened(world)
    unit, address = enter("xt01_worker"), f"/desk/declarations/{asked('1-1').pk}/"
    with budget("GET /desk/declarations/"):
        page = read(unit.get("/desk/declarations/"))
    for words in ("楼道整治的做法和成效", "楼道前后对比", "已交 0 / 2 份", "待提交"):
        assert words in page.words, words
    assert "背街小巷整治" not in page.words
    assert enter("wf_chief").get(address).status_code == 404
    data = word_file(WORDS)
    form = read(unit.get(address)).forms["hand-in-form"]
    said = form.filled(title="楼道整治说明", said_on="2020-13-05", file=SimpleUploadedFile("说明.docx", data))
    page = read(unit.post(address, said))
    assert (page.status, "日期应写成" in page.words, "已收下" in page.words) == (422, True, True)
    again = page.forms["hand-in-form"].filled(title="楼道整治说明", said_on="2020-03-05")
    with budget("POST /desk/declarations/{requirement_id}/"):
        assert unit.post(address, again).status_code == 302
    version = Version.objects.get()
    assert (version.file_name, version.said_on.month) == ("说明.docx", 3)
    assert "正在自动核对" in read(unit.get(address)).words
    check_version(version_id=version.pk, now=NOW)
    assert "自动核对没有发现问题" in read(unit.get(address)).words
    answer = unit.get(f"/desk/declarations/files/{version.pk}/")
    assert (answer.getvalue(), answer["Content-Disposition"][:10]) == (data, "attachment")
    odd = {**again, "client_key": "k9", "kept": "", "file": SimpleUploadedFile("x.zip", b"PK\x03\x04nothing")}
    page = read(unit.post(f"/desk/declarations/{asked('1-2').pk}/", odd))
    assert (page.status, "文件已损坏" in page.words) == (422, True)


def test_a_reviewer_returns_and_the_next_version_passes(world: World, enter: Enter) -> None:
    opened(world)
    first, unit, judge = handed(world, "2-1", "wf_chief"), enter("wf_chief"), enter("cg_worker")
    address = f"/desk/declarations/{asked('2-1').pk}/"
    assert "背街小巷整治" in read(judge.get("/desk/declarations/?mine=review&state=in_review")).words
    with budget("GET /desk/declarations/{requirement_id}/"):
        page = read(judge.get(address))
    form = page.forms[f"review-{first.piece_id}"]
    page = read(judge.post(address, form.filled(**{"as": "returned", "text": "看不清写了什么"})))
    assert (page.status, "退回要选理由" in page.words, "看不清写了什么" in page.words) == (422, True, True)
    assert judge.post(address, form.filled(**{"as": "returned", "codes": ["summary"]})).status_code == 302
    page = read(unit.get(address))
    assert "写成了工作总结，不是说明" in page.words
    assert f"review-{first.piece_id}" not in page.forms
    again = page.forms[f"again-{first.piece_id}-form"].filled(
        title="改好的说明", said_on="2020-03-05", file=SimpleUploadedFile("x.docx", word_file(WORDS))
    )
    assert unit.post(address, again).status_code == 302
    stale = read(judge.get(address)).forms[f"review-{first.piece_id}"]
    assert judge.post(address, {**stale.fields, "as": "accepted", "version": 1, "client_key": "s"}).status_code == 409
    assert judge.post(address, stale.filled(**{"as": "accepted"})).status_code == 302
    assert asked("2-1").state == "accepted"


def test_not_ours_and_what_has_to_happen(world: World, enter: Enter) -> None:
    drive, unit, clerk = opened(world), enter("xt01_worker"), enter("clerk")
    address = f"/desk/declarations/{asked('1-1').pk}/"
    plan = read(unit.get(address)).forms["plan-form"].filled(name="楼道清洁日", planned_on="2020-07-04")
    assert unit.post(address, plan).status_code == 302
    with budget("GET /desk/declarations/drives/{drive_id}/calendar/"):
        page = read(clerk.get(f"/desk/declarations/drives/{drive.pk}/calendar/"))
    assert "2020-07-04 楼道清洁日" in page.words
    settle = next(form for name, form in read(unit.get(address)).forms.items() if name.startswith("settle-"))
    assert unit.post(address, settle.filled(called_off="天气")).status_code == 302
    raised = read(unit.get(address)).forms["dispute-form"].filled(reason="属街道职责", proposed="XT")
    assert unit.post(address, raised).status_code == 302
    form = read(clerk.get(address)).forms["decide-form"]
    said = form.filled(**{"as": "upheld", "unit": "XT", "decision": "街道统一提供"})
    assert clerk.post(address, said).status_code == 302
    assert asked("1-1").unit_id == world.unit("XT").pk
    assert clerk.post("/desk/declarations/reasons/", {"names": "没有盖章\n图片模糊"}).status_code == 302
    assert "没有盖章" in read(clerk.get("/desk/declarations/reasons/")).html
    assert "由文明办维护" in read(unit.post("/desk/declarations/reasons/", {"names": "x"})).words


def test_a_package_is_downloaded_in_two_goes(world: World, enter: Enter) -> None:
    drive, clerk = opened(world), enter("clerk")
    accepted(world, handed(world, "1-1", "xt01_worker"))
    accepted(world, handed(world, "1-2", "xt01_worker", data=scene()))
    form = read(clerk.get(f"/desk/declarations/drives/{drive.pk}/")).forms["pack-form"]
    address = clerk.post(f"/desk/declarations/drives/{drive.pk}/", form.fields)["Location"]
    assert "正在逐个核对文件" in read(clerk.get(address)).words
    assert clerk.get(f"{address}zip/").status_code == 404
    prepare_package(package_id=Package.objects.get().pk, now=NOW)
    leader = enter("leader")
    with budget("GET /desk/declarations/packages/{package_id}/"):
        page = read(leader.get(address))
    assert "01 公共环境/001 RES-01" in page.words
    whole = clerk.get(f"{address}zip/")
    body = whole.getvalue()
    assert (len(body), whole["Accept-Ranges"]) == (int(whole["Content-Length"]), "bytes")
    rest = clerk.get(f"{address}zip/", headers={"range": "bytes=500-", "if-range": whole["ETag"]})
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 500-{len(body) - 1}/{len(body)}")
    assert body[:500] + rest.getvalue() == body
    assert clerk.get(f"{address}zip/", headers={"range": f"bytes={len(body)}-"}).status_code == 416
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        assert package.testzip() is None
    assert enter("xt01_worker").get(address).status_code == 404
