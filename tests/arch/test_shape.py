"""What imports cannot say about the shape of the code. The import contracts themselves are in .importlinter."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.arch.source import (
    EDGES,
    NOT_ROOMS,
    Module,
    at_home,
    changes,
    clock_readings,
    dice_throws,
    functions,
    homes_of,
    length,
    modules,
    parameters,
    reached,
    row_writes,
)
from tests.paths import ROOT

LONGEST_FUNCTION = 60
LONGEST_FILE = 500

# (file, receiver) -> why this `.save(` or `.update(` touches no row.
NOT_ROWS: dict[tuple[str, str], str] = {
    ("chuangwen/publicity/newspaper.py", "document"): "内存里的 Word 文件",
    ("chuangwen/standards/queries.py", "cache"): "进程内缓存，日历改动后作废",
    ("chuangwen/standards/sheet_writing.py", "book"): "把表格写成文件",
    ("chuangwen/evidence/pictures.py", "bare"): "把图片编码成 JPEG",
    ("chuangwen/standards/small_pictures.py", "picture"): "把图片编码成 JPEG",
    ("chuangwen/evidence/arriving.py", "digest"): "SHA-256 的累加",
    ("chuangwen/evidence/arriving.py", "default_storage"): "存文件；数据行由 operations 写",
    ("chuangwen/cases/figures.py", "sums.setdefault(key, Counter())"): "Counter，累加各组的数",
}
# file -> why it may be longer.
DATA_FILES: dict[str, str] = {}
# room or function -> why it writes without `by` and `now`.
NO_PERSON_ACTS: dict[str, str] = {
    "chuangwen.triage.index.count_pairs": "数字词的多少，由案件算出，可重复，不是谁的行为",
    "chuangwen.triage.proposing.look_at_missing": "逐件交给 look_at_report，那里以系统的名义记下",
    "chuangwen.journal": "后续处理的记账（领取、完成、推后）由系统进行；事件本身经 record() 写入，带 by 和 now",
    "chuangwen.evidence.operations.make_thumbnail": "由原图生成缩略图，可重复，不是谁的行为",
    "chuangwen.evidence.operations.make_print": "由原图计算画面指纹，可重复，不是谁的行为",
    "chuangwen.evidence.operations.note_hints": "照片提示由比对得出，可重复，不是谁的行为",
    "chuangwen.cases.photo_hints.examine_photos": "照片比对由系统进行，可重复，不是谁的行为；排除提示才是",
    "chuangwen.cases.photo_hints.pass_over_earlier_photos": "同上：启用比对之前的照片只供查找",
    "chuangwen.notices.making": "通知由事件和时钟产生、了结，可重复，不是谁的行为",
    "chuangwen.notices.outbox": "外发的记账（领取、发出、推后）由系统进行",
    "chuangwen.intake.operations.report_at": "原样交给 report_from，那里以系统的名义立案",
    "chuangwen.intake.subscriptions": "没有账号的居民自己订阅和退订，发送的记账由系统进行；不是谁的行为",
    "chuangwen.people.lockout.note_failure": "密码输错时还不知道是谁",
    "chuangwen.people.lockout.forget_failures": "登录成功即清除，不留登录记录",
}


@cache
def _changes() -> set[str]:
    return changes(modules(), NOT_ROWS.keys())


def _lines(found: list[str]) -> str:
    return "\n".join(found)


def _is_query(module: Module) -> bool:
    return module.path.endswith("/queries.py") or "/queries/" in module.path


def _is_room(module: Module) -> bool:
    return module.top not in NOT_ROOMS


def test_rules_read_no_clock_and_throw_no_dice() -> None:
    found = [
        f"{module.path}:{line}"
        for module in modules()
        if module.top == "rules"
        for line in sorted({*clock_readings(module.tree), *dice_throws(module.tree)})
    ]
    assert not found, (
        "规则只由传入的事实决定结果，这样今天的排名明年还能算出同一个数。请把时刻、种子作为参数传入：\n" + _lines(found)
    )


def test_rooms_read_no_clock() -> None:
    found = [f"{m.path}:{line}" for m in modules() if _is_room(m) for line in clock_readings(m.tree)]
    assert not found, "时钟只在页面、接口、任务和命令处读一次，往下用 now 传递：\n" + _lines(found)


def test_edges_and_queries_write_no_rows() -> None:
    found = [
        f"{module.path}:{line} {receiver}"
        for module in modules()
        if module.top in EDGES or _is_query(module)
        for line, receiver in row_writes(module.tree)
        if (module.path, receiver) not in NOT_ROWS
    ]
    assert not found, (
        "页面、接口、任务和 queries 不直接写数据，请在房间的 operations 里写一个函数再调用。"
        "如果写的不是数据行（例如字典、图片），请登记到 NOT_ROWS 并说明原因：\n" + _lines(found)
    )


def test_every_exception_is_still_needed() -> None:
    written = {(module.path, receiver) for module in modules() for _, receiver in row_writes(module.tree)}
    long_files = {module.path for module in modules() if len(module.text.splitlines()) > LONGEST_FILE}
    public = {f"{name}." for name, _ in _public_changes()}
    idle = [excuse for excuse in NO_PERSON_ACTS if not any(name.startswith(f"{excuse}.") for name in public)]
    assert not idle, "NO_PERSON_ACTS 里这些登记已经用不着，请删去"
    assert not (NOT_ROWS.keys() - written), "NOT_ROWS 里这些登记已经用不着，请删去"
    assert not (DATA_FILES.keys() - long_files), "DATA_FILES 里这些登记已经用不着，请删去"


def test_operations_take_their_facts_by_name() -> None:
    found = [
        f"{module.path}:{node.lineno} {node.name}({', '.join(parameters(node)[0])})"
        for module in modules()
        if _is_room(module) and module.path.endswith("/operations.py")
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if f"{module.name}.{node.name}" in _changes() and parameters(node)[0]
    ]
    assert not found, "operations 里改变数据的函数只收具名参数，请在参数表最前面加 *：\n" + _lines(found)


def _public_changes() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of rooms that change rows and are called from outside their room."""
    homes = homes_of(modules())
    called = {at_home(f"{where}.{name}", homes) for module in modules() for where, name in reached(module)}
    for module in modules():
        for node in module.tree.body:
            name = f"{module.name}.{getattr(node, 'name', '')}"
            if _is_room(module) and isinstance(node, ast.FunctionDef) and name in _changes() & called:
                yield name, node


