"""A case of sanctions holds for the season: no second application beside it, and no reopening beside a second one."""

from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from core.applications import service as applications
from core.domain.workflow import State
from core.errors import Conflict, Forbidden
from core.reviews import service, submission
from core.reviews.appeals import service as appeals
from core.reviews.decisions.items import ItemVerdict, each_item
from core.sanctions import cases
from core.sanctions.procedure import CaseAction, CaseState
from core.sanctions.steps import allowed, open_case, take
from core.sanctions.suspensions import suspend
from tests import sanctioned
from tests.cases import CITY, OTHER_CITY, Case, Season, at
from tests.reviews.test_appeals import appealed, rejected
from tests.reviews.test_decisions import provisional
from tests.sanctioned import DISQUALIFIES


@pytest.fixture
def season(season: Season) -> Season:
    season.now = at(3, 25)
    return season


def withdrawn(season: Season, case: Case) -> None:
    with season.as_person(case.person) as session:
        applications.withdraw(session, case.id, offices=season.offices)


def proposed(season: Season, case: Case) -> UUID:
    with season.as_office(CITY) as session:
        return cases.propose(session, case.id, facts="学历证书存疑（测试）").id


def decided(season: Season, case: Case) -> UUID:
    """A case in which the person has spoken and the disqualification is decided, which may be appealed against."""
    found = proposed(season, case)
    sanctioned.heard(season, found)
    with season.as_person(case.person) as session:
        cases.state(session, found, words="没有此事", finished=True)
    sanctioned.decided(season, found, DISQUALIFIES)
    return found


def code_of_another_try(season: Season, case: Case) -> str:
    """The refusal of another application of the same person, in a unit of another city."""
    again = season.draft(OTHER_CITY, person=case.person)
    with pytest.raises((Conflict, Forbidden)) as refused:
        season.submit(again)
    assert season.look(again).state == State.DRAFT
    return refused.value.code


@pytest.mark.parametrize("stage", ["proposed", "decided", "suspended"])
def test_a_withdrawal_does_not_lead_out_of_a_case(season: Season, stage: str) -> None:
    case = provisional(season) if stage == "suspended" else season.at_office()
    if stage == "suspended":
        with season.as_office(CITY, "supervisor") as session:
            suspend(session, case.id, reason="替考嫌疑（测试）", offices=season.offices)
    else:
        {"proposed": proposed, "decided": decided}[stage](season, case)
    withdrawn(season, case)
    assert code_of_another_try(season, case) == "season_under_case"


def test_a_disqualification_holds_where_its_application_was_withdrawn(season: Season) -> None:
    case = season.at_office()
    found = decided(season, case)
    withdrawn(season, case)
    with season.as_person(case.person) as session:
        cases.appeal(session, found, words="不服")
    with season.as_province() as session:
        cases.uphold(session, found, words="维持", offices=season.offices)
    assert code_of_another_try(season, case) == "season_disqualified"


def test_a_case_that_came_to_nothing_lets_the_person_try_again(season: Season) -> None:
    case = season.at_office()
    found = proposed(season, case)
    withdrawn(season, case)
    with season.as_office(CITY, "supervisor") as session:
        cases.drop(session, found, words="查无此事")
    assert season.submit(season.draft(person=case.person)) == State.UNIT_REVIEW


def test_an_application_under_a_case_is_itself_corrected_and_submitted_again(season: Season) -> None:
    case = season.at_office()
    proposed(season, case)
    with season.as_office(CITY) as session:
        faulty = each_item(session, case.id, but=[ItemVerdict("first_job_year", faulty=True, comment="请核对")])
        service.return_for_correction(session, case.id, offices=season.offices, reason="请核对", items=faulty)
    assert season.submit(case) in {State.UNIT_REVIEW, State.QUALIFICATION_REVIEW}


def test_a_case_is_opened_against_the_application_that_is_live(season: Season) -> None:
    case = rejected(season)
    again = season.submitted(OTHER_CITY, person=case.person)
    with season.as_office(CITY) as session, pytest.raises(Conflict) as refused:
        cases.propose(session, case.id, facts="学历证书存疑（测试）")
    assert refused.value.code == "case_against_live"
    with season.as_office(OTHER_CITY) as session:
        assert cases.propose(session, again.id, facts="学历证书存疑（测试）").application_id == again.id


def test_a_rejected_case_is_not_reopened_beside_another_live_one(season: Season) -> None:
    case = rejected(season)
    made = appealed(season, case)
    again = season.submitted(OTHER_CITY, person=case.person)
    with season.as_province() as session, pytest.raises(Conflict, match="须先撤回另一份") as refused:
        appeals.reopen_by_appeal(session, made, answer="属实", offices=season.offices)
    assert refused.value.code == "another_is_live"
    withdrawn(season, again)
    with season.as_province() as session:
        appeals.reopen_by_appeal(session, made, answer="属实", offices=season.offices)
    assert season.look(case).state == State.QUALIFICATION_REVIEW


