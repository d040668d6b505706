"""Short news: what may be kept, what may be given to a second person, who must have agreed."""

from datetime import date, datetime

import pytest

from chuangwen.rules.brief_words import of_campaign, of_case
from chuangwen.rules.permissions import Actor, Permission, PostFact, Role, Thing, may
from chuangwen.rules.publicity import (
    TABLE,
    BriefStatus,
    BriefStep,
    Consent,
    Named,
    Text,
    next_status,
    read_named,
    submit_objections,
    written_named,
)
from chuangwen.rules.refusals import Refused

GOOD = Text(
    "文峰巷的灯亮了", "6月24日，巡查发现文峰巷路灯不亮。问题交给文峰社区处理，两天后修好，核查通过。", "文峰街道"
)


def test_news_goes_from_draft_over_review_to_residents_and_never_past_the_second_person() -> None:
    assert next_status(BriefStatus.DRAFT, BriefStep.SUBMIT) is BriefStatus.REVIEW
    into = {status for (status, _step), target in TABLE.items() if target is BriefStatus.PUBLISHED}
    assert into == {BriefStatus.REVIEW}
    with pytest.raises(Refused, match="草稿"):
        next_status(BriefStatus.DRAFT, BriefStep.PUBLISH)


def test_names_are_read_with_how_the_person_agreed() -> None:
    found = read_named("王芳：3月2日书面同意\n高山: 不是人名\n")
    assert found == (Named("王芳", Consent.AGREED, "3月2日书面同意"), Named("高山", Consent.NO_PERSON))
    assert read_named(written_named(found)) == found
    with pytest.raises(Refused) as refusal:
        read_named("王芳\n：同意")
    assert len(refusal.value.objections) == 2


def test_every_objection_to_giving_it_away_is_named_at_once() -> None:
    assert submit_objections(GOOD, (), people={"王芳", "文"}, bare_photos=0, blank_captions=0) == []
    bad = Text("王芳捡垃圾", "电话13812345678", "")
    found = submit_objections(bad, (), people={"王芳"}, bare_photos=1, blank_captions=2)
    words = "".join(found)
    assert len(found) == 6
    assert all(part in words for part in ("太短", "署名", "电话", "王芳", "公开副本", "图片说明"))
    settled = (Named("王芳", Consent.AGREED, "口头同意"),)
    assert "王芳" not in "".join(submit_objections(bad, settled, people={"王芳"}, bare_photos=0, blank_captions=0))


def test_drafts_say_what_was_done_in_plain_sentences_without_a_person() -> None:
    case = of_case(
        {
            "place": "学田苑", "street": "学田街道", "trouble": "没有做到“楼道无堆物”", "unit": "学田苑物业",
            "reported_at": datetime(2020, 6, 24), "ended_at": datetime(2020, 6, 26), "from_resident": True,  # noqa: DTZ001
        },
        ["before", "after"],
    )  # fmt: skip
    assert "居民反映学田街道学田苑没有做到“楼道无堆物”" in case.body
    assert "2 天后改好" in case.body
    assert case.captions == ("学田苑整改前", "学田苑整改后")
    campaign = of_campaign(
        {
            "title": "飞线充电专项", "aim": "消除飞线", "areas": ["学田街道"], "starts_on": date(2020, 6, 1),
            "ends_on": date(2020, 6, 20), "conclusion": "已全部整改", "coverage": {"total": 9, "done": 8, "unreachable": 1},
            "cases": None,
        }
    )  # fmt: skip
    assert "应查 9 处，查看 8 处，1 处进不去已登记" in campaign.body


def test_who_wrote_never_reviews() -> None:
    clerk = Actor(7, "周文", (PostFact(Role.OFFICE_CLERK, 1, "文明办", "/CC/WM/", "/CC/"),))
    brief = Thing(home="/CC/XT/", handler="/CC/XT/")
    assert may(clerk, Permission.PUBLICITY_REVIEW, brief)
    assert not may(clerk, Permission.PUBLICITY_REVIEW, Thing(home="/CC/XT/", involved=frozenset({7})))
