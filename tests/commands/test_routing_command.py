"""`chuangwen routing check`: rules tried on cases, no database, every fault on stderr with exit code 2."""

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from chuangwen.project.commands.routing_ import command
from tests.paths import ROOT

GUIDE = re.search(r"```toml\n(.*?)```", (ROOT / "docs/guides/routing.md").read_text(encoding="utf-8"), re.S)
CASES = "案件,上报时间,大类,区域,备注\nA,2020-06-24 20:00,街面秩序,A-XT,x\nB,2020-06-24 10:00,街面秩序,A-XT,\nC,2020-06-24 10:00,,,\n"


def run(*args: str) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(command, ["check", *args])


def written(folder: Path, name: str, text: str) -> str:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_rules_of_the_guide_suggest_units_with_reasons(tmp_path: Path) -> None:
    assert GUIDE is not None
    rules, cases = written(tmp_path, "r.toml", GUIDE[1]), written(tmp_path, "c.csv", CASES)
    result = run(rules, "--cases", cases, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [(row["case"], row["unit"], row["rule"]) for row in told["suggestions"]] == [
        ("A", "CG", 1), ("B", "XT", 2), ("C", None, None),
    ]  # fmt: skip
    assert "夜间由城管值班中队处置" in told["suggestions"][0]["reason"]
    assert told["warnings"] == []
    plain = run(rules, "--cases", cases)
    assert "B\t学田街道（XT）\t" in plain.stdout


def test_a_rule_that_is_never_reached_is_a_reminder_and_no_fault(tmp_path: Path) -> None:
    assert GUIDE is not None
    more = GUIDE[1] + '\n[[rule]]\nname = "多余"\nto = "属地街道"\nreason = "x"\ndays = "周一"\n'
    result = run(written(tmp_path, "r.toml", more), "--json")
    assert result.exit_code == 0
    assert "“多余”永远轮不到" in result.stderr
    assert len(json.loads(result.stdout)["warnings"]) == 1


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    bad = '[[area]]\ncode="A"\nname="甲"\nparent="A"\n[[rule]]\nname="x"\nto="没有"\nreason="y"\nhours="9点"\n'
    result = run(written(tmp_path, "r.toml", bad))
    assert result.exit_code == 2
    assert all(word in result.stderr for word in ("绕成了圈", "没有", "9点"))
    missing = run(str(tmp_path / "nowhere.toml"), "--cases", str(tmp_path / "none.csv"))
    assert missing.exit_code == 2
    assert missing.stderr.count("打不开") == 2
    assert run(written(tmp_path, "s.toml", "rule = 5")).exit_code == 2
