"""What reviewers have seen is not exchanged behind their backs: when an application takes which papers."""

import io
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.session import CaseSession
from core.documents import service
from core.documents.photo import PHOTO
from core.errors import Conflict, Invalid
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.simulate.scans import scan
from tests.cases import CITY, KEYS, Case, Season
from tests.documents.files import pdf


def _send(session: CaseSession, season: Season, application_id: UUID, material: str) -> UUID:
    return service.upload(
        session,
        application_id,
        material=material,
        file_name="材料.pdf",
        content=io.BytesIO(scan(material) if material == PHOTO else pdf()),
        store=season.store,
        keys=KEYS,
        limits=season.offices.config(CITY).documents,
        scan=lambda _document: (),
    ).id


def _returned_for(season: Season, case: Case, item: str) -> None:
    faulty = [reviews.ItemVerdict(item, faulty=True, reason_code="unreadable")]
    with season.as_unit(case.unit) as session:
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请更正", items=each_item(session, case.id, but=faulty)
        )


def test_after_the_submission_neither_applicant_nor_unit_exchanges_a_paper(season: Season) -> None:
    case = season.submitted()
    with season.as_person(case.person) as session, pytest.raises(Conflict) as by_applicant:
        _send(session, season, case.id, "photo")
    with season.as_unit(case.unit) as session, pytest.raises(Conflict) as by_unit:
        _send(session, season, case.id, "photo")
    assert by_applicant.value.code == by_unit.value.code == "papers_closed"


def test_after_the_decision_no_paper_is_exchanged(season: Season) -> None:
    case = season.at_office()
    season.approve_at_office(case)
    with season.as_person(case.person) as session, pytest.raises(Conflict) as refusal:
        _send(session, season, case.id, "identity_card")
    assert refusal.value.code == "papers_closed"


def test_once_returned_only_the_faulty_paper_is_exchanged_and_a_missing_one_added(season: Season) -> None:
    case = season.submitted()
    _returned_for(season, case, "photo")
    with season.as_person(case.person) as session:
        assert _send(session, season, case.id, "photo")
        assert _send(session, season, case.id, "diploma")
        with pytest.raises(Conflict) as refusal:
            _send(session, season, case.id, "identity_card")
    assert refusal.value.code == "paper_locked"


@pytest.mark.parametrize("material", ["", "照片", "photo\r\nX-Header: 1", "x" * 65, "../photo"])
def test_a_paper_goes_by_a_code_whichever_way_it_comes(season: Season, material: str) -> None:
    case = season.draft()
    with season.as_person(case.person) as session, pytest.raises(Invalid) as refusal:
        _send(session, season, case.id, material)
    assert refusal.value.code == "document_material"


def _insert(session: CaseSession, case: Case, material: str) -> None:
    """Write a paper past every service, in a savepoint."""
    with session.begin_nested():
        session.execute(
            text(
                "INSERT INTO documents (id, application_id, material, file_name, media_type, size, sha256, uploaded_at,"
                " uploaded_by, sealed_key, scan_verdict) VALUES (gen_random_uuid(), :case, :material, 'x', 'image/png',"
                " 1, :sha, :at, :by, '', 'clean')"
            ),
            {"case": case.id, "material": material, "sha": "0" * 64, "at": session.now, "by": session.actor.account_id},
        )


def _supersede(session: CaseSession, case: Case, material: str) -> None:
    with session.begin_nested():
        session.execute(
            text("UPDATE documents SET superseded_at = :at WHERE application_id = :case AND material = :material"),
            {"at": session.now, "case": case.id, "material": material},
        )


def test_the_database_holds_a_submitted_application_to_its_papers_whoever_writes(season: Season) -> None:
    case = season.submitted()
    for of_whom in (season.as_person(case.person), season.as_unit(case.unit)):
        with of_whom as session:
            for act in (_insert, _supersede):
                with pytest.raises(DBAPIError, match="takes no such paper now"):
                    act(session, case, "photo")


def test_the_database_lets_a_returned_application_replace_faulty_and_add_missing(season: Season) -> None:
    case = season.submitted()
    _returned_for(season, case, "photo")
    with season.as_person(case.person) as session:
        _supersede(session, case, "photo")
        _insert(session, case, "photo")
        _insert(session, case, "diploma")
        for act in (_insert, _supersede):
            with pytest.raises(DBAPIError, match="takes no such paper now"):
                act(session, case, "identity_card")
