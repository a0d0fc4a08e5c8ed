"""Pure: the unified social credit code (统一社会信用代码) of a body: 18 signs, the last of which checks the others.

Source: GB 32100-2015.
"""

from typing import Final

from core.errors import Invalid
from core.text import names

LENGTH: Final = 18
_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def stored_code(code: str) -> str | None:
    """The code as it is stored, None for an empty one; Invalid where its length, a sign or its check is wrong."""
    written = names.body(code).replace(" ", "").upper()
    if not written:
        return None
    if len(written) != LENGTH or any(sign not in _SIGNS for sign in written) or written[-1] != check_sign(written):
        text = "统一社会信用代码应为18位数字或大写字母，校验不通过。请对照登记证书改正，没有的请留空。"
        raise Invalid("unit_code_invalid", text, at="code")
    return written


def check_sign(code: str) -> str:
    """The last sign of a code that begins with these 17."""
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(code[: LENGTH - 1], _WEIGHTS, strict=True))
    return _SIGNS[-total % 31]
