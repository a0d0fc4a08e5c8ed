"""What a unit sees of how its people did: nothing before it is published, then results, certificates and notices."""

import pytest

from core.errors import NotFound
from core.plugin_api import Grade
from core.results.awards import queries as award_queries
from core.results.awards.pdf import excerpt_pdf
from core.results.candidate.unit_results import Only, notice_lines, unit_notices, unit_results
from tests.cases import CITY, YEAR, Season
from tests.results.awards.awarded import certified, closed, passed, published, revoked, struck

REVOKED = "处理决定已生效（清河工考决〔2024〕1号）"
"""Where a decision takes effect, its number is the reason, and not the facts."""


def test_an_outcome_is_seen_by_the_unit_once_it_is_published(season: Season) -> None:
    winner, loser = passed(season), passed(season, passes=False)
    with season.as_unit(winner.unit, loser.unit) as session:
        assert {result.passed for result in unit_results(session, YEAR)} == {None}
    published(season)
    with season.as_unit(winner.unit, loser.unit) as session:
        found = {result.application_id: result for result in unit_results(session, YEAR)}
        assert (found[winner.id].passed, found[winner.id].listed) == (True, "published")
        assert (found[loser.id].passed, found[loser.id].listed) == (False, "")
        assert [result.application_id for result in unit_results(session, YEAR, Only.FAILED)] == [loser.id]
        assert unit_notices(session, YEAR) == []


def test_a_unit_has_the_certificates_of_its_own_people_and_sees_them_revoked(season: Season) -> None:
    other = passed(season, grade=Grade.FOUR)
    case, paper = certified(season)
    with season.as_unit(case.unit) as session:
        [one] = unit_results(session, YEAR, Only.CERTIFIED)
        assert (one.certificate_id, one.number, one.revoked_at) == (paper.id, paper.number, None)
        assert award_queries.paper(session, paper.id).name == case.person.name
    with season.as_unit(other.unit) as session:
        assert [result.application_id for result in unit_results(session, YEAR)] == [other.id]
        with pytest.raises(NotFound):
            award_queries.paper(session, paper.id)
    revoked(season, case, reason="材料不实")
    with season.as_unit(case.unit) as session:
        [one] = unit_results(session, YEAR, Only.REVOKED)
        assert (one.revoked_reason, one.returned_at) == (REVOKED, None)
        assert unit_results(session, YEAR, Only.CERTIFIED) == []


def test_a_notice_names_to_a_unit_its_own_people_alone(season: Season) -> None:
    mine, strange = passed(season), passed(season)
    nobodys = passed(season, passes=False)
    listed = closed(season)
    with season.as_unit(mine.unit) as session:
        [notice] = unit_notices(session, YEAR)
        assert (notice.publication.id, notice.people) == (listed.id, 1)
        found, lines = notice_lines(session, listed.id)
        assert [line.person_name for line in lines] == [mine.person.name]
        assert strange.person.name not in str(lines)
        assert excerpt_pdf(session, found, lines, unit="测试单位").startswith(b"%PDF")
    with season.as_unit(nobodys.unit) as session:
        assert unit_notices(session, YEAR) == []
        with pytest.raises(NotFound):
            notice_lines(session, listed.id)


def test_a_list_that_is_still_out_has_no_notice_yet(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    with season.as_unit(case.unit) as session, pytest.raises(NotFound):
        notice_lines(session, listed.id)


def test_a_struck_person_is_told_apart_from_a_waiting_one(season: Season) -> None:
    case, _ = passed(season), passed(season)
    listed = published(season)
    with season.as_office(CITY, "supervisor") as session:
        lines = award_queries.lines(session, listed.id)
        [position] = [line.position for line in lines if line.application_id == case.id]
    struck(season, listed.id, position, reason="异议成立")
    with season.as_unit(case.unit) as session:
        [one] = unit_results(session, YEAR)
        assert (one.listed, one.struck_reason) == ("", "异议成立")
