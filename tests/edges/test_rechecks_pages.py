"""Pages of draws and re-checks: desk, phone and public; and that a second look stays blind."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.project.cli import main
from chuangwen.rechecks.models import Draw, Second, Task
from chuangwen.rechecks.operations import cancel_draw
from chuangwen.rechecks.tasks import finish_recheck
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.edges.programs import program
from tests.rechecking import AFTER, a_week, decided, published, task_on_visit
from tests.rounds import small_patrol
from tests.world import World, picture

Enter = Callable[[str], Client]
PACKED_CRITERION = ("code", "text", "hint", "carve_outs", "severity", "photo", "group", "must_note", "picture")
JSON = {"Accept": "application/json"}


@pytest.fixture
def after_the_draw(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """The evening on which the numbers came out."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: AFTER)


def test_the_office_publishes_a_list_and_the_public_sees_it_frozen(world: World, enter: Enter) -> None:
    a_week(world)
    clerk = enter("clerk")
    form = read(clerk.get("/desk/rechecks/new/")).forms[""]
    assert form.fields["starts_on"] == ["2020-06-15"]
    answer = clerk.post("/desk/rechecks/new/", form.filled())
    draw = Draw.objects.get()
    assert answer["Location"] == f"/desk/rechecks/{draw.pk}/"
    assert clerk.post("/desk/rechecks/new/", form.filled())["Location"] == answer["Location"]
    public = Client()
    page = read(public.get(f"/draws/{draw.pk}/"))
    assert draw.sha256 in page.words
    assert "等开奖" in page.words
    listed = public.get(f"/draws/{draw.pk}/list.csv").content
    assert hashlib.sha256(listed).hexdigest() == draw.sha256
    assert public.get(f"/draws/{draw.pk}/record.json").status_code == 404


def test_a_wrong_plan_names_every_mistake_and_keeps_what_was_typed(world: World, enter: Enter) -> None:
    typed = {
        "starts_on": "2020-06-24",
        "ends_on": "2020-06-24",
        "share": "7",
        "announced_on": "2020-06-24",
        "days_to_do": "3",
    }
    page = read(enter("clerk").post("/desk/rechecks/new/", typed))
    assert page.status == 422
    for words in ("截止到昨天", "不超过 1", "至少是明天", "周二、周四或周日"):
        assert words in page.words
    assert page.forms[""].fields["share"] == ["7"]
    unread = read(enter("clerk").post("/desk/rechecks/new/", {"share": "lots", "starts_on": "x"}))
    assert (unread.status, "份额应写成 0.05" in unread.words) == (422, True)
    assert not Draw.objects.exists()


def decide_form(client: Client, draw: Draw) -> dict[str, object]:
    """The form for the announced numbers, filled."""
    form = read(client.get(f"/desk/rechecks/{draw.pk}/")).forms[f"/desk/rechecks/{draw.pk}/decide/"]
    return form.filled(numbers=["3 8 15 20 26 33", "7", "4,0,4"], numbers_from="公告", compared="1")


def test_announced_numbers_are_entered_once_and_everybody_can_recompute(
    world: World, enter: Enter, after_the_draw: None, tmp_path: Path
) -> None:
    a_week(world)
    draw = published(world, share="0.4")
    clerk = enter("clerk")
    assert "已开奖，等填号码" in read(clerk.get("/desk/rechecks/")).words
    typed = decide_form(clerk, draw)
    careless = clerk.post(f"/desk/rechecks/{draw.pk}/decide/", {**typed, "compared": ""})
    assert (careless.status_code, "逐个核对" in careless.content.decode()) == (422, True)
    wrong = read(clerk.post(f"/desk/rechecks/{draw.pk}/decide/", {**typed, "numbers": ["3 8", "seven", "4 0 4"]}))
    assert (wrong.status, "第 2 组号码读不懂" in wrong.words) == (422, True)
    assert clerk.post(f"/desk/rechecks/{draw.pk}/decide/", typed).status_code == 302
    again = clerk.post(f"/desk/rechecks/{draw.pk}/decide/", {**typed, "numbers": ["1 2 3 4 5 6", "7", "4 0 4"]})
    assert (again.status_code, "不能重抽" in again.content.decode()) == (422, True)
    record = Client().get(f"/draws/{draw.pk}/record.json").content
    path = tmp_path / "record.json"
    path.write_bytes(record)
    checked = CliRunner().invoke(main, ["draw", "verify", str(path), "--sha256", draw.sha256, "--json"])
    assert json.loads(checked.stdout) == {"verified": True, "differences": []}
    shown = read(Client().get(f"/draws/{draw.pk}/"))
    assert "3.8.15.20.26.33./7./0.4.4./" in shown.words
    first = shown.html.split('<th scope="row">')[1].split("<", maxsplit=1)[0]
    assert first == json.loads(record)["selected"][0]


