"""Days in the fields of a sent form."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.errors import Invalid
from core.text.written_dates import read_date


def day_of(data: Mapping[str, Any], name: str) -> date | None:
    """The day in a field, however it is written; None where it is empty. Invalid at the field for any other text."""
    written = str(data.get(name) or "").strip()
    if not written:
        return None
    found = read_date(written)
    if found is None or found.day is None:
        raise Invalid("date_unreadable", "日期应写作年-月-日，例如2024-07-06。", at=name)
    return found.first_day
