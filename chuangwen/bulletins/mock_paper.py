"""模拟测评报告 as an official paper: one rate with its interval, the tables, the method; frozen once released."""

from datetime import datetime
from typing import Any

from chuangwen.bulletins.plain import NOTHING, as_of, clean, moment
from chuangwen.mocks.queries import open_for
from chuangwen.mocks.reporting import report_of
from chuangwen.rules.official_paper import Attachment, Block, Heading, Level, OfficialPaper, Paragraph, Table
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Refused
from chuangwen.scores.reach import BEIJING

TABLES = (
    ("type", "各类点位得分率"),
    ("street", "各街道得分率"),
    ("item", "各测评项目得分率"),
    ("method", "各查法得分率"),
)
COLUMNS = ("名称", "点位", "判定", "合格", "得分率", "95%区间", "按均值计", "未测")
METHOD = (
    "得分率为合格条数除以测到的条数（按标准权重）。每个点位由两名测评员分别判定，不一致的由第三人判定。没有某项设施的，该项按同类点位"
    "的平均得分率计入；没测到的不计入，不按零分计。区间按抽样设计计算：点位为群，按点位类型分层，不放回抽取，比率估计用线性化法求方差，"
    "取 logit 变换和 t 分布，置信度 95%。同类内按街道分层的好处没有扣除，区间偏宽不偏窄。本结果不用于对单位和个人排名。"
)


def share(value: float | None) -> str:
    """70.1%, a dash for what was not measured."""
    return NOTHING if value is None else f"{value * 100:.1f}%"


def mock_paper(actor: Actor, mock_id: int, *, now: datetime) -> OfficialPaper:
    """The report as it was frozen once released, before that as a draft of what stands now."""
    mock = open_for(actor, mock_id)
    if mock.drawn_at is None or mock.cancelled_at is not None:
        raise Refused("这次测评还没有抽取，或者已作废，没有报告。")
    facts: dict[str, Any] = mock.report or report_of(mock, now=now)
    day = (mock.released_at or now).astimezone(BEIJING).date()
    return OfficialPaper(
        mark=f"{mock.scope.name}模拟测评", title=f"{clean(mock.name)}报告", blocks=_body(facts), attachments=_tables(facts),
        signer=f"{mock.scope.name}文明办", day=day, note="" if mock.released_at else as_of(now),
        draft=mock.released_at is None,
    )  # fmt: skip


def _body(facts: dict[str, Any]) -> tuple[Block, ...]:
    total = facts["total"]
    sure = (
        f"（95%区间 {share(total['low'])}至{share(total['high'])}）"
        if total["low"] is not None
        else "（点位太少，不能给出区间）"
    )
    at = moment(datetime.fromisoformat(facts["as_of"]))
    return (
        Heading(Level.ONE, "一、结果"),
        Paragraph(
            f"依据{clean(facts['edition'])}，从{facts['population']}处候选点位中抽取{facts['places_planned']}处，截至{at}实测"
            f"{total['places']}处，涉及标准{facts['criteria']}条，取得有效判定{total['observed']}条，综合得分率"
            f"{share(total['rate'])}{sure}。"
        ),
        Paragraph(
            f"按同类均值计入{total['imputed']}条，未测不计入{total['left_out']}条。两人都测到的{facts['both']}条中，判定一致"
            f"{facts['same']}条；有争议交第三人的{facts['disputed']}条，尚未判定{facts['waiting']}条。只有一人测完的点位"
            f"{facts['single']}处。"
        ),
        Heading(Level.ONE, "二、不合格较多的条目"), _worst(facts["worst"]),
        Heading(Level.ONE, "三、方法"), Paragraph(METHOD),
    )  # fmt: skip


def _worst(rows: list[dict[str, Any]]) -> Table:
    lines = tuple((row["code"], clean(row["text"]), row["type"], f"{row['failed']}/{row['seen']}") for row in rows)
    return Table("不合格次数居前的条目", ("条目", "标准", "点位类型", "不合格/测到"), lines or ((NOTHING,) * 4,))


def _tables(facts: dict[str, Any]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(title, (Table(title, COLUMNS, tuple(map(_line, facts["by"][name]))),))
        for name, title in TABLES
        if facts["by"][name]
    )


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    interval = NOTHING if row["low"] is None else f"{share(row['low'])}—{share(row['high'])}"
    counts = (row["places"], row["observed"], row["passed"])
    return (
        clean(row["name"]),
        *map(str, counts),
        share(row["rate"]),
        interval,
        str(row["imputed"]),
        str(row["left_out"]),
    )
