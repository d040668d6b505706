"""ODK's own form engine under Node.js downloads a checklist, fills it and hands it in to the running server."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.odk.conftest import District
from tests.odk.servers import Site, running
from tests.paths import ROOT
from tests.world import picture

NODE = Path(sys.executable).parent / "node"
MODULES = ROOT / ".venv" / "odk"
RUN = ROOT / "tests" / "odk" / "engine" / "fill.mjs"


@pytest.fixture
def site(district: District, tmp_path: Path) -> Iterator[Site]:
    """A district of one's own, served by the server that we ship with."""
    if not (NODE.is_file() and (MODULES / "node_modules" / "@getodk").is_dir()):
        pytest.skip("没有 ODK 表单引擎。请运行 tools/venv.sh dev 和 tools/odk.sh。")
    with running("granian", *district, tmp_path) as one:
        yield one


def fill(site: Site, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Let the engine fill the compound's checklist with these answers; what it reports."""
    known = site.known
    order = {
        "server": f"{site.url}/openrosa", "username": known["username"], "password": known["password"],
        "formId": known["form_id"], "answers": {"site": str(known["site"]), **answers}, **more,
    }  # fmt: skip
    done = subprocess.run(
        [str(NODE), str(RUN), str(MODULES)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["missed"] == []
    assert found["warnings"] == 0
    return found


def photo(name: str, colour: str, side: int = 64) -> dict[str, str]:
    """A picture taken with the phone."""
    data = base64.b64encode(picture(colour, (side, side))).decode()
    return {"file": name, "base64": data, "type": "image/jpeg"}


FAILED = {"c_RES_10_verdict": "fail", "c_RES_10_note": "三单元堆物", "c_RES_10_place": "32.0111 120.8712 4 8"}


def test_a_form_filled_by_odks_engine_becomes_findings_and_a_case(site: Site) -> None:
    found = fill(
        site, {**FAILED, "c_RES_10_photo": photo("楼道.jpg", "red"), "c_RES_01_verdict": "pass", "rest_passes": True}
    )
    assert found["status"] == "ready"
    assert [post["status"] for post in found["posts"]] == [201], found["posts"]
    assert "登记判定 2 条，其中不合格 1 条" in found["posts"][0]["message"]
    assert site.count("select count(*) from patrols_finding") == 3
    assert site.count("select count(*) from patrols_finding where verdict = 'fail' and lat = 32.0111") == 1
    assert site.count("select count(*) from patrols_findingphoto") == 1
    assert site.count("select count(*) from cases_case") == 1
    assert site.count("select count(*) from patrols_visit where finished_at is not null") == 1


def test_the_engine_too_asks_for_the_picture_of_a_failed_criterion_and_then_sends_in_parts(site: Site) -> None:
    without = fill(site, {**FAILED, "rest_passes": True})
    assert without["status"] == "pending"
    assert any("c_RES_10_photo" in one for one in without["violations"])
    assert without["posts"] == []
    both = {
        **FAILED, "c_RES_10_photo": photo("楼道.jpg", "red", 1800), "rest_passes": True,
        "c_RES_01_verdict": "fail", "c_RES_01_note": "坑洼", "c_RES_01_photo": photo("路面.jpg", "blue", 1800),
    }  # fmt: skip
    found = fill(site, both, batch=70_000)
    assert [post["status"] for post in found["posts"]] == [202, 201], found["posts"]
    assert "还差 1 个附件" in found["posts"][0]["message"]
    assert site.count("select count(*) from patrols_findingphoto") == 2
