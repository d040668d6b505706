"""How often the class of a message is told rightly: five folds, cut texts and raw ones, calibration, time per message."""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402

from chuangwen.rules.text_classes_figures import cross_validated, figures  # noqa: E402
from chuangwen.rules.text_classes_files import model_bytes, read_labelled, read_model  # noqa: E402
from chuangwen.rules.text_classes_training import folds_of, train  # noqa: E402

MESSAGES = ROOT.parent / "shared" / "data" / "messages" / "labelled_train.csv.gz"


def main() -> None:
    """Five folds inside the rules; then one fifth held out and told through a saved model, as raw text."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in", dest="source", default=str(MESSAGES))
    source = Path(parser.parse_args().source)
    if not source.exists():
        print(f"没有 {source}，这一项没有量。", file=sys.stderr)
        return
    data = read_labelled(source.read_bytes())
    begun = time.perf_counter()
    found = cross_validated(data.texts, data.categories, folds=5)
    print(f"{source.name}：{found.rows} 条，五份交叉验证（{time.perf_counter() - begun:.0f} 秒）")
    print("| 宏平均 F1 | 正确率 | 概率误差 ECE |\n|---:|---:|---:|")
    print(f"| {found.macro_f1:.4f} | {found.accuracy:.4f} | {found.ece:.4f} |")
    print("各类 F1：" + "，".join(f"{name} {value:.3f}" for name, value in found.f1.items()))
    held_out(data.texts, data.categories)


def held_out(texts: tuple[str, ...], categories: tuple[str, ...]) -> None:
    """Train on four fifths, save, load, tell the rest without blanks; nothing of the rest is known to the model."""
    names = sorted(set(categories))
    labels = np.array([names.index(name) for name in categories])
    held = folds_of(labels, 5)[0]
    seen = np.setdiff1d(np.arange(len(texts)), held)
    begun = time.perf_counter()
    content = model_bytes(train([texts[at] for at in seen], [categories[at] for at in seen]))
    trained = time.perf_counter() - begun
    begun = time.perf_counter()
    model = read_model(content)
    model.predict("")
    loaded = time.perf_counter() - begun
    raw = ["".join(texts[at].split()) for at in held]
    times, shares = [], []
    for text in raw:
        begun = time.perf_counter()
        shares.append(model.predict(text).probabilities)
        times.append((time.perf_counter() - begun) * 1000)
    found = figures(np.array(shares), labels[held], names)
    print(
        f"留出 {len(held)} 条原文（不分词）：F1 {found.macro_f1:.4f}，正确率 {found.accuracy:.4f}，ECE {found.ece:.4f}"
    )
    print(f"训练 {trained:.0f} 秒，模型 {len(content) / 2**20:.1f} MB，读入 {loaded:.1f} 秒")
    print(f"每条：平均 {np.mean(times):.2f} 毫秒，中位 {np.median(times):.2f}，95% {np.quantile(times, 0.95):.2f}")


if __name__ == "__main__":
    main()
