"""The types of values in an office's TOML: dates, counts, names, and the frozen table itself."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from core.plugin_api import Grade


def _moment(value: object) -> date | datetime:
    """A TOML date, or a TOML date-time with its offset, unchanged."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time of day needs its offset, such as 2024-04-05T18:00:00+08:00")
        return value
    return _day(value)


def _day(value: object) -> date:
    """A TOML date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("write a TOML date without quotes, such as 2024-04-05")


def _number_key(value: object) -> object:
    """The number behind a table's name, which TOML writes as text also where it is a year or a grade."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Moment = Annotated[date | datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
Count = Annotated[int, Field(strict=True, ge=0)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Switch = Annotated[bool, Field(strict=True)]
Year = Annotated[int, BeforeValidator(_number_key), Field(ge=2000, le=2100)]
GradeNumber = Annotated[Grade, BeforeValidator(_number_key)]
AreaNumber = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
PluginName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Table(BaseModel):
    """A TOML table: no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)
