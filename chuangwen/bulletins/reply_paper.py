"""上报回复 as an official paper that goes up: the words, and the table of items as an attachment."""

from datetime import datetime

from chuangwen.bulletins.plain import NOTHING, as_of, clean, moment, paragraphs
from chuangwen.directives.queries import reply_facts
from chuangwen.directives.reply_facts import ReplyFacts
from chuangwen.rules.official_paper import Attachment, OfficialPaper, Paragraph, Table, day_text
from chuangwen.rules.permissions import Actor
from chuangwen.scores.reach import BEIJING


def reply_paper(actor: Actor, directive_id: int, *, now: datetime) -> OfficialPaper:
    """The reply: as it was frozen once released, before that as it stands now. NotFound for who does not see the whole."""
    facts = reply_facts(actor, directive_id, now=now)
    day = (facts.released_at or facts.as_of).astimezone(BEIJING).date()
    title = clean(facts.title) or f"关于“{clean(facts.paper_title)}”办理情况的报告"
    blocks = paragraphs(facts.paragraphs) or (Paragraph("现将办理情况报告如下，详见附件。"),)
    return OfficialPaper(
        mark=f"{facts.sender}文件", title=title, addressees=(clean(facts.to),) if facts.to.strip() else (), blocks=blocks,
        attachments=_table(facts), signer=facts.sender, day=day, approver=clean(facts.released_by),
        note="" if facts.released_at else as_of(facts.as_of), draft=facts.released_at is None,
    )  # fmt: skip


def _table(facts: ReplyFacts) -> tuple[Attachment, ...]:
    rows = tuple(
        (
            str(line.number), clean(line.text), clean(line.units), line.state,
            day_text((line.done_at or line.deadline).astimezone(BEIJING).date()), clean(line.result) or NOTHING,
        )
        for line in facts.lines
    )  # fmt: skip
    columns = ("序号", "事项", "责任单位", "状态", "完成日期（未完成的为期限）", "办理结果")
    table = Table(f"截至{moment(facts.as_of)}", columns, rows)
    return (Attachment(f"{clean(facts.number)}办理情况表", (table,)),) if rows else ()
