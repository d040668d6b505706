"""`chuangwen classify`: learn the classes of messages, tell them, and say how often that is right. No database."""

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.text_classes import TextModel
from chuangwen.rules.text_classes_figures import Figures, cross_validated
from chuangwen.rules.text_classes_files import model_bytes, read_labelled, read_model, read_texts
from chuangwen.rules.text_classes_training import train as trained

T = TypeVar("T")
_IN = click.option("--in", "source", metavar="文件", help="CSV（可以是 .csv.gz），列 text,category；预测只要 text。")
_MODEL = click.option("--model", metavar="文件", help="模型文件。")


@click.group(name="classify")
def command() -> None:
    """留言分类：训练、预测、评估。训练用的文字可以是分好词的，也可以是原文。"""


@command.command()
@_IN
@_MODEL
@click.option("--unlabelled", metavar="文件", help="没有类别的留言，列 text 或 subject,body；只用来数哪些字词少见。")
@objections_exit_2
def train(*, source: str | None, model: str | None, unlabelled: str | None) -> None:
    """用有类别的留言训练，写出模型文件。"""
    objections = _missing(source=source, model=model)
    labelled = _read(source, read_labelled, objections)
    extra = _read(unlabelled, read_texts, objections) or ()
    if objections or labelled is None or model is None:
        raise BadInput(objections)
    made = trained(labelled.texts, labelled.categories, unlabelled=extra)
    try:
        Path(model).write_bytes(model_bytes(made))
    except OSError as error:
        raise BadInput(f"模型文件“{model}”写不进去，请检查路径和权限。") from error
    click.echo(f"{len(labelled.texts)} 条留言，{len(made.classes)} 个类别，模型已写入 {model}。", err=True)


@command.command()
@_IN
@_MODEL
@click.option("--explain", is_flag=True, help="多一列 words：最支持这个类别的词。")
@objections_exit_2
def predict(*, source: str | None, model: str | None, explain: bool) -> None:
    """逐条预测，按原来的顺序输出 CSV：category,probability。"""
    objections = _missing(source=source, model=model)
    texts = _read(source, read_texts, objections)
    known = _read(model, read_model, objections)
    if objections or texts is None or known is None:
        raise BadInput(objections)
    click.echo(_predictions(known, texts, explain=explain), nl=False)


def _predictions(model: TextModel, texts: tuple[str, ...], *, explain: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["category", "probability", *(["words"] if explain else [])])
    for text in texts:
        guess = model.predict(text)
        words = [" ".join(reason.word for reason in model.explain(text, guess.category))] if explain else []
        writer.writerow([guess.category, f"{guess.probability:.4f}", *words])
    return out.getvalue()


@command.command()
@_IN
@click.option("--folds", default=5, show_default=True, help="分成几份交叉验证，2 到 20。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@objections_exit_2
def evaluate(*, source: str | None, folds: int, as_json: bool) -> None:
    """交叉验证：每一份都由没有见过它的模型预测。"""
    objections = _missing(source=source)
    objections += [] if 2 <= folds <= 20 else ["--folds 应是 2 到 20 的整数。"]
    labelled = _read(source, read_labelled, objections)
    if labelled is not None and len(labelled.texts) < folds:
        objections.append(f"只有 {len(labelled.texts)} 条留言，分不成 {folds} 份。")
    if objections or labelled is None:
        raise BadInput(objections)
    found = cross_validated(labelled.texts, labelled.categories, folds=folds)
    speed = _milliseconds(trained(labelled.texts, labelled.categories), labelled.texts)
    facts = asdict(found) | {"ms_per_message": round(speed, 3)}
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2) if as_json else _text(found, speed))


def _milliseconds(model: TextModel, texts: tuple[str, ...]) -> float:
    some = texts[:500]
    model.predict(some[0])  # the tables of features are built at the first use
    begun = time.perf_counter()
    for text in some:
        model.predict(text)
    return (time.perf_counter() - begun) * 1000 / len(some)


def _text(found: Figures, speed: float) -> str:
    lines = [
        f"{found.rows} 条，{found.folds} 份：宏平均 F1 {found.macro_f1:.4f}，正确率 {found.accuracy:.4f}，"
        f"概率误差（ECE）{found.ece:.4f}，每条 {speed:.2f} 毫秒",
        *(f"  {name}  F1 {value:.4f}" for name, value in found.f1.items()),
    ]
    return "\n".join(lines)


def _missing(**options: str | None) -> list[str]:
    said = {"source": "请用 --in 指明留言文件（CSV）。", "model": "请用 --model 指明模型文件。"}
    return [said[name] for name, value in options.items() if not value]


def _read(path: str | None, reader: Callable[[bytes], T], objections: list[str]) -> T | None:
    """What the reader makes of a file; objections are collected, each with the name of the file in front."""
    if not path:
        return None
    try:
        return reader(Path(path).read_bytes())
    except OSError:
        objections.append(f"文件“{path}”读不出来，请检查路径和权限。")
    except BadInput as bad:
        objections += [f"{Path(path).name}：{objection}" for objection in bad.objections]
    return None
