"""Pure: the next step of a case in words, for the table of a unit's people and for reminders of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.clock import SHANGHAI, last_day
from core.domain.workflow import State

NOTHING: Final = "—"
_OF_OTHERS: Final[Mapping[tuple[State, bool], str]] = {
    (State.UNIT_REVIEW, False): "单位审核",
    (State.DEPARTMENT_REVIEW, False): "主管部门审核",
    (State.QUALIFICATION_REVIEW, False): "网上资格审查",
    (State.ONSITE_CONFIRMATION, False): "现场审查确认",
    (State.ONSITE_CONFIRMATION, True): "集中报送现场确认的材料",
    (State.PROVISIONAL, False): "审查补交的材料",
    (State.PROVISIONAL, True): "补交承诺后补的材料",
}


def step(state: State, *, applying: bool, lacking: str) -> str:
    """The next step. ``applying`` where it is up to applicant or unit and not to an office; ``lacking`` from lists."""
    if state is State.DRAFT:
        return "核对后提交" if lacking == "本人提交" else f"填好后提交（还缺{lacking}）"
    if state is State.RETURNED:
        return f"改正后重新提交（{lacking}）" if lacking else "改正后重新提交"
    return _OF_OTHERS.get((state, applying), _OF_OTHERS.get((state, False), NOTHING))


def days_left(until: datetime, now: datetime) -> int:
    """Whole days of Shanghai until the last day of a deadline: 0 on that day, negative after it."""
    return (last_day(until) - now.astimezone(SHANGHAI).date()).days


def left(until: datetime | None, now: datetime) -> str:
    """The days that are left, in words; empty without a date."""
    if until is None:
        return ""
    days = days_left(until, now)
    if until <= now:
        return "今天已截止" if days == 0 else f"已过{-days}天"
    return f"还有{days}天" if days else "今天截止"
