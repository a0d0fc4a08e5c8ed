"""Decisions belong to the office and the officer who made them, for good; cases to whom they are in hand now."""

from datetime import timedelta

from core.db.session import OfficeSession
from core.delegation.service import CaseChoice
from core.domain.workflow import Action
from core.oversight import queries
from core.oversight.board import Monitored
from core.oversight.decisions import by_officer
from core.plugin_api import OfficeCode
from tests.cases import YEAR
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE


def _desks(session: OfficeSession) -> dict[OfficeCode, Monitored]:
    return {desk.office: desk for desk in queries.monitor_desks(session, QINGHE, YEAR)}


def test_decisions_stay_with_the_county_after_a_take_back(world: Entrusted) -> None:
    given = world.in_force()
    returned, approved, waiting = world.case(), world.case(), world.case()
    for case in (returned, approved, waiting):
        world.transfer(QINGHE, case, HEYUAN, given)
    world.act(HEYUAN, returned, Action.RETURN)
    world.act(HEYUAN, approved, Action.APPROVE)
    world.take_back(given, CaseChoice.MOVE)
    assert {world.row(case)[0] for case in (approved, waiting)} == {QINGHE}
    with world.office(QINGHE, world.tick()) as session:
        desks = _desks(session)
        assert (desks[HEYUAN].decisions, desks[HEYUAN].returned) == (2, 1)
        assert (desks[QINGHE].decisions, desks[QINGHE].returned) == (0, 0)
        assert desks[QINGHE].backlog == 2
        city = queries.monitor_places(session, QINGHE, YEAR)
        # The figures by actor and by place, in hand and decided, add up to the same.
        assert sum(desk.decisions for desk in desks.values()) == sum(place.decisions for place in city) == 2
        assert sum(desk.total for desk in desks.values()) == sum(place.total for place in city) == 3


def test_a_reopening_counts_against_the_office_that_it_overturns(world: Entrusted) -> None:
    given = world.in_force()
    case = world.case(onsite=False)
    world.transfer(QINGHE, case, HEYUAN, given)
    world.act(HEYUAN, case, Action.REJECT)
    world.take_back(given, CaseChoice.MOVE)
    world.reopen(case, world.tick())
    world.transfer(QINGHE, case, QINGHE, None)
    with world.office(QINGHE, world.tick()) as session:
        desks = _desks(session)
        assert (desks[HEYUAN].overturned, desks[QINGHE].overturned) == (1, 0)
        assert (desks[HEYUAN].decisions, desks[QINGHE].decisions) == (1, 0)


def test_officers_are_listed_with_what_they_decided_and_how_long_it_took(world: Entrusted) -> None:
    given = world.in_force()
    case = world.case(onsite=False)
    world.transfer(QINGHE, case, HEYUAN, given)
    world.tick(hours=5)
    world.act(HEYUAN, case, Action.REJECT)
    world.take_back(given, CaseChoice.MOVE)
    world.reopen(case, world.tick())
    with world.office(QINGHE, world.tick()) as session:
        [figures] = by_officer(session, YEAR, owner=QINGHE)
        assert (figures.office, figures.delegated, figures.decisions) == (HEYUAN, True, 1)
        assert (figures.rejected, figures.overturned) == (1, 1)
        assert timedelta(hours=5) <= figures.median < timedelta(hours=6)
        assert by_officer(session, delegation=given) == [figures]
        assert by_officer(session, YEAR, acting=QINGHE) == []
        assert by_officer(session, YEAR + 1, owner=QINGHE) == []
