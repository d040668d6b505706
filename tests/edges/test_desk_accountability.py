"""Accountability at the desk: the list from which a person opens, the file for each role, ladders; who never sees it."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.accountability.builtin import builtin_text
from chuangwen.accountability.models import Commitment, File, Interview, LadderVersion
from chuangwen.rules.accountability_flow import FileStatus
from tests.accountable import LATER, file_at, in_force, last_twice, more_people, released_week
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.edges.test_every_url import ALL, address
from tests.world import NOW, PEOPLE, World, picture

Enter = Callable[[str], Client]
LIST, HERE = "/desk/accountability/eligible/", "/desk/accountability/"


def step(client: Client, file: Any, act: str, **fields: Any) -> Any:
    """A step as the form sends it."""
    page = read(client.get(f"{HERE}{file.pk}/"))
    return client.post(f"{HERE}{file.pk}/", page.forms[f"move-{act}"].filled(**fields))


def told_first(client: Client, file: Any) -> str:
    """The beginning of the notice that the page offers."""
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", read(client.get(f"{HERE}{file.pk}/")).html, re.S)
    assert words is not None
    return words[1].strip()


def test_a_clerk_opens_from_the_list_and_the_unit_sees_it_when_it_is_told(world: World, enter: Enter) -> None:
    last_twice(world)
    clerk, unit = enter("clerk"), enter("xt_chief")
    page = read(clerk.get(LIST))
    assert "列在这里不产生任何后果" in page.words
    assert "连续 2 期" in page.words
    form = page.forms[LIST].filled()
    for _ in range(2):
        answer = clerk.post(LIST, form)
    file = File.objects.get()
    assert answer["Location"] == f"{HERE}{file.pk}/"
    assert "已经启动" in read(clerk.get(LIST)).words
    assert unit.get(f"{HERE}{file.pk}/").status_code == 404
    assert step(clerk, file, "notify", text=told_first(clerk, file)).status_code == 302
    told = read(unit.get(f"{HERE}{file.pk}/"))
    for words in ("连续两次上黑榜", "第 2 名", "没有名次区间", "上一级领导"):
        assert words in told.words
    assert told.offers() == {"correct"}


def test_a_leader_looks_at_the_list_and_opens_nothing(world: World, enter: Enter) -> None:
    last_twice(world)
    page = read(enter("leader").get(LIST))
    assert "由文明办启动" in page.words
    assert LIST not in page.forms
    assert enter("xt_chief").get(LIST).status_code == 403


def test_a_file_goes_through_its_pages_from_hand_to_hand(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.NOTIFIED)
    unit, clerk, leader, city = (enter(name) for name in ("xt_chief", "clerk", "leader", "city_leader"))
    assert "等您办的问责建议" in read(unit.get("/desk/")).words
    shot = SimpleUploadedFile("现场.jpg", picture(), "image/jpeg")
    assert step(unit, file, "correct", text="已清理", photo=shot).status_code == 302
    assert step(unit, file, "state", nothing="on").status_code == 302
    assert step(clerk, file, "propose", measure="interview", text="按较轻的").status_code == 302
    assert "decide" not in read(clerk.get(f"{HERE}{file.pk}/")).offers()
    assert step(leader, file, "decide", outcome="uphold", text="同意").status_code == 302
    assert step(clerk, file, "serve").status_code == 302
    assert step(unit, file, "appeal", text="名次并列").status_code == 302
    assert "decide_appeal" not in read(leader.get(f"{HERE}{file.pk}/")).offers()
    assert step(city, file, "decide_appeal", outcome="revoked", text="理由成立").status_code == 302
    assert step(clerk, file, "close").status_code == 302
    page = read(unit.get(f"{HERE}{file.pk}/"))
    assert "撤销原决定" in page.words
    assert "学田街道：问责已撤销" in page.words  # no measure stands over a revoked decision
    photo = next(link for link in page.links if "/photos/" in link)
    assert b"".join(cast(Any, unit.get(photo)).streaming_content).startswith(b"\xff\xd8")
    assert enter("wf_chief").get(photo).status_code == 404


def test_a_refused_step_names_everything_and_loses_nothing(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.PROPOSED)
    leader = enter("leader")
    answer = step(leader, file, "decide", text="只写了理由")
    page = read(answer)
    assert (answer.status_code, "须选定结果" in page.words) == (422, True)
    assert "只写了理由" in page.html
    stale = (
        read(leader.get(f"{HERE}{file.pk}/")).forms["move-decide"].filled(outcome="uphold", text="同意", version="1")
    )
    answer = leader.post(f"{HERE}{file.pk}/", stale)
    assert (answer.status_code, "刚刚有人办了这一件" in read(answer).words) == (409, True)
    assert File.objects.get().status == "proposed"


def test_a_double_press_is_one_step(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.OPENED)
    clerk = enter("clerk")
    form = read(clerk.get(f"{HERE}{file.pk}/")).forms["move-notify"].filled(text="连续两期末位")
    assert [clerk.post(f"{HERE}{file.pk}/", form).status_code for _ in range(2)] == [302, 302]
    assert file.acts.filter(move="notify").count() == 1


def test_no_role_of_another_unit_finds_anything_of_it(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.CLOSED)
    words = {"file_id": str(file.pk), "photo_id": "1"}
    pages = [(name, address(pattern, words)) for name, pattern, _ in ALL if "accountability/<int:file_id>" in pattern]
    assert len(pages) >= 4
    for username in [row[0] for row in PEOPLE if row[0] not in {"clerk", "chief", "leader", "xt_chief"}]:
        client = enter(username)
        for name, url in pages:
            assert client.get(url).status_code in {403, 404}, (name, username)
        assert client.post(pages[0][1], {"act": "drop", "text": "x"}).status_code in {403, 404, 405}
        for url in (HERE, "/desk/"):
            assert file.number not in client.get(url).content.decode(), (url, username)
    assert File.objects.get().status == "closed"


def test_nothing_of_it_is_public(world: World) -> None:
    file = file_at(world, FileStatus.CLOSED)
    for name, pattern, entry in ALL:
        if getattr(entry.callback, "permission", "") is None:
            assert file.number not in Client().get(address(pattern, {})).content.decode(errors="ignore"), name


def test_the_whole_file_is_printed_and_handed_out_as_data(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.CLOSED)
    unit = enter("xt_chief")
    page = read(unit.get(f"{HERE}{file.pk}/print/"))
    for words in (file.number, "须等上级批准", "改用较轻的措施", "崇川区（领导）"):
        assert words in page.words
    data = json.loads(unit.get(f"{HERE}{file.pk}/facts.json").content)
    assert data["measure"] == "约谈"
    assert len(data["steps"]) == 10


def test_a_talk_with_its_promises_is_kept_and_followed_up(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = file_at(world, FileStatus.SERVED)
    clerk = enter("clerk")
    talk = {
        "held_at": "2020-06-24T08:30", "post": "崇川区（领导）", "summary": "逐条说明", "promise_1": "清理楼道",
        "due_1": "2020-06-28T18:00",
    }  # fmt: skip
    refused = read(step(clerk, file, "interview", **{**talk, "summary": ""}))
    assert (refused.status, "清理楼道" in refused.html) == (422, True)
    assert step(clerk, file, "interview", **talk).status_code == 302
    assert Interview.objects.get().commitments.get().due == datetime.fromisoformat("2020-06-28T18:00+08:00")
    assert "清理楼道" in read(enter("xt_chief").get(f"{HERE}{file.pk}/")).words
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + LATER)
    assert "过期没有核对完成的" in read(clerk.get(HERE)).words
    done = {"act": "done", "commitment": Commitment.objects.get().pk, "note": "看过现场"}
    assert enter("xt_chief").post(f"{HERE}{file.pk}/", done).status_code == 422
    assert clerk.post(f"{HERE}{file.pk}/", done).status_code == 302
    assert "过期没有核对完成的" not in read(clerk.get(HERE)).words


def test_a_ladder_comes_in_as_a_draft_and_the_chief_puts_it_in_force(world: World, enter: Enter) -> None:
    clerk, chief, here = enter("clerk"), enter("chief"), f"{HERE}ladders/"
    assert clerk.post(here, {"sample": "taishan-2021"}).status_code == 302
    version = LadderVersion.objects.get()
    url = f"{here}{version.pk}/"
    assert "得分低于 85" in read(clerk.get(url)).words
    assert clerk.post(url, {"act": "force"}).status_code == 422
    assert chief.post(url, {"act": "force", "client_key": "f"}).status_code == 302
    assert "启用中" in read(clerk.get(here)).words
    bad = SimpleUploadedFile("阶梯.toml", builtin_text("taishan-2021").replace('"85"', '"八十五"').encode())
    answer = clerk.post(here, {"file": bad})
    assert (answer.status_code, "below 须是分数" in read(answer).words) == (422, True)
    assert clerk.post(here, {"text": ""}).status_code == 422
    mine = builtin_text("taishan-2021").replace('"85"', '"80"')
    assert clerk.post(here, {"text": mine}).status_code == 302
    draft = LadderVersion.objects.get(number=2)
    assert clerk.post(f"{here}{draft.pk}/", {"act": "discard"})["Location"] == here
    assert enter("gz_clerk").get(url).status_code == 404


def test_pages_stay_within_their_budgets(world: World, enter: Enter) -> None:
    file = file_at(world, FileStatus.SERVED)
    more_people(world)
    in_force(world, "guiyang-2018")
    released_week(world, 2, {"WF": 1, "XT": 2}, fair=True)
    clerk, unit = enter("clerk"), enter("xt_chief")
    with budget("GET /desk/accountability/"):
        unit.get(HERE)
    for ladder in LadderVersion.objects.all():
        with budget("GET /desk/accountability/eligible/"):
            clerk.get(LIST, {"ladder": ladder.pk})
    with budget("GET /desk/accountability/{file_id}/"):
        unit.get(f"{HERE}{file.pk}/")
    form = read(unit.get(f"{HERE}{file.pk}/")).forms["move-appeal"].filled(text="不服")
    with budget("POST /desk/accountability/{file_id}/"):
        answer = unit.post(f"{HERE}{file.pk}/", form)
    assert answer.status_code == 302
