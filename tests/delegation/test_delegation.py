"""Delegations: proposed, in force, taken or given back, paused, expired, and the choices for cases in flight."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from core.applications.models import Application
from core.applications.rules.document import RuleDocument
from core.audit.agreement import reason_digest
from core.audit.models import RecordEntry
from core.delegation import service
from core.delegation.models import Delegation
from core.delegation.queries import handlers_of
from core.delegation.scope import DELEGABLE, Scope
from core.delegation.service import CaseChoice
from core.domain.workflow import Action, State
from core.errors import Conflict, Forbidden, Invalid, KaowuError
from core.messages.models import Notice
from core.organizations.models import Unit
from core.pages.delegation.delegations import _terms
from core.plugin_api import Grade, ReviewStage
from core.reviews.decisions.items import each_item
from core.reviews.service import approve
from core.tenancy.offices import Offices
from tests.entrusted import START, Entrusted, terms
from tests.linshui import HEYUAN, LINSHUI, QINGHE, YUNSHAN


def _state(world: Entrusted, delegation_id: UUID) -> tuple[str, str | None]:
    with world.office(QINGHE, world.now) as session:
        delegation = session.get_one(Delegation, delegation_id)
        return delegation.state, delegation.ended_how


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instrument": "  "}, "instrument_required"),
        ({"scope": Scope(frozenset())}, "stages_not_delegable"),
        ({"scope": Scope(frozenset({ReviewStage.UNIT_REVIEW}))}, "stages_not_delegable"),
        ({"effective_from": START - timedelta(minutes=1)}, "effective_in_the_past"),
        ({"effective_until": START}, "dates_out_of_order"),
    ],
)
def test_a_proposal_that_cannot_hold_is_refused(world: Entrusted, changes: dict[str, Any], code: str) -> None:
    with world.office(QINGHE, START) as session, pytest.raises(Invalid) as refused:
        service.propose(session, HEYUAN, terms(**changes))
    assert refused.value.code == code


@pytest.mark.parametrize("receiver", [YUNSHAN, LINSHUI, QINGHE])
def test_only_an_office_right_below_can_receive(world: Entrusted, receiver: str) -> None:
    with world.office(QINGHE, START) as session, pytest.raises(Invalid) as refused:
        service.propose(session, receiver, terms())
    assert refused.value.code == "not_below"


def test_a_proposal_changes_nothing_before_it_takes_effect(world: Entrusted) -> None:
    case = world.case()
    made = world.delegation()
    assert _state(world, made) == ("pending", None)
    assert world.row(case) == (QINGHE, State.QUALIFICATION_REVIEW)


def test_taking_effect_moves_open_cases_and_tells_both_offices(world: Entrusted) -> None:
    case, drafted_later = world.case(), world.case()
    made = world.delegation()
    with world.office(QINGHE, world.tick()) as session:
        assert service.take_effect(session, made) == 2
    assert {world.row(moved)[0] for moved in (case, drafted_later)} == {HEYUAN}
    for office in (QINGHE, HEYUAN):
        with world.office(office, world.now) as session:
            titles = session.scalars(select(Notice.title).where(Notice.recipient_office_id == office)).all()
        assert "委托或下放已生效" in titles


def test_a_delegation_takes_effect_neither_early_nor_twice(world: Entrusted) -> None:
    made = world.delegation(effective_from=START + timedelta(days=1))
    with world.office(QINGHE, START) as session, pytest.raises(Conflict) as early:
        service.take_effect(session, made)
    assert early.value.code == "not_yet"
    with world.office(QINGHE, world.tick(days=1)) as session:
        service.take_effect(session, made)
    with world.office(QINGHE, world.tick()) as session, pytest.raises(Conflict) as twice:
        service.take_effect(session, made)
    assert twice.value.code == "not_pending"


def test_the_receiver_cannot_put_a_delegation_in_force(world: Entrusted) -> None:
    made = world.delegation()
    with world.office(HEYUAN, START) as session, pytest.raises(Forbidden):
        service.take_effect(session, made)
    assert _state(world, made) == ("pending", None)


def test_only_cases_in_scope_move(world: Entrusted) -> None:
    five, four = world.case(grade=Grade.FIVE), world.case(grade=Grade.FOUR)
    world.in_force(scope=Scope(DELEGABLE, grades=frozenset({Grade.FOUR})))
    assert (world.row(five)[0], world.row(four)[0]) == (QINGHE, HEYUAN)


def test_open_cases_stay_where_the_terms_say_so(world: Entrusted) -> None:
    case = world.case()
    world.in_force(open_cases=CaseChoice.STAY)
    assert world.row(case)[0] == QINGHE


def test_taking_back_does_with_each_case_what_was_chosen(world: Entrusted) -> None:
    moves, stays, finishes = (world.case() for _ in range(3))
    made = world.in_force()
    chosen = {stays: CaseChoice.STAY, finishes: CaseChoice.FINISH_FIRST}
    assert world.take_back(made, CaseChoice.MOVE, exceptions=chosen) == 1
    assert [world.row(moved)[0] for moved in (moves, stays, finishes)] == [QINGHE, HEYUAN, HEYUAN]
    assert world.waiting_handovers() == 1
    assert _state(world, made) == ("ended", "taken_back")


def test_a_case_that_finishes_first_goes_back_when_it_is_approved(world: Entrusted, offices: Offices) -> None:
    case = world.case()
    made = world.in_force()
    assert world.take_back(made, CaseChoice.FINISH_FIRST) == 0
    with world.officer(HEYUAN) as session:
        approve(session, case, offices=offices, items=each_item(session, case))
    assert world.row(case) == (QINGHE, State.ONSITE_CONFIRMATION)
    assert world.waiting_handovers() == 0


def test_taking_back_needs_a_reason(world: Entrusted) -> None:
    made = world.in_force()
    with world.office(QINGHE, world.tick()) as session, pytest.raises(Invalid) as refused:
        service.take_back(session, made, cases=CaseChoice.MOVE, reason=" ")
    assert refused.value.code == "reason_required"
    assert _state(world, made) == ("in_force", None)


def test_a_delegation_that_has_ended_cannot_be_taken_back_again(world: Entrusted) -> None:
    made = world.in_force()
    world.take_back(made)
    with pytest.raises(Conflict):
        world.take_back(made)


def test_the_receiver_gives_everything_back(world: Entrusted) -> None:
    cases = [world.case() for _ in range(2)]
    made = world.in_force()
    with world.office(HEYUAN, world.tick()) as session:
        assert service.give_back(session, made, reason="测试交回") == 2
    assert {world.row(case)[0] for case in cases} == {QINGHE}
    assert _state(world, made) == ("ended", "given_back")


def test_the_delegating_office_cannot_give_back(world: Entrusted) -> None:
    made = world.in_force()
    with world.office(QINGHE, world.tick()) as session, pytest.raises(Forbidden):
        service.give_back(session, made, reason="测试交回")


def test_a_paused_receiver_finishes_what_it_has_and_gets_nothing_new(world: Entrusted) -> None:
    had = world.case()
    made = world.in_force()
    new = world.case()
    with world.office(QINGHE, world.tick()) as session:
        service.pause(session, made, reason="测试暂停")
    world.act(HEYUAN, had, Action.APPROVE)
    assert world.row(had) == (HEYUAN, State.ONSITE_CONFIRMATION)
    with pytest.raises(DBAPIError, match="no delegation in force"):
        world.transfer(QINGHE, new, HEYUAN, made)
    with world.office(QINGHE, world.tick()) as session:
        service.resume(session, made, reason="测试恢复")
    world.transfer(QINGHE, new, HEYUAN, made)
    assert world.row(new)[0] == HEYUAN


def test_the_record_of_a_pause_has_the_digest_and_the_notice_the_reason(world: Entrusted) -> None:
    made = world.in_force()
    with world.office(QINGHE, world.tick()) as session:
        service.pause(session, made, reason="  测试暂停 ")
        entry = session.scalars(select(RecordEntry).where(RecordEntry.kind == "delegation.paused")).one()
        assert entry.payload["reason"] == reason_digest(made, "测试暂停")
        assert "测试暂停" not in str(entry.payload)
        assert "测试暂停" in session.scalars(select(Notice.body).where(Notice.kind == "delegation")).all()[-1]


def test_due_work_puts_in_force_and_lets_expire(world: Entrusted) -> None:
    case = world.case(onsite=False)
    made = world.delegation(effective_from=START + timedelta(days=1), effective_until=START + timedelta(days=3))
    for days, expected in ((0, "pending"), (1, "in_force"), (1, "in_force"), (1, "ended")):
        with world.office(QINGHE, world.tick(days=days)) as session:
            service.due_work(session)
        assert _state(world, made)[0] == expected
    assert _state(world, made) == ("ended", "expired")
    assert world.row(case)[0] == HEYUAN
    assert world.waiting_handovers() == 1


def test_a_past_handler_keeps_reading_but_no_longer_decides(world: Entrusted) -> None:
    case = world.case()
    made = world.in_force()
    before = world.now
    world.take_back(made)
    with world.office(HEYUAN, world.tick()) as session:
        assert session.get_one(Application, case).handler_office_id == QINGHE
        (past,) = handlers_of(session, case)
        assert past.office_id == HEYUAN
        assert past.until is not None
        assert past.from_ <= before < past.until
    with pytest.raises(KaowuError):
        world.act(HEYUAN, case, Action.APPROVE)
    with world.office(QINGHE, world.now) as session:
        assert [handler.office_id for handler in handlers_of(session, case)] == [QINGHE, HEYUAN, QINGHE]


@pytest.mark.parametrize("receiver", [HEYUAN, YUNSHAN, LINSHUI])
def test_the_database_refuses_an_office_without_a_delegation(world: Entrusted, receiver: str) -> None:
    case = world.case()
    with pytest.raises(DBAPIError, match="no delegation in force"):
        world.transfer(QINGHE, case, receiver, None)
    assert world.row(case)[0] == QINGHE


def test_the_database_refuses_an_office_that_has_nothing_to_do_with_the_case(world: Entrusted) -> None:
    case = world.case()
    with pytest.raises(DBAPIError, match="not the asker's case"):
        world.transfer(YUNSHAN, case, QINGHE, None)


def test_every_act_is_on_the_record(world: Entrusted) -> None:
    world.case()
    made = world.in_force()
    world.take_back(made)
    with world.office(QINGHE, world.now) as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(made))).all()
    assert sorted(kinds) == ["delegation.proposed", "delegation.taken_back", "delegation.took_effect"]


def test_units_are_named_one_a_line_and_an_unknown_name_is_refused(
    world: Entrusted, linshui_offices: tuple[Offices, RuleDocument]
) -> None:
    platform: Any = SimpleNamespace(offices=linshui_offices[0])
    sent = {"effective_from": "2024-04-01", "stages": "qualification_review", "mode": "entrusted", "open_cases": "move"}
    with world.office(QINGHE, world.tick()) as session:
        name = session.get_one(Unit, world.unit_id).name
        assert _terms(session, platform, sent).scope.units is None
        assert _terms(session, platform, {**sent, "units": f" {name}\n\n"}).scope.units == {world.unit_id}
        with pytest.raises(Invalid, match="没有的单位") as refused:
            _terms(session, platform, {**sent, "units": f"{name}\n没有的单位"})
    assert refused.value.fields.keys() == {"units"}
