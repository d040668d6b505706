"""`chuangwen standards`: check, import and export editions of the assessment standard and case standards."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.project.commands.standards_xlsform import xlsform
from chuangwen.rules.editions import EditionSheet, criteria_by_type
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.workbooks import (
    CaseStandardBook,
    PlacedCaseStandard,
    read_case_standards,
    read_edition,
    write_case_standards,
    write_edition,
)

FILE: Final = click.Path(path_type=Path)
_OUTPUT: Final = click.option("-o", "--output", type=FILE, required=True, help="写到哪个文件（.xlsx）。")
_FORCE: Final = click.option("--force", is_flag=True, help="文件已存在时覆盖它。")


@click.group(help="核对、导入、导出测评标准和立案标准。核对和取样例不需要数据库。")
def command() -> None:
    """The group; the sub-commands do the work."""


command.add_command(xlsform)


@command.command("check", help="核对立案标准工作簿：读出每条立案条件和处置时限。")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@objections_exit_2
def check(file: Path, as_json: bool) -> None:
    """Read a workbook of case standards and say what is in it."""
    book = read_case_standards(file)
    if as_json:
        click.echo(json.dumps(case_report(book), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_case_summary(book)))


def case_report(book: CaseStandardBook) -> dict[str, object]:
    """What `check --json` prints."""
    return {
        "conditions": len(book.rows),
        "by_unit": {unit.value: count for unit, count in book.by_unit().items()},
        "unparsed": [limit._asdict() for limit in book.unparsed],
        "rows": [_row_report(placed) for placed in book.rows],
    }


def _row_report(placed: PlacedCaseStandard) -> dict[str, object]:
    standard = placed.standard
    limit = standard.limit
    amount = None if limit is None else int(limit.amount) if limit.amount == int(limit.amount) else float(limit.amount)
    return {
        "sheet": placed.sheet,
        "row": placed.row,
        "class": standard.class_name,
        "item": standard.item,
        "condition": standard.condition,
        "limit_text": standard.limit_text,
        "unit": limit.unit.value if limit else None,
        "amount": amount,
        "closes_when": standard.closes_when,
    }


def _case_summary(book: CaseStandardBook) -> list[str]:
    kinds = "，".join(f"{kind.value} {count} 条" for kind, count in book.by_kind().items() if count)
    units = "，".join(f"{unit.label} {count} 条" for unit, count in book.by_unit().items() if count)
    lines = [f"共 {len(book.rows)} 条立案条件：{kinds}。", f"处置时限按单位：{units or '没有能读懂的'}。"]
    if book.unparsed:
        lines.append(f"有 {len(book.unparsed)} 条时限读不懂，请写明数量和单位：")
    return lines + [f"《{one.sheet}》第 {one.row} 行：“{one.limit_text}”" for one in book.unparsed]


@command.command("check-edition", help="核对测评标准工作簿：指出每一处错误。")
@click.argument("file", type=FILE)
@objections_exit_2
def check_edition(file: Path) -> None:
    """Read a workbook of an edition and say what is in it."""
    click.echo("\n".join(_edition_summary(read_edition(file))))


def _edition_summary(sheet: EditionSheet) -> list[str]:
    names = {kind.code: kind.name for kind in sheet.point_types}
    types = "，".join(f"{names[code]} {count} 条" for code, count in criteria_by_type(sheet).items())
    return [
        f"{sheet.name}（{sheet.code}，{sheet.version}）没有发现错误。",
        f"{len(sheet.items)} 个测评项目，{len(sheet.contents)} 项测评内容，"
        f"{len(sheet.criteria)} 条测评标准，{len(sheet.veto_items)} 条负面清单。",
        f"{len(sheet.point_types)} 类点位：{types}。",
    ]


@command.command("template", help="取一份可以修改的样例：edition 测评标准，cases 立案标准。")
@click.argument("kind", type=click.Choice(["edition", "cases"]))
@_OUTPUT
@_FORCE
@objections_exit_2
def template(kind: str, output: Path, force: bool) -> None:
    """Write the sample as an editable workbook."""
    from chuangwen.standards.sample_edition import (
        sample_case_standards,
        sample_edition,
    )

    is_edition = kind == "edition"
    content = write_edition(sample_edition()) if is_edition else write_case_standards(sample_case_standards())
    save(output, content, force=force)


def save(output: Path, content: bytes, *, force: bool) -> None:
    """Write a file that does not exist yet, or may be written over."""
    if output.exists() and not force:
        raise BadInput(f"文件 {output} 已经存在。换一个文件名，或者加 --force 覆盖。")
    try:
        output.write_bytes(content)
    except OSError as trouble:
        raise BadInput(f"文件 {output} 写不了：{trouble.strerror}。") from trouble
    click.echo(f"已写入 {output}。", err=True)


@command.group("import", help="把核对无误的工作簿导入数据库。")
def import_() -> None:
    """The group of imports."""


@import_.command("edition", help="导入一版测评标准（草稿，发布后才用于考核）。")
@click.argument("file", type=FILE)
@objections_exit_2
def import_edition(file: Path) -> None:
    """Import one edition from a workbook."""
    sheet = read_edition(file)
    _setup()
    from chuangwen.people.operations import system_actor
    from chuangwen.standards import operations

    edition = operations.import_edition(sheet=sheet, by=system_actor(), now=datetime.now(UTC))
    click.echo(f"已导入：{edition}，{len(sheet.criteria)} 条测评标准。")


@import_.command("cases", help="导入一册立案标准。")
@click.argument("file", type=FILE)
@click.option("--name", required=True, help="这一册的名称，如“本市立案标准 2026”。")
@objections_exit_2
def import_cases(file: Path, name: str) -> None:
    """Import a book of case standards from a workbook."""
    book = read_case_standards(file)
    _setup()
    from chuangwen.people.operations import system_actor
    from chuangwen.standards import operations

    operations.import_case_standards(name=name, rows=book.standards, by=system_actor(), now=datetime.now(UTC))
    click.echo("\n".join([f"已导入“{name}”。", *_case_summary(book)]))


@command.command("export", help="从数据库导出一版测评标准，供修改或存档。")
@click.argument("code")
@click.argument("version")
@_OUTPUT
@_FORCE
@objections_exit_2
def export(code: str, version: str, output: Path, force: bool) -> None:
    """Export one edition as a workbook."""
    _setup()
    from chuangwen.standards import queries

    save(output, write_edition(queries.edition_sheet(code, version)), force=force)


def _setup() -> None:
    from chuangwen.project.boot import setup

    setup()
