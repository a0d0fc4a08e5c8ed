"""Certificates: issued for a closed list, verified by anybody, revoked for good; and what PostgreSQL holds itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.domain.workflow import State
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.results.awards import certificates, verification
from core.results.awards.certificates import Issued
from core.results.corrections.score_checks import Ground, ask_for_check, dismiss_check
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction
from core.results.models.awards import Certificate
from core.results.outcomes.service import work_out
from core.sanctions.cases import Measures
from core.security.signatures import read_code
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, OTHER_CITY, PAPER_KEYS, YEAR, Season, at
from tests.results.awards.awarded import (
    CLOSING,
    certified,
    closed,
    drafted,
    issue,
    passed,
    published,
    revoked,
    sanctioned,
)
from tests.results.conftest import Office


def test_a_closed_list_gives_each_person_a_certificate_once(season: Season) -> None:
    cases = [passed(season) for _ in range(3)]
    listed = closed(season)
    assert issue(season, listed.id) == Issued(3, 0)
    assert issue(season, listed.id) == Issued(0, 0)
    with season.as_office(CITY, "supervisor") as session:
        rows = session.execute(
            select(Certificate.application_id, Certificate.number).order_by(Certificate.number)
        ).all()
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "certificates.issued")).all()
    assert [row.application_id for row in rows] == [case.id for case in cases]
    assert [row.number[-5:] for row in rows] == ["00001", "00002", "00003"]
    assert [entry.payload["count"] for entry in entries] == [3]
    with season.as_person(cases[1].person) as session:
        assert session.scalars(select(Certificate.number)).all() == [rows[1].number]
        told = session.scalars(select(Notice.body).where(Notice.kind == "certificate_issued")).one()
        assert rows[1].number in told


def test_the_code_on_the_paper_is_signed_and_says_what_the_paper_says(season: Season) -> None:
    case, made = certified(season)
    assert read_code(made.code, PAPER_KEYS.public) == (
        "certificate",
        made.number,
        case.person.name,
        "五级",
        "保管工",
        "2024-10-15",
    )


def test_nothing_is_issued_before_the_list_is_closed(season: Season) -> None:
    passed(season)
    listed = drafted(season)
    with pytest.raises(Conflict, match="名单尚未公布"):
        issue(season, listed.id)


def test_a_person_who_lost_the_qualification_since_is_left_out(season: Season) -> None:
    case = passed(season)
    passed(season)
    listed = closed(season)
    sanctioned(season, case, Measures(disqualifies=True, revokes=True, ban_years=0))
    assert season.look(case).state == State.DISQUALIFIED
    # The line is struck, also from a list that is closed: nothing of it waits for a certificate.
    assert issue(season, listed.id) == Issued(1, 0)


def test_a_verification_says_valid_then_revoked_since_when(season: Season) -> None:
    case, made = certified(season)
    with season.as_public() as session:
        found = verification.standing(session, number=made.number.lower(), name=f" {case.person.name}")
        by_code = verification.standing_by_code(session, made.code, public_keys=PAPER_KEYS.public)
        by_address = verification.standing_by_code(
            session, f"https://example.org/verify?code={made.code}", public_keys=PAPER_KEYS.public
        )
    assert found is not None
    assert found == by_code == by_address
    assert (found.number, found.grade, found.trade, found.valid) == (made.number, 5, "LS-1", True)
    season.now += timedelta(days=3)
    revoked(season, case)
    with season.as_public() as session:
        again = verification.standing(session, number=made.number, name=case.person.name)
    assert again is not None
    assert (again.valid, again.revoked_at) == (False, season.now)
    with season.as_person(case.person) as session:
        assert (
            "请将纸质证书交回" in session.scalars(select(Notice.body).where(Notice.kind == "certificate_revoked")).one()
        )


@pytest.mark.parametrize(
    "code", ["", "x", "code", "https://example.org/verify?code=", PAPER_KEYS.code("ticket", "1", "2")]
)
def test_a_code_that_is_no_certificates_is_unknown(season: Season, code: str) -> None:
    with season.as_public() as session:
        assert verification.standing_by_code(session, code, public_keys=PAPER_KEYS.public) is None


def test_a_paper_is_noted_as_returned_once_it_is_called_back(season: Season) -> None:
    case, made = certified(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="已发证"):
        certificates.return_paper(session, made.id)
    revoked(season, case)
    with season.as_office(CITY, "supervisor") as session:
        assert certificates.return_paper(session, made.id).returned_at == season.now
        for act in (lambda: certificates.return_paper(session, made.id), lambda: _revoke(session, made)):
            with pytest.raises(Conflict, match="已收回"):
                act()


def _revoke(session: certificates.RevokingSession, made: Certificate) -> Certificate:
    return certificates.revoke(session, made.id, reason="测试材料虚假")


def test_no_certificate_is_revoked_without_a_final_ground(season: Season) -> None:
    _, made = certified(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="已生效的违规处理决定"):
        _revoke(session, made)
    with season.as_province() as session, pytest.raises(Conflict, match="已生效的违规处理决定"):
        _revoke(session, made)
    values = {"revoked_at": season.now, "revoked_by": new_id(), "revoked_reason": "测试"}
    for raw in (season.as_office(CITY, "supervisor"), season.as_province()):
        with pytest.raises(DBAPIError, match="by a final case or a corrected mark"), raw as session:
            session.execute(update(Certificate).where(Certificate.id == made.id).values(**values))


def test_a_certificate_whose_pass_a_corrected_mark_took_is_revoked_with_a_reason(office: Office) -> None:
    season, case = office.season, office.candidate()
    office.take_in([[office.reference(case), "80", "70", "60"]])
    with office.at_work() as session:
        work_out(session, year=YEAR, offices=season.offices)
    issue(season, closed(season).id)
    below = Corrected(Decimal(59))
    with office.at_work() as session:
        asked = ask_for_correction(session, case.id, "职业能力", below, reason="多计", evidence="作答记录").id
    with office.at_work("supervisor") as session:
        made = session.query(Certificate).filter_by(application_id=case.id).one()
        assert not certificates.is_to_be_revoked(session, made.id)
        grant_correction(session, asked, offices=season.offices)
        assert certificates.is_to_be_revoked(session, made.id)
    with pytest.raises(NotFound), season.as_office(OTHER_CITY, "supervisor") as session:
        _revoke(session, made)
    season.now = at(10, 30, 23, 59, 59)
    with office.at_work("supervisor") as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "certificate_to_revoke")).one()
        assert told.startswith("成绩更正：职业能力由60.0分更正为59.0分，持证人不再合格。")
        with pytest.raises(Conflict, match="2024年10月30日24时前申请复查"):
            _revoke(session, made)
        early = update(Certificate).values(revoked_at=season.now, revoked_by=new_id(), revoked_reason="测试")
        with pytest.raises(DBAPIError, match="corrected mark"), session.begin_nested():
            session.execute(early)
    with season.as_person(case.person) as session:
        check = ask_for_check(
            session, case.id, "职业能力", ground=Ground.OWN_RESULT, reason="与估分不符", rules=ResultsTable()
        ).id
    season.now = at(10, 31, 0)
    with office.at_work("supervisor") as session, pytest.raises(Conflict, match="尚未办结"):
        _revoke(session, made)
    with office.at_work() as session:
        dismiss_check(session, check, answer="核对无误。")
    with office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="事实和依据"):
            certificates.revoke(session, made.id, reason=" ")
        assert _revoke(session, made).revoked_at == season.now


def _row(season: Season, case_id: object, publication_id: object) -> dict[str, object]:
    return {
        "id": new_id(),
        "office_id": CITY,
        "application_id": case_id,
        "publication_id": publication_id,
        "year": 2024,
        "number": "RAW-00001",
        "verification": b"raw",
        "code": "",
        "issued_at": season.now,
        "issued_by": new_id(),
        "revoked_reason": "",
    }


def test_the_database_refuses_a_certificate_without_a_pass_and_a_closed_list(season: Season) -> None:
    winner, loser = passed(season), passed(season, passes=False)
    listed = published(season)
    season.now = CLOSING
    for case in (winner, loser):
        with pytest.raises(DBAPIError, match="no certificate without"), season.as_office(CITY, "supervisor") as session:
            session.execute(insert(Certificate).values(_row(season, case.id, listed.id)))
    closed(season, listed.id)
    with pytest.raises(DBAPIError, match="no certificate without"), season.as_office(CITY, "supervisor") as session:
        session.execute(insert(Certificate).values(_row(season, loser.id, listed.id)))
    with pytest.raises(DBAPIError, match="row-level security"), season.as_office(CITY) as session:
        session.execute(insert(Certificate).values(_row(season, winner.id, listed.id)))
    with season.as_office(CITY, "supervisor") as session:
        session.execute(insert(Certificate).values(_row(season, winner.id, listed.id)))


@pytest.mark.parametrize("values", [{"revoked_at": None, "revoked_reason": ""}, {"revoked_at": CLOSING + timedelta(1)}])
def test_the_database_revives_no_certificate(season: Season, values: dict[str, object]) -> None:
    case, _ = certified(season)
    made = revoked(season, case)
    with pytest.raises(DBAPIError, match="never revived"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Certificate).where(Certificate.id == made.id).values(**values))
    with pytest.raises(DBAPIError, match="permission denied"), season.as_office(CITY, "supervisor") as session:
        session.execute(update(Certificate).where(Certificate.id == made.id).values(number="OTHER-001"))
