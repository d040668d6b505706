"""Material for the online submission: asked, handed in, checked, returned, accepted, disputed, packed."""

import hashlib
import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage

from chuangwen.declarations import checking, disputes, occasions, operations, packing
from chuangwen.declarations.handing_in import review
from chuangwen.declarations.models import CheckFinding, Package, Reason, Requirement, State, Version
from chuangwen.declarations.queries import (
    Wanted,
    calendar_for,
    completeness,
    disputes_of,
    duties_of,
    listed,
    requirement_for,
    requirements_for,
    to_hand_in,
    version_for,
)
from chuangwen.declarations.spreadsheets import (
    DutyRow,
    RequirementRow,
    export_duties,
    export_requirements,
    read_duties,
    read_requirements,
)
from chuangwen.evidence.documents import store_document
from chuangwen.evidence.office_files import store_office_file
from chuangwen.jobs.reactions import REACTIONS
from chuangwen.journal.models import Event
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from tests.declaring import DUE, ROWS, WORDS, accepted, asked, handed, opened, pdf_file, scene, word_file
from tests.world import NOW, World

pytestmark = pytest.mark.embedded


def worked() -> None:
    """What the worker does after these events, once more than needed."""
    for _ in range(2):
        for event in Event.objects.filter(kind="declaration.handed_in").order_by("pk"):
            for reaction in REACTIONS[event.kind][:1]:
                reaction(event, NOW)


def found(version: Version) -> set[str]:
    """The codes of what was seen of a version."""
    return set(version.findings.values_list("code", flat=True))


def test_what_is_asked_comes_and_goes_as_a_table(world: World) -> None:
    drive, by = opened(world), world.actor("clerk")
    assert (drive.first_on, drive.last_on) == (date(2019, 8, 1), date(2020, 7, 31))
    rows = read_requirements(export_requirements(drive))
    again = operations.import_requirements(drive_id=drive.pk, rows=rows, by=by, now=NOW)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 3)
    later = [RequirementRow(2, "1-2", "RES-10", "picture", "换个说法", 3, "XT-01", due_on=date(2020, 7, 10))]
    looked = operations.import_requirements(drive_id=drive.pk, rows=later, by=by, now=NOW, dry_run=True)
    assert (looked.changed, asked("1-2").count) == (1, 2)
    operations.import_requirements(drive_id=drive.pk, rows=later, by=by, now=NOW)
    assert (asked("1-2").count, asked("1-2").due_at.day) == (3, 10)
    bad = [
        RequirementRow(2, "9", "XX", "table", unit="没有"),
        RequirementRow(3, "9", "RES-01", "table", unit="XT", reviewer="XT", first_on=date(2020, 8, 1)),
    ]
    problems = "\n".join(operations.import_requirements(drive_id=drive.pk, rows=bad, by=by, now=NOW).problems)
    for words in ("没有“XX”", "没有找到单位“没有”", "与第 2 行重复", "不能审核自己", "早于有效期起"):
        assert words in problems, words
    with pytest.raises(BadInput, match="应是 1 到 99"):
        read_requirements("编号,标准编码,材料种类,份数\n1,RES-01,说明,100\n".encode())
    with pytest.raises(NotFound):
        operations.import_requirements(drive_id=drive.pk, rows=rows, by=world.actor("gz_clerk"), now=NOW)
    with pytest.raises(Refused) as refusal:
        operations.open_drive(
            edition_id=drive.edition_id, name="", test_month=date(2020, 8, 1), due_at=NOW, by=by, now=NOW
        )
    assert len(refusal.value.objections) == 3


def test_a_list_says_who_answers_for_a_unit(world: World) -> None:
    drive, by = opened(world), world.actor("clerk")
    rows = [DutyRow(2, "XT-01", "xt_chief", "xt01_worker")]
    assert operations.import_duties(drive_id=drive.pk, rows=rows, by=by, now=NOW).created == 1
    again = operations.import_duties(
        drive_id=drive.pk, rows=read_duties(export_duties(duties_of(drive))), by=by, now=NOW
    )
    assert again.unchanged == 1
    bad = [DutyRow(2, "没有", "nobody", "xt01_worker")]
    assert len(operations.import_duties(drive_id=drive.pk, rows=bad, by=by, now=NOW).problems) == 2


