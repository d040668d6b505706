"""Units and people on the desk: everybody sees the own branch, one person keeps the accounts, nothing typed is lost."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from chuangwen.journal.models import Event
from chuangwen.people.models import Post, Unit, User
from chuangwen.people.operations import appoint, put_unit, put_user
from chuangwen.rules.permissions import SYSTEM
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import NOW, PEOPLE, World

Enter = Callable[[str], Client]


def person(username: str) -> User:
    """The person with this account."""
    return User.objects.get(username=username)


def address(username: str, tail: str = "") -> str:
    """The address of a person's page, or of something below it."""
    return f"/desk/people/{person(username).pk}/{tail}"


def table(header: Sequence[str], *rows: Sequence[str]) -> SimpleUploadedFile:
    """A CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return SimpleUploadedFile("表.csv", out.getvalue().encode())


# --- who sees whom ---


def test_everybody_sees_people_of_the_own_branch_only(enter: Enter) -> None:
    def names(username: str) -> set[str]:
        return {row.username for row in enter(username).get("/desk/people/").context["page"].rows}

    assert names("wf_chief") == {"wf_chief"}
    assert names("xt_chief") == {"xt_chief", "xt01_worker", "wy_worker", "wy_chief", "grid"}
    assert names("gz_clerk") == {"gz_clerk"}
    assert names("clerk") == {row[0] for row in PEOPLE} - {"gz_clerk"}


@pytest.mark.parametrize("username", ["inspector", "xt01_worker", "grid"])
def test_who_has_no_business_with_people_sees_none(enter: Enter, username: str) -> None:
    client = enter(username)
    for page in ("/desk/people/", "/desk/units/", address("clerk"), "/desk/people/export/"):
        assert client.get(page).status_code == 403


def test_somebody_of_another_branch_is_not_found(world: World, enter: Enter) -> None:
    chief = enter("wf_chief")
    assert chief.get(address("wy_worker")).status_code == 404
    assert chief.get(address("wf_chief")).status_code == 200
    assert chief.get(f"/desk/units/{world.unit('XT').pk}/").status_code == 404
    assert chief.get(f"/desk/units/?branch={world.unit('XT').pk}").status_code == 404


def test_an_account_without_any_post_is_seen_by_who_keeps_accounts(enter: Enter) -> None:
    put_user(username="new.comer", display_name="新人", by=SYSTEM, now=NOW)
    assert "新人" in enter("admin").get("/desk/people/?q=新人").content.decode()
    assert "新人" not in read(enter("clerk").get("/desk/people/")).words


def test_telephone_numbers_are_masked_in_lists_and_for_those_who_only_look(world: World, enter: Enter) -> None:
    User.objects.filter(username="wy_worker").update(phone="13900005678")
    for page in ("/desk/people/", address("wy_worker"), f"/desk/units/{world.unit('XT-01-WY').pk}/"):
        html = enter("clerk").get(page).content.decode()
        assert "139****5678" in html
        assert "13900005678" not in html
    assert "13900005678" not in enter("admin").get("/desk/people/").content.decode()
    assert "13900005678" in enter("admin").get(address("wy_worker")).content.decode()


def test_people_by_word_unit_role_and_account(enter: Enter) -> None:
    admin = enter("admin")

    def listed(query: str) -> list[str]:
        return [row.username for row in admin.get(f"/desk/people/?{query}").context["page"].rows]

    assert listed("q=周文") == ["clerk"]
    assert set(listed("role=inspector")) == {"inspector", "inspector2"}
    assert listed("unit=wf") == ["wf_chief"]
    assert set(listed("unit=学田苑物业")) == {"wy_worker", "wy_chief"}
    assert listed("role=inspector&unit=学田") == []
    User.objects.filter(username="grid").update(is_active=False)
    Post.objects.filter(user__username="wf_chief").update(ends_on=NOW.date() - timedelta(days=1))
    assert listed("state=out") == ["grid"]
    assert listed("state=idle") == ["wf_chief"]
    assert "grid" not in listed("")


# --- the tree ---


def test_the_tree_begins_with_the_own_branch_and_opens_further_branches(world: World, enter: Enter) -> None:
    chief = read(enter("wf_chief").get("/desk/units/"))
    assert "文峰社区" in chief.words
    assert "学田街道" not in chief.words
    admin = enter("admin")
    whole = read(admin.get("/desk/units/"))
    for name in ("崇川区", "学田街道", "学田社区", "看下级 2 个"):
        assert name in whole.words
    assert "学田社区第一网格" not in whole.words
    branch = read(admin.get(f"/desk/units/?branch={world.unit('XT-01').pk}"))
    assert "学田社区第一网格" in branch.words
    assert "文峰街道" not in branch.words


def test_units_are_found_by_name_or_code(enter: Enter) -> None:
    admin = enter("admin")
    assert [row.code for row in admin.get("/desk/units/?q=网格").context["page"].rows] == ["XT-01-G1"]
    assert [row.code for row in admin.get("/desk/units/?q=wf-01").context["page"].rows] == ["WF-01"]
    assert "没有这个名称或编码的单位" in admin.get("/desk/units/?q=无").content.decode()


def test_a_unit_shows_its_people_what_is_below_and_its_places(world: World, enter: Enter) -> None:
    page = read(enter("clerk").get(f"/desk/units/{world.unit('XT-01-WY').pk}/"))
    for words in ("物业负责人", "物业承办人", "南通市 / 崇川区 / 学田街道 / 学田社区", "1 个", "没有下级单位"):
        assert words in page.words
    assert "/desk/sites/?owner=XT-01-WY" in page.links
    assert "新增下级单位" not in page.words


def test_a_unit_without_people_is_a_warning(world: World, enter: Enter) -> None:
    page = read(enter("clerk").get(f"/desk/units/{world.unit('WF-01').pk}/"))
    assert "派给这个单位的案件会没有人签收" in page.words


# --- units change ---


def test_a_unit_is_added_and_moved(world: World, enter: Enter) -> None:
    admin = enter("admin")
    facts = {"code": "WF-02", "name": "新村社区", "kind": "community", "parent_code": "文峰街道"}
    answers = [admin.post("/desk/units/new/", facts) for _ in range(2)]
    made = Unit.objects.get(code="WF-02")
    assert {answer["Location"] for answer in answers} == {f"/desk/units/{made.pk}/"}
    assert made.path == "/NT/CC/WF/WF-02/"
    admin.post(f"/desk/units/{made.pk}/edit/", {"name": "新村社区", "kind": "community", "parent_code": "XT"})
    made.refresh_from_db()
    assert made.path == "/NT/CC/XT/WF-02/"


def test_the_top_of_the_own_branch_keeps_its_parent(world: World, enter: Enter) -> None:
    admin, page = enter("admin"), f"/desk/units/{world.unit('CC').pk}/edit/"
    assert 'value="NT"' in admin.get(page).content.decode()
    assert admin.post(page, {"name": "崇川区政府", "kind": "district", "parent_code": "NT"}).status_code == 302
    assert world.unit("CC").path == "/NT/CC/"


def test_objections_to_a_unit_all_at_once_and_nothing_lost(enter: Enter) -> None:
    page = read(
        enter("admin").post("/desk/units/new/", {"code": "坏 码", "name": "某街道", "kind": "x", "parent_code": "没有"})
    )
    assert page.status == 422
    for words in ("编码只用字母", "没有找到单位“没有”"):
        assert words in page.words
    assert "id_kind_error" in page.ids
    assert 'value="某街道"' in page.html


def test_a_code_that_is_taken_and_a_ring_are_refused(world: World, enter: Enter) -> None:
    admin = enter("admin")
    taken = admin.post("/desk/units/new/", {"code": "GZ", "name": "冒名", "kind": "street", "parent_code": "CC"})
    assert "编码“GZ”已经是另一个单位的" in taken.content.decode()
    assert world.unit("GZ").name == "港闸区"
    ring = admin.post(
        f"/desk/units/{world.unit('XT').pk}/edit/", {"name": "学田街道", "kind": "street", "parent_code": "XT-01"}
    )
    assert ring.status_code == 422
    assert "不能作它的上级" in ring.content.decode()


@pytest.mark.parametrize("username", ["clerk", "chief", "leader", "xt_chief"])
def test_only_who_keeps_accounts_changes_them(world: World, enter: Enter, username: str) -> None:
    client, before = enter(username), Event.objects.count()
    post_id = Post.objects.filter(user__username="wy_worker").get().pk
    for tail in ("edit/", "posts/", f"posts/{post_id}/end/", "password/", "active/"):
        assert client.post(address("wy_worker", tail), {"active": "0", "display_name": "x"}).status_code == 403
    for page in ("/desk/units/new/", "/desk/units/import/", "/desk/people/new/", "/desk/people/import/"):
        assert client.post(page, {}).status_code == 403
    assert client.post(f"/desk/units/{world.unit('XT').pk}/edit/", {}).status_code == 403
    assert Event.objects.count() == before


# --- a person changes ---


def test_name_and_telephone_number(enter: Enter) -> None:
    answer = enter("admin").post(address("wy_worker", "edit/"), {"display_name": "张三", "phone": "139 0000 1111"})
    assert answer.status_code == 302
    assert (person("wy_worker").display_name, person("wy_worker").phone) == ("张三", "139 0000 1111")


def test_a_wrong_number_is_named_and_the_typed_name_kept(enter: Enter) -> None:
    page = read(enter("admin").post(address("wy_worker", "edit/"), {"display_name": "张三", "phone": "问别人"}))
    assert page.status == 422
    assert "电话只写数字" in page.words
    assert 'value="张三"' in page.html
    assert person("wy_worker").display_name == "物业承办人"


def test_a_post_is_given_once_however_often_it_is_sent(enter: Enter) -> None:
    admin = enter("admin")
    facts = {"post-role": "inspector", "post-unit_code": "区文明办", "post-starts_on": "2020-06-24", "post-ends_on": ""}
    for _ in range(2):
        assert admin.post(address("grid", "posts/"), facts).status_code == 302
    assert Post.objects.filter(user=person("grid"), role="inspector", unit__code="CC-WM").count() == 1


def test_objections_to_a_post_all_at_once(enter: Enter) -> None:
    facts = {
        "post-role": "king",
        "post-unit_code": "没有",
        "post-starts_on": "2020-06-24",
        "post-ends_on": "2020-01-01",
    }
    page = read(enter("admin").post(address("grid", "posts/"), facts))
    assert page.status == 422
    for words in ("没有任命，请先改正", "没有找到单位“没有”", "任职止不能早于任职起"):
        assert words in page.words
    assert "id_post-role_error" in page.ids
    assert 'value="2020-01-01"' in page.html


def test_a_post_beyond_the_own_branch_cannot_be_given(enter: Enter) -> None:
    facts = {"post-role": "office_chief", "post-unit_code": "GZ-WM", "post-starts_on": "2020-06-24"}
    assert enter("admin").post(address("grid", "posts/"), facts).status_code == 422


def test_a_post_ends_and_the_account_stays(enter: Enter) -> None:
    post = Post.objects.get(user__username="wy_worker")
    admin = enter("admin")
    end = address("wy_worker", f"posts/{post.pk}/end/")
    assert admin.post(end, {"last_day": "2020-06-23"}).status_code == 302
    post.refresh_from_db()
    assert post.ends_on == date(2020, 6, 23)
    page = read(admin.get(address("wy_worker")))
    assert "现在没有岗位" in page.words
    assert "以前和将来的岗位（1）" in page.words


def test_a_day_that_is_none_or_too_early_is_refused(enter: Enter) -> None:
    post = Post.objects.get(user__username="wy_worker")
    admin, end = enter("admin"), address("wy_worker", f"posts/{post.pk}/end/")
    for day, sentence in (("昨天", "日期"), ("2019-01-01", "任职止不能早于任职起")):
        answer = admin.post(end, {"last_day": day})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    other = Post.objects.get(user__username="wf_chief")
    assert admin.post(address("wy_worker", f"posts/{other.pk}/end/"), {}).status_code == 404


def test_a_new_password_is_shown_once_works_and_must_be_changed(enter: Enter) -> None:
    admin = enter("admin")
    answer = admin.post(address("wy_worker", "password/"))
    found = re.search(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", answer.content.decode())
    assert found is not None
    assert "no-store" in answer["Cache-Control"]
    assert person("wy_worker").check_password(found[1])
    assert person("wy_worker").must_change_password
    assert found[1] not in admin.get(address("wy_worker")).content.decode()
    assert found[1] not in str(list(Event.objects.values_list("facts", "words")))


def test_two_new_passwords_differ(enter: Enter) -> None:
    admin = enter("admin")
    pages = [admin.post(address("wy_worker", "password/")).context["password"] for _ in range(2)]
    assert pages[0] != pages[1]


def test_ones_own_password_is_changed_on_its_own_page_and_ones_own_account_stays_open(enter: Enter) -> None:
    admin = enter("admin")
    assert admin.post(address("admin", "password/"))["Location"] == "/password/"
    answer = admin.post(address("admin", "active/"), {"active": "0"})
    assert answer.status_code == 422
    assert "不能停用自己的账号" in answer.content.decode()
    assert "停用账号" not in read(admin.get(address("admin"))).words


def test_an_account_is_closed_and_opened_again(enter: Enter) -> None:
    admin = enter("admin")
    admin.post(address("wy_worker", "active/"), {"active": "0"})
    assert not person("wy_worker").is_active
    assert "账号已停用，不能登录" in read(admin.get(address("wy_worker"))).words
    admin.post(address("wy_worker", "active/"), {"active": "1"})
    assert person("wy_worker").is_active


def test_a_person_is_added_once_and_a_taken_name_takes_nobodys_place(enter: Enter) -> None:
    admin = enter("admin")
    facts = {"username": "zhang.san", "display_name": "张三", "phone": ""}
    answers = [admin.post("/desk/people/new/", facts) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {address("zhang.san")}
    taken = admin.post("/desk/people/new/", {**facts, "username": "gz_clerk"})
    assert taken.status_code == 422
    assert "账号“gz_clerk”已经有人用了" in taken.content.decode()
    assert person("gz_clerk").display_name == "港闸专员"
    wrong = read(admin.post("/desk/people/new/", {"username": "张三", "display_name": "", "phone": "x"}))
    assert wrong.ids >= {"id_username_error", "id_display_name_error", "id_phone_error"}


# --- tables ---


def test_units_out_and_in_without_a_change(enter: Enter) -> None:
    admin = enter("admin")
    out = admin.get("/desk/units/export/")
    sheet = load_workbook(io.BytesIO(out.content)).worksheets[0]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} >= {"CC", "XT-01-G1"}
    page = read(admin.post("/desk/units/import/", {"file": SimpleUploadedFile("单位.xlsx", out.content)}))
    assert page.status == 200
    assert "与系统里的完全一样" in page.words


def test_units_come_in_after_a_look(enter: Enter) -> None:
    admin = enter("admin")
    file = table(
        ("编码", "名称", "类别", "上级编码"),
        ("WF-03", "三里社区", "社区", "WF"),
        ("WF-03-G1", "三里第一网格", "网格", "WF-03"),
    )
    page = read(admin.post("/desk/units/import/", {"file": file}))
    assert not Unit.objects.filter(code="WF-03").exists()
    answer = admin.post("/desk/units/import/", page.forms["confirm"].fields, follow=True)
    assert "新增 2 个单位" in answer.content.decode()
    assert Unit.objects.get(code="WF-03-G1").path == "/NT/CC/WF/WF-03/WF-03-G1/"


def test_every_bad_row_of_people_is_named(enter: Enter) -> None:
    file = table(
        ("账号", "姓名", "单位编码", "岗位"), ("张三", "张三", "", ""), ("li.si", "", "XX", "承办人"), ("wang", "王", "WF", "皇帝"),
    )  # fmt: skip
    page = read(enter("admin").post("/desk/people/import/", {"file": file}))
    assert page.status == 422
    for words in ("第 3 行「姓名」", "第 4 行「岗位」"):
        assert words in page.words
    file = table(("账号", "姓名", "单位编码", "岗位"), ("张三", "张三", "", ""), ("li.si", "李四", "XX", "承办人"))
    page = read(enter("admin").post("/desk/people/import/", {"file": file}))
    for words in ("第 2 行「账号」", "第 3 行「单位编码」"):
        assert words in page.words
    assert not User.objects.filter(username="li.si").exists()


def test_people_come_in_after_a_look_and_go_out_by_filter(enter: Enter) -> None:
    admin = enter("admin")
    file = table(("账号", "姓名", "单位编码", "岗位"), ("li.si", "李四", "WF", "承办人"))
    page = read(admin.post("/desk/people/import/", {"file": file}))
    assert "新增" in page.words
    admin.post("/desk/people/import/", page.forms["confirm"].fields)
    assert Post.objects.get(user__username="li.si").role == "unit_worker"
    assert not person("li.si").has_usable_password()
    out = load_workbook(io.BytesIO(admin.get("/desk/people/export/?unit=WF").content)).worksheets[0]
    assert {row[0].value for row in out.iter_rows(min_row=2)} == {"li.si", "wf_chief"}


# --- statements ---


def test_statements(world: World, enter: Enter) -> None:
    for number in range(60):
        put_unit(
            code=f"XT-01-{number:02}", name=f"第{number}楼组", kind="other", parent_code="XT-01", by=SYSTEM, now=NOW
        )
        put_user(username=f"p{number:02}", display_name=f"组长{number}", by=SYSTEM, now=NOW)
        facts: dict[str, Any] = {
            "unit_code": f"XT-01-{number:02}",
            "role": "unit_worker",
            "starts_on": date(2020, 1, 1),
        }
        appoint(username=f"p{number:02}", by=SYSTEM, now=NOW, **facts)
    admin, worker, community = enter("admin"), address("wy_worker"), world.unit("XT-01").pk
    with budget("GET /desk/people/"):
        admin.get("/desk/people/?unit=XT")
    with budget("GET /desk/people/{user_id}/"):
        admin.get(worker)
    with budget("GET /desk/units/"):
        admin.get("/desk/units/")
    with budget("GET /desk/units/"):
        admin.get(f"/desk/units/?branch={community}")
    with budget("GET /desk/units/{unit_id}/"):
        admin.get(f"/desk/units/{community}/")
