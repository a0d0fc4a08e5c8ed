"""Appeals against failed reviews: by whom, to whom, until when, once; and who may answer them."""

from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, ProvinceSession, Role
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.identity.service import issue_account
from core.messages.models import Notice
from core.plugin_api import Grade, OfficeCode
from core.reviews import service
from core.reviews.appeals import service as appeals
from core.reviews.due import carry_out_due
from core.reviews.models import ReviewAppeal
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, Case, Season, answers, at
from tests.db.refusals import refused
from tests.reviews.test_decisions import provisional
from tests.sanctioned import disqualified

REASON = "工作年限不足"


@pytest.fixture
def season(season: Season) -> Season:
    season.now = at(3, 25)
    return season


def rejected(season: Season, office: OfficeCode = CITY, who: str = "online") -> Case:
    """A case that an office found not eligible."""
    case = season.at_office(office)
    with season.as_office(office, who) as session:
        service.reject(session, case.id, offices=season.offices, reason=REASON)
    return case


def appealed(season: Season, case: Case, grounds: str = "档案记载的年限已满") -> UUID:
    with season.as_person(case.person) as session:
        return appeals.appeal(session, case.id, grounds=grounds, offices=season.offices).id


def told(season: Season, case: Case, kind: str) -> list[str]:
    """What the person is told."""
    with season.as_person(case.person) as session:
        return list(session.scalars(select(Notice.body).where(Notice.kind == kind)))


def told_office(season: Season, office: OfficeCode, kind: str) -> list[str]:
    with season.as_office(office, "supervisor" if office == CITY else "online") as session:
        wanted = select(Notice.body).where(Notice.kind == kind, Notice.recipient_office_id == office)
        return list(session.scalars(wanted))


def test_a_countys_decision_is_answered_by_its_city_which_may_reopen_it(season: Season) -> None:
    case = rejected(season, COUNTY)
    made = appealed(season, case)
    # Fifteen working days after Monday, 25 March, of which three are holidays and Sunday the 7th is worked.
    due = "请于2024年4月16日前答复"
    assert due in told_office(season, CITY, "review_appeal_open")[0]
    assert "由上级机构答复" in told_office(season, COUNTY, "review_appeal_open")[0]
    with season.as_office(CITY, "supervisor") as session:
        assert [(appeal.id, found.id) for appeal, found in appeals.appeals(session)] == [(made, case.id)]
        appeals.reopen_by_appeal(session, made, answer="年限已满", offices=season.offices)
    assert season.look(case).state == State.QUALIFICATION_REVIEW
    assert told(season, case, "review_appeal_reopened") == ["申诉结果：申诉成立，重新审查。理由：年限已满"]
    assert "理由：年限已满" in told_office(season, COUNTY, "review_appeal_reopened")[0]
    assert season.story(case)[-1].reason == "申诉成立：年限已满"
    with season.as_office(CITY, "supervisor") as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.kind.startswith("review_appeal"))).all()
    assert kinds == ["review_appeal.asked", "review_appeal.reopened"]


def test_a_citys_decision_is_answered_by_the_center_which_may_uphold_it(season: Season) -> None:
    case = rejected(season)
    made = appealed(season, case)
    with season.as_office(CITY, "supervisor") as session:
        assert appeals.appeals(session) == []
        with pytest.raises(NotFound):
            appeals.uphold(session, made, answer="维持")
    with season.as_province() as session:
        with pytest.raises(Invalid, match="理由"):
            appeals.uphold(session, made, answer=" ")
        appeals.uphold(session, made, answer="年限自2018年起算")
        with pytest.raises(Conflict, match="已经答复"):
            appeals.reopen_by_appeal(session, made, answer="改主意", offices=season.offices)
    assert season.look(case).state == State.REJECTED
    assert told(season, case, "review_appeal_upheld") == ["申诉结果：维持审查结论。理由：年限自2018年起算"]
    assert "年限自2018年起算" in told_office(season, CITY, "review_appeal_upheld")[0]


def test_a_lapse_is_a_decision_that_may_be_appealed(season: Season) -> None:
    case = provisional(season)
    season.now = at(6, 30)
    with season.as_system(CITY) as session:
        assert carry_out_due(session, year=YEAR, offices=season.offices) == 1
    made = appealed(season, case, "材料已在期限内报送")
    with season.as_province() as session:
        assert session.get_one(ReviewAppeal, made).superior_office_id == PROVINCE
        appeals.reopen_by_appeal(session, made, answer="属实", offices=season.offices)
    assert season.look(case).state == State.QUALIFICATION_REVIEW


def test_a_decision_is_appealed_once_in_its_period_and_a_new_one_again(season: Season) -> None:
    case = rejected(season)
    with pytest.raises(Invalid, match="理由和依据"):
        appealed(season, case, " ")
    season.now = at(4, 16, 23, 59, 59)
    made = appealed(season, case)
    with pytest.raises(Conflict, match="只能申诉一次"):
        appealed(season, case)
    with season.as_province() as session:
        appeals.reopen_by_appeal(session, made, answer="请重新审查", offices=season.offices)
    with season.as_office(CITY, "second") as session:
        service.reject(session, case.id, offices=season.offices, reason="仍不足")
    assert appealed(season, case) != made