def test_who_may_know_of_what(world: World) -> None:
    opened(world)
    seen = {
        who: set(requirements_for(world.actor(who)).values_list("number", flat=True))
        for who in ("clerk", "leader", "xt01_worker", "cg_worker", "wf_chief", "gz_clerk", "wy_worker", "inspector")
    }
    everything = {row.number for row in ROWS}
    assert seen == {
        "clerk": everything, "leader": everything, "xt01_worker": {"1-1", "1-2"}, "cg_worker": {"2-1"}, "wf_chief": {"2-1"},
        "gz_clerk": set(), "wy_worker": set(), "inspector": set(),
    }  # fmt: skip
    assert {one.number for one in to_hand_in(world.actor("cg_worker"))} == set()
    with pytest.raises(NotFound):
        requirement_for(world.actor("wy_worker"), asked("1-1").pk)
    late = listed(world.actor("clerk"), Wanted(late=True, kind="picture"), DUE + timedelta(days=1))
    assert [one.number for one in late] == ["1-2"]


def test_a_piece_goes_through_two_rounds(world: World) -> None:
    drive = opened(world)
    first = handed(
        world, "1-1", "xt01_worker", text="学田社区2020年工作总结，全年大力推进，居民普遍满意，环境明显改善。"
    )
    worked()
    assert {"summary", "no_data", "no_dates"} <= found(first)
    assert CheckFinding.objects.filter(version=first).count() == len(found(first))
    clerk, one = world.actor("clerk"), asked("1-1").pk
    with pytest.raises(Refused, match="退回要选理由"):
        review(requirement_id=one, version_id=first.pk, verdict="returned", by=clerk, now=NOW)
    with pytest.raises(Refused, match="提供单位不能审自己的"):
        review(requirement_id=one, version_id=first.pk, verdict="accepted", by=world.actor("xt01_worker"), now=NOW)
    with pytest.raises(Conflict):
        review(requirement_id=one, version_id=first.pk, verdict="accepted", by=clerk, now=NOW, seen_version=1)
    for _ in range(2):
        review(
            requirement_id=one, version_id=first.pk, verdict="returned", codes=["summary", "empty"], text="请写数据", by=clerk,
            now=NOW, client_key="r1",
        )  # fmt: skip
    assert (asked("1-1").state, first.reviews.get().reasons[0]) == (State.RETURNED, "写成了工作总结，不是说明")
    assert completeness(drive.edition_id, now=NOW).returned == 1
    second = handed(world, "1-1", "xt01_worker", piece_id=first.piece_id)
    worked()
    assert (second.number, found(second)) == (2, set())
    with pytest.raises(Refused, match="已经审过"):
        review(requirement_id=one, version_id=first.pk, verdict="accepted", by=clerk, now=NOW)
    accepted(world, second)
    assert asked("1-1").state == State.ACCEPTED
    with pytest.raises(Refused, match="已经审核通过"):
        handed(world, "1-1", "xt01_worker", piece_id=first.piece_id)
    with pytest.raises(Refused, match="已经交了 1 份"):
        handed(world, "1-1", "xt01_worker")
    figures = completeness(drive.edition_id, now=DUE + timedelta(days=1))
    assert (figures.required, figures.accepted, figures.missing, figures.late) == (4, 1, 3, 3)
    assert [(one.name, one.required, one.accepted) for one in figures.by_item] == [("公共环境", 4, 1)]
    assert {one.name: one.missing for one in figures.by_unit} == {"学田社区": 2, "文峰街道": 1}
    assert {one.name for one in figures.by_method} == {"实地考察"} or figures.by_method[0].required == 4
    assert completeness(0, now=NOW).required == 0


