"""Days in the fields of a sent form."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from core.errors import Invalid

_YEARS: Final = range(1900, 2200)


def day_of(data: Mapping[str, Any], name: str) -> date | None:
    """The day in a field; None where it is empty. Invalid at the field for any other text."""
    written = str(data.get(name) or "").strip()
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
        if day.year not in _YEARS:
            raise ValueError(written)
    except ValueError:
        raise Invalid("date_unreadable", "日期应写作年-月-日，例如2024-07-06。", at=name) from None
    return day
