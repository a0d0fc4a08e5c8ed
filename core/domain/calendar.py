"""Pure: an office's dates of one season, built from configuration, checked against the frame above, in working days.

Decisions over :class:`~core.plugin_api.ExamCalendar`: no database, no file, no present moment. Windows are half-open,
in Shanghai time; an end written as a date means 24:00 of that day. Texts for operators are English;
:meth:`Outside.explanation` is the Chinese text for officers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import chinese_calendar

from core.clock import SHANGHAI, end_of, last_day, start_of
from core.plugin_api import ExamCalendar, Grade, Window, WindowKind
from core.text import dates

Moment = date | datetime
"""A date (00:00 where something begins, 24:00 where it ends) or a moment with its time zone."""

KIND_NAMES: Mapping[WindowKind, str] = {
    WindowKind.UNIT_NAMES: "核对单位名称",
    WindowKind.REGISTRATION: "网上注册报名",
    WindowKind.UNIT_REVIEW: "单位资格初审",
    WindowKind.QUALIFICATION_REVIEW: "网上资格审查和现场审查确认",
    WindowKind.TRAINING: "培训",
    WindowKind.COMPUTER_EXAM: "人机对话考试",
    WindowKind.LEVEL_ONE_THEORY: "一级理论考试",
    WindowKind.COMPREHENSIVE_REVIEW: "一级综合评审",
    WindowKind.RESULTS: "公布结果、办理证书",
}
"""The notice's own words for each kind. Source: 2024 notice §3(1)-(6)."""

_Span = tuple[datetime | None, datetime]
_ONE = frozenset({Grade.ONE})
_GRADES_OF: Mapping[WindowKind, frozenset[Grade]] = {
    WindowKind.COMPUTER_EXAM: frozenset(Grade) - _ONE,
    WindowKind.LEVEL_ONE_THEORY: _ONE,
    WindowKind.COMPREHENSIVE_REVIEW: _ONE,
}


