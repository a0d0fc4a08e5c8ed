"""Pure: mobile numbers of mainland China, as typed."""

import re
import unicodedata
from typing import Final

from core.errors import Invalid

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_PUNCTUATION: Final = re.compile(r"[\s\-‐-―]")


def parse_mobile(text: str, *, field: str = "mobile") -> str:
    """The eleven digits of a mobile number; full-width digits, blanks, hyphens and +86 are corrected.

    Raises Invalid, code ``mobile_invalid``, that names ``field``.
    """
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    if not _MOBILE.fullmatch(digits):
        raise Invalid("mobile_invalid", "手机号码应为11位数字，以13至19开头。请核对后重新填写。", at=field)
    return digits


def masked_mobile(number: str) -> str:
    """A number as it may be shown: the first three and the last four digits, such as 139****0000."""
    return f"{number[:3]}****{number[-4:]}"
