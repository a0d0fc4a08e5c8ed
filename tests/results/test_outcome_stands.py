"""Once results are out, a case goes back to no review: not by any verb, not by a spot check, not past the service."""

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from core.api.applications.schemas import case_of
from core.applications.models import Move
from core.applications.moves import Step, move, open_for_change
from core.db.base import new_id
from core.db.session import ProvinceSession
from core.delegation.models import Delegation, SampleItem
from core.delegation.supervision import draw_sample
from core.domain.workflow import ADMITTED, VERBS, Action, State
from core.errors import Conflict, Invalid
from core.plugin_api import Grade
from core.results.models.awards import Certificate, PublicationEntry
from core.results.models.marks import Outcome
from core.reviews.supervision import overturn
from core.sanctions.cases import Measures
from tests.cases import CITY, COUNTY, YEAR, Case, Season, answers, at
from tests.results.awards.awarded import RESULTS, certified, closed, passed, published, sanctioned
from tests.sanctioned import disqualified

LEAVING = [verb.action for verb in VERBS if verb.source is State.QUALIFIED and not set(verb.targets) & ADMITTED]


def listed(season: Season) -> Case:
    """A case on a published list."""
    case = passed(season)
    published(season)
    return case


def named(season: Season) -> Case:
    """A case on a closed list, without a certificate yet."""
    case = passed(season)
    closed(season)
    return case


def with_certificate(season: Season) -> Case:
    """A case with a certificate."""
    return certified(season)[0]


def failed(season: Season) -> Case:
    """A failed case whose outcome was published with a list of others."""
    passed(season)
    case = passed(season, passes=False)
    published(season)
    return case


def tried(season: Season, case: Case, action: Action) -> State:
    with season.as_province() as session:
        made = move(session, open_for_change(session, case.id), Step(action, reason="测试理由"))
        return State(made.to_state)


@pytest.mark.parametrize("action", LEAVING)
@pytest.mark.parametrize("stage", [listed, named, with_certificate])
def test_no_verb_takes_back_a_listed_or_certified_candidate(season: Season, stage: object, action: Action) -> None:
    case = stage(season)  # type: ignore[operator]
    with pytest.raises(Conflict) as refused:
        tried(season, case, action)
    assert refused.value.code == "outcome_stands"
    assert "作为违规案件立案" in refused.value.detail
    assert season.look(case).state == State.QUALIFIED


def test_a_published_failure_is_not_reviewed_again_but_may_be_disqualified(season: Season) -> None:
    case = failed(season)
    with pytest.raises(Conflict, match="考核结果已经公布"):
        tried(season, case, Action.REOPEN)
    disqualified(season, case)
    assert season.look(case).state == State.DISQUALIFIED


@pytest.mark.parametrize("action", [action for action in LEAVING if action is not Action.DISQUALIFY])
def test_before_results_are_out_every_other_verb_works(season: Season, action: Action) -> None:
    assert tried(season, passed(season), action) not in ADMITTED


def test_a_case_offers_no_review_again_once_results_are_out(season: Season) -> None:
    case = failed(season)
    with season.as_province() as session:
        assert case_of(session, season.look_in(session, case)).allowed_actions == []


def test_the_result_of_a_case_under_review_again_is_not_announced(season: Season) -> None:
    passed(season)
    case = passed(season, passes=False)
    tried(season, case, Action.REOPEN)
    published(season)
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(Outcome, case.id).published_at is None
    with season.as_office(CITY, "second") as session:
        made = move(session, open_for_change(session, case.id), Step(Action.REJECT, reason="测试理由"))
    assert made.to_state == State.REJECTED