def test_what_the_worker_sees_of_each_kind_of_file(world: World) -> None:
    opened(world)
    by = world.actor("wf_chief")
    copied = handed(world, "1-1", "xt01_worker")
    worked()
    copy = handed(world, "2-1", "wf_chief", text=WORDS + "特此说明。")
    worked()
    assert found(copy) == found(copied) == {"alike"}
    seen = copy.findings.get()
    assert (seen.grade, seen.other_id) == ("objection", copied.pk)
    assert "学田社区的“1-1 材料”（1-1）" in seen.text
    picture = handed(world, "1-2", "xt01_worker", data=scene(size=(640, 480)))
    sharp = handed(world, "1-2", "xt01_worker", data=scene())
    worked()
    assert found(picture) == {"small", "no_taken"}
    assert found(sharp) == {"no_taken"}
    for text, code in (("", "scanned"), ("Report of 5 March 2020 with a line of text and 12 places", "no_dates")):
        copy.document, copy.checked_at = store_document(data=pdf_file(text), by=by, now=NOW), None
        copy.save()
        checking.check_version(version_id=copy.pk, now=NOW)
        assert code in found(copy), code
    copy.document, copy.checked_at = store_office_file(data=word_file(""), by=by, now=NOW), None
    copy.save()
    checking.check_version(version_id=copy.pk, now=NOW)
    assert "empty" in found(copy)
    default_storage.delete(copy.document.path)
    Version.objects.filter(pk=copy.pk).update(checked_at=None)
    checking.check_version(version_id=copy.pk, now=NOW)
    assert "unreadable" in found(copy)
    assert version_for(world.actor("cg_worker"), copy.pk) == copy
    with pytest.raises(NotFound):
        version_for(world.actor("cg_worker"), sharp.pk)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("word/vbaProject.bin", b"x", "带有宏"),
        ("word/embeddings/x.bin", b"x", "夹带"),
        ("word/_rels/x.rels", b'<Relationship Type="image" Target="http://x" TargetMode="External"/>', "从外面载入"),
        ("", b"", "不是 Word 文档"),
    ],
)
def test_an_office_file_that_carries_more_is_refused(world: World, name: str, content: bytes, words: str) -> None:
    out = io.BytesIO(word_file(WORDS) if name else b"")
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(name or "x.txt", content)
    with pytest.raises(BadInput, match=words):
        store_office_file(data=out.getvalue(), by=world.actor("clerk"), now=NOW)


def test_not_ours_is_decided_by_the_office(world: World) -> None:
    opened(world)
    one, clerk, unit = asked("1-1"), world.actor("clerk"), world.actor("xt01_worker")
    street = world.unit("XT").pk
    with pytest.raises(Refused, match="请写为什么"):
        disputes.raise_dispute(requirement_id=one.pk, reason=" ", by=unit, now=NOW)
    for _ in range(2):
        disputes.raise_dispute(
            requirement_id=one.pk, reason="属街道职责", proposed_id=street, by=unit, now=NOW, client_key="d1"
        )
    with pytest.raises(Refused, match="正在裁定归属"):
        handed(world, "1-1", "xt01_worker")
    with pytest.raises(Refused, match="由文明办裁定"):
        disputes.decide_dispute(requirement_id=one.pk, upheld=False, decision="x", by=unit, now=NOW)
    disputes.decide_dispute(
        requirement_id=one.pk, upheld=True, decision="街道统一提供", unit_id=street, by=clerk, now=NOW
    )
    assert (asked("1-1").unit_id, asked("1-1").disputed) == (street, False)
    assert disputes_of(asked("1-1"))[0].decision == "街道统一提供"
    with pytest.raises(NotFound):
        disputes.decide_dispute(requirement_id=one.pk, upheld=False, decision="x", by=clerk, now=NOW)


