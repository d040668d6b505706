"""The description of the interface is on file, whole, and its page asks nobody outside."""

import re
import subprocess
import sys

from django.contrib.staticfiles import finders
from django.test import Client

from chuangwen.api.main import api
from chuangwen.api.snapshot import snapshot
from chuangwen.rules.case_flow import BY_HAND
from tests.paths import ROOT

ON_FILE = ROOT / "docs" / "openapi.json"
PATHS = api.get_openapi_schema(path_prefix="/api/")["paths"]
OPERATIONS = [(path, operation) for path, methods in PATHS.items() for operation in methods.values()]


def test_the_description_on_file_is_the_present_one() -> None:
    current = snapshot() == ON_FILE.read_text(encoding="utf-8")
    assert current, "接口有变化：确认无误后运行 python -m chuangwen.api.snapshot > docs/openapi.json"


def test_the_command_writes_the_description() -> None:
    command = [sys.executable, "-m", "chuangwen.api.snapshot"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode() == ON_FILE.read_text(encoding="utf-8")


def test_every_move_of_the_table_has_its_endpoint() -> None:
    assert {f"/api/cases/{{case_id}}/{move.value}" for move in BY_HAND} <= PATHS.keys()


def test_every_endpoint_has_a_chinese_name_a_name_of_its_own_and_needs_a_key() -> None:
    names = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(names) == len(set(names))
    for path, operation in OPERATIONS:
        assert re.search(r"[一-龥]", operation["summary"]), path
        assert {"Token": []} in operation["security"], path
        assert {400, 401, 403, 404, 422} <= operation["responses"].keys(), path


def test_the_page_of_the_description_loads_only_our_own_files(db: None) -> None:
    answer = Client().get("/api/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "创文接口" in page
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    loaded = re.findall(r"(?:src|href)=\"/static/([^\"]+)\"", page)
    assert any(name.endswith(".js") for name in loaded)
    assert all(finders.find(name) for name in loaded)
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all("application/json" in attributes for attributes in scripts), "内容安全策略不许页内脚本"
    assert Client().get("/api/openapi.json").json()["info"]["title"] == "创文接口"
