"""Suspensions: who may suspend, what is told, how long it lasts, and what waits for its end."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from core.audit.dependents import rehearse
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.identity.service import issue_account
from core.messages.models import Notice
from core.oversight.attention import Held, Urgency, matters
from core.results.awards.certificates import Issued
from core.results.models.marks import Outcome
from core.sanctions import cases, suspensions
from core.sanctions.models import SanctionCase, Suspension
from core.sanctions.reminders import remind_of_suspensions
from core.sanctions.steps import DecidingSession
from core.sanctions.suspensions import ask_to_suspend, suspend
from core.sanctions.telling import OWN_PAGE
from tests.cases import CITY, COUNTY, OTHER_CITY, YEAR, Case, Season, at
from tests.results.awards.awarded import closed, issue, passed, published

REASON = "考前查出替考嫌疑（测试）"


def qualified(season: Season, office: str = CITY) -> Case:
    season.now = at(3, 25)
    case = season.at_office(office)  # type: ignore[arg-type]
    season.approve_at_office(case, office)  # type: ignore[arg-type]
    return case


def suspended(season: Season, case: Case, who: str = "supervisor") -> Suspension:
    with season.as_office(CITY, who) as session:
        return suspend(session, case.id, reason=REASON, offices=season.offices)


def test_suspending_opens_a_case_and_tells_the_person_where_to_read_why(season: Season) -> None:
    case = qualified(season)
    made = suspended(season, case)
    with season.as_person(case.person) as session:
        [notice] = session.scalars(select(Notice).where(Notice.kind == "suspension_imposed"))
        assert suspensions.in_force(session, case.id) is not None
    assert REASON not in notice.body
    assert OWN_PAGE in notice.body
    assert "座位、成绩和证书保留到案件办结" in notice.body
    with season.as_office(CITY, "supervisor") as session:
        sanction = session.get_one(SanctionCase, made.case_id)
        assert (sanction.state, sanction.facts) == ("proposed", REASON)
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(case.id))).all()
        assert {"sanction.propose", "suspension.imposed"} <= set(kinds)


def test_a_county_is_told_of_a_suspension_that_it_does_not_see(season: Season) -> None:
    case = qualified(season, COUNTY)
    suspended(season, case)
    with season.as_office(COUNTY) as session, pytest.raises(Conflict) as refused:
        suspend(session, case.id, reason=REASON, offices=season.offices)
    assert refused.value.code in {"suspended_already", "sanction_case_open"}


def test_an_open_case_is_used_and_only_one_suspension_is_in_force(season: Season) -> None:
    case = qualified(season)
    with season.as_office(CITY) as session:
        open_case = cases.propose(session, case.id, facts="举报（测试）").id
    assert suspended(season, case).case_id == open_case
    with pytest.raises(Conflict, match="已被暂停"):
        suspended(season, case)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("supervisor", None),
        ("center", None),
        ("in_charge", None),
        ("past_owner", Forbidden),
        ("examiner", KaowuError),
        ("elsewhere", NotFound),
    ],
)
def test_supervisors_and_the_office_in_charge_suspend(season: Season, who: str, error: type[KaowuError] | None) -> None:
    case = qualified(season, COUNTY)
    examiner = Actor(new_id(), "测试考评员", Role.EXAMINER, office_id=CITY)
    sessions: dict[str, Callable[[], AbstractContextManager[DecidingSession]]] = {
        "supervisor": lambda: season.as_office(CITY, "supervisor"),
        "center": season.as_province,
        "in_charge": lambda: season.as_office(COUNTY),
        "past_owner": lambda: season.as_office(CITY),
        "examiner": lambda: season.as_office(CITY, actor=examiner),
        "elsewhere": lambda: season.as_office(OTHER_CITY, "supervisor"),
    }
    if error is None:
        with sessions[who]() as session:
            assert suspend(session, case.id, reason=REASON, offices=season.offices).office_id == CITY
        return
    with sessions[who]() as session, pytest.raises(error):
        suspend(session, case.id, reason=REASON, offices=season.offices)


def test_a_reason_is_needed_and_only_who_is_admitted_is_suspended(season: Season) -> None:
    case = qualified(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match="当事人将看到"):
        suspend(session, case.id, reason=" ", offices=season.offices)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match="最多2000字"):
        suspend(session, case.id, reason="长" * 2001, offices=season.offices)
    with season.as_office(CITY) as session, pytest.raises(Invalid, match="最多2000字"):
        cases.propose(session, case.id, facts="长" * 2001)
    waiting = season.at_office()
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="没有可以暂停的考核"):
        suspend(session, waiting.id, reason=REASON, offices=season.offices)


def test_staff_on_site_ask_and_the_office_is_told(season: Season) -> None:
    case = qualified(season)
    examiner = Actor(new_id(), "测试考评员", Role.EXAMINER, office_id=CITY)
    with season.as_office(CITY, actor=examiner) as session:
        ask_to_suspend(session, case.id, reason=REASON)
    with season.as_office(CITY, "supervisor") as session:
        [notice] = session.scalars(select(Notice).where(Notice.kind == "suspension_asked"))
        assert (notice.office_id, REASON in notice.body) == (CITY, True)
        assert suspensions.in_force(session, case.id) is None
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Forbidden):
        ask_to_suspend(session, case.id, reason=REASON)


def test_an_officer_sees_beforehand_what_a_suspension_causes(season: Season) -> None:
    case = qualified(season)
    with season.as_office(CITY, "supervisor") as session:
        foreseen = rehearse(session, lambda: suspend(session, case.id, reason=REASON, offices=season.offices))
        assert foreseen.sentence == "1人将收到通知"
        assert suspensions.in_force(session, case.id) is None


def test_results_and_certificate_of_a_suspended_candidate_wait(season: Season) -> None:
    case, other = passed(season), passed(season)
    suspended(season, case)
    listed = published(season)
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(Outcome, case.id).published_at is None
        assert session.get_one(Outcome, other.id).published_at == listed.published_at


def test_a_certificate_waits_for_the_end_of_a_suspension(season: Season) -> None:
    case = passed(season)
    listed = closed(season)
    case_id = suspended(season, case).case_id
    assert issue(season, listed.id) == Issued(0, 1)
    with season.as_office(CITY, "supervisor") as session:
        cases.drop(session, case_id, words="经查不属实")
    assert issue(season, listed.id) == Issued(1, 0)


def test_the_database_keeps_a_suspension_to_its_case(season: Season) -> None:
    case = qualified(season)
    made = suspended(season, case)
    lifted = {"lifted_at": season.now, "lifted_by": season.officer(CITY, "supervisor").account_id}
    with pytest.raises(DBAPIError, match="ends with its case"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Suspension).values(**lifted))
    with season.as_office(CITY, "supervisor") as session:
        cases.drop(session, made.case_id, words="经查不属实")
    with pytest.raises(DBAPIError, match="ends with its case"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Suspension).values(**lifted))
    with season.as_office(OTHER_CITY, "supervisor") as session:
        assert session.scalar(select(func.count()).select_from(Suspension)) == 0


@pytest.mark.parametrize("who", ["examiner", "unit", "other_city"])
def test_the_database_lets_nobody_else_suspend(season: Season, who: str) -> None:
    case = qualified(season)
    with season.as_office(CITY) as session:
        case_id = cases.propose(session, case.id, facts=REASON).id
    actor = {
        "examiner": Actor(new_id(), "测试", Role.EXAMINER, office_id=CITY),
        "unit": Actor(new_id(), "测试", Role.SCHEDULER, office_id=CITY),
        "other_city": season.officer(OTHER_CITY, "supervisor"),
    }[who]
    assert actor.office_id is not None
    written = Suspension(
        id=new_id(),
        application_id=case.id,
        case_id=case_id,
        office_id=CITY,
        imposed_at=season.now,
        imposed_by=actor.account_id,
        imposed_by_office_id=actor.office_id,
        reason="绕过服务",
        decide_until=season.now,
    )
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        OfficeSession(season.connection, actor=actor, now=season.now) as session,
        session.begin(),
    ):
        session.add(written)


def test_nobody_suspends_themselves(season: Season) -> None:
    case = qualified(season)
    with season.as_system(CITY) as session:
        own = issue_account(
            session,
            login=f"own-{new_id().hex}",
            name="测试本人",
            role=Role.CITY_SUPERVISOR,
            office_id=CITY,
            person_id=case.person.person_id,
            valid_from=season.now,
        )
    actor = Actor(own.id, "测试本人", Role.CITY_SUPERVISOR, office_id=CITY)
    with pytest.raises(DBAPIError, match="own affair"), season.as_office(CITY, actor=actor) as session:
        suspend(session, case.id, reason=REASON, offices=season.offices)


def test_the_office_is_reminded_and_from_the_last_day_on_daily_with_the_center(season: Season) -> None:
    case = qualified(season)
    until = suspended(season, case).decide_until

    def reminded() -> int:
        with season.as_system(CITY) as session:
            remind_of_suspensions(session, year=YEAR, offices=season.offices)
        with season.as_province() as session:
            wanted = select(Notice.office_id).where(Notice.kind == "reminder.suspension")
            return len(session.scalars(wanted).all())

    assert reminded() == 0
    season.now = until - timedelta(hours=20)
    assert (reminded(), reminded()) == (1, 1)
    season.now = until + timedelta(hours=1)
    assert (reminded(), reminded()) == (3, 3)
    season.now += timedelta(days=1)
    assert reminded() == 5


def test_suspended_candidates_are_the_first_matter_of_an_office() -> None:
    [first] = matters(CITY, [], [], held=Held(2, 12, at(4, 10)))
    assert (first.urgency, first.title, first.due) == (Urgency.SUSPENDED, "2人被暂停考核，等待决定", at(4, 10))
    assert "最长已12天" in first.text
