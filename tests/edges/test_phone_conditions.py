"""The phone works conditions out as the server does: both read tests/rules/conditions.json."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chuangwen.rules.condition_trees import UNKNOWN, javascript_pattern, tree_of
from tests.paths import ROOT

NODE = Path(sys.executable).parent / "node"
SCRIPTS = ROOT / "chuangwen" / "web" / "static" / "app" / "field"
SHARED: dict[str, Any] = json.loads((ROOT / "tests" / "rules" / "conditions.json").read_text(encoding="utf-8"))

ASK = """
import { asText, dayOf, valueOf } from %(conditions)r;
import { asking } from %(asking)r;
const { today, facts, lines, asked, visits, codes } = JSON.parse(process.argv[1]);
const value = (told) => (told && told.day ? dayOf(told.day) : told);
const answers = new Map(Object.entries(facts).map(([name, told]) => [name, value(told)]));
const texts = lines.map(([tree, own]) => tree[0] === "unknown" ? null : asText(valueOf(tree, { answers, today: dayOf(today), own: value(own) })));
const seen = visits.map(({ given, verdicts }) => {
  const one = asking(asked, given, verdicts, dayOf(today));
  const names = (rows) => rows.map((row) => row.name);
  return {
    asked: names(asked.questions.filter(one.isAsked)), judged: codes.filter(one.isJudged), left: names(one.left()),
    wrong: names(asked.questions.filter(one.trouble)),
  };
});
console.log(JSON.stringify({ texts, seen }));
"""


def test_the_phone_comes_to_the_same_as_the_server() -> None:
    lines = [(tree_of(text), own[0] if own else "") for text, _expected, *own in SHARED["conditions"]]
    form = SHARED["form"]
    trees = ("relevant", "constraint")
    asked = {
        "questions": [row | {name: tree_of(row.get(name, "")) for name in trees} for row in form["questions"]],
        "groups": {code: tree_of(text) for code, text in form["groups"].items()},
        "fields": {code: f"c_{code.replace('-', '_')}_verdict" for code in form["codes"]},
        "choices": {},
    }
    facts = {name: SHARED[name] for name in ("today", "facts", "visits")}
    told = json.dumps(facts | {"lines": lines, "asked": asked, "codes": form["codes"]})
    script = ASK % {name: (SCRIPTS / f"{name}.js").as_uri() for name in ("conditions", "asking")}
    command = [str(NODE), "--input-type=module", "--no-warnings", "-e", script, told]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    wrong = {
        line[0]: text
        for line, text in zip(SHARED["conditions"], answer["texts"], strict=True)
        if text not in {line[1], None}
    }
    assert wrong == {}
    assert answer["texts"].count(None) == 1, "only the pattern with \\u is left to the server"
    names = ("asked", "judged", "left", "wrong")
    assert answer["seen"] == [{name: visit[name] for name in names} for visit in SHARED["visits"]]


def test_what_only_the_server_can_tell_is_left_to_it() -> None:
    assert tree_of("") is None
    assert tree_of("regex(., '\\Aabc')") == tree_of("regex(., 'a++')") == tree_of("regex(., '[\\S]')") == UNKNOWN
    assert tree_of("/data/a = 1") == UNKNOWN


@pytest.mark.parametrize(
    ("python", "javascript"),
    [
        ("a.b$", "a[^\\n]b(?=\\n?$)"),
        ("a{,3}?", "a{0,3}?"),
        ("[]a]", "[\\]a]"),
        ("\\.\\-", "\\.-"),
        ("[\\s-]", "[ \\t\\n\\r\\f\\v-]"),
    ],
)
def test_patterns_are_said_in_the_words_of_javascript(python: str, javascript: str) -> None:
    assert javascript_pattern(python) == javascript
