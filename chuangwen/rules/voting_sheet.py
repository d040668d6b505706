"""What a counted vote says: sentences with the figures, a result sheet for people, data for programs. All of it exact.

Percentages are cut off, never rounded up: 66.666 % must not look like two thirds.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Final, Literal

from chuangwen.rules.voting import Answer, Check, Checks, Measure, Result
from chuangwen.rules.voting_ballots import LocalRules
from chuangwen.rules.voting_files import Vote
from chuangwen.rules.voting_rules import BASE_LABELS, Threshold

Kind = Literal["area", "heads"]
_NAMES: Final[dict[Kind, tuple[str, str]]] = {"area": ("面积", "平方米"), "heads": ("人数", "人")}
_RETURNED: Final = {"abstain": "计为弃权（参与，但不算同意）", "absent": "计为未参与"}
_SPLIT: Final = {"abstain": "计为弃权", "invalid": "计为无效票"}
_PARKING: Final = {"count": "车位计入面积和人数", "leave_out": "车位不计入"}


def _figure(value: Fraction, kind: Kind) -> str:
    if kind == "heads":
        return str(value)
    hundredths = value * 100
    if hundredths.denominator != 1:
        return str(value)
    return f"{hundredths.numerator // 100}.{hundredths.numerator % 100:02d}"


def _percent(share: Fraction) -> str:
    cut = int(share * 10_000)
    return f"{cut // 100}.{cut % 100:02d}%"


def _amount(value: Fraction, kind: Kind) -> str:
    return f"{_figure(value, kind)} {_NAMES[kind][1]}"


def _sentence(check: Check, kind: Kind, who: str, base: str) -> str:
    name = _NAMES[kind][0]
    head = f"{who}的{name} {_amount(check.part, kind)}，占{base}{name} {_amount(check.whole, kind)}"
    share = f"的 {check.share}（{_percent(check.share)}）" if check.whole else ""
    return f"{head}{share}，{_verdict(check, kind)}"


def _verdict(check: Check, kind: Kind) -> str:
    words, least = check.threshold.words, _least(check, kind)
    if check.met:
        return f"达到{words}的要求（至少 {_figure(least, kind)}）。"
    exactly = "（正好一半不算）" if not check.threshold.inclusive and check.share * 2 == 1 else ""
    return f"没有达到{words}的要求{exactly}：至少要 {_figure(least, kind)}，差 {_figure(least - check.part, kind)}。"


def _least(check: Check, kind: Kind) -> Fraction:
    """The smallest figure that is enough, in hundredths of a square metre or whole heads."""
    smallest = Fraction(1, 100) if kind == "area" else Fraction(1)
    steps = check.threshold.share * check.whole / smallest
    enough = ceil(steps) if check.threshold.inclusive and check.whole else floor(steps) + 1
    return enough * smallest


def reasons(result: Result) -> tuple[str, ...]:
    """Why the vote passed or failed, one sentence for each of the four tests and one for the outcome."""
    return tuple(_reasons(result))


def _reasons(result: Result) -> Iterator[str]:
    yield _sentence(result.turnout.area, "area", "参与表决", "全体业主")
    yield _sentence(result.turnout.heads, "heads", "参与表决", "全体业主")
    base = BASE_LABELS[result.version.base].removesuffix("的")
    yield _sentence(result.approval.area, "area", "同意", base)
    yield _sentence(result.approval.heads, "heads", "同意", base)
    yield _outcome(result)


def _outcome(result: Result) -> str:
    head = f"“{result.matter.label}”按{result.version.title}"
    if result.passed:
        return f"{head}表决通过。"
    if not result.turnout.met:
        return f"{head}表决没有通过：参与表决的业主不够，不论多少人同意都不产生决定。"
    return f"{head}表决没有通过：同意的业主不够。"


def notes(result: Result, local: LocalRules) -> tuple[str, ...]:
    """Which of the owners' own rules were used, and what they did."""
    return tuple(_notes(result, local))


