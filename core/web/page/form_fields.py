"""Values in the fields of a sent form, for the pages of exams: moments in Shanghai, days, numbers, lists."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from core.clock import SHANGHAI, is_near
from core.errors import Invalid
from core.plugin_api import Grade
from core.text.form_texts import whole_number

Choice = TypeVar("Choice", bound=StrEnum)

GRADE_CHOICES = tuple((int(grade), grade.label) for grade in sorted(Grade, reverse=True))
"""The grades as a page offers them, from the lowest upwards."""


def moment(data: Mapping[str, Any], name: str) -> datetime:
    """A local moment such as 2024-06-22T09:00; Invalid for anything else."""
    try:
        written = datetime.fromisoformat(text(data, name))
    except ValueError:
        raise _wrong(name, "请按年-月-日 时:分填写时间。") from None
    if not is_near(written):
        raise _wrong(name, "年份有误，请核对后改正。")
    return written.replace(tzinfo=SHANGHAI) if written.tzinfo is None else written


def day(data: Mapping[str, Any], name: str) -> date:
    """A day such as 2024-06-22."""
    try:
        return date.fromisoformat(text(data, name))
    except ValueError:
        raise _wrong(name, "请按年-月-日填写日期。") from None


def number(data: Mapping[str, Any], name: str, *, least: int = 0) -> int:
    """A whole number that is not less than ``least``."""
    written = whole_number(text(data, name))
    if written is None or written < least:
        raise _wrong(name, f"请填写不小于{least}的整数。")
    return written


def identifier(data: Mapping[str, Any], name: str) -> UUID:
    """An id, as a choice of the page sends it."""
    try:
        return UUID(text(data, name))
    except ValueError:
        raise _wrong(name, "请从列表中选择。") from None


def identifiers(data: Mapping[str, Any], name: str) -> list[UUID]:
    """Several ids, as checkboxes send them."""
    return [identifier({name: value}, name) for value in several(data, name)]


def ticked(data: Mapping[str, Any] | None, *names: str) -> Mapping[str, list[str]]:
    """What was ticked in a form that is shown again, by field."""
    return {name: several(data or {}, name) for name in names}


def several(data: Mapping[str, Any], name: str) -> list[str]:
    """What repeated fields hold, in their order, each once."""
    given = data.get(name) or []
    listed = given if isinstance(given, list) else [given]
    return list(dict.fromkeys(str(value).strip() for value in listed if str(value).strip()))


def grades(data: Mapping[str, Any]) -> frozenset[Grade]:
    """The grades that are ticked."""
    try:
        return frozenset(Grade(int(value)) for value in several(data, "grades"))
    except ValueError:
        raise _wrong("grades", "请选择等级。") from None


def text(data: Mapping[str, Any], name: str) -> str:
    """A line as it was typed, without spaces around it."""
    given = data.get(name)
    return str(given[0] if isinstance(given, list) and given else given or "").strip()


def _wrong(name: str, message: str) -> Invalid:
    return Invalid("field_malformed", message, at=name)


def one_of(kind: type[Choice], data: Mapping[str, Any], name: str) -> Choice:
    """One of the values of an enumeration."""
    try:
        return kind(text(data, name))
    except ValueError:
        raise _wrong(name, "请从列表中选择。") from None