def test_a_spot_check_does_not_overturn_a_published_result(season: Season) -> None:
    season.now = at(3, 25)
    case = season.at_office(COUNTY, answers(Grade.FIVE))
    season.approve_at_office(case, COUNTY)
    passes(season, case)
    with season.as_office(CITY, "supervisor") as session:
        [delegation] = session.scalars(select(Delegation.id).where(Delegation.to_office_id == COUNTY))
        draw_sample(session, delegation, percent=100, minimum=1, seed=7)
        item = session.scalars(select(SampleItem.id).where(SampleItem.application_id == case.id)).one()
    published(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        overturn(session, item, offices=season.offices, reason="审查依据不足")
    assert refused.value.code == "outcome_stands"
    with season.as_office(CITY, "supervisor") as session:
        assert session.get_one(SampleItem, item).verdict == "open"
    assert season.look(case).state == State.QUALIFIED


def passes(season: Season, case: Case) -> None:
    season.now = RESULTS
    with season.as_office(CITY, "supervisor") as session:
        made = {"office_id": CITY, "year": YEAR, "grade": 5, "trade": "LS-1", "passed": True, "reason": "各科目合格"}
        who = {"decided_at": session.now, "decided_by": session.actor.account_id}
        session.add(Outcome(application_id=case.id, basis={}, **made, **who))


def test_a_final_case_takes_qualification_line_and_certificate_together(season: Season) -> None:
    case, certificate = certified(season)
    sanctioned(season, case, Measures(disqualifies=True, revokes=True, ban_years=0))
    assert season.look(case).state == State.DISQUALIFIED
    with season.as_person(case.person) as session:
        assert session.get_one(Certificate, certificate.id).revoked_at == season.now


def test_a_case_that_ends_while_the_list_is_out_strikes_the_line(season: Season) -> None:
    case = listed(season)
    sanctioned(season, case, Measures(disqualifies=True, revokes=True, ban_years=0))
    with season.as_office(CITY, "supervisor") as session:
        line = session.scalars(select(PublicationEntry)).one()
    assert (line.struck_at, line.struck_reason) == (season.now, "取消资格：处理决定已生效（清河工考决〔2024〕1号）")


@pytest.mark.parametrize("stage", [listed, with_certificate])
def test_no_disqualified_candidate_keeps_line_or_certificate(season: Season, stage: object) -> None:
    case = stage(season)  # type: ignore[operator]
    with pytest.raises(Invalid) as refused:
        sanctioned(season, case, Measures(disqualifies=True, revokes=False, ban_years=0))
    assert (refused.value.code, list(refused.value.fields)) == ("revocation_must_follow", ["revokes"])


def test_the_database_itself_lets_no_move_go_behind_a_certificate(season: Season) -> None:
    case, _ = certified(season)
    with season.as_person(case.person) as session:
        last = session.scalars(select(Move).where(Move.application_id == case.id).order_by(Move.version.desc())).first()
        assert last is not None
        seen = {column.key: getattr(last, column.key) for column in Move.__table__.columns}
    with season.as_province() as session, pytest.raises(DBAPIError) as refused, session.begin_nested():
        session.execute(insert(Move), {**seen, **_reopening(session, last.version)})
    assert refused.value.orig.sqlstate == "KW031"  # type: ignore[union-attr]


def _reopening(session: ProvinceSession, version: int) -> dict[str, object]:
    return {
        "id": new_id(),
        "version": version + 1,
        "action": "reopen",
        "from_state": "qualified",
        "to_state": "qualification_review",
        "capacity": "supervisor",
        "reason": "测试理由",
        "acting_office_id": session.office_id,
        "account_id": session.actor.account_id,
        "actor_name": session.actor.name,
        "role": session.actor.role.value,
        "at": session.now,
    }


def test_no_case_leaves_while_its_results_are_going_out(season: Season) -> None:
    """Another officer publishes at this moment: another connection holds the lock."""
    case = passed(season)
    key = func.hashtextextended(f"outcomes/{CITY}/{YEAR}", 0)
    with season.connection.engine.connect() as elsewhere, elsewhere.begin():
        elsewhere.execute(select(func.pg_advisory_xact_lock(key)))
        with pytest.raises(Conflict) as refused:
            tried(season, case, Action.REOPEN)
    assert refused.value.code == "busy"
    assert tried(season, case, Action.REOPEN) is State.QUALIFICATION_REVIEW


def test_a_list_takes_the_lock_before_it_announces_anything(season: Season) -> None:
    passed(season)
    published(season)
    key = func.hashtextextended(f"outcomes/{CITY}/{YEAR}", 0)
    with season.connection.engine.connect() as elsewhere, elsewhere.begin():
        assert elsewhere.scalar(select(func.pg_try_advisory_xact_lock_shared(key))) is False
