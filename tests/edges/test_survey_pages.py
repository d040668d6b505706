"""问卷 in the browser: designer, wave, public sheet, household on the phone, paper, remarks and results."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.surveys.models import Answer, Form, Invitation, Remark, Survey, Wave
from chuangwen.surveys.results import compute_results
from tests.budgets import budget
from tests.surveyed import NUMBERS, SHEET, held
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
Enter = Callable[[str], Client]
QUESTION = {
    "code": "bins",
    "kind": "one",
    "text_zh": "垃圾桶够吗",
    "text_en": "Enough bins?",
    "options": "y | 够 | Yes\nn | 不够",
}


def shown(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())


def test_a_questionnaire_is_designed_published_and_held(world: World, enter: Enter) -> None:
    clerk, chief = enter("clerk"), enter("chief")
    assert "请写问卷名称" in shown(clerk.post("/desk/surveys/", {"title": " ", "client_key": "a"}))
    assert clerk.post("/desk/surveys/", {"title": "居民问卷", "client_key": "a"}).status_code == 302
    survey, form = Survey.objects.get(), Form.objects.get()
    edit = f"/desk/surveys/forms/{form.pk}/"
    assert clerk.post(f"{edit}question/", QUESTION | {"version": "1"}).status_code == 302
    wrong = clerk.post(f"{edit}question/", QUESTION | {"code": "B!", "options": "只有文字", "when": "<b>"})
    assert wrong.status_code == 422
    assert "只有文字" in shown(wrong)
    assert "&lt;b&gt;" in shown(wrong)
    assert clerk.post(f"{edit}question/", QUESTION | {"code": "new", "version": "1"}).status_code == 409
    assert clerk.post(f"{edit}question/?code=bins", QUESTION | {"text_zh": "附近垃圾桶够吗"}).status_code == 302
    assert clerk.post(edit, {"what": "up", "code": "bins"}).status_code == 302
    head = {"title_zh": "问卷", "title_en": "Sheet", "languages": "en", "rates": "oops"}
    assert clerk.post(edit, head).status_code == 422
    assert clerk.post(edit, {"what": "publish"}).status_code == 422
    assert "附近垃圾桶够吗" in shown(chief.get(edit))
    assert chief.post(edit, {"what": "publish"}).status_code == 302
    new = f"/desk/surveys/{survey.pk}/waves/new/"
    bad = clerk.post(new, {"title": "", "least": "1", "quotas": "XT", "margins": "age"})
    assert bad.status_code == 422
    assert "总体构成第 1 行" in shown(bad)
    said = {"title": "上半年", "starts_on": "2020-06-20", "ends_on": "2020-07-20", "least": "5", "quotas": "XT,40"}
    assert clerk.post(new, said | {"margins": "sex,f,50\nsex,m,50", "client_key": "w"}).status_code == 302
    wave = Wave.objects.get()
    page = f"/desk/surveys/waves/{wave.pk}/"
    assert clerk.post(f"{page}edit/", said | {"version": "9"}).status_code == 409
    assert clerk.post(page, {"what": "start"}).status_code == 422
    frame = SimpleUploadedFile("list.csv", "户编号,街道,地址\nA,XT,学田苑 1 号\nB,WF,文峰巷 2 号\n".encode())
    assert clerk.post(page, {"what": "frame", "wanted": "2", "frame": frame}).status_code == 302
    early = clerk.post(page, {"what": "decide", "numbers": [" ".join(map(str, row)) for row in NUMBERS]})
    assert early.status_code == 422
    assert clerk.post(f"/desk/surveys/{survey.pk}/").status_code == 302
    assert Form.objects.count() == 2
    for address in (
        "/desk/surveys/",
        f"/desk/surveys/{survey.pk}/",
        page,
        f"{page}results/",
        f"{page}remarks/",
        f"{page}sheet/",
    ):
        assert enter("leader").get(address).status_code == (403 if "sheet" in address else 200), address
        assert enter("xt_chief").get(address).status_code == 403
    assert enter("gz_clerk").get(page).status_code == 404


def test_a_resident_answers_without_a_script_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    wave = held(world)
    address, anybody = f"/survey/{wave.token}/", Client()
    text = shown(anybody.get(address))
    assert text.count("<fieldset") >= 6
    assert "I have heard of it" in shown(anybody.get(f"{address}?lang=en"))
    bad = anybody.post(address, {"street": "XT", "age": "old", "wish": "x" * 50_000, "know": "heard", "lang": "zh"})
    assert bad.status_code == 422
    assert "最多写 500 字" in shown(bad)
    assert 'value="heard" checked' in shown(bad)
    assert anybody.post(address, SHEET | {"street": "HOME"}).status_code == 422
    assert anybody.post(address, SHEET | {"street": "XT", "homepage": "x"}).status_code == 422
    for street in ("XT", "WF"):
        sent = {"street": street, "client_key": f"k-{street}", "wish": "😀 信箱壞了<script>", "lang": "zh"}
        assert anybody.post(address, SHEET | sent).status_code == 302
        assert anybody.post(address, SHEET | sent).status_code == 302
    assert Answer.objects.count() == 2
    at = f"/survey/{wave.token}/at/{world.compound.token}/"
    assert anybody.post(at, SHEET | {"client_key": "p"}).status_code == 302
    assert Answer.objects.get(channel="place").site_id == world.compound.pk
    assert anybody.get(f"/survey/{wave.token}/at/nowhere/").status_code == 404
    assert anybody.get("/survey/nowhere/").status_code == 404
    assert "谢谢" in shown(anybody.get(f"{address}thanks/"))
    clerk = enter("clerk")
    with budget("GET /desk/surveys/waves/{wave_id}/remarks/"):
        remarks = shown(clerk.get(f"/desk/surveys/waves/{wave.pk}/remarks/"))
    assert "&lt;script&gt;" in remarks
    first = Remark.objects.earliest("id")
    assert clerk.post(f"/desk/surveys/remarks/{first.pk}/case/", {"title": "", "place": ""}).status_code == 422
    moved = clerk.post(f"/desk/surveys/remarks/{first.pk}/case/", {"title": "信报箱损坏", "place": "学田苑"})
    assert moved["Location"].startswith("/desk/cases/")


def test_paper_is_typed_by_numbers_and_results_are_shown(world: World, enter: Enter) -> None:
    wave, clerk = held(world), enter("clerk")
    page = f"/desk/surveys/waves/{wave.pk}/"
    typed = {"street": "XT", "age": "3", "sex": "1", "know": "2", "joined": "1,2", "content": "5", "around.clean": "1"}
    assert clerk.post(f"{page}enter/", typed | {"know": "9"}).status_code == 422
    for number in range(10):
        assert clerk.post(f"{page}enter/", typed | {"client_key": f"p{number}"}).status_code == 302
    assert Answer.objects.filter(answers__joined=["clean", "volunteer"]).count() == 10
    assert clerk.post(page, {"what": "compute"}).status_code == 302
    compute_results(wave_id=wave.pk, now=NOW)
    with budget("GET /desk/surveys/waves/{wave_id}/results/"):
        text = shown(clerk.get(f"{page}results/"))
    assert "100.0%" in text
    assert "不能推及" in text
    assert clerk.get(f"{page}results.docx").content.startswith(b"PK")
    assert clerk.get(f"{page}answers.csv").content.decode("utf-8-sig").startswith("weight,street")
    odd = Answer.objects.earliest("id")
    assert clerk.post(page, {"what": "leave_out", "answer": str(odd.pk)}).status_code == 422
    assert clerk.post(page, {"what": "leave_out", "answer": str(odd.pk), "reason": "作废"}).status_code == 302
    assert clerk.post(page, {"what": "leave_out", "answer": "no-uuid", "reason": "x"}).status_code == 404
    with budget("GET /desk/surveys/waves/{wave_id}/"):
        assert "作废" in shown(clerk.get(page))
    with budget("GET /desk/surveys/"):
        clerk.get("/desk/surveys/")
    assert clerk.post(page, {"what": "close"}).status_code == 302
    assert clerk.post(f"{page}enter/", typed).status_code == 422


def test_a_household_is_visited_with_the_phone(world: World, enter: Enter) -> None:
    wave, grid = held(world), enter("grid")
    one, other = (
        Invitation.objects.create(
            wave=wave, code=f"CODE-{code}", street=world.unit(code), household=code, address=f"{code} 1 号"
        )
        for code in ("XT", "WF")
    )
    letters = enter("clerk").get(f"/desk/surveys/waves/{wave.pk}/codes.csv").content.decode("utf-8-sig")
    assert "CODE-XT" in letters
    assert Client().get(f"/survey/{wave.token}/draw.json").status_code == 404
    Wave.objects.filter(pk=wave.pk).update(record={"format": "x"})
    assert Client().get(f"/survey/{wave.token}/draw.json").json() == {"format": "x"}
    grid = enter("grid")
    listed = shown(grid.get("/field/surveys/"))
    assert "XT 1 号" in listed
    assert "WF 1 号" not in listed
    tasks = json.loads(grid.get("/field/pack/").content)["parts"]["tasks"]
    assert [task["url"] for task in tasks if task["kind"] == "survey"] == [f"/field/surveys/{one.pk}/"]
    page = f"/field/surveys/{one.pk}/"
    assert grid.get(f"/field/surveys/{other.pk}/").status_code == 404
    assert grid.get(page).status_code == 200
    assert grid.post(page, {"outcome": "nonsense"}).status_code == 422
    assert grid.post(page, {"outcome": "nobody"}).status_code == 302
    assert grid.post(page, SHEET | {"age": ""}).status_code == 422
    assert grid.post(page, SHEET | {"client_key": "v"}).status_code == 302
    assert grid.get(page).status_code == 404
    one.refresh_from_db()
    assert (one.outcome, one.tries, Answer.objects.get().sampled) == ("answered", 2, True)