class CalendarError(ValueError):
    """Dates that cannot be a calendar: ``kind`` and ``grade`` of the fault, and an English message with the remedy."""

    def __init__(self, kind: WindowKind, grade: Grade | None, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.grade = grade


@dataclass(frozen=True, slots=True)
class KindDates:
    """The configured dates of one kind: for all its grades, and (opens, closes) of single grades that differ.

    In an exception None means "as for all grades".
    """

    closes: Moment
    opens: Moment | None = None
    exceptions: Mapping[Grade, tuple[Moment | None, Moment | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outside:
    """A window that leaves its frame: ``own`` for ``grades``, and what the level above allows (None: nothing)."""

    kind: WindowKind
    grades: frozenset[Grade]
    own: Window
    frame: Window | None

    def __str__(self) -> str:
        allowed = f"the level above allows {span(self.frame)}" if self.frame else "the level above has no such dates"
        return f"{self.kind.value} for {grade_names(self.grades)} is set to {span(self.own)}, but {allowed}"

    def explanation(self) -> str:
        """The same for officers: both dates and what to do."""
        name = f"{KIND_NAMES[self.kind]}（{'、'.join(grade.label for grade in sorted(self.grades, reverse=True))}）"
        if self.frame is None:
            return f"上级未安排{name}，不能自行确定时间，请删去该项。"
        return (
            f"{name}定为{_chinese_span(self.own)}，超出上级规定的{_chinese_span(self.frame)}，请改到规定时间内再提交。"
        )


@dataclass(frozen=True, slots=True)
class CalendarWarning:
    """A lawful but unusual combination; ``code`` is for programs, ``text`` (English) for operators."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Due:
    """A due moment. Where ``holidays_known`` is False, only Saturdays and Sundays were left out of the count."""

    at: datetime
    holidays_known: bool


def grades_of(kind: WindowKind) -> frozenset[Grade]:
    """The grades that a kind concerns. Source: 2024 notice §3(5): grades five to two by computer, one in theory."""
    return _GRADES_OF.get(kind, frozenset(Grade))


def opening(moment: Moment) -> datetime:
    """The moment at which a window opens: a date means 00:00 in Shanghai."""
    return moment.astimezone(SHANGHAI) if isinstance(moment, datetime) else start_of(moment)


def closing(moment: Moment) -> datetime:
    """The moment at which a window closes: a date means 24:00 in Shanghai."""
    return moment.astimezone(SHANGHAI) if isinstance(moment, datetime) else end_of(moment)


def build_calendar(kinds: Mapping[WindowKind, KindDates]) -> ExamCalendar:
    """The calendar that these dates describe: one window for all grades of a kind that share their dates.

    Raises :class:`CalendarError` where a window would be empty or a grade has no such window.
    """
    return ExamCalendar(
        tuple(window for kind in WindowKind if kind in kinds for window in _windows_of(kind, kinds[kind]))
    )


def inherit(own: ExamCalendar, frame: ExamCalendar) -> ExamCalendar:
    """The calendar in force: for each kind and grade the office's own window where it has one, else the frame's."""
    spans: dict[WindowKind, dict[Grade, _Span]] = {kind: {} for kind in WindowKind}
    for window in (*frame.windows, *own.windows):
        spans[window.kind].update(dict.fromkeys(window.grades, (window.opens, window.closes)))
    return ExamCalendar(tuple(window for kind in WindowKind for window in _group(kind, spans[kind])))


def check_against_frame(own: ExamCalendar, frame: ExamCalendar) -> list[Outside]:
    """Every window of ``own`` that leaves ``frame``, compared for each kind and grade; empty when all lie inside.

    A window without an opening lies inside only a frame without one: otherwise it would be open before the frame is.
    """
    found: dict[tuple[Window, Window | None], set[Grade]] = {}
    for window in own.windows:
        for grade in window.grades:
            allowed = frame.window(window.kind, grade)
            if allowed is None or not _lies_inside(window, allowed):
                found.setdefault((window, allowed), set()).add(grade)
    return [
        Outside(kind=window.kind, grades=frozenset(grades), own=window, frame=allowed)
        for (window, allowed), grades in found.items()
    ]


def hard_end(calendar: ExamCalendar, grade: Grade) -> datetime | None:
    """The moment after which no case of ``grade`` moves any more: the end of qualification review; None if undated."""
    window = calendar.window(WindowKind.QUALIFICATION_REVIEW, grade)
    return window.closes if window else None


def correction_ends(end: datetime | None, due_at: datetime | None) -> datetime | None:
    """Until when a returned application may be corrected: the hard end ``end``, or a later date of its own.

    A case that was reopened and returned after the hard end has such a date.
    """
    return end if end is None or due_at is None else max(end, due_at)


def due_after(received: datetime, working_days: int, *, limit: datetime | None = None) -> Due:
    """24:00 of the last of ``working_days`` after the day of receipt, never later than ``limit``.

    Working days follow the published holidays and the days worked in exchange for them. For a year whose holidays are
    not published yet only weekends are left out, and ``holidays_known`` is False.
    """
    day, known, left = received.astimezone(SHANGHAI).date(), True, working_days
    while left > 0:
        day += timedelta(days=1)
        works, certain = _is_working_day(day)
        known = known and certain
        left -= works
    at = end_of(day)
    return Due(at=min(at, limit) if limit else at, holidays_known=known)


def verdict_due(
    received: datetime, working_days: int, *, exam_begins: datetime | None, days_before_exam: int
) -> datetime:
    """When an office should have given the final verdict on papers that came later (容缺后补).

    In its working days, but no later than 24:00 of the day that lies ``days_before_exam`` days before the exam, and
    never before the end of the day of receipt. Source: 2024 notice §2(5), 考试前确定最终审查结果.
    """
    due = due_after(received, working_days).at
    if exam_begins is not None:
        due = min(due, end_of(exam_begins.astimezone(SHANGHAI).date() - timedelta(days=days_before_exam)))
    return max(due, end_of(received.astimezone(SHANGHAI).date()))


def working_days_left(deadline: datetime, now: datetime) -> int:
    """How many working days come after today until the last day of a deadline, that day included."""
    day, last, left = now.astimezone(SHANGHAI).date(), last_day(deadline), 0
    while day < last:
        day += timedelta(days=1)
        left += _is_working_day(day)[0]
    return left


def answer_reminder_due(deadline: datetime, now: datetime, days_before: Collection[int]) -> int | None:
    """The latest due reminder, in working days before the deadline; None before the first one and after the deadline.

    A reminder that was missed, because no worker ran on its day, is due until the next one replaces it.
    """
    if now >= deadline:
        return None
    left = working_days_left(deadline, now)
    return min((days for days in days_before if left <= days), default=None)


def warnings(calendar: ExamCalendar) -> list[CalendarWarning]:
    """Lawful but unusual combinations in a calendar, by grade, each one once."""
    said = {warning: None for grade in sorted(Grade, reverse=True) for warning in _warnings_for(calendar, grade)}
    return list(said)


def calendar_to_json(calendar: ExamCalendar) -> list[dict[str, Any]]:
    """The windows as plain values with ISO moments, to be kept, filed and digested."""
    return [
        {
            "kind": window.kind.value,
            "opens": None if window.opens is None else window.opens.astimezone(SHANGHAI).isoformat(),
            "closes": window.closes.astimezone(SHANGHAI).isoformat(),
            "grades": sorted(int(grade) for grade in window.grades),
        }
        for window in calendar.windows
    ]


def calendar_from_json(windows: Iterable[Mapping[str, Any]]) -> ExamCalendar:
    """The calendar that :func:`calendar_to_json` wrote."""
    return ExamCalendar(
        tuple(
            Window(
                kind=WindowKind(window["kind"]),
                opens=None if window["opens"] is None else opening(datetime.fromisoformat(window["opens"])),
                closes=closing(datetime.fromisoformat(window["closes"])),
                grades=frozenset(Grade(grade) for grade in window["grades"]),
            )
            for window in windows
        )
    )


def span(window: Window) -> str:
    """A window as an operator writes it: ``2024-03-21 to 2024-04-05``, or ``until 2024-04-03``."""
    if window.opens is None:
        return f"until {_written(window.closes, ends=True)}"
    return f"{_written(window.opens)} to {_written(window.closes, ends=True)}"


def grade_names(grades: Iterable[Grade]) -> str:
    """Grades for operators: ``all grades``, ``grade 1``, ``grades 2, 3``."""
    numbers = sorted(int(grade) for grade in grades)
    if len(numbers) == len(Grade):
        return "all grades"
    return f"grade{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _windows_of(kind: WindowKind, configured: KindDates) -> list[Window]:
    """The windows of one kind, checked."""
    strange = sorted(set(configured.exceptions) - grades_of(kind))
    if strange:
        raise CalendarError(kind, strange[0], f"{kind.value} does not concern grade {int(strange[0])}")
    spans: dict[Grade, _Span] = {}
    for grade in sorted(grades_of(kind), reverse=True):
        own_opens, own_closes = configured.exceptions.get(grade, (None, None))
        opens = own_opens if own_opens is not None else configured.opens
        begins = None if opens is None else opening(opens)
        ends = closing(own_closes if own_closes is not None else configured.closes)
        if begins is not None and begins >= ends:
            where = grade if grade in configured.exceptions else None
            text = f"opens {_written(begins)}, which is not before it closes {_written(ends, ends=True)}"
            raise CalendarError(kind, where, text)
        spans[grade] = (begins, ends)
    return _group(kind, spans)


def _group(kind: WindowKind, spans: Mapping[Grade, _Span]) -> list[Window]:
    """One window for all grades with the same span; the span of most grades first."""
    grouped: dict[_Span, set[Grade]] = {}
    for grade in sorted(spans, reverse=True):
        grouped.setdefault(spans[grade], set()).add(grade)
    return [
        Window(kind=kind, opens=opens, closes=closes, grades=frozenset(grades))
        for (opens, closes), grades in sorted(grouped.items(), key=lambda item: -len(item[1]))
    ]


def _lies_inside(own: Window, frame: Window) -> bool:
    if frame.opens is not None and (own.opens is None or own.opens < frame.opens):
        return False
    return own.closes <= frame.closes


def _is_working_day(day: date) -> tuple[bool, bool]:
    """Whether people work on ``day``, and whether that is certain."""
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.weekday() < 5, False


def _warnings_for(calendar: ExamCalendar, grade: Grade) -> Iterator[CalendarWarning]:
    registration = calendar.window(WindowKind.REGISTRATION, grade)
    unit_review = calendar.window(WindowKind.UNIT_REVIEW, grade)
    review = calendar.window(WindowKind.QUALIFICATION_REVIEW, grade)
    exam = calendar.window(WindowKind.COMPUTER_EXAM, grade) or calendar.window(WindowKind.LEVEL_ONE_THEORY, grade)
    training = calendar.window(WindowKind.TRAINING, grade)
    if registration and unit_review and unit_review.closes < registration.closes:
        yield CalendarWarning(
            "unit_review_before_registration_closes",
            f"unit_review is due {_last(unit_review)}, before registration closes on {_last(registration)}; "
            "what is submitted afterwards is reviewed as late",
        )
    if registration and not _is_working_day(last_day(registration.closes))[0]:
        yield CalendarWarning(
            "registration_closes_on_a_day_off",
            f"registration closes on {_last(registration)}, which is not a working day; nobody may be there to help",
        )
    if registration and review and review.closes <= registration.closes:
        yield CalendarWarning(
            "no_time_to_review",
            f"qualification_review ends on {_last(review)}, when registration closes; the last cases find no reviewer",
        )
    if review and exam and exam.opens and exam.opens < review.closes:
        yield CalendarWarning(
            "exam_before_review_ends",
            f"{exam.kind.value} opens {_written(exam.opens)}, before qualification_review ends on {_last(review)}",
        )
    if training and training.opens and exam and exam.closes <= training.opens:
        yield CalendarWarning(
            "exam_before_training",
            f"{exam.kind.value} ends on {_last(exam)}, before training opens {_written(training.opens)}",
        )


def _last(window: Window) -> str:
    return _written(window.closes, ends=True)


def _written(moment: datetime, *, ends: bool = False) -> str:
    """A date where the moment is midnight (the day before, when it is an end), else date and time."""
    local = moment.astimezone(SHANGHAI)
    if local == start_of(local.date()):
        return (last_day(local) if ends else local.date()).isoformat()
    return f"{local:%Y-%m-%d %H:%M}"


def _chinese_span(window: Window) -> str:
    until = f"{_chinese(window.closes, ends=True)}止"
    return until if window.opens is None else f"{_chinese(window.opens)}起至{until}"


def _chinese(moment: datetime, *, ends: bool = False) -> str:
    """The same as :func:`_written`, in Chinese."""
    local = moment.astimezone(SHANGHAI)
    if local == start_of(local.date()):
        return dates.day(last_day(local) if ends else local)
    return dates.minute(local)
