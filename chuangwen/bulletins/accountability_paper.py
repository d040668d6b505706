"""问责案卷 as an official paper: the ground, what speaks for and against it, every step, and what was decided."""

from datetime import datetime

from chuangwen.accountability.queries import FileFacts, PromiseFacts, StepFacts, file_facts
from chuangwen.bulletins.plain import NOTHING, as_of, clean, moment, paragraphs
from chuangwen.rules.official_paper import Block, Figures, Heading, Level, OfficialPaper, Paragraph, Table, numbered
from chuangwen.rules.permissions import Actor
from chuangwen.scores.reach import BEIJING


def accountability_paper(actor: Actor, file_id: int, *, now: datetime) -> OfficialPaper:
    """The whole file as far as this person may see it: all or nothing (NotFound). It follows the file as it stands now."""
    facts = file_facts(file_id, actor)
    last = max([facts.opened_at, *(step.at for step in facts.steps)])
    return OfficialPaper(
        mark=f"{facts.home}问责案卷", number=clean(facts.number), title=f"关于{clean(facts.unit)}的问责案卷",
        blocks=_numbered(facts), signer=facts.home, day=last.astimezone(BEIJING).date(), note=as_of(now),
    )  # fmt: skip


def _numbered(facts: FileFacts) -> tuple[Block, ...]:
    """The parts that say something, numbered in order."""
    parts: list[tuple[str, tuple[Block, ...]]] = [
        ("基本情况", (Figures(_basics(facts)),)), ("事由", paragraphs(facts.why)), ("证据", paragraphs(facts.evidence)),
        ("应当考虑的情况", paragraphs(facts.counter)), ("尚缺的材料", paragraphs(facts.missing)),
        ("办理经过", _steps(facts.steps)), ("约谈和承诺", _talks(facts)), ("决定和申诉", (Figures(_decision(facts)),)),
    ]  # fmt: skip
    said = [(title, blocks) for title, blocks in parts if blocks]
    return tuple(
        block
        for at, (title, blocks) in enumerate(said, start=1)
        for block in (Heading(Level.ONE, f"{numbered(Level.ONE, at)}{title}"), *blocks)
    )


def _basics(facts: FileFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("单位", clean(facts.unit)), ("问责办法", clean(facts.ladder)), ("依据", clean(facts.ladder_source) or NOTHING),
        ("条款", clean(facts.clause) or NOTHING), ("对应措施", clean(facts.measure_of_rung)),
        ("立卷时间", moment(facts.opened_at)), ("状态", facts.status),
    )  # fmt: skip


def _decision(facts: FileFacts) -> tuple[tuple[str, str], ...]:
    rows = (
        ("有权决定", facts.decided_by), ("决定", facts.outcome), ("措施", facts.measure), ("申诉受理", facts.appeal_to),
        ("申诉结果", facts.appeal_outcome), ("移交", facts.handed_over_to),
        ("办结时间", moment(facts.ended_at) if facts.ended_at else ""),
    )  # fmt: skip
    return tuple((name, clean(value) or NOTHING) for name, value in rows)


def _steps(steps: tuple[StepFacts, ...]) -> tuple[Block, ...]:
    rows = tuple((moment(step.at), step.title, clean(step.post) or NOTHING, _said(step)) for step in steps)
    return (Table("办理经过", ("时间", "步骤", "岗位", "内容"), rows),) if rows else ()


def _said(step: StepFacts) -> str:
    chosen = "；".join(f"{name}：{value}" for name, value in step.choices)
    photos = f"（照片 {step.photos} 张）" if step.photos else ""
    return clean("；".join(filter(None, (chosen, step.text))) + photos) or NOTHING


def _talks(facts: FileFacts) -> tuple[Block, ...]:
    talks = [
        Paragraph(clean(f"{moment(one.held_at)}，{one.post}约谈，到场：{one.attended}。{one.summary}"))
        for one in facts.interviews
    ]
    promises = [*(each for one in facts.interviews for each in one.promises), *facts.orders]
    rows = tuple(_promise(each) for each in promises)
    table = (Table("承诺和督办事项", ("事项", "期限", "完成"), rows),) if rows else ()
    return (*talks, *table)


def _promise(one: PromiseFacts) -> tuple[str, str, str]:
    if one.withdrawn:
        return clean(one.text), moment(one.due), "已撤销"
    done = f"{moment(one.done_at)}{f'，{one.done_note}' if one.done_note else ''}" if one.done_at else "未完成"
    return clean(one.text), moment(one.due), clean(done)
