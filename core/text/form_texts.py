"""Reasons, remarks and numbers that people write into forms: trimmed, present where required, of limited length."""

import unicodedata
from typing import Final

from core.errors import Invalid

LONGEST: Final = 2000
"""The longest text, in characters."""
MOST_DIGITS: Final = 6
"""The most digits of a number in a form."""


def checked_text(text: str, *, field: str = "reason") -> str:
    """The text, trimmed; empty where nothing in it can be seen. Invalid, at its field, where it is too long."""
    trimmed = text.strip()
    if all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in trimmed):
        return ""
    if len(trimmed) > LONGEST:
        raise Invalid("text_too_long", f"文字过长（{len(trimmed)}字），最多{LONGEST}字。请删减后重新提交。", at=field)
    return trimmed


def required_text(text: str, message: str, *, field: str = "reason") -> str:
    """The text, trimmed. Invalid, code ``reason_required``, with ``message`` where there is none."""
    trimmed = checked_text(text, field=field)
    if not trimmed:
        raise Invalid("reason_required", message, at=field)
    return trimmed


def whole_number(written: object) -> int | None:
    """The whole number in a field or an address; None for other texts, and for more than ``MOST_DIGITS`` digits.

    Python refuses to read thousands of digits, and PostgreSQL to hold twenty.
    """
    text = str(written).strip() if written is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
