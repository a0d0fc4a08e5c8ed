"""One move: its capacities, its rows and notices, and the second of two officers."""

from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from sqlalchemy import select

from core.applications import service as applications
from core.applications.models import Application
from core.applications.moves import Step, capacities, move, open_for_change
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, CaseSession, Role
from core.domain.workflow import ACTION_LABELS, STATE_LABELS, Action, By, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from tests.cases import CITY, COUNTY, OTHER_CITY, Case, Season, at


def test_a_move_says_who_did_what_when_and_why(season: Season) -> None:
    case = season.at_office()
    season.now = at(3, 26)
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason=" 申报工种与岗位不一致 ")
    officer = season.officer(CITY)
    last = season.story(case)[-1]
    kept = {column: getattr(last, column) for column in ("version", "round", "action", "from_state", "to_state")}
    assert kept == {
        "version": 3,
        "round": 1,
        "action": "reject",
        "from_state": "qualification_review",
        "to_state": "rejected",
    }
    assert (last.capacity, last.reason, last.office_id, last.acting_office_id) == (
        "office",
        "申报工种与岗位不一致",
        CITY,
        CITY,
    )
    assert (last.account_id, last.actor_name, last.role, last.at) == (
        officer.account_id,
        officer.name,
        "city_reviewer",
        at(3, 26),
    )


def test_each_move_continues_where_the_last_one_ended(season: Season) -> None:
    case = season.submitted(department=True)
    season.approve_at_unit(case)
    assert case.department is not None
    with season.as_unit(case.department, case.unit) as session:
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    season.approve_at_office(case)
    steps = [(move.version, move.action, move.from_state, move.to_state, move.capacity) for move in season.story(case)]
    assert steps == [
        (1, "submit", "draft", "unit_review", "applicant"),
        (2, "approve", "unit_review", "department_review", "unit"),
        (3, "approve", "department_review", "qualification_review", "department"),
        (4, "approve", "qualification_review", "qualified", "office"),
    ]
    assert (season.look(case).state, season.look(case).version) == ("qualified", 4)


def test_the_decision_of_a_county_names_the_delegation_that_it_rests_on(season: Season) -> None:
    case = season.at_office(COUNTY)
    season.approve_at_office(case, COUNTY)
    last = season.story(case)[-1]
    assert (last.office_id, last.acting_office_id, last.delegation_id is not None) == (COUNTY, COUNTY, True)


def test_the_second_of_two_is_told_who_was_faster_and_what_they_did(season: Season) -> None:
    case = season.at_office()
    seen = season.look(case).version
    season.now = at(3, 26, 10, 30)
    season.approve_at_office(case, CITY, "online")
    with pytest.raises(Conflict) as refused, season.as_office(CITY, "second") as session:
        reviews.reject(session, case.id, offices=season.offices, reason="测试", version=seen)
    assert refused.value.code == "changed"
    assert refused.value.detail == (
        f"{season.officer(CITY).name}已于3月26日 10:30对这份申请执行“{ACTION_LABELS[Action.APPROVE]}”，"
        f"现为“{STATE_LABELS[State.QUALIFIED]}”。请刷新页面后再操作。"
    )


def test_who_saw_the_present_version_is_not_too_late(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        made = reviews.reject(session, case.id, offices=season.offices, reason="测试", version=2)
    assert (made.state, made.version) == ("rejected", 3)


def test_a_stranger_learns_nothing_of_a_case(season: Season) -> None:
    case = season.at_office()
    with pytest.raises(NotFound), season.as_office(OTHER_CITY) as session:
        open_for_change(session, case.id)
    with pytest.raises(NotFound), season.as_person(season.add_person()) as session:
        applications.withdraw(session, case.id)


@pytest.mark.parametrize(
    ("who", "held"),
    [
        ("applicant", {By.APPLICANT}),
        ("unit", {By.UNIT}),
        ("department", {By.DEPARTMENT}),
        ("city", {By.CITY_OR_PROVINCE, By.SUPERVISOR}),
        ("reviewer of the city", set()),
        ("county", {By.OFFICE}),
        ("system", {By.SYSTEM}),
        ("province", {By.CITY_OR_PROVINCE, By.SUPERVISOR}),
    ],
)
def test_everybody_holds_their_capacities_case_by_case(season: Season, who: str, held: set[By]) -> None:
    case = season.submitted(COUNTY, department=True)
    assert case.department is not None
    sessions: dict[str, AbstractContextManager[CaseSession]] = {
        "applicant": season.as_person(case.person),
        "unit": season.as_unit(case.unit),
        "department": season.as_unit(case.department, case.unit),
        "city": season.as_office(CITY, "supervisor"),
        "reviewer of the city": season.as_office(CITY),
        "county": season.as_office(COUNTY),
        "system": season.as_system(CITY),
        "province": season.as_province(),
    }
    with sessions[who] as session:
        application = session.get_one(Application, case.id)
        assert capacities(session, application) == held


def test_an_owner_in_charge_of_its_own_case_decides_and_does_not_supervise_itself(season: Season) -> None:
    case = season.at_office()
    for who, held in (("online", {By.OFFICE}), ("supervisor", {By.CITY_OR_PROVINCE})):
        with season.as_office(CITY, who) as session:
            assert capacities(session, session.get_one(Application, case.id)) == held


def test_a_stage_is_decided_by_those_who_sit_at_it_alone(season: Season) -> None:
    case = season.submitted(department=True)
    assert case.department is not None
    with pytest.raises(Forbidden) as refused, season.as_unit(case.department, case.unit) as session:
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert refused.value.code == "not_in_charge"
    with pytest.raises(Forbidden), season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="测试")


