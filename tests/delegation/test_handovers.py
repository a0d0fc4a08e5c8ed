"""Cases in flight, stage by stage: desks pinned again, waiting handovers, pauses and endings."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.applications.models import Application, Move
from core.delegation import service
from core.delegation.queries import delegations
from core.delegation.scope import DELEGABLE, Scope
from core.delegation.service import CaseChoice
from core.domain.workflow import Action, State
from core.errors import Conflict, Invalid
from core.plugin_api import Grade, OfficeCode, ReviewStage
from core.reviews.decisions.items import each_item
from core.reviews.service import approve, reopen
from core.tenancy.offices import Offices
from tests.entrusted import START, Entrusted, terms
from tests.linshui import HEYUAN, QINGHE

ONSITE_ONLY = Scope(frozenset({ReviewStage.ONSITE_CONFIRMATION}))
QUALIFICATION_ONLY = Scope(frozenset({ReviewStage.QUALIFICATION_REVIEW}))


def _approve(world: Entrusted, office: OfficeCode, case: UUID, offices: Offices) -> tuple[str, str]:
    """Let the office agree, as its desk does, and return who has the case now and its state."""
    with world.officer(office) as session:
        approve(session, case, offices=offices, items=each_item(session, case))
    return world.row(case)


def _switch(world: Entrusted, delegation_id: UUID, *, pause: bool) -> None:
    with world.office(QINGHE, world.tick()) as session:
        (service.pause if pause else service.resume)(session, delegation_id, reason="测试")


def _give_back(world: Entrusted, delegation_id: UUID, cases: CaseChoice, **exceptions: CaseChoice) -> int:
    with world.office(HEYUAN, world.tick()) as session:
        chosen = {UUID(case): choice for case, choice in exceptions.items()}
        return service.give_back(session, delegation_id, reason="测试交回", cases=cases, exceptions=chosen)


def test_a_case_that_moved_stays_with_the_receiver_through_both_stages(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    world.in_force()
    assert _approve(world, HEYUAN, case, offices) == (HEYUAN, State.ONSITE_CONFIRMATION)


def test_a_receiver_of_the_first_stage_only_hands_on_to_the_city(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    with world.officer(QINGHE) as session:
        session.get_one(Application, case).desks = {"onsite_confirmation": QINGHE}
    world.in_force(scope=QUALIFICATION_ONLY)
    assert world.row(case)[0] == HEYUAN
    assert _approve(world, HEYUAN, case, offices) == (QINGHE, State.ONSITE_CONFIRMATION)


def test_a_receiver_of_the_last_stage_only_gets_a_case_when_it_comes_there(world: Entrusted, offices: Offices) -> None:
    case, there = world.case(), world.case()
    world.act(QINGHE, there, Action.APPROVE)
    world.in_force(scope=ONSITE_ONLY)
    assert (world.row(case)[0], world.row(there)[0]) == (QINGHE, HEYUAN)
    assert _approve(world, QINGHE, case, offices) == (HEYUAN, State.ONSITE_CONFIRMATION)


def test_a_case_finishes_its_stage_with_the_city_before_it_goes_down(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    world.in_force(open_cases=CaseChoice.FINISH_FIRST)
    assert (world.row(case)[0], world.waiting_handovers()) == (QINGHE, 1)
    assert _approve(world, QINGHE, case, offices) == (HEYUAN, State.ONSITE_CONFIRMATION)
    assert world.waiting_handovers() == 0


def test_a_returned_case_has_nothing_to_finish_and_moves_at_once(world: Entrusted) -> None:
    case = world.case()
    world.act(QINGHE, case, Action.RETURN)
    world.in_force(open_cases=CaseChoice.FINISH_FIRST)
    assert (world.row(case), world.waiting_handovers()) == ((HEYUAN, State.RETURNED), 0)


def test_a_handover_to_a_paused_receiver_waits_until_it_goes_on(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    made = world.in_force(open_cases=CaseChoice.FINISH_FIRST)
    _switch(world, made, pause=True)
    assert _approve(world, QINGHE, case, offices) == (QINGHE, State.ONSITE_CONFIRMATION)
    assert world.waiting_handovers() == 1
    _switch(world, made, pause=False)
    with world.officer(QINGHE) as session:
        assert service.finish_handover(session, case)
    assert (world.row(case)[0], world.waiting_handovers()) == (HEYUAN, 0)


def test_a_handover_to_a_receiver_whose_delegation_has_ended_is_dropped(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    world.take_back(world.in_force(open_cases=CaseChoice.FINISH_FIRST))
    assert _approve(world, QINGHE, case, offices) == (QINGHE, State.ONSITE_CONFIRMATION)
    assert world.waiting_handovers() == 0


def test_a_paused_receiver_still_approves_what_it_has(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    _switch(world, world.in_force(), pause=True)
    assert _approve(world, HEYUAN, case, offices) == (HEYUAN, State.ONSITE_CONFIRMATION)


def test_a_case_left_to_finish_is_decided_on_the_delegation_that_gave_it(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    made = world.in_force()
    world.take_back(made, CaseChoice.STAY)
    assert _approve(world, HEYUAN, case, offices)[0] == HEYUAN
    with world.office(QINGHE, world.now) as session:
        decision = session.scalars(select(Move).where(Move.application_id == case, Move.action == "approve")).one()
    assert (decision.acting_office_id, decision.delegation_id) == (HEYUAN, made)


@pytest.mark.parametrize(("ended", "reviewer"), [(False, HEYUAN), (True, QINGHE)])
def test_a_reopened_case_goes_to_whoever_may_review_it_now(
    world: Entrusted, offices: Offices, ended: bool, reviewer: str
) -> None:
    case = world.case(onsite=False)
    made = world.in_force()
    world.act(HEYUAN, case, Action.REJECT)
    if ended:
        world.take_back(made)
    assert world.row(case)[0] == HEYUAN
    with world.office(QINGHE, world.tick()) as session:
        reopen(session, case, offices=offices, reason="申诉成立")
    assert world.row(case) == (reviewer, State.QUALIFICATION_REVIEW)


def test_giving_back_says_what_becomes_of_each_case(world: Entrusted) -> None:
    moves, stays = world.case(), world.case()
    made = world.in_force()
    assert _give_back(world, made, CaseChoice.MOVE, **{str(stays): CaseChoice.STAY}) == 1
    assert (world.row(moves)[0], world.row(stays)[0]) == (QINGHE, HEYUAN)


def test_a_choice_for_a_case_that_the_receiver_has_not_in_hand_is_refused(world: Entrusted) -> None:
    decided = world.case(onsite=False)
    made = world.in_force()
    world.act(HEYUAN, decided, Action.APPROVE)
    with pytest.raises(Invalid) as refused:
        world.take_back(made, CaseChoice.MOVE, exceptions={decided: CaseChoice.STAY})
    assert refused.value.code == "not_its_cases"


def test_an_office_holds_one_delegation_of_another_at_a_time(world: Entrusted) -> None:
    world.delegation(effective_until=START + timedelta(days=3))
    with world.office(QINGHE, START) as session, pytest.raises(Conflict) as refused:
        service.propose(session, HEYUAN, terms(effective_from=START + timedelta(days=2)))
    assert refused.value.code == "already_delegated"
    with world.office(QINGHE, START) as session:
        service.propose(session, HEYUAN, terms(effective_from=START + timedelta(days=3)))


def test_one_delegation_follows_another_on_the_day(world: Entrusted) -> None:
    case = world.case()
    first = world.delegation(effective_until=START + timedelta(days=3))
    with world.office(QINGHE, START) as session:
        scope = Scope(DELEGABLE, grades=frozenset({Grade.FIVE}))
        second = service.propose(session, HEYUAN, terms(effective_from=START + timedelta(days=3), scope=scope)).id
    for days in (1, 2):
        with world.office(QINGHE, world.tick(days=days)) as session:
            service.due_work(session)
    with world.office(QINGHE, world.now) as session:
        states = {delegation.id: delegation.state for delegation in delegations(session, office_id=HEYUAN)}
    assert (states[first], states[second]) == ("ended", "in_force")
    assert world.row(case)[0] == HEYUAN
