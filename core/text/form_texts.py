"""Reasons, remarks and numbers that people write into forms: trimmed, present where required, of limited length."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from core.errors import Invalid

LONGEST: Final = 2000
"""The longest text, in characters."""
LONGEST_LINE: Final = 200
"""The longest name, number, title or place, in characters."""
LINES: Final = frozenset(
    {
        "address",
        "department",
        "deputy_login",
        "id_number",
        "instrument",
        "keeper",
        "login",
        "mobile",
        "name",
        "notice_number",
        "number",
        "office_phone",
        "phone",
        "place",
        "post",
        "source",
        "subject",
        "title",
        "to_keeper",
        "to_place",
        "unit_name",
        "value",
    }
)
"""The fields of forms that hold one line; by the API they have the same limit."""
CARRIED: Final = frozenset({"cropped", "pasted", "table", "trades", "units"})
"""The fields of forms that hold a whole table, list or picture: the size of the form alone limits them."""
MOST_DIGITS: Final = 6
"""The most digits of a number in a form."""


def longest(field: str) -> int | None:
    """The longest text of a form's field, in characters; None where the size of the form alone limits it."""
    if field in CARRIED:
        return None
    return LONGEST_LINE if field in LINES else LONGEST


def check_lengths(fields: Mapping[str, object]) -> None:
    """Invalid, at its field, for a text of a sent form that is too long; files are not looked at."""
    for field, sent in fields.items():
        limit = longest(field)
        values: Iterable[object] = sent if isinstance(sent, list) else [sent]
        for value in values:
            if limit is not None and isinstance(value, str):
                _check_length(value.strip(), limit, field)


def checked_text(text: str, *, field: str = "reason") -> str:
    """The text, trimmed; empty where nothing in it can be seen. Invalid, at its field, where it is too long."""
    trimmed = text.strip()
    if all(sign.isspace() or unicodedata.category(sign) == "Cf" for sign in trimmed):
        return ""
    _check_length(trimmed, LONGEST, field)
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


def _check_length(trimmed: str, limit: int, field: str) -> None:
    # A browser sends the end of a line as two characters, and shows it as one.
    length = len(trimmed.replace("\r\n", "\n"))
    if length > limit:
        raise Invalid("text_too_long", f"文字过长（{length}字），最多{limit}字。请删减后重新提交。", at=field)
