"""Dates that stand in a paper: 2017-03-05, 2017年3月5日, 二〇一七年三月五日."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

_DIGITS: Final = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0, "Ｏ": 0, "O": 0}
_PLAIN: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")
_SPELT: Final = re.compile(
    r"([一二][〇○零ＯO一二三四五六七八九]{3})\s*年\s*([一二三四五六七八九十]{1,2})\s*月\s*([一二三四五六七八九十]{1,3})\s*日"
)
MOST: Final = 500


def _number(signs: str) -> int:
    """A number up to 99, spelt: 十二, 二十, 三十一."""
    if "十" not in signs:
        return _DIGITS[signs] if len(signs) == 1 else 0
    tens, ones = signs.split("十", 1)
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _spelt(year: str, month: str, day: str) -> tuple[int, int, int]:
    return int("".join(str(_DIGITS[sign]) for sign in year)), _number(month), _number(day)


def _found(text: str) -> Iterator[tuple[int, int, int]]:
    for plain in _PLAIN.finditer(text):
        yield int(plain[1]), int(plain[2]), int(plain[3])
    for spelt in _SPELT.finditer(text):
        yield _spelt(spelt[1], spelt[2], spelt[3])


def dates_in(text: str) -> tuple[date, ...]:
    """Every real day that a text names, in the order of its kinds, at most 500; what is no day is passed over."""
    days: list[date] = []
    for parts in _found(text):
        try:
            days.append(date(*parts))
        except ValueError:
            continue
        if len(days) == MOST:
            break
    return tuple(days)
