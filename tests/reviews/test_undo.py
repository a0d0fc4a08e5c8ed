"""A decision is taken back by its maker, for ten minutes, while nobody has acted on the case; many at once likewise."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.applications import service as applications
from core.applications.models import Application, CaseCount
from core.db.session import OfficeSession
from core.domain.workflow import Action, State
from core.errors import Conflict
from core.messages.models import Notice, OutboxMessage
from core.reviews import claims, service as reviews
from core.reviews.bulk import Seen, decide_each, sort_out
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.decisions.undo import undo, undoable
from tests.cases import CITY, Case, Season, answers, at, uncertain, unfiled

FAULTY = (ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file"),)


def by_office(season: Season, case: Case) -> State:
    with season.as_office(CITY) as session:
        return State(undo(session, case.id, offices=season.offices).state)


def by_unit(season: Season, case: Case) -> State:
    with season.as_unit(case.unit) as session:
        return State(undo(session, case.id, offices=season.offices).state)


def returned(season: Season) -> Case:
    case = season.at_office()
    with season.as_office(CITY) as session:
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=FAULTY)
        )
    return case


def rejected(season: Season) -> Case:
    case = season.at_office()
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="不符合条件")
    return case


def approved(season: Season) -> Case:
    case = season.at_office()
    season.approve_at_office(case)
    return case


@pytest.mark.parametrize("decided", [approved, returned, rejected])
def test_the_maker_takes_a_decision_back_and_the_case_is_as_it_was(
    season: Season, decided: Callable[[Season], Case]
) -> None:
    due = season.look(season.at_office()).due_at
    case = decided(season)
    season.now += timedelta(minutes=9)
    assert by_office(season, case) is State.QUALIFICATION_REVIEW
    after = season.look(case)
    assert (after.due_at, after.unlocked_items, after.deferral_open, after.round) == (due, None, False, 1)
    assert season.approve_at_office(case) is State.QUALIFIED
    assert [move.action for move in season.story(case)][-2:] == [Action.UNDO, Action.APPROVE]


def test_a_unit_takes_its_agreement_back(season: Season) -> None:
    case = season.at_office()
    assert by_unit(season, case) is State.UNIT_REVIEW
    assert season.approve_at_unit(case) is State.QUALIFICATION_REVIEW


def refused(season: Season, case: Case, who: str = "online") -> str:
    with pytest.raises(Conflict) as refusal, season.as_office(CITY, who) as session:
        undo(session, case.id, offices=season.offices)
    assert refusal.value.code == "undo_refused"
    return refusal.value.detail


def test_after_ten_minutes_nothing_is_taken_back(season: Season) -> None:
    case = approved(season)
    season.now += timedelta(minutes=10)
    assert "超过10分钟" in refused(season, case)
    assert season.look(case).state == State.QUALIFIED


def test_nobody_else_takes_a_decision_back(season: Season) -> None:
    assert "本人" in refused(season, approved(season), "colleague")


def test_a_return_that_the_applicant_has_begun_to_correct_stays(season: Season) -> None:
    case = returned(season)
    season.now += timedelta(minutes=1)
    season.save(case, answers(first_job_year=answers()["first_job_year"] - 1))
    assert "继续办理" in refused(season, case)


def test_a_decision_that_another_has_followed_stays(season: Season) -> None:
    case = season.at_office()
    season.approve_at_office(case)
    with pytest.raises(Conflict) as refusal:
        by_unit(season, case)
    assert refusal.value.code == "undo_refused"


def test_a_verdict_on_deferred_papers_taken_back_opens_the_commitments_again(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    with season.as_unit(case.unit) as session:
        applications.commit_to_deferral(
            session,
            case.id,
            material="annual_assessments",
            commitment="备案后补交",
            due_at=at(5, 20),
            exam_begins=at(6, 22),
        )
    season.approve_at_unit(case)
    season.approve_at_office(case)
    season.now += timedelta(hours=1)
    with season.as_office(CITY, "colleague") as session:
        if season.look_in(session, case).state == State.ONSITE_CONFIRMATION:
            reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id))
    season.now += timedelta(hours=1)
    due = season.look(case).due_at
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="考核不合格")
    assert by_office(season, case) is State.PROVISIONAL
    after = season.look(case)
    assert (after.deferral_open, after.due_at) == (True, due)
    with season.as_person(case.person) as session:
        assert session.scalars(text("SELECT state FROM deferrals")).all() == ["open"]


def test_the_message_waits_and_is_dropped_and_the_notice_corrected(season: Season) -> None:
    case = approved(season)
    with season.as_system(CITY) as session:
        message = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert message is not None
        assert message.due_at == season.now + timedelta(minutes=10)
    by_office(season, case)
    with season.as_system(CITY) as session:
        states = session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id.desc())).all()
        assert states[0] == "dropped"
    with season.as_person(case.person) as session:
        last = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
    assert last is not None
    assert "已由经办人撤销" in last.body
    assert last.kind == "application.undo"


def test_a_decision_that_is_taken_back_counts_no_more(season: Season) -> None:
    case = returned(season)
    by_office(season, case)
    with season.as_office(CITY) as session:
        counted = select(CaseCount.n).where(CaseCount.what == "return", CaseCount.decision)
        assert sum(session.scalars(counted)) == 0


def test_the_database_takes_back_only_the_last_decision_of_the_same_account(season: Season) -> None:
    case = approved(season)
    season.now += timedelta(minutes=11)
    with season.as_office(CITY) as session:
        bar = session.scalar(
            text("SELECT undo_bar(:case, :account, :now)"),
            {"case": case.id, "account": session.actor.account_id, "now": session.now},
        )
        assert bar == "late"
        assert not undoable(session, session.get_one(Application, case.id))


def _seen(season: Season, cases: list[Case]) -> list[Seen]:
    return [Seen(case.id, season.look(case).version) for case in cases]


def _approve_all(season: Season, session: OfficeSession, seen: list[Seen]) -> dict[object, bool]:
    made = decide_each(
        session,
        seen,
        Action.APPROVE,
        lambda case_id, version: reviews.approve(session, case_id, offices=season.offices, version=version, bulk=True),
    )
    return {decided.application_id: decided.refusal is None for decided in made}


def test_many_are_decided_only_where_nothing_asks_and_nothing_is_missing(season: Season) -> None:
    plain, asking, read = season.at_office(), season.at_office(filled=uncertain()), season.at_office()
    with season.as_office(CITY, "colleague") as session:
        claims.claim(session, read.id)
    seen = _seen(season, [plain, asking, read])
    with season.as_office(CITY) as session:
        foreseen = {found.case.id: found.why for found in sort_out(session, seen, Action.APPROVE)}
        assert foreseen[plain.id] is None
        assert "需要核实" in str(foreseen[asking.id])
        assert "已领取" in str(foreseen[read.id])
        assert _approve_all(season, session, seen) == {plain.id: True, asking.id: False, read.id: False}
    last = season.story(plain)[-1]
    assert (last.action, last.bulk) == (Action.APPROVE, True)
    assert not season.story(plain)[-2].bulk


def test_many_decisions_are_taken_back_each_by_itself(season: Season) -> None:
    cases = [season.at_office() for _ in range(2)]
    with season.as_office(CITY) as session:
        assert set(_approve_all(season, session, _seen(season, cases)).values()) == {True}
    season.now += timedelta(minutes=2)
    with season.as_office(CITY) as session:
        made = decide_each(
            session,
            _seen(season, cases),
            Action.UNDO,
            lambda case_id, version: undo(session, case_id, offices=season.offices, version=version),
        )
    assert [decided.refusal for decided in made] == [None, None]
    assert {season.look(case).state for case in cases} == {State.QUALIFICATION_REVIEW}