def test_nobody_decides_on_their_own_case(season: Season) -> None:
    case = season.at_office()
    own = Actor(new_id(), "测试兼任", Role.CITY_REVIEWER, office_id=CITY, person_id=case.person.person_id)
    with pytest.raises(Forbidden) as refused, season.as_office(CITY, actor=own) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="测试")
    assert refused.value.code == "own_case"
    with season.as_office(CITY) as session:
        season.settle(session, case)
    with pytest.raises(Forbidden) as refused, season.as_office(CITY, actor=own) as session:
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert refused.value.code == "own_case"


def test_nobody_decides_two_stages_of_one_case(season: Season) -> None:
    case = season.at_office(OTHER_CITY)
    assert season.approve_at_office(case, OTHER_CITY, "online") is State.ONSITE_CONFIRMATION
    with pytest.raises(Forbidden) as refused, season.as_office(OTHER_CITY, "online") as session:
        reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert refused.value.code == "two_stages"
    assert "待资格审查" in refused.value.detail
    with season.as_office(OTHER_CITY, "onsite") as session:
        assert (
            reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id)).state
            == State.QUALIFIED
        )


def test_a_colleague_on_leave_counts_as_having_decided(season: Season) -> None:
    case = season.at_office(OTHER_CITY)
    absent = season.officer(OTHER_CITY, "absent")
    deputy = Actor(new_id(), "测试代办", Role.CITY_REVIEWER, office_id=OTHER_CITY, on_behalf_of=absent.account_id)
    with season.as_office(OTHER_CITY, actor=deputy) as session:
        season.settle(session, case)
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    for who in (deputy, absent):
        with pytest.raises(Forbidden) as refused, season.as_office(OTHER_CITY, actor=who) as session:
            reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id))
        assert refused.value.code == "two_stages"


def test_a_refused_move_leaves_nothing_behind(season: Season) -> None:
    case = season.at_office()
    before = (season.look(case).version, len(season.story(case)))
    with pytest.raises(Invalid), season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason=" ")
    assert (season.look(case).version, len(season.story(case))) == before


@pytest.mark.parametrize("name", ["state", "version", "handler_office_id", "office_id"])
def test_a_step_cannot_smuggle_in_what_only_a_move_or_a_transfer_changes(season: Season, name: str) -> None:
    case = season.at_office()
    found = season.look(case)
    with pytest.raises(ValueError, match=name), season.as_office(CITY) as session:
        move(session, found, Step(Action.REJECT, reason="测试", changes={name: "x"}))


def test_the_applicant_is_told_of_acts_of_others_and_the_next_desk_of_its_turn(season: Season) -> None:
    case = season.submitted(department=True)
    assert case.department is not None
    season.approve_at_unit(case)
    with season.as_person(case.person) as session:
        told = session.scalars(select(Notice.title).order_by(Notice.id)).all()
    with season.as_unit(case.department, case.unit) as session:
        waiting = session.scalars(select(Notice.title).where(Notice.unit_id == case.department)).all()
    reference = season.look(case).reference
    assert told == [f"申请{reference}：待主管部门审核"]
    assert waiting == [f"有申请待审核：{reference}"]


def test_the_record_names_ids_and_states_and_nobody(season: Season) -> None:
    case = season.at_office()
    season.approve_at_office(case)
    with season.as_office(CITY) as session:
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "application.approve")).all()
    assert [(entry.payload["from"], entry.payload["to"], entry.payload["version"]) for entry in entries] == [
        ("unit_review", "qualification_review", 2),
        ("qualification_review", "qualified", 3),
    ]
    assert not any(case.person.name in str(entry.payload) for entry in entries)


@pytest.mark.parametrize(
    "state", [State.DRAFT, State.UNIT_REVIEW, State.QUALIFICATION_REVIEW, State.ONSITE_CONFIRMATION]
)
def test_an_applicant_may_withdraw_before_being_qualified(season: Season, state: State) -> None:
    assert _withdrawn_from(season, state).state == State.WITHDRAWN


def test_a_qualified_case_cannot_be_withdrawn(season: Season) -> None:
    with pytest.raises(Conflict) as refused:
        _withdrawn_from(season, State.QUALIFIED)
    assert refused.value.code == "wrong_state"


def _withdrawn_from(season: Season, state: State) -> Application:
    if state is State.DRAFT:
        case = season.draft()
    elif state is State.UNIT_REVIEW:
        case = season.submitted()
    elif state is State.ONSITE_CONFIRMATION:
        case = season.at_office(OTHER_CITY)
        season.approve_at_office(case, OTHER_CITY)
    else:
        case = season.at_office()
    if state is State.QUALIFIED:
        season.approve_at_office(case)
    assert season.look(case).state == state
    with season.as_person(case.person) as session:
        return applications.withdraw(session, case.id)


def test_a_step_on_the_way_carries_when_the_next_desk_is_due(season: Season) -> None:
    # Thursday 28 March: the department has three working days, and 4 April is a holiday that lies behind them.
    case = season.draft(department=True)
    season.now = at(3, 28)
    season.submit(case)
    assert _due(season, case) == at(4, 1 + 2, 0)
    season.approve_at_unit(case)
    assert _due(season, case) == at(4, 3, 0)


def _due(season: Season, case: Case) -> datetime | None:
    return season.look(case).due_at
