"""What a unit states of its vacant posts: read by its applicants, by nobody else's, and changed by the unit alone."""

import pytest

from core.errors import Forbidden, Invalid
from core.plugin_api import Grade
from core.seasons.posts import state_posts, statement_of, vacant_by_grade
from tests.cases import CITY, OTHER_CITY, YEAR, Season, at


def test_applicants_of_the_unit_read_the_last_statement(season: Season) -> None:
    case, other = season.draft(), season.draft()
    with season.as_unit(case.unit) as session:
        state_posts(session, case.unit, YEAR, vacant={Grade.FIVE: 3, Grade.ONE: 0}, policy="")
    season.now = at(3, 26)
    with season.as_unit(case.unit) as session:
        state_posts(session, case.unit, YEAR, vacant={Grade.FIVE: 2, Grade.ONE: 0}, policy=" 按考核年限择优聘用 ")
    with season.as_person(case.person) as session:
        statement = statement_of(session, case.unit, YEAR)
        assert statement is not None
        assert vacant_by_grade(statement) == {Grade.FIVE: 2, Grade.ONE: 0}
        assert (statement.policy, statement.stated_at) == ("按考核年限择优聘用", at(3, 26))
        assert statement_of(session, case.unit, YEAR - 1) is None
    with season.as_person(other.person) as session:
        assert statement_of(session, case.unit, YEAR) is None
    with season.as_office(OTHER_CITY) as session:
        assert statement_of(session, case.unit, YEAR) is None
    with season.as_office(CITY) as session:
        assert statement_of(session, case.unit, YEAR) is not None


def test_a_unit_states_nothing_for_another(season: Season) -> None:
    case, other = season.draft(), season.draft()
    with season.as_unit(other.unit) as session, pytest.raises(Forbidden):
        state_posts(session, case.unit, YEAR, vacant={Grade.FIVE: 1}, policy="")


def test_an_impossible_statement_is_refused(season: Season) -> None:
    unit_id = season.add_unit()
    for vacant, policy in (({Grade.FIVE: -1}, ""), ({Grade.FIVE: 10_000}, ""), ({}, " "), ({}, "字" * 2001)):
        with season.as_unit(unit_id) as session, pytest.raises(Invalid):
            state_posts(session, unit_id, YEAR, vacant=vacant, policy=policy)
