"""Rules that the database itself enforces for exams, tested with plain SQL of roles that may write there."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.db.session import Actor, Role
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.identity.service import issue_account
from core.plugin_api import OfficeCode
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.exam_day import safekeeping
from core.scheduling.models.exam_day import Attendance, Incident
from core.scheduling.models.plans import Plan
from core.scheduling.tickets import service as tickets
from tests.cases import CITY, OTHER_CITY, YEAR, at
from tests.db.refusals import insert, refused
from tests.scheduling.conftest import Exams, admitted, published
from tests.scheduling.exam_day.test_door import exam
from tests.scheduling.exam_day.test_safekeeping import FORM


@pytest.mark.parametrize(
    "change",
    [
        "seat = seat + 10",
        "sitting_id = sitting_id, by_hand = '好座位'",
        "published_at = NULL",
        "voided_at = now(), seat = 9",
    ],
)
def test_a_seat_of_a_published_plan_is_not_changed(exams: Exams, change: str) -> None:
    exam(exams)
    with exams.at_work() as session:
        assert refused(session, f"UPDATE seats SET {change}") == "KW028"  # noqa: S608


def test_a_seat_that_was_given_up_is_not_taken_back(exams: Exams) -> None:
    rooms = exams.rooms(exams.site())
    sitting, case = exams.sitting([room.id for room in rooms]), admitted(exams)
    published(exams, [case], sitting, rooms[0])
    published(exams, [case], sitting, rooms[1])
    with exams.at_work() as session:
        assert refused(session, "UPDATE seats SET voided_at = NULL WHERE voided_at IS NOT NULL") == "KW028"


@pytest.mark.parametrize("change", ["state = 'draft'", "figures = '{\"same_unit\": 0}'", "published_by = id"])
def test_a_published_plan_is_superseded_and_nothing_else(exams: Exams, change: str) -> None:
    exam(exams, 1)
    with exams.at_work() as session:
        assert refused(session, f"UPDATE plans SET {change}") == "KW028"  # noqa: S608
        session.execute(text("UPDATE plans SET state = 'superseded', superseded_at = now()"))
        assert refused(session, "UPDATE plans SET state = 'published'") == "KW028"
        assert session.scalars(select(Plan.state)).all() == ["superseded"]


def test_a_void_ticket_is_not_revived(exams: Exams) -> None:
    _, cases, _ = exam(exams, 1)
    with exams.at_work() as session:
        [ticket] = tickets.tickets(session, application_ids=[cases[0].id])
        tickets.void_ticket(session, ticket.id, reason="替考")
        assert refused(session, "UPDATE admission_tickets SET voided_at = NULL, void_reason = NULL") == "KW028"


def attendance(sitting_id: UUID, application_id: UUID, room_id: UUID, office: OfficeCode) -> Attendance:
    moment = at(6, 22)
    return Attendance(
        sitting_id=sitting_id,
        application_id=application_id,
        office_id=office,
        room_id=room_id,
        state="present",
        way="list",
        client_id=new_id(),
        noted_at=moment,
        received_at=moment,
        noted_by=new_id(),
    )


def test_nothing_is_noted_of_another_offices_sitting_or_candidate(exams: Exams) -> None:
    rooms = exams.rooms(exams.site())
    sitting, case = exams.sitting([room.id for room in rooms]), admitted(exams)
    theirs = exams.sitting([room.id for room in exams.rooms(exams.site(OTHER_CITY))], office=OTHER_CITY)
    for office, where in ((OTHER_CITY, sitting), (OTHER_CITY, theirs), (CITY, theirs)):
        with pytest.raises(DBAPIError, match="row-level security"), exams.at_work(office, Role.EXAMINER) as session:
            insert(session, attendance(where.id, case.id, rooms[0].id, office))
    with exams.at_work(CITY, Role.EXAMINER) as session:
        insert(session, attendance(sitting.id, case.id, rooms[0].id, CITY))


@pytest.mark.parametrize("about", ["sitting", "candidate"])
def test_no_incident_is_written_down_of_another_office(exams: Exams, about: str) -> None:
    rooms = exams.rooms(exams.site())
    sitting, case = exams.sitting([room.id for room in rooms]), admitted(exams)
    of = {"sitting_id": sitting.id} if about == "sitting" else {"application_id": case.id, "violation_class": 3}
    incident = Incident(
        id=new_id(),
        office_id=OTHER_CITY,
        year=YEAR,
        kind="emergency" if about == "sitting" else "violation",
        facts="诬告（测试）",
        evidence="",
        measures="",
        client_id=new_id(),
        happened_at=at(6, 22),
        reported_at=at(6, 22),
        reported_by=new_id(),
        reported_name="测试",
        **of,
    )
    with pytest.raises(DBAPIError, match="row-level security"), exams.at_work(OTHER_CITY, Role.EXAMINER) as session:
        insert(session, incident)


def test_what_is_kept_is_kept_as_long_as_was_said(exams: Exams) -> None:
    with exams.at_work() as session:
        entry = safekeeping.take_into_custody(session, YEAR, FORM)
        assert refused(session, "UPDATE custody_entries SET keep_until = '2024-05-20'") == "KW028"
    exams.season.now = at(12, 31).replace(year=YEAR + 1)
    with exams.at_work() as session:
        safekeeping.end_custody(session, entry.id, how="销毁")
        assert refused(session, "UPDATE custody_entries SET ended_at = NULL, ended_how = NULL") == "KW028"
        assert entry.keep_until == date(YEAR, 12, 31)


def test_an_answer_to_an_accommodation_request_stays_and_nobody_answers_their_own(exams: Exams) -> None:
    season = exams.season
    case = admitted(exams)
    season.upload(case, ACCOMMODATION_EVIDENCE)
    with season.as_person(case.person) as session:
        asked = accommodations.ask(session, case.id, needs={SeatNeed.ACCESSIBLE}, reason="测试轮椅").id
    with season.as_system(CITY) as session:
        own = issue_account(
            session,
            login=f"own-{new_id().hex}",
            name="测试本人",
            role=Role.SCHEDULER,
            office_id=CITY,
            person_id=case.person.person_id,
            valid_from=season.now,
        )
    actor = Actor(own.id, "测试本人", Role.SCHEDULER, office_id=CITY)
    with pytest.raises(DBAPIError, match="own affair"), season.as_office(CITY, actor=actor) as session:
        accommodations.decide(session, asked, granted={SeatNeed.ACCESSIBLE}, decision="同意")
    with exams.at_work() as session:
        accommodations.decide(session, asked, granted=(), decision="材料不符")
        again = "UPDATE accommodation_requests SET state = 'granted', granted = '{accessible}'"
        assert refused(session, again) == "KW028"
