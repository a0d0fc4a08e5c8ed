"""Windows from dates, calendars held against their frame, and due dates in working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from core.clock import SHANGHAI, end_of, start_of
from core.domain.calendar import (
    CalendarError,
    Due,
    KindDates,
    Outside,
    answer_reminder_due,
    build_calendar,
    calendar_from_json,
    calendar_to_json,
    check_against_frame,
    due_after,
    grades_of,
    hard_end,
    inherit,
    span,
    warnings,
    working_days_left,
)
from core.plugin_api import ExamCalendar, Grade, Window, WindowKind

REGISTRATION = WindowKind.REGISTRATION
EXAM = WindowKind.COMPUTER_EXAM
FRAME = build_calendar(
    {
        WindowKind.UNIT_NAMES: KindDates(opens=date(2024, 3, 18), closes=date(2024, 3, 20)),
        REGISTRATION: KindDates(opens=date(2024, 3, 21), closes=date(2024, 4, 5)),
        WindowKind.UNIT_REVIEW: KindDates(closes=date(2024, 4, 3)),
        WindowKind.QUALIFICATION_REVIEW: KindDates(opens=date(2024, 3, 21), closes=date(2024, 4, 15)),
        WindowKind.TRAINING: KindDates(opens=date(2024, 4, 1), closes=date(2024, 7, 31)),
        EXAM: KindDates(opens=date(2024, 6, 1), closes=date(2024, 9, 30)),
        WindowKind.LEVEL_ONE_THEORY: KindDates(opens=date(2024, 6, 1), closes=date(2024, 9, 30)),
    }
)
"""The frame of the 2024 notice, §3(1)-(5)."""


def _only(kind: WindowKind, opens: date | None, closes: date) -> ExamCalendar:
    return build_calendar({kind: KindDates(opens=opens, closes=closes)})


def test_an_end_date_means_24_00_in_shanghai() -> None:
    window = FRAME.window(REGISTRATION, Grade.FIVE)
    assert window is not None
    assert window.contains(datetime(2024, 4, 5, 23, 59, 59, tzinfo=SHANGHAI))
    assert not window.contains(datetime(2024, 4, 6, tzinfo=SHANGHAI))
    assert not window.contains(datetime(2024, 3, 20, 15, 59, 59, tzinfo=UTC))
    assert window.contains(datetime(2024, 3, 20, 16, tzinfo=UTC))


def test_a_time_of_day_is_taken_as_it_is_written() -> None:
    noon = datetime(2024, 4, 15, 4, tzinfo=UTC)
    calendar = build_calendar({REGISTRATION: KindDates(opens=date(2024, 3, 21), closes=noon)})
    assert calendar.windows[0].closes == datetime(2024, 4, 15, 12, tzinfo=SHANGHAI)
    assert span(calendar.windows[0]) == "2024-03-21 to 2024-04-15 12:00"


def test_a_window_without_an_opening_is_a_deadline() -> None:
    window = FRAME.window(WindowKind.UNIT_REVIEW)
    assert window == Window(WindowKind.UNIT_REVIEW, None, end_of(date(2024, 4, 3)))
    assert span(window) == "until 2024-04-03"


def test_the_computer_exam_is_for_grades_five_to_two_and_theory_for_grade_one() -> None:
    assert FRAME.window(EXAM, Grade.ONE) is None
    assert FRAME.window(EXAM, Grade.TWO) is not None
    assert FRAME.window(WindowKind.LEVEL_ONE_THEORY, Grade.TWO) is None
    assert grades_of(WindowKind.COMPREHENSIVE_REVIEW) == {Grade.ONE}


def test_grades_with_other_dates_get_a_window_of_their_own_that_may_overlap() -> None:
    dates = KindDates(
        opens=date(2024, 3, 21), closes=date(2024, 4, 1), exceptions={Grade.ONE: (date(2024, 3, 27), date(2024, 4, 5))}
    )
    others = frozenset(Grade) - {Grade.ONE}
    assert build_calendar({REGISTRATION: dates}).windows == (
        Window(REGISTRATION, start_of(date(2024, 3, 21)), end_of(date(2024, 4, 1)), others),
        Window(REGISTRATION, start_of(date(2024, 3, 27)), end_of(date(2024, 4, 5)), frozenset({Grade.ONE})),
    )


def test_an_exception_keeps_what_it_does_not_name() -> None:
    dates = KindDates(
        opens=date(2024, 3, 21), closes=date(2024, 4, 5), exceptions={Grade.TWO: (None, date(2024, 4, 2))}
    )
    window = build_calendar({REGISTRATION: dates}).window(REGISTRATION, Grade.TWO)
    assert window is not None
    assert span(window) == "2024-03-21 to 2024-04-02"


@pytest.mark.parametrize(
    ("dates", "grade", "said"),
    [
        (KindDates(opens=date(2024, 7, 2), closes=date(2024, 7, 1)), None, "not before it closes 2024-07-01"),
        (
            KindDates(
                opens=date(2024, 7, 1), closes=date(2024, 7, 9), exceptions={Grade.TWO: (date(2024, 8, 1), None)}
            ),
            Grade.TWO,
            "opens 2024-08-01",
        ),
        (KindDates(closes=date(2024, 7, 9), exceptions={Grade.ONE: (None, None)}), Grade.ONE, "does not concern"),
    ],
)
def test_dates_that_cannot_be_a_calendar_say_where(dates: KindDates, grade: Grade | None, said: str) -> None:
    with pytest.raises(CalendarError, match=said) as refusal:
        build_calendar({EXAM: dates})
    assert (refusal.value.kind, refusal.value.grade) == (EXAM, grade)


def test_a_calendar_inside_its_frame_has_nothing_outside() -> None:
    assert check_against_frame(_only(EXAM, date(2024, 6, 1), date(2024, 9, 30)), FRAME) == []
    assert check_against_frame(FRAME, FRAME) == []


@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        (date(2024, 5, 31), date(2024, 9, 30)),
        (date(2024, 6, 1), date(2024, 10, 1)),
        (None, date(2024, 9, 30)),
        (date(2023, 6, 1), date(2023, 9, 30)),
    ],
)
def test_a_window_that_leaves_its_frame_is_found(opens: date | None, closes: date) -> None:
    own = _only(EXAM, opens, closes)
    assert check_against_frame(own, FRAME) == [Outside(EXAM, grades_of(EXAM), own.windows[0], FRAME.window(EXAM))]


def test_only_the_grades_that_leave_the_frame_are_named() -> None:
    dates = KindDates(
        opens=date(2024, 6, 1), closes=date(2024, 9, 30), exceptions={Grade.TWO: (None, date(2024, 10, 1))}
    )
    found = check_against_frame(build_calendar({EXAM: dates}), FRAME)
    assert [outside.grades for outside in found] == [{Grade.TWO}]


def test_what_is_outside_says_both_dates_in_english_and_in_chinese() -> None:
    found = check_against_frame(_only(EXAM, date(2024, 5, 20), date(2024, 7, 1)), FRAME)[0]
    assert str(found) == (
        "computer_exam for grades 2, 3, 4, 5 is set to 2024-05-20 to 2024-07-01, "
        "but the level above allows 2024-06-01 to 2024-09-30"
    )
    assert found.explanation() == (
        "人机对话考试（五级、四级、三级、二级）定为2024年5月20日起至2024年7月1日止，"
        "超出上级规定的2024年6月1日起至2024年9月30日止，请改到规定时间内再提交。"
    )


def test_a_kind_that_the_frame_does_not_have_lies_outside() -> None:
    found = check_against_frame(_only(WindowKind.RESULTS, date(2024, 9, 1), date(2024, 9, 2)), FRAME)[0]
    assert found.frame is None
    assert str(found).endswith("the level above has no such dates")
    assert found.explanation().startswith("上级未安排公布结果")


def test_a_deadline_lies_inside_a_later_one_and_not_inside_an_earlier_one() -> None:
    assert check_against_frame(_only(WindowKind.UNIT_REVIEW, None, date(2024, 4, 2)), FRAME) == []
    assert check_against_frame(_only(WindowKind.UNIT_REVIEW, date(2024, 3, 25), date(2024, 4, 3)), FRAME) == []
    assert check_against_frame(_only(WindowKind.UNIT_REVIEW, None, date(2024, 4, 4)), FRAME) != []


def test_an_offices_own_window_replaces_the_frames_for_its_grades_only() -> None:
    own = ExamCalendar(
        (Window(REGISTRATION, start_of(date(2024, 3, 27)), end_of(date(2024, 4, 5)), frozenset({Grade.ONE})),)
    )
    effective = inherit(own, FRAME)
    first, five = effective.window(REGISTRATION, Grade.ONE), effective.window(REGISTRATION, Grade.FIVE)
    assert first == own.windows[0]
    assert five is not None
    assert span(five) == "2024-03-21 to 2024-04-05"
    assert effective.window(EXAM) == FRAME.window(EXAM)


def test_the_hard_end_is_the_end_of_qualification_review() -> None:
    assert hard_end(FRAME, Grade.FOUR) == datetime(2024, 4, 16, tzinfo=SHANGHAI)
    assert hard_end(ExamCalendar(()), Grade.FOUR) is None


def test_the_frame_of_2024_is_lawful_and_unusual_in_two_ways() -> None:
    assert [warning.code for warning in warnings(FRAME)] == [
        "unit_review_before_registration_closes",
        "registration_closes_on_a_day_off",
    ]


@pytest.mark.parametrize(
    ("kind", "opens", "closes", "code"),
    [
        (WindowKind.QUALIFICATION_REVIEW, date(2024, 3, 21), date(2024, 4, 5), "no_time_to_review"),
        (EXAM, date(2024, 4, 15), date(2024, 4, 20), "exam_before_review_ends"),
        (WindowKind.TRAINING, date(2024, 10, 1), date(2024, 10, 2), "exam_before_training"),
    ],
)
def test_other_unusual_combinations_are_warned_about(kind: WindowKind, opens: date, closes: date, code: str) -> None:
    assert code in {warning.code for warning in warnings(inherit(_only(kind, opens, closes), FRAME))}
    assert code not in {warning.code for warning in warnings(FRAME)}


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        (datetime(2024, 3, 21, 9, tzinfo=SHANGHAI), 3, date(2024, 3, 26)),
        # Qingming: 4 to 6 April are off, and Sunday the 7th is worked in exchange.
        (datetime(2024, 4, 3, 9, tzinfo=SHANGHAI), 1, date(2024, 4, 7)),
        (datetime(2024, 4, 5, 23, 59, tzinfo=SHANGHAI), 2, date(2024, 4, 8)),
        (datetime(2024, 3, 21, 9, tzinfo=SHANGHAI), 0, date(2024, 3, 21)),
        # Half past midnight in Shanghai, although it is still the day before in London.
        (datetime(2024, 3, 20, 16, 30, tzinfo=UTC), 1, date(2024, 3, 22)),
    ],
)
def test_due_dates_count_working_days_after_the_day_of_receipt(received: datetime, days: int, due: date) -> None:
    assert due_after(received, days) == Due(at=end_of(due), holidays_known=True)


def test_nothing_is_due_after_the_hard_end() -> None:
    limit = hard_end(FRAME, Grade.FIVE)
    assert due_after(datetime(2024, 4, 12, 9, tzinfo=SHANGHAI), 5, limit=limit) == Due(
        at=datetime(2024, 4, 16, tzinfo=SHANGHAI), holidays_known=True
    )


def test_a_year_without_published_holidays_counts_weekdays_and_says_so() -> None:
    received = datetime(2090, 9, 29, 9, tzinfo=SHANGHAI)
    assert due_after(received, 1) == Due(at=end_of(date(2090, 10, 2)), holidays_known=False)


def test_a_calendar_survives_being_written_down() -> None:
    assert calendar_from_json(calendar_to_json(FRAME)) == FRAME


_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31))


@st.composite
def _calendars(draw: st.DrawFn) -> ExamCalendar:
    kinds = {}
    for kind in draw(st.sets(st.sampled_from(WindowKind))):
        opens, closes = sorted((draw(_DAYS), draw(_DAYS)))
        exceptions = {}
        for grade in draw(st.sets(st.sampled_from(sorted(grades_of(kind))))):
            first, last = sorted((draw(_DAYS), draw(_DAYS)))
            exceptions[grade] = (first, last)
        kinds[kind] = KindDates(opens=opens, closes=closes, exceptions=exceptions)
    return build_calendar(kinds)


@given(own=_calendars(), frame=_calendars())
def test_what_is_inherited_is_outside_exactly_where_the_office_itself_is(
    own: ExamCalendar, frame: ExamCalendar
) -> None:
    def named(calendar: ExamCalendar) -> set[tuple[WindowKind, Grade]]:
        return {(outside.kind, grade) for outside in check_against_frame(calendar, frame) for grade in outside.grades}

    assert named(inherit(own, frame)) == named(own)


@given(own=_calendars(), frame=_calendars())
def test_every_kind_and_grade_has_at_most_one_window(own: ExamCalendar, frame: ExamCalendar) -> None:
    seen = [(window.kind, grade) for window in inherit(own, frame).windows for grade in window.grades]
    assert len(seen) == len(set(seen))
    assert set(seen) == {(window.kind, grade) for window in (*own.windows, *frame.windows) for grade in window.grades}


@given(day=_DAYS, days=st.integers(1, 20))
def test_one_more_working_day_is_always_later(day: date, days: int) -> None:
    received = start_of(day) + timedelta(hours=9)
    assert due_after(received, days).at < due_after(received, days + 1).at


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2024, 10, 8, 9, tzinfo=SHANGHAI), 5),
        (datetime(2024, 10, 11, 23, tzinfo=SHANGHAI), 2),
        (datetime(2024, 10, 12, 9, tzinfo=SHANGHAI), 1),
        (datetime(2024, 10, 13, 9, tzinfo=SHANGHAI), 1),
        (datetime(2024, 10, 14, 9, tzinfo=SHANGHAI), 0),
        (datetime(2024, 10, 15, 9, tzinfo=SHANGHAI), 0),
    ],
)
def test_working_days_left_count_the_last_day_and_those_worked_for_holidays(now: datetime, left: int) -> None:
    assert working_days_left(datetime(2024, 10, 15, tzinfo=SHANGHAI), now) == left


@given(st.integers(0, 1000), st.integers(1, 30), st.sets(st.integers(0, 10)))
def test_a_reminder_of_an_answer_comes_in_its_working_days_and_never_after(
    day: int, days: int, before: set[int]
) -> None:
    asked = datetime(2023, 1, 1, 15, tzinfo=SHANGHAI) + timedelta(days=day)
    deadline = due_after(asked, days).at
    assert working_days_left(deadline, asked) == days
    due = min((reminder for reminder in before if days <= reminder), default=None)
    assert answer_reminder_due(deadline, asked, before) == due
    assert answer_reminder_due(deadline, deadline, before) is None
    last = deadline - timedelta(seconds=1)
    assert answer_reminder_due(deadline, last, before) == min(before, default=None)
