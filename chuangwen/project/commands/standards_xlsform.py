"""`chuangwen standards xlsform`: a checklist as XLSForm and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput, NotFound

FILE: Final = click.Path(path_type=Path)
_EDITION: Final = click.option("--edition", "code", required=True, help="测评标准的代码，如 sample。")
_VERSION: Final = click.option("--version", "version", default="", help="版次；不写时取最新的一版。")
_TYPE: Final = click.option("--type", "point_type", required=True, help="点位类型的编码，如 MKT。")


@click.group("xlsform", help="检查单和 XLSForm（Excel 表单）互转。核对不需要数据库。")
def xlsform() -> None:
    """The group."""


@xlsform.command("check", help="核对一份 XLSForm：能不能读、哪里要改、哪些放不下。")
@click.argument("file", type=FILE)
@click.option("--type", "point_type", default="X", help="点位类型的编码。")
@objections_exit_2
def check(file: Path, point_type: str) -> None:
    """Read a form by itself and say what is in it."""
    from chuangwen.rules.xlsforms import Checklist
    from chuangwen.standards.xlsform_fitting import alone, objections_in_file
    from chuangwen.standards.xlsform_reading import read_xlsform

    reading = read_xlsform(file, Checklist(point_type, ()))
    if said := objections_in_file(alone(reading), reading):
        raise BadInput(said)
    found = reading.checklist
    click.echo(f"没有发现错误：{len(found.criteria)} 条标准，{len(found.questions)} 个附加问题。")
    _name_unheld([one.sentence for one in reading.unheld])


@xlsform.command("export", help="导出一类点位的检查单：-o 以 .xlsx 结尾得 XLSForm，以 .xml 结尾得 XForm。")
@_EDITION
@_VERSION
@_TYPE
@click.option("-o", "--output", type=FILE, required=True, help="写到哪个文件。")
@click.option("--force", is_flag=True, help="文件已存在时覆盖它。")
@objections_exit_2
def export(code: str, version: str, point_type: str, output: Path, force: bool) -> None:
    """Write a checklist as a form."""
    from chuangwen.project.commands.standards_ import save

    edition = _edition(code, version)
    from chuangwen.standards.xlsform import checklist_workbook, checklist_xform

    as_xml = output.suffix.lower() == ".xml"
    content = checklist_xform(edition.pk, point_type, ()).xml if as_xml else checklist_workbook(edition.pk, point_type)
    save(output, content, force=force)


@xlsform.command("import", help="把改好的 XLSForm 写入草稿的检查单；先列出差别和放不下的内容。")
@click.argument("file", type=FILE)
@_EDITION
@_VERSION
@_TYPE
@click.option("--pictures", type=FILE, help="放图片的文件夹。")
@click.option("--dry-run", is_flag=True, help="只看差别，不写入。")
@objections_exit_2
def import_(file: Path, code: str, version: str, point_type: str, pictures: Path | None, dry_run: bool) -> None:
    """Take an edited form over into a draft."""
    content = _content(file)
    edition = _edition(code, version)
    from chuangwen.people.operations import system_actor
    from chuangwen.standards.xlsform_import import import_checklist, preview_checklist

    given = {path.name: path.read_bytes() for path in sorted(pictures.iterdir())[:200]} if pictures else {}
    facts: dict[str, Any] = {
        "edition_id": edition.pk,
        "point_type": point_type,
        "content": content,
        "by": system_actor(),
    }
    facts["pictures"] = {name: data for name, data in given.items() if name.lower().endswith((".png", ".jpg", ".jpeg"))}
    done = preview_checklist(**facts) if dry_run else import_checklist(**facts, now=datetime.now(UTC))
    words = {"added": "新增", "changed": "修改", "removed": "删去"}
    for one in done.changes.changes:
        click.echo(f"{words[one.kind]} {one.table} {one.key} {one.text}")
        for field in one.fields:
            click.echo(f"    {field.label}：{field.before or '（空）'} → {field.after or '（空）'}")
    click.echo("没有写入（--dry-run）。" if dry_run else f"已写入草稿：{edition}。" if done.changes else "没有差别。")
    _name_unheld(done.unheld)
    if done.missing_pictures:
        click.echo(f"还缺图片：{'、'.join(done.missing_pictures)}。", err=True)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as trouble:
        raise BadInput(f"文件 {file} 打不开：{trouble.strerror}。") from trouble


def _edition(code: str, version: str) -> Any:
    """The edition of this code and version; without a version the one that was changed last."""
    from chuangwen.project.boot import setup

    setup()
    from chuangwen.standards.queries import editions

    rows = editions().filter(code=code)
    found = rows.filter(version=version).first() if version else rows.order_by("-updated_at").first()
    if found is None:
        raise NotFound(f"没有代码为“{code}”{f'、版次为“{version}”' if version else ''}的测评标准。")
    return found


def _name_unheld(sentences: Any) -> None:
    if sentences:
        click.echo(f"有 {len(sentences)} 处放不下：", err=True)
    for sentence in sentences:
        click.echo(sentence, err=True)
