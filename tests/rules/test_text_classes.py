"""Classes of messages: raw and cut texts are one, a saved model is the model, damaged files are refused."""

import io
import json
import pickle
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.text_classes import TextModel
from chuangwen.rules.text_classes_features import LONGEST_READ, dictionary, grams, normal, pieces
from chuangwen.rules.text_classes_figures import calibration_error, cross_validated
from chuangwen.rules.text_classes_files import model_bytes, read_labelled, read_model
from chuangwen.rules.text_classes_training import folds_of, train

ROADS = ["公交 站牌 破损", "公交 车 太 少", "出租车 拒载 乘客", "道路 公交 拥堵", "出租车 乱 收费"]
SCHOOLS = ["学校 补课 收费", "小学 老师 补课", "学校 招生 政策", "老师 体罚 学生", "小学 招生 学区"]
TEXTS = (*ROADS, *SCHOOLS) * 2 + ("学校 食堂",)
LABELS = ("交通",) * 5 + ("教育",) * 5
texts = st.text(max_size=60) | st.lists(st.sampled_from(" ".join(TEXTS).split()), max_size=20).map("".join)


@cache
def model() -> TextModel:
    return train(TEXTS, LABELS * 2 + ("教育",))


def test_a_message_is_told_and_the_words_that_speak_for_it_are_named() -> None:
    guess = model().predict("出租车司机拒载还乱收费")
    assert guess.category == "交通"
    assert guess.probability > 0.7
    reasons = model().explain("出租车司机拒载还乱收费", "交通")
    assert reasons[0].word == "出租车"
    assert [reason.weight for reason in reasons] == sorted((reason.weight for reason in reasons), reverse=True)
    assert not model().explain("出租车", "教育")


@given(st.lists(st.text(max_size=6), max_size=12), st.lists(st.sampled_from([" ", "\u3000", "\n", "  "]), min_size=12))
@settings(max_examples=10)
def test_blanks_between_words_change_nothing(tokens: list[str], blanks: list[str]) -> None:
    cut = "".join(token + blank for token, blank in zip(tokens, blanks, strict=False))
    assert normal(cut) == normal("".join(tokens[: len(blanks)]))
    words = dictionary([*TEXTS, cut])
    assert pieces(normal(cut), words) == pieces(normal("".join(tokens[: len(blanks)])), words)
    assert model().predict(cut) == model().predict("".join(tokens[: len(blanks)]))


@given(texts)
@settings(max_examples=10)
def test_probabilities_are_a_distribution_and_the_guess_is_its_peak(text: str) -> None:
    guess = model().predict(text)
    assert sum(guess.probabilities) == pytest.approx(1)
    assert guess.probability == max(guess.probabilities)
    assert guess.category == model().classes[guess.probabilities.index(guess.probability)]


@given(texts)
@settings(max_examples=8)
def test_a_saved_model_is_the_model(text: str) -> None:
    loaded = _loaded()
    assert loaded.predict(text) == model().predict(text)
    assert loaded.explain(text, "教育") == model().explain(text, "教育")


@cache
def _loaded() -> TextModel:
    return read_model(model_bytes(model()))


def test_the_same_texts_give_the_same_file() -> None:
    assert model_bytes(train(TEXTS, LABELS * 2 + ("教育",))) == model_bytes(model())


@pytest.mark.parametrize("text", ["", " \n\u3000", "\0\0", "😀🎉", "zzz"])
def test_a_text_that_says_nothing_gets_the_commonest_class_and_its_share(text: str) -> None:
    guess = model().predict(text)
    assert guess.category == "教育"
    assert guess.probability == pytest.approx(11 / 21)


def test_a_long_text_is_read_up_to_its_limit() -> None:
    assert model().predict("公交" * 25_000) == model().predict("公交" * (LONGEST_READ // 2))


def test_width_case_and_figures_do_not_matter() -> None:
    assert normal("ＡＢ１２\u200b路") == normal("ab 07路") == "ab00路"
    assert grams("路灯坏") == ["路", "灯", "坏", "路灯", "灯坏", "路灯坏"]


def _archive(**head: object) -> bytes:
    with np.load(io.BytesIO(model_bytes(model())), allow_pickle=False) as found:
        parts = {name: found[name] for name in found.files}
    said = json.loads(parts["head"].tobytes()) | head
    parts["head"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, **parts)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (pickle.dumps({"a": 1}), "一律不读"),
        (model_bytes(model())[:2000], "损坏"),
        (_archive(version=99), "版本是 99"),
        (_archive(format="x"), "不是分类模型"),
        (_archive(classes=["只有一个"]), "对不上"),
        (_archive(temperature="热"), "内容不对"),
    ],
    ids=["empty", "pickle", "truncated", "newer", "foreign", "classes", "temperature"],
)
def test_a_file_that_is_no_model_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read_model(content)


def test_an_array_of_objects_in_the_file_is_not_loaded() -> None:
    out = io.BytesIO()
    np.savez(out, head=np.array([{"run": "me"}], dtype=object))
    with pytest.raises(BadInput, match="损坏"):
        read_model(out.getvalue())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", ["空的"]),
        ("a,b\n1,2", ["text", "category"]),
        ("text,category\n", ["没有留言"]),
        ("text,category\n路灯,甲\n,甲\n校服,", ["第 3 行没有文字", "第 4 行没有类别", "两个类别"]),
        ("text,category\n路\0灯,甲", ["CSV"]),
    ],
)
def test_everything_wrong_with_a_table_is_named(content: str, said: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        read_labelled(content.encode())
    assert all(any(word in objection for objection in refused.value.objections) for word in said)


def test_folds_share_out_every_class() -> None:
    labels = np.array([0] * 10 + [1] * 5)
    folds = folds_of(labels, 5)
    assert sorted(np.concatenate(folds).tolist()) == list(range(15))
    assert all(labels[fold].tolist() == [0, 0, 1] for fold in folds)


def test_figures_of_texts_not_seen() -> None:
    found = cross_validated(TEXTS, LABELS * 2 + ("教育",), folds=3)
    assert set(found.f1) == {"交通", "教育"}
    assert found.macro_f1 == pytest.approx(sum(found.f1.values()) / 2)
    assert found.macro_f1 > 0.8  # every text but one stands twice


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    assert calibration_error(np.full(10, 0.9), np.arange(10) < 9) == pytest.approx(0)
    assert calibration_error(np.full(10, 0.9), np.arange(10) < 5) == pytest.approx(0.4)
