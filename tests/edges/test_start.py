"""Starting an installation: the first administrator, and what a production start refuses."""

import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT


def chuangwen(*words: str, data: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The command as somebody types it, in an environment of its own."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHUANGWEN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "chuangwen", *words],
        cwd=ROOT, env={**kept, "CHUANGWEN_DATA": str(data), **more}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_first_administrator_and_a_weak_password(tmp_path: Path) -> None:
    weak = chuangwen("admin", "boss", "管理员", "--password", "12345", data=tmp_path)
    assert weak.returncode == 2
    assert "密码" in weak.stderr
    made = chuangwen("admin", "boss", "管理员", "--password", "hao-he-dong-lu-1895", data=tmp_path)
    assert made.returncode == 0, made.stderr


def test_a_production_start_refuses_the_default_secret_and_a_demo_is_for_this_computer(tmp_path: Path) -> None:
    default = "not-a-secret-refused-in-production"
    refused = chuangwen("serve", "--port", "8999", data=tmp_path, CHUANGWEN_SECRET_KEY=default)
    assert refused.returncode == 2
    assert "密钥" in refused.stderr
    abroad = chuangwen("demo", "--host", "0.0.0.0", data=tmp_path)
    assert abroad.returncode == 2
    assert "只在本机" in abroad.stderr


def test_a_production_start_refuses_published_accounts(db: None) -> None:
    import pytest
    from django.conf import settings

    from chuangwen.people.models import User
    from chuangwen.project.serving import refuse_unsafe_start
    from chuangwen.rules.refusals import Refused

    User.objects.create_user("show", "x", display_name="样例", is_demo=True)
    with pytest.raises(Refused, match="样例账号"):
        refuse_unsafe_start()
    User.objects.all().delete()
    assert len(settings.SECRET_KEY) >= 32
    if settings.SECRET_KEY != settings.DEFAULT_SECRET_KEY:
        refuse_unsafe_start()


def test_words_that_are_no_command_say_so(tmp_path: Path) -> None:
    answer = chuangwen("fly", data=tmp_path)
    assert answer.returncode == 2