def test_a_cancelled_draw_stays_in_public_with_its_reason(world: World, enter: Enter, after_the_draw: None) -> None:
    a_week(world)
    draw = decided(world)
    clerk = enter("clerk")
    assert clerk.post(f"/desk/rechecks/{draw.pk}/cancel/", {"reason": ""}).status_code == 422
    assert clerk.post(f"/desk/rechecks/{draw.pk}/cancel/", {"reason": "号码抄错"}).status_code == 302
    assert "号码抄错" in Client().get("/draws/").content.decode()
    assert "号码抄错" in Client().get(f"/draws/{draw.pk}/").content.decode()


def test_the_public_pages_hold_nothing_about_a_place_a_person_or_a_case(
    world: World, enter: Enter, after_the_draw: None
) -> None:
    cases, _ = a_week(world)
    draw = decided(world)
    public = Client()
    pages = [public.get(f"/draws/{draw.pk}/{part}").content.decode() for part in ("", "list.csv", "record.json")]
    text = "\n".join([*pages, public.get("/draws/").content.decode()])
    secret = [world.compound.name, world.lane.name, world.compound.contact_phone, "巡查员甲", "巡查员乙", draw.salt]
    secret += [Case.objects.get(pk=pk).number for pk in cases] + ["楼道堆物"]
    assert [word for word in secret if word in text] == []


# --- the second look ---


@pytest.fixture
def second(world: World, enter: Enter, after_the_draw: None) -> tuple[Task, Client]:
    """The second inspector's task at the compound, and their browser."""
    _, visits = a_week(world)
    return task_on_visit(decided(world), visits[0]), enter("inspector2")


def test_a_second_look_is_listed_first_judged_in_few_taps_and_finished(
    world: World, second: tuple[Task, Client]
) -> None:
    task, client = second
    home = read(client.get("/field/"))
    assert f"/field/rechecks/{task.pk}/" in home.links
    address = f"/field/rechecks/{task.pk}/"
    done = client.post(f"{address}verdicts/", {"criterion": "RES-01", "verdict": "pass"})
    assert done["Location"] == f"{address}#criterion-RES-01"
    refused = client.post(f"{address}verdicts/", {"criterion": "RES-10", "verdict": "fail", "note": "二楼纸箱"})
    assert refused.status_code == 422
    assert "须拍一张" in refused.content.decode()
    assert "二楼纸箱" in refused.content.decode()
    photo = SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg")
    client.post(f"{address}verdicts/", {"criterion": "RES-10", "verdict": "fail", "note": "二楼纸箱", "photo": photo})
    assert Case.objects.get(origin_kind="recheck").photos.count() == 1
    shown = Second.objects.get(criterion__code="RES-10", task=task).photos.get()
    assert b"".join(client.get(f"{address}photos/{shown.photo_id}/"))
    assert client.post(f"{address}finish/", {}).status_code == 422
    assert client.post(f"{address}finish/", {"rest_passes": "1"}).status_code == 302
    assert "复核已完成" in client.get(address).content.decode()


def test_a_second_look_from_a_phone_without_a_network_arrives_late_once_and_in_its_own_time(
    world: World, second: tuple[Task, Client]
) -> None:
    task, client = second
    address = f"/field/rechecks/{task.pk}/"
    Draw.objects.update(drawn_at=AFTER - timedelta(days=1))
    ago = {"found_at": (AFTER - timedelta(hours=3)).isoformat(), "sent_at": AFTER.isoformat()}

    def judge(verdict: str, key: str, **more: object) -> dict[str, object]:
        fields = {"criterion": "RES-10", "verdict": verdict, "note": "二楼纸箱", "client_key": key, **ago, **more}
        body: dict[str, object] = client.post(f"{address}verdicts/", fields, headers=JSON).json()
        return body

    assert judge("fail", "k1")["objections"] == ["这条标准不合格时须拍一张现场照片。"]
    photo = SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg")
    ahead = client.post("/field/photos/", {"photo": photo}, headers=JSON).json()["id"]
    told = judge("fail", "k2", photo_id=ahead)
    case = Case.objects.get(origin_kind="recheck")
    assert case.number in str(told["message"])
    assert told["finding"] == {"verdict": "fail", "note": "二楼纸箱", "case": case.number, "unit": str(case.unit)}
    judge("pass", "k3")
    assert judge("fail", "k2", photo_id=ahead)["ok"] is True
    row = Second.objects.get(criterion__code="RES-10", task=task)
    assert (row.verdict, row.found_at) == ("pass", AFTER - timedelta(hours=3)), "what came again changes nothing"
    packed = client.get("/field/pack/").json()["parts"][f"recheck:{task.pk}"]
    assert packed["findings"] == {"RES-10": {"verdict": "pass", "note": "二楼纸箱", "case": ""}}
    stranger = {**JSON, "X-Field-Person": str(world.actor("inspector").user_id)}
    assert client.post(f"{address}finish/", {"rest_passes": "1"}, headers=stranger).status_code == 403
    ended = [client.post(f"{address}finish/", {"rest_passes": "1", **ago}, headers=JSON).json() for _ in range(2)]
    assert ended[0] == ended[1]
    task.refresh_from_db()
    assert task.finished_at == AFTER - timedelta(hours=3)
    assert client.post("/field/rechecks/999/finish/", {}, headers=JSON).json()["ok"] is False


