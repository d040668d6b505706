"""The first draft of a short piece of news, out of facts: plain sentences for a person to better. No person is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chuangwen.rules.publicity import LONGEST_BODY, LONGEST_TITLE


@dataclass(frozen=True)
class Draft:
    """Title, text and a caption for each picture offered."""

    title: str
    body: str
    captions: tuple[str, ...] = ()


def _day(day: date | datetime) -> str:
    return f"{day.month}月{day.day}日"


def _title(words: str) -> str:
    return words if len(words) <= LONGEST_TITLE else words[: LONGEST_TITLE - 1] + "…"


def of_campaign(facts: Mapping[str, Any]) -> Draft:
    """Of a closed campaign. `facts`: title, aim, areas, starts_on, ends_on (dates), conclusion, coverage (done, total,
    unreachable) or None, cases (opened, closed).
    """
    areas = "、".join(facts["areas"])
    ground = f"在{areas}" if areas else ""
    parts = [
        f"{_day(facts['starts_on'])}至{_day(facts['ends_on'])}，{ground}开展了“{facts['title']}”。{_sentence(facts['aim'])}"
    ]
    if facts.get("coverage"):
        seen = facts["coverage"]
        left = f"，{seen['unreachable']} 处进不去已登记" if seen.get("unreachable") else ""
        parts.append(f"应查 {seen['total']} 处，查看 {seen['done']} 处{left}。")
    if facts.get("cases") and facts["cases"]["opened"]:
        found = facts["cases"]
        parts.append(f"发现问题 {found['opened']} 件，已改好并核查 {found['closed']} 件。")
    parts.append(_sentence(facts["conclusion"]))
    return Draft(_title(f"{facts['title']}结束"), "".join(parts)[:LONGEST_BODY])


def of_case(facts: Mapping[str, Any], roles: Sequence[str]) -> Draft:
    """Of a finished case. `facts`: place, trouble (没有做到“…”, 有…的问题), unit, street, reported_at, ended_at, from_resident. `roles`: before
    or after, one for each picture.
    """
    who = "居民反映" if facts["from_resident"] else "巡查发现"
    days = max((facts["ended_at"].date() - facts["reported_at"].date()).days, 0)
    spent = "当天" if days == 0 else f"{days} 天后"
    where = "".join(filter(None, (facts["street"], facts["place"])))
    body = (
        f"{_day(facts['reported_at'])}，{who}{where}{facts['trouble']}。问题交给{facts['unit'] or '责任单位'}处理，{spent}改好，"
        f"经没有经手的人到现场核查通过。"
    )
    captions = [f"{facts['place']}整改{'前' if role == 'before' else '后'}" for role in roles]
    return Draft(_title(f"{facts['place']}：{who}的问题改好了"), body[:LONGEST_BODY], tuple(captions))


def _sentence(words: str) -> str:
    plain = " ".join(words.split())
    return plain if not plain or plain[-1] in "。！？" else f"{plain}。"
