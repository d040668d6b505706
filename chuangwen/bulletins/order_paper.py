"""整改任务书 as an official paper: whom it goes to, how many each, by when, and the list of problems as an attachment."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from chuangwen.bulletins.facts import criterion_texts, problem_of, where_of
from chuangwen.bulletins.plain import as_of, clean, moment, paragraphs
from chuangwen.cases.models import Case, Order
from chuangwen.cases.queries import order_for
from chuangwen.rules.official_paper import (
    Attachment,
    Block,
    Figures,
    Heading,
    Level,
    OfficialPaper,
    Paragraph,
    Table,
)
from chuangwen.rules.permissions import Actor
from chuangwen.scores.reach import BEIJING

MOST_ADDRESSED = 8
NOBODY_YET = "尚未派遣"


def order_paper(actor: Actor, order_id: int, *, now: datetime) -> OfficialPaper:
    """The order with the cases that this person may see; NotFound where they may see none. Four statements.

    Units and problems are those of now: a case may have been given to another unit since, so the note says as of when.
    """
    order = order_for(actor, order_id)
    rows = (
        Case.objects.visible_to(actor).filter(order=order).select_related("site", "home", "street", "unit", "standard")
    )
    cases = list(rows.defer("text", "reply").order_by("unit__path", "pk"))
    units = Counter(_unit(case) for case in cases)
    day = order.issued_at.astimezone(BEIJING).date()
    return OfficialPaper(
        mark=f"{clean(order.issuer)}文件", number=clean(order.number), title=clean(order.title),
        addressees=_addressees(list(units)), blocks=_body(order, units, len(cases)),
        attachments=(Attachment("问题清单", (_list(cases),)),), signer=clean(order.issuer), day=day, note=as_of(now),
        printer=clean(order.issuer), printed_on=day,
    )  # fmt: skip


def _unit(case: Case) -> str:
    return case.unit.name if case.unit else NOBODY_YET


def _addressees(units: Sequence[str]) -> tuple[str, ...]:
    named = tuple(unit for unit in units if unit != NOBODY_YET)
    return named if 0 < len(named) <= MOST_ADDRESSED else ("各有关单位",)


def _body(order: Order, units: Counter[str], count: int) -> tuple[Block, ...]:
    rows = tuple((unit, str(number)) for unit, number in units.items())
    wanted = paragraphs(order.note.splitlines())
    told = (Heading(Level.ONE, "三、要求"), *wanted) if wanted else ()
    return (
        Paragraph(f"现将附件所列 {count} 件问题下达给你们，请按期整改，并在系统中提交整改后的照片和说明。"),
        Heading(Level.ONE, "一、整改任务"),
        Table("各单位整改任务", ("责任单位", "件数"), rows, ("合计", str(count))),
        Heading(Level.ONE, "二、整改期限"),
        Figures((("整改期限", moment(order.deadline)),)),
        *told,
    )


def _list(cases: Sequence[Case]) -> Table:
    texts = criterion_texts(case.criterion_code for case in cases)
    rows = tuple(
        (str(at), clean(where_of(case)), clean(_unit(case)), clean(problem_of(case, texts)), case.number)
        for at, case in enumerate(cases, start=1)
    )
    return Table("问题清单", ("序号", "点位", "责任单位", "问题", "案件号"), rows)
