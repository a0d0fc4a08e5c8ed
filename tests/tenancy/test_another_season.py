"""The second season of a demonstration: the dates of another a year later, without the number of a notice."""

from datetime import date

import pytest

from core.plugin_api import ExamCalendar, Grade, OfficeCode, Window, WindowKind
from core.settings import ROOT
from core.tenancy.another_season import NO_PAPER, AnotherSeason
from core.tenancy.catalogue import Catalogue, load_catalogue

LUOYANG, HEBI = OfficeCode("henan/luoyang"), OfficeCode("henan/hebi")
ANOTHER = AnotherSeason(
    2025, like=2024, dates={HEBI: {"computer_exam": {"opens": date(2025, 8, 2), "closes": date(2025, 8, 3)}}}
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "tenants", another=ANOTHER)


def _days(calendar: ExamCalendar, kind: WindowKind) -> tuple[date | None, date]:
    window: Window | None = calendar.window(kind, Grade.FIVE)
    assert window is not None
    return None if window.opens is None else window.opens.date(), window.closes.date()


def test_the_files_have_no_fault_with_it(catalogue: Catalogue) -> None:
    assert catalogue.faults == ()
    assert catalogue.seasons() == (2024, 2025)


def test_every_date_is_moved_by_a_year(catalogue: Catalogue) -> None:
    before, moved = catalogue.calendar(LUOYANG, 2024), catalogue.calendar(LUOYANG, 2025)
    assert {window.kind for window in moved.windows} == {window.kind for window in before.windows}
    assert _days(moved, WindowKind.COMPUTER_EXAM) == (date(2025, 7, 13), date(2025, 8, 5))
    assert _days(moved, WindowKind.UNIT_REVIEW) == (None, date(2025, 4, 4))


def test_an_office_has_the_dates_that_it_is_given(catalogue: Catalogue) -> None:
    assert _days(catalogue.calendar(HEBI, 2025), WindowKind.COMPUTER_EXAM) == (date(2025, 8, 2), date(2025, 8, 4))
    assert _days(catalogue.calendar(HEBI, 2024), WindowKind.COMPUTER_EXAM) == (date(2024, 8, 10), date(2024, 8, 19))


def test_no_number_of_a_notice_is_invented(catalogue: Catalogue) -> None:
    season = catalogue.season(2025)
    assert season.notice == NO_PAPER
    assert "2025年" in season.notice_title
    assert season.notice_date == date(2025, 3, 15)
    sources = [filing.source for filing in catalogue.province.config.filings[2025].values()]
    assert len(sources) == 2
    assert all(source.startswith(NO_PAPER) for source in sources)


def test_the_rules_are_those_of_the_season_it_is_like(catalogue: Catalogue) -> None:
    assert catalogue.season(2025).rule_document == catalogue.season(2024).rule_document


def test_a_value_of_it_is_explained_by_the_line_that_it_comes_from(catalogue: Catalogue) -> None:
    lines = {setting.key: setting.line for setting in catalogue.explain(LUOYANG)}
    assert lines["calendar.2025.training.opens"] == lines["calendar.2024.training.opens"] is not None