def test_what_still_has_to_happen_stands_in_the_calendar(world: World) -> None:
    drive, unit = opened(world), world.actor("xt01_worker")
    one = asked("1-2").pk
    with pytest.raises(Refused, match="不在有效期"):
        occasions.plan_occasion(requirement_id=one, name="楼道清洁日", planned_on=date(2020, 8, 2), by=unit, now=NOW)
    made = occasions.plan_occasion(
        requirement_id=one, name="楼道清洁日", planned_on=date(2020, 7, 4), by=unit, now=NOW, client_key="o1"
    )
    assert made == occasions.plan_occasion(
        requirement_id=one, name="楼道清洁日", planned_on=date(2020, 7, 4), by=unit, now=NOW, client_key="o1"
    )
    assert [row.name for row in calendar_for(world.actor("leader"), drive)] == ["楼道清洁日"]
    assert not calendar_for(world.actor("wf_chief"), drive).exists()
    after = NOW + timedelta(days=12)
    with pytest.raises(Refused, match="实际日期，或写取消"):
        occasions.settle_occasion(requirement_id=one, occasion_id=made.pk, by=unit, now=after)
    occasions.settle_occasion(requirement_id=one, occasion_id=made.pk, happened_on=date(2020, 7, 5), by=unit, now=after)
    assert not calendar_for(world.actor("leader"), drive).exists()


def test_reasons_are_a_list_of_the_office(world: World) -> None:
    operations.put_reasons(names=["没有盖章", "没有盖章", " "], by=world.actor("clerk"), now=NOW)
    operations.put_reasons(names=["图片模糊", "没有盖章"], by=world.actor("clerk"), now=NOW)
    assert [reason.name for reason in Reason.objects.filter(active=True)] == ["图片模糊", "没有盖章"]
    with pytest.raises(Refused, match="由文明办维护"):
        operations.put_reasons(names=[], by=world.actor("xt_chief"), now=NOW)


def test_a_package_is_made_in_steps_and_sent_from_any_byte_on(world: World) -> None:
    drive, by = opened(world), world.actor("clerk")
    with pytest.raises(Refused, match="还没有审核通过"):
        packing.start_package(drive_id=drive.pk, by=by, now=NOW)
    for version in (
        handed(world, "1-1", "xt01_worker"),
        *(handed(world, "1-2", "xt01_worker", data=scene(seed)) for seed in (3, 5)),
        handed(world, "2-1", "wf_chief", text="另一份" + WORDS),
    ):
        accepted(world, version)
    made = packing.start_package(drive_id=drive.pk, by=by, now=NOW, client_key="p1")
    assert made == packing.start_package(drive_id=drive.pk, by=by, now=NOW, client_key="p1")
    assert packing.prepare_package(package_id=made.pk, now=NOW, at_most=3) is True
    made.refresh_from_db()
    assert (made.done, made.finished_at) == (3, None)
    lost = made.lines.get(position=4)
    default_storage.delete(lost.path)
    assert packing.prepare_package(package_id=made.pk, now=NOW, at_most=3) is False
    assert packing.prepare_package(package_id=made.pk, now=NOW) is False
    made = Package.objects.get(pk=made.pk)
    assert (made.done, made.failed, made.lines.get(position=4).trouble) == (4, 1, "文件不在了")
    zipped = packing.Zipped(made)
    whole = b"".join(zipped.pieces())
    assert len(whole) == made.size == zipped.layout.size
    assert b"".join(zipped.pieces(1000)) == whole[1000:]
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        assert package.testzip() is None
        names = package.namelist()
        assert names[3:] == [line.name for line in made.lines.exclude(trouble="文件不在了")]
        assert names[3].startswith("01 公共环境/001 RES-01/1-1-01 1-1 材料.docx")
        for line in package.read("00 SHA256SUMS.txt").decode().splitlines():
            digest, _, name = line.partition("  ")
            assert hashlib.sha256(package.read(name)).hexdigest() == digest
        assert "学田社区" in package.read("00 目录.html").decode()
    assert Requirement.objects.filter(state=State.ACCEPTED).count() == 3
