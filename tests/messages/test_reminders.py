"""Reminders: told once for each step before a deadline, to whom it concerns, and not after it."""

from datetime import datetime

import pytest
from sqlalchemy import select

from core.applications import service as applications
from core.domain.workflow import State
from core.messages.deadlines import in_words, reminder_due
from core.messages.models import Notice
from core.oversight import service as oversight
from core.oversight.reminders import remind_office
from core.plugin_api import OfficeCode
from core.reviews import service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.reminders import remind_applicants
from tests.cases import CITY, YEAR, Season, at, unfiled

CLOSES = at(4, 6, 0)


@pytest.mark.parametrize(
    ("now", "step"),
    [(at(4, 1, 23), None), (at(4, 2, 0), 3), (at(4, 3), 3), (at(4, 4), 1), (at(4, 5, 23, 59), 1), (at(4, 6, 0), None)],
)
def test_a_step_holds_until_the_next_one_and_the_deadline_ends_all(now: datetime, step: int | None) -> None:
    assert reminder_due(CLOSES, now, (3, 1)) == step


def test_a_deadline_is_told_by_its_last_day() -> None:
    assert in_words(CLOSES) == "2024年4月5日"
    assert in_words(at(4, 5, 18)) == "2024年4月5日18:00"


def remind(season: Season, office: OfficeCode = CITY) -> None:
    with season.as_system(office) as session:
        remind_applicants(session, year=YEAR, offices=season.offices)
        remind_office(session, year=YEAR, offices=season.offices)


def told(season: Season, office: OfficeCode = CITY) -> list[tuple[str, str, str]]:
    """Kind, kind of recipient and title of every reminder, in order."""
    with season.as_system(office) as session:
        wanted = select(Notice).where(Notice.kind.startswith("reminder.")).order_by(Notice.id)
        return [
            (row.kind, "person" if row.person_id else "unit" if row.unit_id else "office", row.title)
            for row in session.scalars(wanted)
        ]


def test_who_has_not_submitted_is_told_once_at_each_step(season: Season) -> None:
    season.draft()
    for moment in (at(3, 30), at(4, 2), at(4, 2, 10), at(4, 4), at(4, 5), at(4, 6, 1)):
        season.now = moment
        remind(season)
    assert told(season) == [("reminder.registration", "person", "报名即将截止")] * 2


def test_who_has_submitted_is_left_in_peace(season: Season) -> None:
    season.submitted()
    season.now = at(4, 4)
    remind(season)
    assert told(season) == []


def test_who_is_to_correct_is_told_before_it_is_too_late(season: Season) -> None:
    case = season.submitted()
    with season.as_unit(case.unit) as session:
        faulty = [ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file", comment="与档案不符")]
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请核实", items=each_item(session, case.id, but=faulty)
        )
    assert season.look(case).due_at == at(4, 16, 0)
    season.now = at(4, 14)
    remind(season)
    assert [line for line in told(season) if "filing" not in line[0]] == [
        ("reminder.correction", "person", "请及时修改申请")
    ]


def test_the_applicant_and_the_unit_are_told_of_a_paper_that_is_still_to_come(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    with season.as_unit(case.unit) as session:
        applications.commit_to_deferral(
            session,
            case.id,
            material="annual_assessments",
            commitment="备案后补交",
            due_at=at(5, 20),
            exam_begins=at(7, 6),
        )
    season.approve_at_unit(case)
    assert season.approve_at_office(case) is State.PROVISIONAL
    season.now = at(5, 19)
    remind(season)
    assert [line for line in told(season) if line[0] == "reminder.deferral"] == [
        ("reminder.deferral", "person", "请及时补交材料"),
        ("reminder.deferral", "unit", "请督促补交材料"),
    ]


def test_a_city_is_told_of_what_it_owes_the_center_until_it_has_filed(season: Season) -> None:
    season.now = at(4, 14)
    remind(season)
    remind(season)
    with season.as_office(CITY) as session:
        (notice,) = session.scalars(select(Notice).where(Notice.kind == "reminder.filing"))
        assert "须于2024年4月15日前报省中心" in notice.body
        oversight.file_registration_summary(session, YEAR, {"submitted": 0}, [], due=at(4, 16, 0))
    season.now = at(4, 15)
    remind(season)
    with season.as_office(CITY) as session:
        assert len(session.scalars(select(Notice).where(Notice.kind == "reminder.filing")).all()) == 1
