"""Short news: what it may hold, the steps of its life, who must have agreed to be named.

The five audiences are those of 宣传教育“五进”: offices, communities, enterprises, schools, families.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chuangwen.rules.refusals import Refused
from chuangwen.rules.residents import without_numbers

LONGEST_TITLE: Final = 40
LONGEST_BODY: Final = 800
SHORTEST_BODY: Final = 30
LONGEST_CAPTION: Final = 60
MOST_PHOTOS: Final = 4


class Audience(StrEnum):
    """Whom an event of the calendar is for."""

    OFFICES = "offices"
    COMMUNITIES = "communities"
    ENTERPRISES = "enterprises"
    SCHOOLS = "schools"
    FAMILIES = "families"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _AUDIENCES[self]


_AUDIENCES: Final = {
    Audience.OFFICES: "机关", Audience.COMMUNITIES: "社区", Audience.ENTERPRISES: "企业", Audience.SCHOOLS: "学校",
    Audience.FAMILIES: "家庭",
}  # fmt: skip


class BriefStatus(StrEnum):
    """Where a piece of news stands."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return _STATUSES[self]


_STATUSES: Final = {
    BriefStatus.DRAFT: "草稿", BriefStatus.REVIEW: "待审", BriefStatus.PUBLISHED: "已发布", BriefStatus.WITHDRAWN: "已撤下",
}  # fmt: skip


class BriefStep(StrEnum):
    """What can be done with it."""

    SUBMIT = "submit"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"

    @property
    def label(self) -> str:
        """What the button says."""
        return _STEPS[self]


_STEPS: Final = {
    BriefStep.SUBMIT: "交审", BriefStep.SEND_BACK: "退回修改", BriefStep.PUBLISH: "通过并发布", BriefStep.WITHDRAW: "撤下",
}  # fmt: skip
TABLE: Final[Mapping[tuple[BriefStatus, BriefStep], BriefStatus]] = {
    (BriefStatus.DRAFT, BriefStep.SUBMIT): BriefStatus.REVIEW,
    (BriefStatus.REVIEW, BriefStep.SEND_BACK): BriefStatus.DRAFT,
    (BriefStatus.REVIEW, BriefStep.PUBLISH): BriefStatus.PUBLISHED,
    (BriefStatus.PUBLISHED, BriefStep.WITHDRAW): BriefStatus.WITHDRAWN,
}


def next_status(status: BriefStatus, step: BriefStep) -> BriefStatus:
    """The status after the step; a sentence when there is no such step from here."""
    found = TABLE.get((status, step))
    if found is None:
        raise Refused(f"这篇简讯现在是“{status.label}”，不能“{step.label}”。")
    return found


class Consent(StrEnum):
    """Why a name may stand in a text."""

    AGREED = "agreed"
    NO_PERSON = "no_person"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return "本人同意" if self is Consent.AGREED else "不是人名"


@dataclass(frozen=True)
class Named:
    """A name in a text: agreed (then how and when), or the same characters without meaning a person."""

    name: str
    consent: Consent
    how: str = ""


def read_named(text: str) -> tuple[Named, ...]:
    """One name a line: `姓名：怎样同意的`; `词语：不是人名` for words that only look like a name. Refuses every odd line."""
    found, odd = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, how = (part.strip() for part in re.sub("[:：]", "：", line, count=1).partition("："))
        if not name or not how or len(name) > 20 or len(how) > 100:
            odd.append(
                f"“{line[:30]}”应写成“姓名：何时怎样同意的”，例如“王芳：2026年3月2日书面同意”；不是人名的写“词语：不是人名”。"
            )
        elif how == Consent.NO_PERSON.label:
            found.append(Named(name, Consent.NO_PERSON))
        else:
            found.append(Named(name, Consent.AGREED, how))
    if odd:
        raise Refused(odd)
    return tuple(found)


def written_named(named: Iterable[Named]) -> str:
    """The same lines again, for the form."""
    return "\n".join(f"{row.name}：{row.how or Consent.NO_PERSON.label}" for row in named)


@dataclass(frozen=True)
class Text:
    """What residents would read."""

    title: str
    body: str
    byline: str
    captions: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """Every word of it."""
        return "\n".join((self.title, self.body, self.byline, *self.captions))


def draft_objections(text: Text) -> list[str]:
    """What cannot even be kept as a draft."""
    found = [] if text.title.strip() else ["请写标题。"]
    for name, words, most in (("标题", text.title, LONGEST_TITLE), ("正文", text.body, LONGEST_BODY)):
        found += [f"{name}最多 {most} 字，现在 {len(words)} 字。"] if len(words) > most else []
    found += (
        [f"图片说明最多 {LONGEST_CAPTION} 字。"] if any(len(words) > LONGEST_CAPTION for words in text.captions) else []
    )
    return found


def submit_objections(
    text: Text, named: Sequence[Named], *, people: Iterable[str], bare_photos: int, blank_captions: int
) -> list[str]:
    """Everything that keeps a text from being passed. `people`: names of persons that the house knows; `bare_photos`:
    pictures without a masked or cleared copy; `blank_captions`: pictures without a word under them.
    """
    found = draft_objections(text)
    found += [f"正文太短，至少 {SHORTEST_BODY} 字。"] if len(text.body.strip()) < SHORTEST_BODY else []
    found += [] if text.byline.strip() else ["请写供稿单位或署名。"]
    found += ["里面有电话号码或身份证号，请删去。"] if without_numbers(text.whole) != text.whole else []
    unasked = names_without_consent(text.whole, named, people)
    if unasked:
        found.append(
            f"出现了{'、'.join(unasked)}：请在“文中人名”里写明本人何时怎样同意，或写“不是人名”；也可以改成不写姓名。"
        )
    found += [f"有 {bare_photos} 张照片还没有公开副本，请先遮盖人脸和车牌。"] if bare_photos else []
    found += [f"有 {blank_captions} 张照片没有图片说明。"] if blank_captions else []
    return found


def names_without_consent(text: str, named: Sequence[Named], people: Iterable[str]) -> list[str]:
    """The known persons who stand in a text and are not in the list. Single characters are no names."""
    settled = {row.name for row in named}
    return sorted({name for name in people if len(name) > 1 and name in text and name not in settled})[:20]
