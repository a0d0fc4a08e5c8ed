"""The settings of an office about lists, certificates and cases of sanctions.

None of it is known for Henan: every default is this installation's, and a province says otherwise in its file.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.tenancy.config.types import Count, Switch, Table, Text

NUMBER_FIELDS = ("area", "year", "grade", "trade", "serial")
"""The fields that a pattern of certificate numbers may name in braces."""


def _number_pattern(value: str) -> str:
    """A pattern whose numbers are unique and plain."""
    strange = [field for field in re.findall(r"\{([^{}]*)\}", value) if field not in NUMBER_FIELDS]
    if strange:
        raise ValueError(f"number_pattern mentions {', '.join(strange)}; there are: {', '.join(NUMBER_FIELDS)}")
    if not {"{serial}", "{year}", "{area}"} <= set(re.findall(r"\{[^{}]*\}", value)):
        raise ValueError("number_pattern must hold {area}, {year} and {serial}: else two offices give the same number")
    if re.search(r"[^0-9A-Z-]", re.sub(r"\{[^{}]*\}", "", value)):
        raise ValueError("number_pattern holds something else than digits, capital letters and hyphens")
    return value


class AwardsTable(Table):
    """How the candidates who passed are published, and how their certificates are numbered."""

    publication_days: Count = Field(default=5, ge=1)
    name_shown: Literal["full", "middle", "surname"] = "full"
    tail_digits: Count = Field(default=4, le=4)
    units_shown: Switch = True
    number_pattern: Annotated[str, AfterValidator(_number_pattern)] = "{area}{year}{grade}{serial}"
    serial_digits: Count = Field(default=5, ge=4, le=8)
    verification_address: Text | None = None
    correction_restarts: Switch = True
    hearing_days: Count = Field(default=3, ge=1)
    shown_days: Count = Field(default=365)


class SanctionsTable(Table):
    """The times for a hearing, for an appeal, and to decide on a suspended candidate, in working days."""

    hearing_days: Count = Field(default=5, ge=1)
    appeal_days: Count = Field(default=15, ge=1)
    suspension_days: Count = Field(default=10, ge=1)
