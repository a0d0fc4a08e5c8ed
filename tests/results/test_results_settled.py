"""The rules on results in the database itself, past every service: no officer decides on their own case."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.db.session import Actor, Role
from core.identity.service import issue_account
from core.results.awards import objections
from core.results.corrections.score_checks import Ground, ask_for_check, dismiss_check
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction, refuse_correction
from core.results.models.marks import Outcome
from core.results.outcomes.service import work_out
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, KEYS, YEAR, Case, Season
from tests.db.refusals import refused
from tests.results.awards.awarded import certified, closed, passed, published, revoked
from tests.results.awards.test_publication import object_to, the_objection
from tests.results.conftest import Office

SIXTY = Corrected(Decimal(60))


def accounts_of(season: Season, case: Case, role: Role) -> Iterator[Actor]:
    """The candidate's own account in the office, and a colleague who acts for them."""
    with season.as_system(CITY) as session:
        own = issue_account(
            session,
            login=f"own-{new_id().hex}",
            name="测试本人",
            role=role,
            office_id=CITY,
            person_id=case.person.person_id,
            valid_from=season.now,
        )
    yield Actor(own.id, "测试本人", role, office_id=CITY)
    yield replace(season.officer(CITY, f"deputy-{role}"), role=role, on_behalf_of=own.id)


@pytest.fixture
def failed(office: Office) -> Case:
    """A candidate with one mark below 60, not yet published."""
    case = office.candidate()
    office.take_in([[office.reference(case), "59", "60", "70"]])
    return case


def test_no_officer_asks_for_or_decides_a_correction_of_their_own_mark(office: Office, failed: Case) -> None:
    offices = office.season.offices
    for actor in accounts_of(office.season, failed, Role.EXAMINER):
        with pytest.raises(DBAPIError, match="own affair"), office.season.as_office(CITY, actor=actor) as session:
            ask_for_correction(session, failed.id, "岗位技能", SIXTY, reason="漏计", evidence="记录")
    with office.at_work() as session:
        asked = ask_for_correction(session, failed.id, "岗位技能", SIXTY, reason="漏计", evidence="记录").id
    for actor in accounts_of(office.season, failed, Role.CITY_SUPERVISOR):
        for decide in (
            lambda session: grant_correction(session, asked, offices=offices),
            lambda session: refuse_correction(session, asked, offices=offices, remark="保留"),
        ):
            with pytest.raises(DBAPIError, match="own affair"), office.season.as_office(CITY, actor=actor) as session:
                decide(session)
    with office.at_work("supervisor") as session:
        assert grant_correction(session, asked, offices=offices).state == "granted"


def test_no_officer_answers_their_own_check(office: Office, failed: Case) -> None:
    with office.season.as_person(failed.person) as session:
        check = ask_for_check(
            session, failed.id, "岗位技能", ground=Ground.OWN_RESULT, reason="估分不符", rules=ResultsTable()
        )
    for actor in accounts_of(office.season, failed, Role.EXAMINER):
        with pytest.raises(DBAPIError, match="own affair"), office.season.as_office(CITY, actor=actor) as session:
            dismiss_check(session, check.id, answer="无误。")


def test_no_officer_dismisses_an_objection_against_themselves(season: Season) -> None:
    case = passed(season)
    listed = published(season)
    object_to(season, listed)
    objection = the_objection(season)
    for actor in accounts_of(season, case, Role.CITY_SUPERVISOR):
        with pytest.raises(DBAPIError, match="own affair"), season.as_office(CITY, actor=actor) as session:
            objections.dismiss(session, objection.id, reason="查无实据", keys=KEYS)
    with season.as_office(CITY, "supervisor") as session:
        assert objections.dismiss(session, objection.id, reason="查无实据", keys=KEYS).state == "dismissed"


def test_marks_that_were_taken_in_go_by_a_supervisor_alone(office: Office, failed: Case) -> None:
    del failed
    with office.at_work("丙") as session:
        change = "UPDATE mark_imports SET state = 'withdrawn', decided_by = :by"
        assert refused(session, change, by=session.actor.account_id) == "KW022"
        assert session.execute(text("DELETE FROM marks")).rowcount == 0  # type: ignore[attr-defined]
    with office.at_work("supervisor") as session:
        change = "UPDATE mark_imports SET decided_by = :by, decided_by_name = '别人'"
        assert refused(session, change, by=session.actor.account_id) == "KW022"


def test_examiners_write_outcomes_and_supervisors_publish_them(office: Office, failed: Case) -> None:
    with office.at_work() as session:
        work_out(session, year=YEAR, offices=office.season.offices)
        assert refused(session, "UPDATE outcomes SET published_at = now()") == "42501"
        assert session.execute(text("DELETE FROM outcomes")).rowcount == 0  # type: ignore[attr-defined]
    copied = (
        "INSERT INTO outcomes (application_id, office_id, year, grade, trade, passed, reason, basis, decided_at, "
        "decided_by) SELECT application_id, office_id, year, grade, trade, true, reason, basis, decided_at, :by "
        "FROM outcomes ON CONFLICT (application_id) DO UPDATE SET passed = true"
    )
    for role in (Role.SCHEDULER, Role.CITY_REVIEWER):
        somebody = Actor(new_id(), "测试其他人员", role, office_id=CITY)
        with office.season.as_office(CITY, actor=somebody) as session:
            assert refused(session, "UPDATE outcomes SET passed = true") == "42501"
            assert refused(session, copied, by=somebody.account_id) == "42501"
    with office.at_work("supervisor") as session:
        session.execute(update(Outcome).values(published_at=session.now))
        assert not session.get_one(Outcome, failed.id).passed


def test_a_closed_list_keeps_its_notice_and_its_lines(season: Season) -> None:
    passed(season)
    closed(season)
    with season.as_office(CITY, "supervisor") as session:
        assert refused(session, "UPDATE publications SET notice_number = '另一文号'") == "KW028"
        strike = "UPDATE publication_entries SET struck_at = now(), struck_by = :by, struck_reason = '事后'"
        assert refused(session, strike, by=new_id()) == "KW003"


def test_a_revoked_certificate_keeps_its_reason(season: Season) -> None:
    case, _ = certified(season)
    revoked(season, case)
    with season.as_office(CITY, "supervisor") as session:
        assert refused(session, "UPDATE certificates SET revoked_reason = '另有缘由'") == "KW028"
