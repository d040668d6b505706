"""Telephone and identity numbers inside what people wrote: hidden from everybody who does not handle the matter.

《个人信息保护法》第二十八条（敏感个人信息）, 第五十一条（去标识化）.
"""

import re
import unicodedata
from typing import Final

from chuangwen.rules.text import mask_phone

_SEPARATED: Final = r"[ \-－—.]?"
_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    rf"\d{{6}}{_SEPARATED}\d{{8}}{_SEPARATED}\d{{3}}[\dXx]"  # identity number
    rf"|1[3-9]\d{_SEPARATED}\d{{4}}{_SEPARATED}\d{{4}}"  # mobile telephone
    rf"|\d{{4}}(?:{_SEPARATED}\d{{4}}){{3}}(?:{_SEPARATED}\d{{1,3}})?"  # bank card
    r"|\d{15}"  # identity number of the first generation
    rf"|0\d{{2,3}}{_SEPARATED}\d{{7,8}}"  # telephone with area code
    r"|[2-8]\d{7}(?=\D|$)"  # telephone without one; a year and day begin with 1 or 2 and are let through below
    r")(?![0-9A-Za-z])"
)
_DAY: Final = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")


def hidden_numbers(text: str) -> str:
    """The text with every such number starred in its middle; full-width digits count as digits, a written day stays."""
    flat = "".join(_flat(sign) for sign in text)
    out, at = [], 0
    for found in _NUMBER.finditer(flat):
        if not _DAY.fullmatch(found[0]):
            out += [text[at : found.start()], mask_phone(flat[found.start() : found.end()])]
            at = found.end()
    return "".join([*out, text[at:]])


def _flat(sign: str) -> str:
    """One sign for one sign: a full-width one as its plain form."""
    plain = unicodedata.normalize("NFKC", sign) if "\uff00" <= sign <= "\uffef" else sign
    return plain if len(plain) == 1 else sign