def _excused(name: str) -> bool:
    return any(name == excuse or name.startswith(f"{excuse}.") for excuse in NO_PERSON_ACTS)


def _says_who_and_when(function: ast.FunctionDef) -> bool:
    said = set(parameters(function)[1])
    as_the_house = any(isinstance(node, ast.Name) and node.id == "SYSTEM" for node in ast.walk(function))
    return "now" in said and ("by" in said or as_the_house)


def test_every_public_change_says_who_and_when() -> None:
    found = [name for name, node in _public_changes() if not _says_who_and_when(node) and not _excused(name)]
    assert not found, (
        "房间外调用的、改变数据的函数都要收 by（谁）和 now（何时），只能具名；系统自己做的，函数里写明 by=SYSTEM：\n"
        + _lines(found)
    )


def test_functions_are_short() -> None:
    found = [
        f"{module.path}:{node.lineno} {node.name} {length(node)} 行"
        for module in modules()
        for node in functions(module.tree)
        if length(node) > LONGEST_FUNCTION
    ]
    assert not found, f"函数超过 {LONGEST_FUNCTION} 行，请按意思拆开：\n" + _lines(found)


def test_files_fit_one_idea() -> None:
    found = [
        f"{module.path} {len(module.text.splitlines())} 行"
        for module in modules()
        if len(module.text.splitlines()) > LONGEST_FILE and module.path not in DATA_FILES
    ]
    assert not found, f"文件超过 {LONGEST_FILE} 行，请按能力拆成几个文件：\n" + _lines(found)


