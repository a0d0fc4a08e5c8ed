"""Errors of the review found after the results are out: heard, decided by two, and everything taken back at once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from core.audit.dependents import rehearse
from core.audit.models import RecordEntry
from core.domain.consequences import Effect, Issued
from core.errors import Conflict, Forbidden
from core.messages.models import Notice
from core.results.awards import verification
from core.results.models.awards import Certificate, PublicationEntry
from core.results.models.marks import Outcome
from core.reviews import service as reviews
from core.sanctions import cases
from core.sanctions.carrying_out import measures_in_words
from core.sanctions.case_queries import papers
from core.sanctions.models import Ban, SanctionCase
from core.sanctions.procedure import CaseKind
from core.sanctions.telling import OWN_PAGE
from tests import sanctioned
from tests.cases import CITY, Case, Season
from tests.results.awards.awarded import certified, passed, published
from tests.sanctioned import decided_before

FACTS = "工作年限计算有误（测试）"


def found_wrong(season: Season, case: Case) -> UUID:
    """An error of the review, decided, whose time for an appeal is over."""
    now = season.now
    with season.as_office(CITY) as session:
        found = cases.propose(session, case.id, facts=FACTS, kind=CaseKind.ERROR).id
    sanctioned.heard(season, found)
    season.now = now + timedelta(days=10)
    sanctioned.decided(season, found, cases.Measures())
    season.now = now + timedelta(days=40)
    return found


def by_decision(season: Season, case_id: UUID) -> str:
    """What is said of a decision that has effect: its number, and nothing of what happened."""
    with season.as_province() as session:
        word = "审查更正决定" if session.get_one(SanctionCase, case_id).kind == CaseKind.ERROR else "处理决定"
        [number] = [paper.number for paper in papers(session, case_id) if paper.paper == "decision"]
    return f"{word}已生效（{number}）"


def test_an_error_takes_outcome_line_and_certificate_and_the_review_begins_again(season: Season) -> None:
    case, made = certified(season)
    found = found_wrong(season, case)
    with season.as_province() as session:
        foreseen = rehearse(session, lambda: cases.carry_out(session, found, offices=season.offices))
        gone = {(Issued.OUTCOME, Effect.VOID), (Issued.LIST_LINE, Effect.VOID), (Issued.CERTIFICATE, Effect.VOID)}
        assert gone <= foreseen.counts.keys()
        assert foreseen.sentence.startswith("1本证书作废")
        assert session.get_one(Outcome, case.id).annulled_at is None
        cases.carry_out(session, found, offices=season.offices)
    assert season.look(case).state == "qualification_review"
    ground = by_decision(season, found)
    with season.as_person(case.person) as session:
        outcome = session.get_one(Outcome, case.id)
        assert (outcome.annulled_at, outcome.annulled_reason) == (season.now, f"撤销审查结论：{ground}")
        assert session.get_one(Certificate, made.id).revoked_at == season.now
        assert session.scalars(select(Ban)).all() == []
        [notice] = session.scalars(select(Notice).where(Notice.kind == "sanction_carry_out"))
        assert OWN_PAGE in notice.body
    with season.as_unit(case.unit) as session:
        assert len(session.scalars(select(Notice).where(Notice.kind == "sanction_unit")).all()) == 1
    with season.as_office(CITY, "supervisor") as session:
        line = session.scalars(select(PublicationEntry)).one()
        assert (line.struck_at, line.struck_reason) == (season.now, f"撤销审查结论：{ground}")
        assert "outcome.annulled" in session.scalars(select(RecordEntry.kind)).all()
    with season.as_public() as session:
        standing = verification.standing(session, number=made.number, name=case.person.name)
        assert standing is not None
        assert (standing.revoked_at, standing.why) == (season.now, "发证后查明原审查有误，依生效的决定撤销")


def test_an_error_bars_nobody_and_orders_no_other_measure(season: Season) -> None:
    case, _ = certified(season)
    found = found_wrong(season, case)
    with season.as_office(CITY, "supervisor") as session:
        decided = session.get_one(SanctionCase, found)
        assert (decided.disqualifies, decided.revokes, decided.ban_years) == (False, True, 0)
        assert measures_in_words(decided)[0] == "撤销审查结论和考核结果"


def test_an_error_is_decided_by_another_than_who_found_it(season: Season) -> None:
    case, _ = certified(season)
    with season.as_office(CITY, "supervisor") as session:
        found = cases.propose(session, case.id, facts=FACTS, kind=CaseKind.ERROR).id
        cases.hear(session, found, words="立案", offices=season.offices)
    season.now += timedelta(days=10)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Forbidden, match="另一人作出"):
        cases.decide(session, found, words="属实", measures=cases.Measures(), offices=season.offices)


def test_before_results_are_out_a_case_is_simply_reviewed_again(season: Season) -> None:
    case = passed(season)
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="办理“重新审查”"):
        cases.propose(session, case.id, facts=FACTS, kind=CaseKind.ERROR)


def test_a_line_goes_while_its_list_is_out(season: Season) -> None:
    case = passed(season)
    published(season)
    found = found_wrong(season, case)
    with season.as_province() as session:
        cases.carry_out(session, found, offices=season.offices)
        assert session.scalars(select(PublicationEntry.struck_at)).one() == season.now


def test_no_review_begins_again_without_the_final_case(season: Season) -> None:
    case, _ = certified(season)
    found_wrong(season, case)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
        reviews.annul(session, case.id, offices=season.offices, reason=FACTS)
    assert refused.value.code == "outcome_stands"
    with pytest.raises(DBAPIError, match="permission denied"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Outcome).values(annulled_at=season.now))


def test_a_disqualification_annuls_the_outcome_too(season: Season) -> None:
    case, made = certified(season)
    found = decided_before(season, case, "学历系伪造（测试）", cases.Measures(True, True, 0))
    ground = by_decision(season, found)
    with season.as_province() as session:
        cases.carry_out(session, found, offices=season.offices)
        outcome = session.get_one(Outcome, case.id)
        assert (outcome.annulled_at, outcome.annulled_reason) == (season.now, f"取消资格：{ground}")
        assert session.scalars(select(PublicationEntry.struck_at)).one() == season.now
    with season.as_public() as session:
        standing = verification.standing(session, number=made.number, name=case.person.name)
        assert standing is not None
        assert standing.why == "持证人有违规行为，依生效的处理决定撤销"


def test_no_certificate_is_issued_again_after_an_annulment(season: Season) -> None:
    case, _ = certified(season)
    found = found_wrong(season, case)
    with season.as_province() as session:
        cases.carry_out(session, found, offices=season.offices)
    assert season.approve_at_office(case, who="second") == "qualified"
    with season.as_office(CITY, "supervisor") as session:
        assert session.scalar(select(func.under_sanction(case.id)))
