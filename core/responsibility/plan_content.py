"""Pure: what an emergency plan (应急预案) says besides its text, when it is due, and how two versions differ.

Source: 2024 notice §4(3): 要制定完善培训、考试应急预案，建立考试应急处理机制，有效预防并妥善处置重大自然灾害、
考试设施故障等各类突发事件. The notice sets no day: a plan is due before the training or the exam begins.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.plugin_api import ExamCalendar, WindowKind
from core.text.labels import Labelled


class Occasion(Labelled):
    """What a plan is for."""

    TRAINING = "training", "培训"
    EXAM = "exam", "考试"


class Emergency(Labelled):
    """A kind of emergency (突发事件) that a plan covers."""

    DISASTER = "disaster", "重大自然灾害"
    FACILITY = "facility", "考试设施故障"
    OTHER = "other", "其他突发事件"


class PlanState(Labelled):
    """Where a version stands."""

    DRAFTED = "drafted", "起草中，待审定"
    APPROVED = "approved", "已审定"
    FILED = "filed", "已报送，待上级接收"
    RECEIVED = "received", "已备案"
    RETURNED = "returned", "已退回，须重新报送"


PLAN_FIELDS: Mapping[str, str] = {
    "file": "预案文本",
    "hotline": "24小时值守电话",
    "contacts": "联系人",
    "events": "适用的突发事件",
    "sites": "适用的考点",
}
"""The parts of a plan that a remark may be about."""

_WINDOWS: Mapping[Occasion, frozenset[WindowKind]] = {
    Occasion.TRAINING: frozenset({WindowKind.TRAINING}),
    Occasion.EXAM: frozenset({WindowKind.COMPUTER_EXAM, WindowKind.LEVEL_ONE_THEORY}),
}


@dataclass(frozen=True, slots=True)
class PlanContent:
    """What a version says. ``contacts`` are duty, name and telephone; ``sites`` are ids, none for all of them."""

    hotline: str
    contacts: Sequence[tuple[str, str, str]]
    events: Collection[Emergency]
    sites: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that two versions say differently."""

    part: str
    before: str
    after: str


def due_before(calendar: ExamCalendar, occasion: Occasion) -> datetime | None:
    """The moment before which a plan is due: the beginning of the first such window; None without a date."""
    begins = [window.opens or window.closes for window in calendar.windows if window.kind in _WINDOWS[occasion]]
    return min(begins, default=None)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """The parts, by their names in ``PLAN_FIELDS``, that two versions say differently."""
    return [
        Difference(label, before.get(part, ""), after.get(part, ""))
        for part, label in PLAN_FIELDS.items()
        if before.get(part, "") != after.get(part, "")
    ]
