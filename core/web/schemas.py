"""The schemas that all parts of the API share: refusals, pages of a list, moments and texts."""

import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from litestar.params import QueryParameter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from core.clock import is_near
from core.text.form_texts import LONGEST, LONGEST_LINE


class Problem(BaseModel):
    """Why a request was refused: a code for programs, and what is wrong and what to do, in Chinese."""

    model_config = ConfigDict(frozen=True)

    error: str = Field(description="稳定不变的代码，供程序判断。")
    detail: str = Field(description="哪里不对、怎么办，给人看。")
    fields: dict[str, str] = Field(default_factory=dict, description="有误的字段及其说明。")
    reference: str = Field(default="", description="查询编号；询问时请一并提供，系统日志以此为据。")


class _Published(BaseModel):
    """A value of the API. ``published`` is its name in the description where two parts call something alike.

    Without it the name would be made from the module, and change when the code is moved.
    """

    def __init_subclass__(cls, *, published: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if published is not None:
            cls.__qualname__ = published


class Input(_Published):
    """What comes in: no unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(_Published):
    """What goes out, read from rows and values by the names of their attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def of(cls, row: object, /, **more: Any) -> Self:
        """The values of a row, and those that the row does not have."""
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields if name not in more} | more)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise PydanticCustomError("time_zone_missing", "a moment needs its offset")
    if not is_near(moment):
        raise PydanticCustomError("moment_far", "a moment lies outside every season")
    return moment


def _printable(text: str) -> str:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text):
        raise PydanticCustomError("not_printable", "a text holds control characters")
    return text.strip()


Moment = Annotated[datetime, AfterValidator(_aware)]
"""A moment with its offset, such as ``2024-04-01T09:00:00+08:00``."""
Line = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_printable)]
"""A name, a number or a code."""
Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(_printable)]
"""A reason or a remark. Whether it may be empty is the service's to say."""
Secret = Annotated[SecretStr, Field(min_length=1, max_length=200)]
"""A password or a code, exactly as it was typed; no log and no message shows it."""
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
"""The SHA-256 of a scan in hexadecimal, or nothing."""
OfficeId = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*){0,2}$")]
"""An office's code, such as ``henan/luoyang``."""
Year = Annotated[int, Field(ge=1990, le=2200)]
YearAsked = Annotated[int, QueryParameter(ge=1990, le=2200, description="考核年度。")]
OfficeAsked = Annotated[str, QueryParameter(max_length=100, description="机构代码，例如henan/luoyang。")]
DayAsked = Annotated[date | None, QueryParameter(description="按该日24:00时的情况查看；不填则为现在。")]
"""What an address can ask for."""


class Reason(Input):
    """Why somebody does something; those concerned read it."""

    reason: Text


class Remark(Input):
    """What is to be mended in something that goes back."""

    remark: Text


class Outcome(Output):
    """How many cases changed hands by an act."""

    cases_moved: int


class Identified(Output):
    """The id of what was made or changed."""

    id: UUID


class RevealedOut(Output):
    """A number in full. That it was shown is on the record."""

    value: str
