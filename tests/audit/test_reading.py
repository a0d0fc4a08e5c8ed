"""The record is read page by page, the newest first, and every entry comes once, however many fell into one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from core.audit.queries import EntryFilter, entries
from core.audit.service import record
from tests.cases import CITY, COUNTY, Season, at


def _write(season: Season, moment: datetime, times: int, office: str = CITY) -> None:
    season.now = moment
    with season.as_office(office) as session:
        for _ in range(times):
            record(session, "calendar.proposed", office_id=office, subject_type="office", subject_id=office)


def _pages(season: Season, only: EntryFilter, size: int) -> Iterator[list[tuple[datetime, UUID]]]:
    following: UUID | None = None
    while True:
        with season.as_auditor() as session:
            rows, following = entries(session, only, before=following, size=size)
        yield [(row.at, row.id) for row in rows]
        if following is None:
            return


def test_every_entry_of_a_moment_comes_once_over_all_pages(season: Season) -> None:
    _write(season, at(5, 2), 5)
    # Written later and dated earlier, as a clock that was set back does.
    _write(season, at(5, 1), 4)
    _write(season, at(5, 2, 10), 3, COUNTY)
    day = EntryFilter(kind="calendar.proposed", since=at(5, 1), until=at(5, 3))
    pages = list(_pages(season, day, 2))
    assert [len(page) for page in pages] == [2] * 6
    read = [one for page in pages for one in page]
    assert read == sorted(set(read), reverse=True)
    assert [moment for moment, _ in read] == [at(5, 2, 10)] * 3 + [at(5, 2)] * 5 + [at(5, 1)] * 4


def test_a_day_ends_where_the_next_begins(season: Season) -> None:
    for moment in (at(5, 2) - timedelta(microseconds=1), at(5, 2), at(5, 3)):
        _write(season, moment, 1)
    day = EntryFilter(office_id=CITY, kind="calendar.proposed", since=at(5, 2), until=at(5, 3))
    assert [[moment for moment, _ in page] for page in _pages(season, day, 50)] == [[at(5, 2)]]