def _notes(result: Result, local: LocalRules) -> Iterator[str]:
    stated = [
        *((f"共有人答复不一致的{_SPLIT[local.co_owners]}",) if local.co_owners else ()),
        *((f"空白票{_RETURNED[local.blank]}",) if local.blank else ()),
        *((f"无效票{_RETURNED[local.invalid]}",) if local.invalid else ()),
        *((_PARKING[local.parking],) if local.parking else ()),
        *((f"一人最多代理 {local.proxy_most} 位业主",) if local.proxy_most else ()),
    ]
    if stated:
        yield f"按本小区的规定（{local.source}）：{'；'.join(stated)}。"
    if result.follow:
        yield f"本小区的规定（{local.source}）采用“未参与的业主计入多数票”；参与比例只算实际参与的业主。{_followed(result)}"


def _followed(result: Result) -> str:
    if result.majority is None:
        why = "没有一方同时超过参与面积和参与人数的一半" if result.turnout.met else "参与的业主不够"
        return f"本次{why}，没有计入任何人。"
    area, heads = _amount(result.area.followed, "area"), _amount(result.heads.followed, "heads")
    return f"本次多数为{result.majority.label}，计入已送达、未参与的 {heads}、{area}。"


# --- for programs ---


def as_data(vote: Vote, result: Result) -> dict[str, object]:
    """The counted vote as JSON-ready data; shares are fractions in lowest terms, areas decimals as text."""
    version = result.version
    return {
        "rule": {"name": version.name, "title": version.title, "source": version.source},
        "matter": result.matter.value, "matter_label": result.matter.label, "title": vote.title,
        "turnout": _checks(result.turnout), "approval": _checks(result.approval) | {"base": version.base},
        "passed": result.passed,
        "thresholds": {
            "turnout": _threshold(version.turnout), "approval": _threshold(version.approval(result.matter)),
        },
        "counts": {"area": _counts(result.area, "area"), "heads": _counts(result.heads, "heads")},
        "reasons": list(reasons(result)), "notes": list(notes(result, vote.local)),
    }  # fmt: skip


def _checks(checks: Checks) -> dict[str, object]:
    return {"area": str(checks.area.share), "heads": str(checks.heads.share), "valid": checks.met}


def _threshold(threshold: Threshold) -> dict[str, object]:
    return {"share": str(threshold.share), "inclusive": threshold.inclusive, "words": threshold.words}


def _counts(measure: Measure, kind: Kind) -> dict[str, object]:
    told = {answer.value: measure.by_answer[answer] for answer in Answer}
    told |= {"whole": measure.whole, "participating": measure.participating, "followed": measure.followed}
    return {name: int(value) if kind == "heads" else _figure(value, kind) for name, value in told.items()}


# --- for people ---


def as_words(vote: Vote, result: Result) -> str:
    """The result sheet as text."""
    lines = [vote.title or "业主共同决定事项表决结果", f"事项：{result.matter.label}", f"依据：{result.version.source}"]
    lines += [f"表决日期：{vote.day.isoformat()}"] if vote.day else []
    lines += ["", "计票：", *_rows(result), "", "逐项核对："]
    lines += [f"  {at}. {sentence}" for at, sentence in enumerate(reasons(result), start=1)]
    told = notes(result, vote.local)
    lines += ["", "说明：", *(f"  {sentence}" for sentence in told)] if told else []
    return "\n".join([*lines, "", f"结果：{'通过' if result.passed else '没有通过'}"])


def _rows(result: Result) -> Iterator[str]:
    parts = [("全体业主", result.area.whole, result.heads.whole)]
    parts += [("参与表决", result.area.participating, result.heads.participating)]
    parts += [(one.label, result.area.by_answer[one], result.heads.by_answer[one]) for one in Answer]
    for label, area, heads in parts:
        yield f"  {label}：{_amount(heads, 'heads')}，{_amount(area, 'area')}"
