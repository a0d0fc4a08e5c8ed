"""The figures that the database keeps: written by triggers, seen by their own office, unchanged by adding up."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.applications.counting import add_up
from core.db.session import OfficeSession, SystemSession, system_actor
from core.oversight import queries
from core.reviews.queue import counts
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR, Season, at

_SUM = "SELECT coalesce(sum(n), 0) FROM case_counts"


def _sums(session: OfficeSession) -> dict[str, int]:
    rows = session.execute(text("SELECT what, sum(n) FROM case_counts GROUP BY what HAVING sum(n) <> 0"))
    return {row[0]: int(row[1]) for row in rows}


def _office(season: Season, code: str) -> OfficeSession:
    return OfficeSession(season.connection, actor=system_actor(code), now=season.now)  # type: ignore[arg-type]


def test_a_case_is_counted_where_it_stands_and_its_decision_with_it(season: Season) -> None:
    case = season.at_office(CITY)
    with _office(season, CITY) as session:
        assert _sums(session)["qualification_review"] == 1
    season.approve_at_office(case)
    with _office(season, CITY) as session:
        found = _sums(session)
        assert "qualification_review" not in found
        assert found["qualified"] == 1
        assert queries.standard_figures(session, CITY, YEAR)["qualified"] == 1
        assert sum(counts(session, YEAR).values()) == 1


def test_an_office_sees_no_figures_of_others_nor_of_drafts(season: Season) -> None:
    season.at_office(CITY)
    with _office(season, OTHER_CITY) as session:
        assert session.scalar(text(_SUM)) == 0
    with _office(season, CITY) as session:
        assert session.scalar(text(f"{_SUM} WHERE what = 'draft'")) == 0


def test_adding_up_changes_no_figure(season: Season) -> None:
    for _ in range(3):
        season.approve_at_office(season.at_office(CITY))
    with SystemSession(season.connection, actor=system_actor(CITY), now=at(3, 25)) as session:
        before = _sums(session)
        add_up(session)
        assert _sums(session) == before


@pytest.mark.parametrize(
    "statement", ["INSERT INTO case_counts (n) VALUES (1)", "UPDATE case_counts SET n = 0", "DELETE FROM case_counts"]
)
def test_no_request_writes_a_figure(season: Season, statement: str) -> None:
    season.at_office(COUNTY)
    with _office(season, CITY) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(statement))