def test_after_the_period_there_is_no_appeal(season: Season) -> None:
    case = rejected(season)
    season.now = at(4, 17, 0)
    with pytest.raises(Conflict, match="期限已于2024年4月16日24:00届满"):
        appealed(season, case)


def test_only_a_failed_review_of_ones_own_is_appealed(season: Season) -> None:
    waiting, other = season.at_office(), season.add_person()
    with pytest.raises(Conflict) as error:
        appealed(season, waiting)
    assert error.value.code == "nothing_to_appeal"
    case = rejected(season)
    with season.as_person(other) as session, pytest.raises(NotFound):
        appeals.appeal(session, case.id, grounds="好奇", offices=season.offices)


def test_who_reviewed_the_case_does_not_answer(season: Season) -> None:
    """The center reviews its own units; another of its officers answers, by whichever account."""
    case = season.at_office(PROVINCE, answers(Grade.FIVE))
    reviewer = Actor(
        season.officer(PROVINCE, "first").account_id, "测试甲", Role.PROVINCIAL_OFFICER, office_id=PROVINCE
    )
    with season.as_office(PROVINCE, actor=reviewer) as session:
        service.reject(session, case.id, offices=season.offices, reason=REASON)
    made = appealed(season, case)
    with ProvinceSession(season.connection, actor=reviewer, now=season.now) as session, session.begin():
        with pytest.raises(Forbidden, match="其他监管人员"):
            appeals.uphold(session, made, answer="维持")
        change = "UPDATE review_appeals SET state = 'upheld', answer = '维持', answered_at = now(), answered_by = :by"
        assert refused(session, change, by=reviewer.account_id) == "KW021"
    with season.as_province() as session:
        assert appeals.uphold(session, made, answer="维持").state == "upheld"


def test_nobody_answers_an_appeal_of_their_own(season: Season) -> None:
    case = rejected(season, COUNTY)
    made = appealed(season, case)
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
    with season.as_office(CITY, actor=actor) as session, pytest.raises(DBAPIError, match="own affair"):
        appeals.uphold(session, made, answer="维持")


def test_the_database_itself_keeps_who_may_appeal_and_answer(season: Season) -> None:
    case = rejected(season, COUNTY)
    made = appealed(season, case)
    change = "UPDATE review_appeals SET state = 'upheld', answer = '维持', answered_at = now(), answered_by = :by"
    with season.as_office(COUNTY) as session:
        assert session.get_one(ReviewAppeal, made).grounds
        assert session.execute(text(change), {"by": session.actor.account_id}).rowcount == 0  # type: ignore[attr-defined]
    for looks in (season.as_unit(case.unit), season.as_office(OTHER_CITY), season.as_public()):
        with looks as session:
            assert session.scalars(select(ReviewAppeal.id)).all() == []
    again = (
        "INSERT INTO review_appeals (id, application_id, move_id, office_id, decided_by_office_id, superior_office_id, "
        "grounds, state, asked_at, asked_by, due_at, answer) SELECT gen_random_uuid(), application_id, move_id, "
        "office_id, decided_by_office_id, :superior, grounds, 'open', asked_at, asked_by, due_at, '' "
        "FROM review_appeals"
    )
    with season.as_person(case.person) as session:
        assert refused(session, again, superior=CITY) == "23505"
        assert refused(session, again, superior=PROVINCE) == "42501"
        assert session.execute(text(change), {"by": session.actor.account_id}).rowcount == 0  # type: ignore[attr-defined]
    with season.as_office(CITY, "supervisor") as session:
        appeals.uphold(session, made, answer="维持")
        assert refused(session, change, by=session.actor.account_id) == "KW022"


def test_an_appeal_of_a_case_that_is_reviewed_again_is_only_granted(season: Season) -> None:
    case = rejected(season, COUNTY)
    made = appealed(season, case)
    with season.as_office(CITY, "supervisor") as session:
        service.reopen(session, case.id, offices=season.offices, reason="抽查")
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Conflict, match="已经在重新审查"):
            appeals.uphold(session, made, answer="维持")
        appeals.reopen_by_appeal(session, made, answer="已在重新审查", offices=season.offices)
    assert season.look(case).state == State.QUALIFICATION_REVIEW


def test_the_superior_office_is_reminded_before_the_answer_is_due(season: Season) -> None:
    made = appealed(season, rejected(season))
    for day, count in ((1, 0), (12, 1), (12, 1)):
        season.now = at(4, day)
        with season.as_system(PROVINCE) as session:
            appeals.remind_of_appeals(session, year=YEAR, offices=season.offices)
        with season.as_province() as session:
            reminded = select(Notice).where(Notice.kind == "reminder.review_appeal")
            assert len(session.scalars(reminded).all()) == count
    assert made


def test_an_appeal_is_upheld_and_not_found_right_once_the_person_is_disqualified(season: Season) -> None:
    case = rejected(season)
    made = appealed(season, case)
    season.now = at(6, 20)
    disqualified(season, case)
    with season.as_province() as session, pytest.raises(Conflict, match="维持审查结论") as refused:
        appeals.reopen_by_appeal(session, made, answer="属实", offices=season.offices)
    assert refused.value.code == "disqualified_by_now"
    with season.as_province() as session:
        appeals.uphold(session, made, answer="已由处理决定取消资格")
    assert season.look(case).state == State.DISQUALIFIED
    assert "维持审查结论" in told(season, case, "review_appeal_upheld")[0]