def test_a_rejected_application_is_not_reopened_beside_an_open_case(season: Season) -> None:
    first = rejected(season)
    second = season.submitted(OTHER_CITY, person=first.person)
    with season.as_office(OTHER_CITY) as session:
        found = cases.propose(session, second.id, facts="学历证书存疑（测试）").id
    withdrawn(season, second)
    with season.as_province() as session, pytest.raises(Conflict) as refused:
        service.reopen(session, first.id, offices=season.offices, reason="测试理由")
    assert refused.value.code == "season_under_case"
    with season.as_office(OTHER_CITY, "supervisor") as session:
        cases.drop(session, found, words="查无此事")
    with season.as_province() as session:
        service.reopen(session, first.id, offices=season.offices, reason="测试理由")
    assert season.look(first).state == State.QUALIFICATION_REVIEW


def test_a_rejected_application_is_not_reopened_beside_a_disqualification(season: Season) -> None:
    first = rejected(season)
    second = season.submitted(CITY, person=first.person)
    found = decided(season, second)
    withdrawn(season, second)
    with season.as_person(first.person) as session:
        cases.appeal(session, found, words="不服")
    with season.as_province() as session:
        cases.uphold(session, found, words="维持", offices=season.offices)
    with season.as_province() as session, pytest.raises(Forbidden) as refused:
        service.reopen(session, first.id, offices=season.offices, reason="测试理由")
    assert refused.value.code == "season_disqualified"


@pytest.fixture
def overtaken(season: Season, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, Case]:
    """A decided disqualification of a rejected application, and the live one beside it, as older versions let it be."""
    case = season.at_office()
    found = decided(season, case)
    with season.as_office(CITY) as session:
        service.reject(session, case.id, offices=season.offices, reason="测试理由")
    monkeypatch.setattr(submission, "_check_no_case", lambda *_given: None)
    return found, season.submitted(OTHER_CITY, person=case.person)


def test_a_decision_beside_a_live_application_is_cleared_by_the_level_above(
    season: Season, overtaken: tuple[UUID, Case]
) -> None:
    found, live = overtaken
    season.now = at(5, 30)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict) as refused:
            cases.carry_out(session, found, offices=season.offices)
        assert refused.value.code == "case_overtaken"
        with pytest.raises(Forbidden) as not_theirs:
            cases.clear(session, found, words="另有一份有效申请")
        assert not_theirs.value.code == "sanction_not_yours"
    with season.as_province() as session:
        assert CaseAction.CLEAR in allowed(session, open_case(session, found))
        assert cases.clear(session, found, words="另有一份有效申请").state == CaseState.CLEARED
    with season.as_office(OTHER_CITY) as session:
        assert cases.propose(session, live.id, facts="学历证书存疑（测试）").state == CaseState.PROPOSED


def test_an_appeal_against_such_a_decision_ends_by_overturning_it(season: Season, overtaken: tuple[UUID, Case]) -> None:
    found, live = overtaken
    with season.as_person(live.person) as session:
        cases.appeal(session, found, words="不服")
    with season.as_province() as session:
        with pytest.raises(Conflict) as refused:
            cases.uphold(session, found, words="维持", offices=season.offices)
        assert refused.value.code == "case_overtaken"
        assert cases.overturn(session, found, words="另有一份有效申请").state == CaseState.OVERTURNED


def test_a_decision_that_can_be_carried_out_is_not_cleared(season: Season) -> None:
    case = season.at_office()
    found = decided(season, case)
    with season.as_province() as session:
        assert CaseAction.CLEAR not in allowed(session, open_case(session, found))
        with pytest.raises(Conflict) as refused:
            cases.clear(session, found, words="不予处理")
        assert refused.value.code == "decision_stands"
    with pytest.raises(DBAPIError, match="not at this time, or not by this account"), season.as_province() as session:
        take(session, open_case(session, found), CaseAction.CLEAR, "不予处理")


def test_nothing_is_decided_against_an_application_beside_a_live_one(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = season.at_office()
    found = proposed(season, case)
    with season.as_office(CITY) as session:
        service.reject(session, case.id, offices=season.offices, reason="测试理由")
    monkeypatch.setattr(submission, "_check_no_case", lambda *_given: None)
    season.submitted(OTHER_CITY, person=case.person)
    sanctioned.heard(season, found)
    with season.as_person(case.person) as session:
        cases.state(session, found, words="没有此事", finished=True)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        cases.decide(session, found, words="属实", measures=DISQUALIFIES, offices=season.offices)
    assert refused.value.code == "case_overtaken"
    with season.as_office(CITY, "supervisor") as session:
        assert cases.clear(session, found, words="另有一份有效申请").state == CaseState.CLEARED