def test_postgresql_tests_live_where_the_postgresql_run_looks() -> None:
    looked_at = ("domain", "edges", "flows")  # the same folders as in tools/test.sh
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if "mark.postgres" in path.read_text(encoding="utf-8")
        and path.relative_to(ROOT).parts[1] not in (*looked_at, "arch")
    ]
    assert not found, f"标了 postgres 的测试只有放在 {looked_at} 里才会在 PostgreSQL 上运行：\n" + _lines(found)


@pytest.mark.parametrize("command", ["due", "score", "standards", "draw", "classify"])
def test_analysing_commands_start_without_django(command: str) -> None:
    program = (
        "import importlib, sys\n"
        f"importlib.import_module('chuangwen.project.commands.{command}_')\n"
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


# --- The detectors themselves: each must find what it is for, and leave alone what only looks like it. ---


@pytest.mark.parametrize(
    "text",
    [
        "x = datetime.now(UTC)",
        "x = dt.datetime.utcnow()",
        "x = date.today()",
        "x = time.time()",
        "x = perf_counter()",
        "at = models.DateTimeField(default=timezone.now)",
    ],
)
def test_reading_the_clock_is_found(text: str) -> None:
    assert clock_readings(ast.parse(text)) == [1]


@pytest.mark.parametrize("text", ["x = time(8, 0)", "x = facts.now", "x = datetime(2020, 6, 28)", "f(now=now)"])
def test_naming_a_moment_is_not_reading_the_clock(text: str) -> None:
    assert clock_readings(ast.parse(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "x = random.choice(y)",
        "x = np.random.normal()",
        "x = random.Random()",
        "x = uuid.uuid4()",
        "key = field(default_factory=uuid4)",
        "x = os.urandom(8)",
        "from random import shuffle",
        "x = secrets.randbelow(3)",
    ],
)
def test_throwing_dice_is_found(text: str) -> None:
    assert dice_throws(ast.parse(text)) == [1]


@pytest.mark.parametrize(
    "text", ["x = random.Random(seed)", "x = np.random.default_rng(seed)", "from random import Random"]
)
def test_chance_with_a_seed_is_allowed(text: str) -> None:
    assert dice_throws(ast.parse(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "case.save()",
        "Case.objects.filter(pk=1).update(status='closed')",
        "Case.objects.create()",
        "form.save(commit=False)",
        "await case.asave()",
    ],
)
def test_writing_a_row_is_found(text: str) -> None:
    assert len(row_writes(ast.parse(text))) == 1


def test_going_through_operations_is_not_writing() -> None:
    text = "from chuangwen.cases import operations as case_operations\ncase_operations.create(by=by, now=now)"
    assert row_writes(ast.parse(text)) == []


def test_a_function_taken_by_another_room_is_reached() -> None:
    text = "from chuangwen.cases import orders\nfrom chuangwen.cases.operations import close\norders.issue(by=by)"
    module = Module("chuangwen/web/desk/cases.py", text, ast.parse(text))
    assert reached(module) >= {("chuangwen.cases.operations", "close"), ("chuangwen.cases.orders", "issue")}


def test_a_change_through_other_functions_is_still_a_change() -> None:
    texts = {
        "chuangwen/cases/moving.py": "def move(case):\n    case.save()\ndef look(case):\n    return case",
        "chuangwen/cases/operations.py": (
            "from chuangwen.cases.moving import look, move\ndef close(*, case):\n    move(case)\ndef see():\n    look(1)"
        ),
        "chuangwen/web/cases.py": "from chuangwen.cases import operations\ndef press(case):\n    operations.move(case)",
    }
    package = [Module(path, text, ast.parse(text)) for path, text in texts.items()]
    assert changes(package) == {
        "chuangwen.cases.moving.move",
        "chuangwen.cases.operations.close",
        "chuangwen.web.cases.press",
    }