def test_a_picture_that_came_with_a_refused_verdict_is_kept(second: tuple[Task, Client]) -> None:
    task, client = second
    address = f"/field/rechecks/{task.pk}/verdicts/"
    files = [
        SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg"),
        SimpleUploadedFile("y.jpg", b"no", "image/jpeg"),
    ]
    refused = client.post(address, {"criterion": "RES-10", "verdict": "fail", "photo": files}).content.decode()
    kept = refused.split('name="kept" value="')[1].split('"', maxsplit=1)[0]
    assert client.post(address, {"criterion": "RES-10", "verdict": "fail", "kept": kept}).status_code == 302


def test_no_page_or_answer_tells_the_second_inspector_what_was_found_before(
    world: World, second: tuple[Task, Client]
) -> None:
    task, client = second
    earlier = world.case_at(Status.RECTIFIED, title="三号楼旧案", now=AFTER - timedelta(hours=1))
    page = read(client.get(f"/field/rechecks/{task.pk}/"))
    assert "道路平整无坑洼" in page.words
    for hidden in ("三号楼旧案", "巡查员甲", "已结案", "楼道堆物", f"/desk/cases/{earlier.pk}/", 'data-verdict="pass"'):
        assert hidden not in page.html
    assert not [link for link in page.links if "/sites/" in link or "/cases/" in link or "/patrols/" in link]
    site = read(client.get(f"/desk/sites/{world.compound.pk}/"))
    assert "您正在复核这个点位" in site.words
    assert "三号楼旧案" not in site.html
    assert "学田苑巡查" not in site.html
    assert client.get(f"/desk/cases/{earlier.pk}/").status_code == 404
    for address in (
        "/desk/cases/",
        "/desk/",
        "/field/",
        "/field/checks/",
        "/desk/map/",
        f"/desk/cases/?q={earlier.title}",
    ):
        assert earlier.number not in client.get(address).content.decode(), address
    packed = client.get("/field/pack/", headers={"Accept": "application/json"})
    assert "复核：学田苑" in packed.content.decode()
    part = packed.json()["parts"][f"recheck:{task.pk}"]
    assert set(part) == {"id", "name", "address", "street", "rows", "findings"}
    assert part["findings"] == {}, "nothing was judged this time"
    assert [row["text"] for row in part["rows"]][:1] == ["道路平整无坑洼"]
    assert {name for row in part["rows"] for name in row} <= set(PACKED_CRITERION)
    for hidden in (earlier.number, "三号楼旧案", "巡查员甲", "first"):
        assert hidden not in packed.content.decode()
    machine = program(world, "inspector2")
    assert machine.get(f"cases/{earlier.pk}").status_code == 404
    assert "三号楼旧案" not in machine.get("cases").content.decode()
    assert client.get(f"/field/q/{world.compound.token}/")["Location"] == f"/field/rechecks/{task.pk}/"


def test_the_first_inspector_still_sees_everything_and_so_does_the_second_afterwards(
    world: World, enter: Enter, second: tuple[Task, Client]
) -> None:
    task, client = second
    earlier = world.case_at(Status.RECTIFIED, title="三号楼旧案", now=AFTER - timedelta(hours=1))
    assert enter("clerk").get(f"/desk/cases/{earlier.pk}/").status_code == 200
    finish_recheck(task_id=task.pk, rest_passes=True, by=world.actor("inspector2"), now=AFTER)
    assert client.get(f"/desk/cases/{earlier.pk}/").status_code == 200
    assert "学田苑巡查" in client.get(f"/desk/sites/{world.compound.pk}/").content.decode()


def test_a_task_is_for_its_inspector_and_a_withdrawn_one_for_nobody(
    world: World, enter: Enter, second: tuple[Task, Client]
) -> None:
    task, client = second
    address = f"/field/rechecks/{task.pk}/"
    for who in ("inspector", "clerk", "grid"):
        assert enter(who).get(address).status_code == 404
        assert enter(who).post(f"{address}verdicts/", {"criterion": "RES-01", "verdict": "pass"}).status_code == 404
    cancel_draw(draw_id=Draw.objects.get().pk, reason="重复", by=world.actor("clerk"), now=AFTER)
    assert client.get(address).status_code == 404
    assert f"{address}" not in client.get("/field/").content.decode()


