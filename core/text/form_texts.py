"""Reasons and remarks that people write: trimmed, there where they are needed, and no longer than somebody reads.

Numbers that they write stand among them.
"""

from __future__ import annotations

from typing import Final

from core.errors import Invalid

LONGEST: Final = 2000
"""In signs."""
MOST_DIGITS: Final = 6
"""Of a number that somebody writes into a form."""


def checked_text(text: str, *, field: str = "reason") -> str:
    """The text, trimmed. Invalid, at its field, where it is too long."""
    trimmed = text.strip()
    if len(trimmed) > LONGEST:
        message = f"文字过长（{len(trimmed)}字），最多{LONGEST}字。请删减后重新提交。"
        raise Invalid("text_too_long", message, fields={field: message})
    return trimmed


def required_text(text: str, message: str, *, field: str = "reason") -> str:
    """The text, trimmed. Invalid, code ``reason_required``, with ``message`` where there is none."""
    trimmed = checked_text(text, field=field)
    if not trimmed:
        raise Invalid("reason_required", message, fields={field: message})
    return trimmed


def whole_number(written: object) -> int | None:
    """The whole number that a field or an address says; None for anything else, and for more digits than we count.

    Python refuses to read thousands of digits, and PostgreSQL to hold twenty: neither is the sender's to try.
    """
    text = str(written).strip() if written is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
