"""Papers from above: received, broken down, carried out, said late, signed off, replied to."""

import hashlib
import zlib
from datetime import date, timedelta

import pytest

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.cases.orders import issue_order
from chuangwen.directives import operations, replies, reporting
from chuangwen.directives.models import Declaration, Directive, Item, Report, ReportPhoto
from chuangwen.directives.queries import (
    directive_for,
    directives_for,
    grounds,
    item_for,
    items_for_office,
    items_of,
    links_of,
    listed,
    missed_items,
    reply_facts,
    shares_to_do,
    unit_shares,
)
from chuangwen.evidence.documents import open_document, store_document
from chuangwen.evidence.models import Document
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import Status
from chuangwen.rules.directive_rows import ItemRow
from chuangwen.rules.directives import Standing
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from tests.directed import DEADLINE, INNER, given_to, handed_in, paper_facts, part_of, received, said_late
from tests.world import NOW, World, photo_id


def pdf(extra: bytes = b"", packed: bytes | None = None) -> bytes:
    """A small PDF; `extra` stands in the catalogue, `packed` in an object stream."""
    body = b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + extra + b" >>\nendobj\n"
    body += b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 3 >>\nendobj\n"
    if packed is not None:
        data = zlib.compress(b"4 0 " + packed)
        head = b"5 0 obj\n<< /Type /Obj#53tm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\n" % len(data)
        body += head + b"stream\n" + data + b"\nendstream\nendobj\n"
    return body + b"xref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def test_a_scan_is_stored_once_by_its_content(world: World) -> None:
    by = world.actor("clerk")
    first, second = (store_document(data=pdf(), by=by, now=NOW) for _ in range(2))
    assert (first, first.pages) == (second, 3)
    assert first.sha256 == hashlib.sha256(pdf()).hexdigest()
    with open_document(first) as file:
        assert file.read() == pdf()
    paper = received(world, documents=[first], photos=[photo_id(by)])
    assert [bool(scan.document) for scan in paper.scans.all()] == [False, True]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (pdf(b"/OpenAction << /S /JavaScript /JS (x) >>"), "带脚本"),
        (pdf(b"/OpenAction << /S /J#61vaScript /J#53 (x) >>"), "带脚本"),
        (pdf(packed=b"<< /S /JavaScript /JS (app.alert(1)) >>"), "带脚本"),
        (pdf(b"/X (\n>>\nstream\n) /Y << /S /Launch >> (\nendstream\n)"), "启动别的程序"),
        (pdf(b"/Names << /EmbeddedFiles 9 0 R >>"), "夹带了别的文件"),
        (pdf(b"/Encrypt 9 0 R"), "加了密码"),
        (pdf(b"/AcroForm << /XFA 9 0 R >>"), "可填写的表单"),
        (pdf() + b"PK\x03\x04 more", "末尾带着别的内容"),
        (pdf()[:-30], "没有传完"),
        (b"<html>" + pdf(), "不是 PDF"),
        (pdf(b"<script>alert(1)</script>"), "夹着网页"),
    ],
)
def test_a_pdf_that_is_more_than_pages_is_refused(world: World, data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        store_document(data=data, by=world.actor("clerk"), now=NOW)
    assert not Document.objects.exists()


def test_a_paper_is_registered_once_and_every_objection_is_named(world: World) -> None:
    bad = paper_facts(level="x", issuer=" ", number="", title="", received_on=date(2020, 7, 1), deadline=None)
    with pytest.raises(Refused) as refusal:
        operations.register_directive(facts=bad, items=[], by=world.actor("xt_chief"), now=NOW)
    text = "".join(refusal.value.objections)
    for words in ("由文明办登记", "来文层级", "来文单位", "文号", "标题", "收文日期", "要求的期限", "至少写一件事项"):
        assert words in text, words
    first, second = (received(world, client_key="k") for _ in range(2))
    assert first == second
    with pytest.raises(Refused, match="已经登记过"):
        received(world)
    with pytest.raises(Refused, match="提交标识已用过"):
        operations.register_directive(
            facts=paper_facts(), items=[ItemRow("x")], by=world.actor("gz_clerk"), now=NOW, client_key="k"
        )


def test_rows_that_name_units_are_given_to_them_at_once_and_bad_rows_are_named(world: World) -> None:
    good = ItemRow("清理楼道", "XT", ("学田社区", "区城管局"), date(2020, 8, 10), row=2)
    bad = ItemRow("修路", "没有这个单位", (), date(2020, 9, 1), row=3)
    late = ItemRow("整治", "文峰街道", ("文峰街道",), date(2020, 9, 1), row=4)
    with pytest.raises(Refused) as refusal:
        received(world, items=(good, bad, late))
    text = "".join(refusal.value.objections)
    for words in ("第 3 行：没有找到单位“没有这个单位”", "第 4 行：内部期限不能晚于", "第 4 行：牵头单位不能同时"):
        assert words in text, words
    paper = received(world, items=(good, ItemRow("修路")))
    first, second = items_of(world.actor("clerk"), paper, NOW)
    assert (first.lead, first.joint, first.standing) == ("学田街道", "学田社区、区城管局", Standing.WORKING)
    assert second.standing is Standing.UNASSIGNED
    assert second.turn is not None
    assert second.turn.what == "分解到单位"


def test_an_inner_deadline_is_not_later_than_the_papers(world: World) -> None:
    item = received(world).items.get(number=1)
    with pytest.raises(Refused, match="不能晚于来文要求的期限"):
        operations.break_down(
            item_id=item.pk, lead_id=world.unit("XT").pk, due_at=DEADLINE + timedelta(minutes=1),
            by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    with pytest.raises(Refused, match="由收文的文明办办理"):
        operations.break_down(
            item_id=item.pk, lead_id=world.unit("XT").pk, due_at=INNER, by=world.actor("leader"), now=NOW
        )


def test_a_unit_sees_its_own_items_only(world: World) -> None:
    item = given_to(world, "XT-01", "CC-CG")
    unit, joint, other = (world.actor(name) for name in ("xt01_worker", "cg_worker", "wf_chief"))
    paper = directive_for(unit, item.directive_id)
    assert [one.item.number for one in items_of(unit, paper, NOW)] == [1]
    assert len(items_of(world.actor("leader"), paper, NOW)) == 3
    assert item_for(joint, item.pk) == item
    assert shares_to_do(world.actor("xt_chief")).count() == 1  # the street answers for its community
    for stranger in (other, world.actor("gz_clerk"), world.actor("inspector")):
        assert not directives_for(stranger).exists()
        with pytest.raises(NotFound):
            item_for(stranger, item.pk)
        with pytest.raises(NotFound):
            operations.sign_off(item_id=item.pk, result="好", by=stranger, now=NOW)


def test_an_item_is_done_when_every_unit_handed_in_and_the_office_signed(world: World) -> None:
    item, clerk = given_to(world, "XT-01", "CC-CG"), world.actor("clerk")
    handed_in(world, item, "XT-01", "xt01_worker")
    with pytest.raises(Refused, match="区城管局还没有报完成"):
        operations.sign_off(item_id=item.pk, result="完成", by=clerk, now=NOW)
    handed_in(world, item, "CC-CG", "cg_worker")
    assert item.pk in {found.pk for found in items_for_office(clerk)}
    back = operations.send_back(
        item_id=item.pk, part_ids=[part_of(item, "CC-CG").pk], reason="还有两处没有清", by=clerk, now=NOW
    )
    assert part_of(back, "CC-CG").returned == 1
    assert part_of(back, "XT-01").handed_in_at == NOW
    handed_in(world, item, "CC-CG", "cg_worker", now=NOW + timedelta(hours=2))
    with pytest.raises(Refused, match="一句话写明办理结果"):
        operations.sign_off(item_id=item.pk, result=" ", by=clerk, now=NOW)
    done = operations.sign_off(item_id=item.pk, result="楼道全部清理", by=clerk, now=NOW + timedelta(hours=3))
    assert (done.signed_off_by, done.result) == ("周文", "楼道全部清理")
    with pytest.raises(Refused, match="不用再报"):
        handed_in(world, item, "CC-CG", "cg_worker")
    share = part_of(item, "CC-CG")
    assert (share.first_handed_in_at, share.handed_in_at) == (NOW, NOW + timedelta(hours=2))
    kinds = list(Event.objects.filter(subject_kind="directive_item", subject_id=item.pk).values_list("kind", flat=True))
    assert kinds == [
        "directive.broken_down", "directive.handed_in", "directive.handed_in", "directive.sent_back",
        "directive.handed_in", "directive.signed_off",
    ]  # fmt: skip


def test_nobody_signs_off_what_they_or_their_unit_reported(world: World) -> None:
    from chuangwen.people.operations import appoint
    from chuangwen.rules.permissions import Role

    item = given_to(world, "XT-01")
    handed_in(world, item, "XT-01", "xt01_worker")
    for unit in ("XT", "CC-WM"):
        role = Role.UNIT_CHIEF if unit == "XT" else Role.OFFICE_CLERK
        appoint(username="xt_chief", unit_code=unit, role=role, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW)
    with pytest.raises(Refused, match="不能由自己审签"):
        operations.sign_off(item_id=item.pk, result="完成", by=world.actor("xt_chief"), now=NOW)


def test_done_needs_evidence_and_repeating_changes_nothing(world: World) -> None:
    item = given_to(world, "XT-01")
    with pytest.raises(Refused) as refusal:
        handed_in(world, item, "XT-01", "xt01_worker", text="", photos=[])
    assert len(refusal.value.objections) == 2
    with pytest.raises(Refused, match="由学田社区填报"):
        handed_in(world, item, "XT-01", "clerk")
    for _ in range(2):
        handed_in(world, item, "XT-01", "xt01_worker", client_key="once")
    assert Report.objects.count() == 1
    with pytest.raises(Conflict):
        operations.sign_off(item_id=item.pk, result="完成", by=world.actor("clerk"), now=NOW, seen_version=1)


def test_words_and_photos_of_the_cases_are_the_report(world: World) -> None:
    item = given_to(world, "XT-01")
    case, order_case = world.case_at(Status.HANDLING), world.case_at(Status.HANDLING)
    by, worker, clerk = world.actor("wy_worker"), world.actor("xt01_worker"), world.actor("clerk")
    after = photo_id(by, "blue")
    cases.rectify(case_id=case.pk, note="堆放的纸箱已清走", photo_ids=[after], by=by, now=NOW + timedelta(hours=1))
    extensions.ask_extension(case_id=order_case.pk, reason="业主外出，无法联系", by=world.actor("wy_chief"), now=NOW)
    issue_order(
        number="崇创整〔2020〕9号",
        title="楼道",
        issuer="区文明办",
        deadline=DEADLINE,
        case_ids=[order_case.pk],
        by=clerk,
        now=NOW,
    )
    with pytest.raises(Refused, match="没有找到“20200101000000099”"):
        operations.link_cases(item_id=item.pk, numbers=["20200101000000099"], by=clerk, now=NOW)
    operations.link_cases(item_id=item.pk, numbers=[case.number, "崇创整〔2020〕9号"], by=clerk, now=NOW)
    assert item.links.count() == len(links_of(item, worker)) == 2
    assert links_of(item, world.actor("wf_chief")) == []
    known = {one.case.pk: one for one in reporting.known_of(item, part_of(item, "XT-01"))}
    assert known[case.pk].words == "堆放的纸箱已清走"
    assert known[case.pk].source == f"来自案件 {case.number}，物业承办人填"
    assert known[order_case.pk].late_reason == "业主外出，无法联系"
    reporting.hand_in(
        item_id=item.pk, part_id=part_of(item, "XT-01").pk, text="", case_ids=[case.pk], by=worker,
        now=NOW + timedelta(hours=2),
    )  # fmt: skip
    report = Report.objects.get()
    assert (report.text, report.text_case_id, report.by_name) == ("堆放的纸箱已清走", case.pk, "学田社区承办人")
    assert [(row.photo_id, row.case_id) for row in ReportPhoto.objects.all()] == [(after, case.pk)]


def test_what_cannot_be_done_in_time_is_said_before_the_deadline(world: World) -> None:
    item = given_to(world, "XT-01")
    with pytest.raises(Refused) as refusal:
        said_late(
            world, item, "XT-01", "xt01_worker", ground="?", reason="难", needs="", proposed_at=INNER,
            now=INNER + timedelta(hours=1),
        )  # fmt: skip
    text = "".join(refusal.value.objections)
    for words in ("期限已经过了", "原因类别", "至少 5 个字", "需要什么支持", "须晚于现在的期限"):
        assert words in text, words
    assert not Declaration.objects.exists()
    made = said_late(world, item, "XT-01", "xt01_worker", photos=[photo_id(world.actor("xt01_worker"))])
    assert (made.due_at, made.ground_name) == (INNER, "须随道路、管网等工程一并改造")
    with pytest.raises(Refused, match="已有一份"):
        said_late(world, item, "XT-01", "xt01_worker")
    item.refresh_from_db()
    assert item.deadline == DEADLINE


def test_the_office_asks_above_and_the_answer_moves_the_deadline(world: World) -> None:
    item, clerk = given_to(world, "XT-01"), world.actor("clerk")
    made = said_late(world, item, "XT-01", "xt01_worker")
    shown = items_of(clerk, item.directive, NOW)[0]
    assert shown.turn is not None
    assert shown.turn.what == "决定延期申报"
    with pytest.raises(Refused, match="由收文的文明办办理"):
        reporting.decide_delay(
            item_id=item.pk, declaration_id=made.pk, ask_above=True, note="x", by=world.actor("leader"), now=NOW
        )
    reporting.decide_delay(
        item_id=item.pk, declaration_id=made.pk, ask_above=True, note="已去函〔2020〕3号", by=clerk, now=NOW
    )
    until = INNER + timedelta(days=40)
    reporting.answer_delay(
        item_id=item.pk, declaration_id=made.pk, new_deadline=until, note="市文明办复函同意", by=clerk, now=NOW
    )
    item.refresh_from_db()
    assert (item.deadline, item.first_deadline, part_of(item, "XT-01").due_at) == (until, DEADLINE, until)
    assert not missed_items(clerk, now=until - timedelta(hours=1))


def test_missed_items_say_what_was_declared_and_decided(world: World) -> None:
    item, clerk = given_to(world, "XT-01", "CC-CG", "WF"), world.actor("clerk")
    made = said_late(world, item, "XT-01", "xt01_worker")
    reporting.decide_delay(
        item_id=item.pk, declaration_id=made.pk, ask_above=False, note="不属延期情形", by=clerk, now=NOW
    )
    handed_in(world, item, "WF", "wf_chief", now=INNER)
    after = INNER + timedelta(hours=1)
    said, silent = missed_items(clerk, now=after)
    assert (said.unit_name, said.lead, said.said_beforehand, said.deadline) == ("学田社区", True, True, INNER)
    assert (said.declared[0].state, said.declared[0].decision) == ("refused", "不属延期情形")
    assert (said.declared[0].ground, said.declared[0].reason) == (
        "须随道路、管网等工程一并改造",
        "须等雨污管网改造完成",
    )
    assert (silent.unit_name, silent.said_beforehand, silent.handed_in_at) == ("区城管局", False, None)
    handed_in(world, item, "CC-CG", "cg_worker", now=after)
    assert [one.handed_in_at for one in missed_items(clerk, now=after) if one.unit_name == "区城管局"] == [after]
    assert [one.unit_name for one in missed_items(world.actor("cg_worker"), now=after)] == ["区城管局"]
    assert not missed_items(world.actor("gz_clerk"), now=after)
    assert not missed_items(clerk, now=after, until=INNER)
    quiet = Event.objects.filter(at__gt=INNER).exclude(kind__in=["directive.handed_in", "photo.stored"])
    assert not quiet.exists()  # a missed deadline by itself starts nothing


def test_a_reply_is_drafted_edited_released_by_a_second_person_and_frozen(world: World) -> None:
    item, clerk, chief = given_to(world, "XT-01"), world.actor("clerk"), world.actor("chief")
    pk = item.directive_id
    reply = replies.draft_reply(directive_id=pk, by=clerk, now=NOW)
    assert "{完成}" in reply.text
    with pytest.raises(Refused, match="没有叫“成绩”的数字"):
        replies.edit_reply(directive_id=pk, title="报告", text="{成绩}", by=clerk, now=NOW)
    replies.edit_reply(directive_id=pk, title="报告", text="共 {总数} 件，完成 {完成} 件。", by=clerk, now=NOW)
    handed_in(world, item, "XT-01", "xt01_worker")
    operations.sign_off(item_id=item.pk, result="楼道全部清理", by=clerk, now=NOW)
    with pytest.raises(Refused, match="重新取数"):
        replies.release_reply(directive_id=pk, by=chief, now=NOW)
    replies.draft_reply(directive_id=pk, by=chief, now=NOW)
    with pytest.raises(Refused, match="由文明办主任签发"):
        replies.release_reply(directive_id=pk, by=clerk, now=NOW)
    replies.edit_reply(directive_id=pk, title="报告", text="共 {总数} 件，完成 {完成} 件。", by=chief, now=NOW)
    with pytest.raises(Refused, match="不能自己签发"):
        replies.release_reply(directive_id=pk, by=chief, now=NOW)
    replies.edit_reply(directive_id=pk, title="报告", text="共 {总数} 件，完成 {完成} 件。", by=clerk, now=NOW)
    replies.release_reply(directive_id=pk, by=chief, now=NOW)
    facts = reply_facts(world.actor("leader"), pk, now=NOW)
    assert facts.paragraphs == ("共 3 件，完成 1 件。",)
    assert (facts.tally.total, facts.tally.done, facts.tally.open, facts.released_by) == (3, 1, 2, "陆主任")
    assert [line.state for line in facts.lines] == ["按期完成", "办理中", "办理中"]
    with pytest.raises(Refused, match="不能再改"):
        replies.draft_reply(directive_id=pk, by=clerk, now=NOW)
    with pytest.raises(NotFound):
        reply_facts(world.actor("xt01_worker"), pk, now=NOW)
    Item.objects.filter(directive=pk).update(text="改了")
    assert reply_facts(world.actor("leader"), pk, now=NOW + timedelta(days=99)).lines == facts.lines


def test_the_list_narrows_and_units_are_counted(world: World) -> None:
    item, clerk = given_to(world, "XT-01", "CC-CG"), world.actor("clerk")
    handed_in(world, item, "XT-01", "xt01_worker")
    late = DEADLINE + timedelta(days=1)
    assert listed(clerk, state="late", now=NOW).count() == 0
    row = listed(clerk, state="late", level="city", now=late).get()
    assert [getattr(row, name) for name in ("item_count", "done_count", "next_deadline")] == [3, 0, DEADLINE]
    assert not listed(clerk, state="done", now=late).exists()
    rows = {row.name: row for row in unit_shares(items_of(clerk, item.directive, late), late)}
    assert (rows["学田社区"].handed_in, rows["学田社区"].late, rows["区城管局"].late) == (1, 0, 1)


def test_a_unit_that_reported_is_not_taken_off_and_others_are(world: World) -> None:
    item, clerk = given_to(world, "XT-01", "CC-CG"), world.actor("clerk")
    reporting.report_progress(
        item_id=item.pk, part_id=part_of(item, "XT-01").pk, text="清了一半", by=world.actor("xt01_worker"), now=NOW
    )
    with pytest.raises(Refused, match="学田社区已经报过进展"):
        operations.break_down(item_id=item.pk, lead_id=world.unit("WF").pk, due_at=INNER, by=clerk, now=NOW)
    operations.break_down(
        item_id=item.pk,
        lead_id=world.unit("WF").pk,
        joint_ids=[world.unit("XT-01").pk],
        due_at=INNER,
        by=clerk,
        now=NOW,
    )
    assert list(item.parts.values_list("unit__code", "lead")) == [("WF", True), ("XT-01", False)]


def test_the_office_keeps_its_own_list_of_grounds(world: World) -> None:
    assert "works" in grounds()
    operations.put_grounds(names=["等经费", "等审批"], by=world.actor("clerk"), now=NOW)
    assert list(grounds().values()) == ["等经费", "等审批"]
    operations.put_grounds(names=["等审批", "等天气"], by=world.actor("clerk"), now=NOW)
    assert list(grounds().values()) == ["等审批", "等天气"]
    with pytest.raises(Refused, match="重复"):
        operations.put_grounds(names=["a", "a"], by=world.actor("clerk"), now=NOW)
    assert Directive.objects.count() == 0