# --- the desk ---


def test_the_office_sees_both_looks_and_hands_open_ones_over(
    world: World, enter: Enter, second: tuple[Task, Client]
) -> None:
    task, _ = second
    clerk = enter("clerk")
    page = read(clerk.get(f"/desk/rechecks/tasks/{task.pk}/"))
    assert "巡查员甲" in page.words
    taken = clerk.post(f"/desk/rechecks/tasks/{task.pk}/hand-over/", {"inspector": world.actor("inspector").user_id})
    assert (taken.status_code, "须回避" in taken.content.decode()) == (422, True)
    assert "没有安排人" in read(clerk.get("/desk/rechecks/tasks/?state=unassigned")).words
    finish_recheck(task_id=task.pk, rest_passes=True, by=world.actor("inspector2"), now=AFTER)
    assert "0 条两次判定不同" in read(clerk.get(f"/desk/rechecks/tasks/{task.pk}/")).words


def test_who_may_open_what(world: World, enter: Enter, second: tuple[Task, Client]) -> None:
    task, _ = second
    allowed = {"clerk": 200, "chief": 200, "leader": 200, "inspector": 403, "xt_chief": 403, "grid": 403}
    for who, status in allowed.items():
        client = enter(who)
        for page in ("", "tasks/", f"tasks/{task.pk}/", "agreement/", f"{Draw.objects.get().pk}/"):
            assert client.get(f"/desk/rechecks/{page}").status_code == status, (who, page)
    assert enter("leader").get("/desk/rechecks/new/").status_code == 403
    assert enter("gz_clerk").get(f"/desk/rechecks/{Draw.objects.get().pk}/").status_code == 404
    assert enter("gz_clerk").get(f"/desk/rechecks/tasks/{task.pk}/").status_code == 404
    for page in ("clean/", "fast/", "clean/?by=site", "fast/?days=30"):
        assert enter("clerk").get(f"/desk/rechecks/{page}").status_code == 200
        assert enter("leader").get(f"/desk/rechecks/{page}").status_code == 403


def test_pairs_are_for_the_office_only_and_hidden_while_they_share_little(
    world: World, enter: Enter, second: tuple[Task, Client]
) -> None:
    task, _ = second
    finish_recheck(task_id=task.pk, rest_passes=True, by=world.actor("inspector2"), now=AFTER - timedelta(minutes=1))
    office = read(enter("clerk").get("/desk/rechecks/agreement/")).words
    assert "道路平整无坑洼" in office
    assert "不足 20 条的不显示（1 对）" in office
    assert "巡查员乙" not in office.replace("周文", "")
    leader = read(enter("leader").get("/desk/rechecks/agreement/")).words
    assert "道路平整无坑洼" in leader
    assert "两人之间" not in leader


def test_the_cost_of_rechecks(world: World, enter: Enter, second: tuple[Task, Client]) -> None:
    task, inspector = second
    small_patrol(world, edition=task.verdicts.first().criterion.edition)  # type: ignore[union-attr]  # every task has verdicts
    clerk, draw = enter("clerk"), Draw.objects.get()
    measured = {
        "GET /desk/rechecks/": (clerk, "/desk/rechecks/"), "GET /desk/rechecks/tasks/": (clerk, "/desk/rechecks/tasks/"),
        "GET /desk/rechecks/{draw_id}/": (clerk, f"/desk/rechecks/{draw.pk}/"),
        "GET /desk/rechecks/tasks/{task_id}/": (clerk, f"/desk/rechecks/tasks/{task.pk}/"),
        "GET /desk/rechecks/agreement/": (clerk, "/desk/rechecks/agreement/"),
        "GET /desk/rechecks/clean/": (clerk, "/desk/rechecks/clean/"),
        "GET /desk/rechecks/fast/": (clerk, "/desk/rechecks/fast/"),
        "GET /field/rechecks/{task_id}/": (inspector, f"/field/rechecks/{task.pk}/"),
        "GET /draws/": (Client(), "/draws/"), "GET /draws/{draw_id}/": (Client(), f"/draws/{draw.pk}/"),
    }  # fmt: skip
    for route, (client, address) in measured.items():
        with budget(route):
            assert client.get(address).status_code == 200
    with budget("POST /field/rechecks/{task_id}/verdicts/"):
        inspector.post(f"/field/rechecks/{task.pk}/verdicts/", {"criterion": "RES-01", "verdict": "pass"})
