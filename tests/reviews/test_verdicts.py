"""The verdict on deferred papers that are in: due before the exam, reminded of, and told to all once it is overdue."""

from datetime import datetime

import pytest
from sqlalchemy import select

from core.applications import service as applications
from core.domain.calendar import verdict_due
from core.domain.workflow import State
from core.messages.models import Notice
from core.reviews import service as reviews
from core.reviews.due import carry_out_due
from core.reviews.reminders import remind_applicants
from tests.cases import CITY, PROVINCE, YEAR, Case, Season, at
from tests.reviews.test_decisions import PAPER, provisional


@pytest.fixture
def season(season: Season) -> Season:
    season.now = at(3, 25)
    return season


def supplied(season: Season) -> Case:
    """A case whose only deferred paper came on 20 May."""
    case = provisional(season)
    season.now = at(5, 20)
    document_id = season.upload(case, PAPER)
    with season.as_person(case.person) as session:
        applications.supplement(session, case.id, material=PAPER, document_id=document_id, offices=season.offices)
    return case


def remind(season: Season) -> None:
    with season.as_system(CITY) as session:
        remind_applicants(session, year=YEAR, offices=season.offices)


def told(season: Season, case: Case, kind: str) -> dict[str, str]:
    """The notices of a kind about a case, by their recipient."""
    with season.as_province() as session:
        found = session.scalars(select(Notice).where(Notice.kind == kind, Notice.application_id == case.id)).all()
        return {notice.recipient_office_id or "person": notice.body for notice in found}


@pytest.mark.parametrize(
    ("received", "exam", "due"),
    [
        (at(5, 20), at(7, 6), at(5, 28, 0)),
        (at(5, 20), None, at(5, 28, 0)),
        (at(5, 20), at(5, 28), at(5, 26, 0)),
        (at(5, 20), at(5, 22), at(5, 21, 0)),
        (at(5, 20), at(5, 1), at(5, 21, 0)),
    ],
)
def test_a_verdict_is_due_in_working_days_and_some_days_before_the_exam(
    received: datetime, exam: datetime | None, due: datetime
) -> None:
    assert verdict_due(received, 5, exam_begins=exam, days_before_exam=3) == due


def test_a_case_whose_papers_are_in_is_due_at_the_office_and_does_not_lapse(season: Season) -> None:
    case = supplied(season)
    # Five working days after Monday, 20 May.
    assert season.look(case).due_at == at(5, 28, 0)
    season.now = at(6, 30)
    with season.as_system(CITY) as session:
        assert carry_out_due(session, year=YEAR, offices=season.offices) == 0
    assert season.look(case).state == State.PROVISIONAL


def test_the_office_is_reminded_and_all_are_told_once_when_it_is_overdue(season: Season) -> None:
    case = supplied(season)
    remind(season)
    assert told(season, case, "reminder.verdict") == {}
    season.now = at(5, 26)
    remind(season)
    reminded = told(season, case, "reminder.verdict")
    assert set(reminded) == {CITY}
    assert "须于2024年5月27日前作出最终审查结论。考试前未作出结论的，不能签发准考证。" in reminded[CITY]
    assert told(season, case, "verdict_overdue") == {}
    season.now = at(5, 28)
    remind(season)
    remind(season)
    overdue = told(season, case, "verdict_overdue")
    assert set(overdue) == {CITY, PROVINCE, "person"}
    assert all("不能签发准考证" in body for body in overdue.values())


def test_a_verdict_ends_the_reminders(season: Season) -> None:
    case = supplied(season)
    with season.as_office(CITY) as session:
        reviews.clear(session, case.id, offices=season.offices)
    season.now = at(6, 30)
    remind(season)
    assert told(season, case, "verdict_overdue") == {}


def test_a_paper_that_is_still_open_keeps_its_own_date(season: Season) -> None:
    case = provisional(season)
    due = season.look(case).due_at
    season.now = at(6, 30)
    remind(season)
    assert season.look(case).due_at == due
    assert told(season, case, "verdict_overdue") == {}
