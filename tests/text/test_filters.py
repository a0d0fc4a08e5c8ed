"""Moments and deadlines as pages write them."""

from datetime import timedelta

import pytest

from core.clock import end_of
from core.plugin_api import Grade, Window, WindowKind
from core.text import filters
from tests.cases import at


@pytest.mark.parametrize(
    ("left", "written"),
    [
        (timedelta(days=2, hours=3, minutes=20), "2天3小时"),
        (timedelta(days=2), "2天"),
        (timedelta(hours=3, minutes=20), "3小时20分钟"),
        (timedelta(hours=3), "3小时"),
        (timedelta(minutes=20), "20分钟"),
        (timedelta(seconds=5), "1分钟"),
    ],
)
def test_a_length_of_time_is_written_in_its_two_largest_units(left: timedelta, written: str) -> None:
    assert filters.remaining(left) == written


def test_a_deadline_says_what_it_means_now() -> None:
    closes = end_of(at(4, 5).date())
    assert filters.deadline(closes, closes - timedelta(days=2, hours=3)) == "4月5日24:00截止（还有2天3小时）"
    assert filters.deadline(closes, closes) == "4月5日24:00已截止"
    assert filters.deadline(at(4, 5, 17), at(4, 5, 16)) == "4月5日17:00截止（还有1小时）"
    assert filters.deadline(None, closes) == "没有期限"


def test_a_window_is_written_by_its_days() -> None:
    everybody = frozenset(Grade)
    assert filters.span(Window(WindowKind.REGISTRATION, at(3, 21, 0), end_of(at(4, 5).date()), everybody)) == (
        "3月21日至4月5日"
    )
    assert filters.span(Window(WindowKind.UNIT_REVIEW, None, end_of(at(4, 3).date()), everybody)) == "4月3日前"


def test_a_run_of_grades_is_written_by_its_ends() -> None:
    assert filters.grades(frozenset(Grade) - {Grade.ONE}) == "五级至二级"
    assert filters.grades([Grade.ONE, Grade.FIVE]) == "五级、一级"
    assert filters.grades([Grade.TWO]) == "二级"
