"""问卷调查结果 as an official paper, from the stored results."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from chuangwen.bulletins.plain import NOTHING, clean, moment
from chuangwen.rules.official_paper import Block, Figures, Heading, Level, OfficialPaper, Paragraph, Table
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound
from chuangwen.scores.reach import BEIJING
from chuangwen.surveys.queries import wave_for

Facts = Mapping[str, Any]


def survey_paper(actor: Actor, wave_id: int, *, now: datetime) -> OfficialPaper:
    """The results for whoever may see the wave; NotFound before they were computed."""
    wave = wave_for(actor, wave_id)
    if wave.results is None or wave.computed_at is None:
        raise NotFound("结果还没有计算。")
    return OfficialPaper(
        mark=f"{wave.survey.home.name}问卷调查", title=clean(f"{wave.survey.title}（{wave.title}）结果")[:100],
        blocks=tuple(_body(wave, wave.results)), signer=wave.survey.home.name, day=now.astimezone(BEIJING).date(),
        note=f"本件按{moment(wave.computed_at)}算出的结果生成。",
    )  # fmt: skip


def _body(wave: Any, results: Facts) -> Iterator[Block]:
    yield Heading(Level.ONE, "一、调查概况")
    yield Figures(
        (
            ("调查时间", f"{wave.starts_on:%Y-%m-%d} 至 {wave.ends_on:%Y-%m-%d}"),
            ("问卷版本", f"第 {wave.form.number} 版"),
            ("答卷", f"收到 {results['all']} 份，不计入 {results['left_out']} 份，据以计算 {results['counted']} 份"),
            (
                "抽样",
                f"随机抽户，名单指纹 {wave.frame_sha256[:16]}" if results["sampled"] else "自愿填答，不能推及全体居民",
            ),
            ("设计效应", f"{results['design_effect']:.2f}" if results["design_effect"] else NOTHING),
            ("最少份数", f"不足 {results['least']} 份的不列出"),
        )
    )
    for sentence in results["notes"]:
        yield Paragraph(clean(sentence))
    yield Heading(Level.ONE, "二、主要指标")
    yield Table(
        "主要指标（加权，95% 区间）",
        ("指标", "比例", "区间", "份数", "与上一轮比"),
        tuple(map(_rate, results["rates"])),
    )
    for number, rate in enumerate((rate for rate in results["rates"] if rate["streets"]), start=1):
        yield Heading(Level.TWO, f"（{'一二三四五六七八九十'[(number - 1) % 10]}）{clean(rate['name'])}分街道。")
        rows = tuple(_street(row) for row in rate["streets"])
        yield Table(f"{clean(rate['name'])}分街道（借用其他街道的信息）", ("街道", "比例", "区间", "份数"), rows)
    yield Heading(Level.ONE, "三、口径")
    for rate in results["rates"]:
        yield Paragraph(clean(f"{rate['name']}：{rate['source'] or rate['counts']}。"))


def pct(share: float) -> str:
    """23.4%."""
    return f"{share * 100:.1f}%"


def _rate(rate: Facts) -> tuple[str, ...]:
    name = clean(rate["name"])
    if not rate["shown"]:
        return (name, "份数太少", NOTHING, NOTHING, NOTHING)
    moved = rate["change"]
    words = (
        f"{moved['difference'] * 100:+.1f} 个百分点（{moved['low'] * 100:+.1f} 至 {moved['high'] * 100:+.1f}）"
        if moved
        else NOTHING
    )
    return (name, pct(rate["rate"]), f"{pct(rate['low'])}—{pct(rate['high'])}", str(rate["respondents"]), words)


def _street(row: Facts) -> tuple[str, ...]:
    if not row["shown"]:
        return (clean(row["name"]), "份数太少", NOTHING, NOTHING)
    return (clean(row["name"]), pct(row["rate"]), f"{pct(row['low'])}—{pct(row['high'])}", str(row["respondents"]))
