"""Questions to an office: who asks, who answers, how many at a time, and what stays with the case."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.reviews.inquiries import service as inquiries
from core.reviews.inquiries.service import MOST_A_DAY, MOST_OPEN
from core.reviews.models import Inquiry
from tests.cases import CITY, OTHER_CITY, Case, Season

QUESTION = "参加工作年份以哪份材料为准？"
ANSWER = "以人事档案中的材料为准。"


def _ask(season: Season, case: Case, question: str = QUESTION) -> UUID:
    with season.as_person(case.person) as session:
        return inquiries.ask(session, question=question, application_id=case.id).id


def _answer(season: Season, inquiry_id: UUID) -> None:
    with season.as_office(CITY) as session:
        inquiries.answer(session, inquiry_id, answer=ANSWER)


def test_a_question_about_a_case_is_answered_by_the_office_in_charge_and_stays_with_the_case(season: Season) -> None:
    case = season.at_office(CITY)
    asked = _ask(season, case)
    with season.as_office(CITY) as session:
        assert asked in [inquiry.id for inquiry, _case in inquiries.inquiries(session) if inquiry.state == "open"]
        assert session.scalars(select(Inquiry.id).where(inquiries.waits_at(session.office_id))).all()
        told = session.scalars(select(Notice.title).where(Notice.recipient_office_id == CITY)).all()
        assert "收到咨询" in told
    _answer(season, asked)
    with season.as_office(CITY) as session:
        [kept] = inquiries.inquiries_of(session, case.id)
        assert (kept.question, kept.answer) == (QUESTION, ANSWER)
        recorded = select(RecordEntry.kind).where(RecordEntry.subject_id == str(case.id))
        assert {"inquiry.asked", "inquiry.answered"} <= set(session.scalars(recorded))
    with season.as_person(case.person) as session:
        assert [own.answer for own in inquiries.own_inquiries(session)] == [ANSWER]
        [body] = session.scalars(select(Notice.body).where(Notice.kind == "inquiry_answered")).all()
        assert ANSWER in body


def test_a_general_question_goes_to_the_office_that_is_named(season: Season) -> None:
    case = season.at_office(CITY)
    with season.as_person(case.person) as session, pytest.raises(Invalid) as refused:
        inquiries.ask(session, question=QUESTION)
    assert list(refused.value.fields) == ["office"]
    with season.as_person(case.person) as session:
        asked = inquiries.ask(session, question=QUESTION, office_id=OTHER_CITY).id
    with season.as_office(CITY) as session, pytest.raises(NotFound):
        inquiries.answer(session, asked, answer=ANSWER)
    with season.as_office(OTHER_CITY) as session:
        assert inquiries.answer(session, asked, answer=ANSWER).state == "answered"


def test_a_question_is_answered_once_and_neither_half_is_empty(season: Season) -> None:
    case = season.at_office(CITY)
    with season.as_person(case.person) as session, pytest.raises(Invalid):
        inquiries.ask(session, question="  ", application_id=case.id)
    asked = _ask(season, case)
    with season.as_office(CITY) as session, pytest.raises(Invalid):
        inquiries.answer(session, asked, answer=" ")
    _answer(season, asked)
    with pytest.raises(Conflict) as refused:
        _answer(season, asked)
    assert refused.value.code == "inquiry_answered"


def test_few_questions_wait_at_a_time_and_few_are_asked_a_day(season: Season) -> None:
    case = season.at_office(CITY)
    asked = [_ask(season, case) for _ in range(MOST_OPEN)]
    with pytest.raises(Conflict) as refused:
        _ask(season, case)
    assert refused.value.code == "inquiries_open"
    for inquiry_id in asked:
        _answer(season, inquiry_id)
    for _ in range(MOST_A_DAY - MOST_OPEN):
        _answer(season, _ask(season, case))
    with pytest.raises(Conflict) as refused:
        _ask(season, case)
    assert refused.value.code == "inquiries_today"
    season.now += timedelta(hours=24)
    assert _ask(season, case)


def test_nobody_asks_about_the_case_of_somebody_else_and_the_unit_reads_nothing(season: Season) -> None:
    case, other = season.at_office(CITY), season.at_office(CITY)
    with season.as_person(other.person) as session, pytest.raises(NotFound):
        inquiries.ask(session, question=QUESTION, application_id=case.id)
    _ask(season, case)
    with season.as_unit(case.unit) as session:
        assert list(inquiries.inquiries_of(session, case.id)) == []
    with season.as_person(other.person) as session:
        assert list(inquiries.own_inquiries(session)) == []
