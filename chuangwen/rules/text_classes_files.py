"""The model file and the tables around it. Bytes come in and go out; loading runs no code from the file.

A model file is a NumPy archive (.npz) of numbers and UTF-8 text, read with pickling off, and a JSON head that names
format and version.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import read_cells
from chuangwen.rules.text_classes import SHARES, TextModel

FORMAT: Final = "chuangwen-text-classes"
VERSION: Final = 1
LARGEST_TABLE: Final = 200 * 2**20
LARGEST_UNPACKED: Final = 2**30
MOST_CLASSES: Final = 200
_PARTS: Final = ("head", "prior", "intercept", "words", "idf", "weights", *(f"names{at}" for at in range(len(SHARES))))
_TRAIN_AGAIN: Final = "请用 chuangwen classify train 重新训练。"


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and the class of each, in the order of the file."""

    texts: tuple[str, ...]
    categories: tuple[str, ...]


def model_bytes(model: TextModel) -> bytes:
    """The model as a file; the same model gives the same bytes."""
    head = {"format": FORMAT, "version": VERSION, "classes": model.classes, "temperature": model.temperature}
    parts: dict[str, NDArray[Any]] = {
        "head": _packed(json.dumps(head, ensure_ascii=False)),
        "prior": model.prior,
        "intercept": model.intercept,
        "words": _packed("\n".join(sorted(model.words))),
        "idf": model.idf,
        "weights": model.weights,
    }
    parts |= {f"names{at}": _packed("\n".join(block)) for at, block in enumerate(model.names)}
    out = io.BytesIO()
    np.savez_compressed(out, **parts)  # type: ignore[arg-type]  # mypy takes the arrays for the option allow_pickle
    return out.getvalue()


def read_model(content: bytes) -> TextModel:
    """The model of a file; raises BadInput for what is no model, damaged, or of another version."""
    if not content:
        raise BadInput("模型文件是空的。" + _TRAIN_AGAIN)
    if not content.startswith(b"PK"):
        raise BadInput("这不是分类模型文件；可执行代码的格式（如 pickle）一律不读。" + _TRAIN_AGAIN)
    try:
        parts = _parts(content)
        head = json.loads(_unpacked(parts["head"]))
    except (
        Exception
    ) as trouble:  # zlib.error, struct.error, NotImplementedError …: a damaged archive fails in many ways
        raise BadInput("模型文件不完整或已损坏，打不开。请重新复制，或者" + _TRAIN_AGAIN[1:]) from trouble
    return _model(parts, head)


def _parts(content: bytes) -> Mapping[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST_UNPACKED:
            raise ValueError("unpacks to more than a model ever has")
    with np.load(io.BytesIO(content), allow_pickle=False) as found:
        return {name: found[name] for name in _PARTS if name in found.files}


def _model(parts: Mapping[str, NDArray[Any]], head: Any) -> TextModel:
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise BadInput("这不是分类模型文件。" + _TRAIN_AGAIN)
    if head.get("version") != VERSION:
        raise BadInput(f"模型文件的版本是 {head.get('version')!r}，本程序只认识版本 {VERSION}。" + _TRAIN_AGAIN)
    try:
        model = TextModel(
            classes=tuple(str(name) for name in head["classes"]),
            prior=parts["prior"].astype(np.float64),
            intercept=parts["intercept"].astype(np.float64),
            temperature=float(head["temperature"]),
            words=frozenset(_unpacked(parts["words"]).split("\n")) - {""},
            names=tuple(_lines(_unpacked(parts[f"names{at}"])) for at in range(len(SHARES))),
            idf=parts["idf"].astype(np.float32),
            weights=parts["weights"].astype(np.float16),
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise BadInput("模型文件缺少内容或内容不对。" + _TRAIN_AGAIN) from trouble
    if not _agrees(model):
        raise BadInput("模型文件里的各部分对不上。" + _TRAIN_AGAIN)
    return model


def _agrees(model: TextModel) -> bool:
    classes, features = len(model.classes), sum(map(len, model.names))
    shapes = (model.prior.shape, model.intercept.shape, model.idf.shape, model.weights.shape)
    whole = shapes == ((classes,), (classes,), (features,), (features, classes)) and classes > 1
    numbers = (model.prior, model.intercept, model.idf, model.weights)
    return whole and 0 < model.temperature < np.inf and all(bool(np.isfinite(array).all()) for array in numbers)


def _packed(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), np.uint8)


def _unpacked(array: NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode("utf-8")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


# --- tables ---


def read_texts(content: bytes) -> tuple[str, ...]:
    """The column `text` of a table, empty cells too; a table of messages may have `subject` and `body` instead."""
    header, rows = _table(content)
    if "text" in header:
        return tuple(_cell(row, header.index("text")) for row in rows)
    if {"subject", "body"} <= set(header):
        both = header.index("subject"), header.index("body")
        return tuple(" ".join(_cell(row, at) for at in both) for row in rows)
    raise BadInput("缺少列 text（留言文字）。也可以用 subject、body 两列。")


def read_labelled(content: bytes) -> Labelled:
    """Columns `text` and `category`; raises BadInput naming every missing column, empty cell, and too few classes."""
    header, rows = _table(content)
    missing = [f"缺少列 {name}（{what}）。" for name, what in _COLUMNS.items() if name not in header]
    if missing:
        raise BadInput(missing)
    texts = tuple(_cell(row, header.index("text")) for row in rows)
    categories = tuple(_cell(row, header.index("category")) for row in rows)
    objections = [*_empty(texts, "没有文字"), *_empty(categories, "没有类别"), *_too_few(categories)]
    if objections:
        raise BadInput(objections)
    return Labelled(texts, categories)


_COLUMNS: Final = {"text": "留言文字", "category": "类别"}


def _table(content: bytes) -> tuple[list[str], list[tuple[str, ...]]]:
    rows = [row for row in read_cells(content, largest=LARGEST_TABLE).rows if row]
    header = [cell.lower() for cell in rows[0]] if rows else []
    if len(rows) < 2:
        wrong = [
            f"缺少列 {name}（{what}）。" for name, what in _COLUMNS.items() if name == "text" and name not in header
        ]
        raise BadInput([*wrong, "表里只有标题行，没有留言。"])
    return header, rows[1:]


def _cell(row: tuple[str, ...], at: int) -> str:
    return row[at] if at < len(row) else ""


def _empty(cells: tuple[str, ...], what: str) -> list[str]:
    lines = [str(number) for number, cell in enumerate(cells, start=2) if not cell.strip()]
    if not lines:
        return []
    more = f"等共 {len(lines)} 行" if len(lines) > 5 else ""
    return [f"第 {'、'.join(lines[:5])} 行{more}{what}，请补上或删去这些行。"]


def _too_few(categories: tuple[str, ...]) -> list[str]:
    classes = {name for name in categories if name.strip()}
    if len(classes) < 2:
        return ["至少要有两个类别才能分类。"]
    if len(classes) > MOST_CLASSES:
        return [f"有 {len(classes)} 个类别，最多 {MOST_CLASSES} 个；请检查 category 列是不是放错了内容。"]
    return []
