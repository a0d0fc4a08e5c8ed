"""Handing over what is archived: to an archive, and to units for the files of their people; in sequence."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.clock import SHANGHAI
from core.db.session import OfficeSession, UnitSession
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.oversight.earlier_queries import Open, work_of_season
from core.results.archive import handover, handover_queries as queries
from core.results.archive.handover_pdf import archive_list_pdf, unit_list_pdf
from core.results.archive.handover_states import Matter
from core.results.models.archive import ArchiveHandover
from core.results.models.awards import ArchivePackage, Certificate
from tests.cases import CITY, OTHER_CITY, PAPER_KEYS, YEAR, Case, Season
from tests.oversight.archive.test_season_archive import made as archived
from tests.reading import pages_of
from tests.results.awards.awarded import certified, closed, issue, passed, revoked
from tests.results.awards.test_reissues import granted, proposed


def handed(season: Season, case: Case) -> UUID:
    """The list by which a case's unit was given the papers."""
    with season.as_office(CITY) as session:
        (made,) = handover.hand_to_units(session, YEAR, [case.unit])
        return made.id


def today(session: OfficeSession | UnitSession) -> date:
    return session.now.astimezone(SHANGHAI).date()


def received(season: Season, case: Case, list_id: UUID) -> None:
    with season.as_unit(case.unit) as unit:
        handover.note_receipt(unit, list_id, receiver="测试档案员", received_on=today(unit))


def state(season: Season, list_id: UUID) -> str:
    with season.as_office(CITY) as session:
        return session.get_one(ArchiveHandover, list_id).state


def waiting(season: Season, kind: Open, role: str = "supervisor") -> int:
    with season.as_office(CITY, role) as session:
        return work_of_season(session, YEAR, current=True).get(kind, 0)


def waiting_at_unit(season: Season, case: Case) -> dict[Open, int]:
    with season.as_unit(case.unit) as unit:
        return work_of_season(unit, YEAR, current=True)


@pytest.fixture
def package(season: Season, tmp_path: Path) -> UUID:
    """The finished archive of a season with one certificate."""
    certified(season)
    archived(season, tmp_path)
    with season.as_office(CITY) as session:
        return session.scalars(select(ArchivePackage.id)).one()


def test_a_package_goes_to_an_archive_and_its_receipt_is_noted(season: Season, package: UUID) -> None:
    # The package, and the unit whose people are in it.
    assert waiting(season, Open.HANDOVER) == 2
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Invalid, match="接收单位"):
            handover.hand_to_archive(session, package, receiving_body=" ", contents="光盘1张")
        with pytest.raises(Invalid, match="载体"):
            handover.hand_to_archive(session, package, receiving_body="测试档案馆", contents="")
        made = handover.hand_to_archive(session, package, receiving_body="测试档案馆", contents="光盘1张")
        with pytest.raises(Conflict, match="移交"):
            handover.hand_to_archive(session, package, receiving_body="测试档案馆", contents="光盘1张")
        row = session.get_one(ArchivePackage, package)
        (sheet,) = pages_of(archive_list_pdf(session, made, row, public_key=PAPER_KEYS.current))
        assert row.sha256 is not None
        assert {"测试档案馆", "光盘1张"} <= {word for word in ("测试档案馆", "光盘1张") if word in sheet}
        assert row.sha256[:16] in sheet.replace("\n", "")
        list_id = made.id
    # It was handed over; that the archive has it is still to be noted.
    assert waiting(season, Open.HANDOVER) == 2
    with season.as_office(CITY) as session:
        tomorrow = today(session) + timedelta(days=1)
        for day in (tomorrow, today(session) - timedelta(days=1)):
            with pytest.raises(Invalid, match="移交之日"):
                handover.note_receipt(session, list_id, receiver="测试馆员", received_on=day)
        handover.note_receipt(session, list_id, receiver="测试馆员", received_on=today(session))
        with pytest.raises(Conflict, match="已接收"):
            handover.note_receipt(session, list_id, receiver="测试馆员", received_on=today(session))
        kinds = session.scalars(
            select(RecordEntry.kind).where(RecordEntry.subject_id == str(list_id)).order_by(RecordEntry.id)
        ).all()
    assert list(kinds) == ["archive.handed_over", "archive.received"]
    assert waiting(season, Open.HANDOVER) == 1


def test_an_officer_without_supervision_hands_no_package_over(season: Season, package: UUID) -> None:
    with season.as_office(CITY) as session, pytest.raises(Forbidden, match="监管人员"):
        handover.hand_to_archive(session, package, receiving_body="测试档案馆", contents="光盘1张")


def test_a_unit_files_the_papers_of_its_people(season: Season) -> None:
    case, paper = certified(season)
    with season.as_office(CITY) as session:
        assert [(of.unit_id, of.count) for of in queries.units_to_hand(session, YEAR)] == [(case.unit, 1)]
        with pytest.raises(Invalid, match="请选择"):
            handover.hand_to_units(session, YEAR, [])
    list_id = handed(season, case)
    assert waiting_at_unit(season, case) == {Open.TO_FILE: 1}
    with season.as_unit(case.unit) as unit:
        notice = unit.scalars(select(Notice.body).where(Notice.kind == "archive_handed_over")).one()
        assert "共1份" in notice
        ((line),) = queries.handovers(unit, YEAR)
        assert line.people == 1
        ((entry),) = queries.entries(unit, list_id)
        assert (entry.number, entry.matter) == (paper.number, Matter.CERTIFICATE)
        (sheet,) = pages_of(unit_list_pdf(unit, line.handover, [entry]))
        assert paper.number in sheet
        assert entry.matter.label[:6] in sheet
        with pytest.raises(Invalid, match="接收人"):
            handover.note_receipt(unit, list_id, receiver=" ", received_on=today(unit))
    received(season, case, list_id)
    assert state(season, list_id) == "received"
    assert waiting_at_unit(season, case) == {}
    with season.as_office(CITY) as session:
        assert queries.units_to_hand(session, YEAR) == []
        with pytest.raises(Conflict, match="没有待移交"):
            handover.hand_to_units(session, YEAR, [case.unit])


def test_another_unit_and_another_office_see_no_list(season: Season) -> None:
    case, _ = certified(season)
    other = passed(season)
    list_id = handed(season, case)
    with season.as_unit(other.unit) as unit:
        assert queries.handovers(unit, YEAR) == []
        with pytest.raises(NotFound):
            handover.note_receipt(unit, list_id, receiver="测试", received_on=today(unit))
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        queries.handover(session, list_id)


def test_what_a_unit_returns_is_withdrawn_and_handed_over_again(season: Season) -> None:
    case, _ = certified(season)
    first = handed(season, case)
    with season.as_unit(case.unit) as unit:
        with pytest.raises(Invalid, match="退回的原因"):
            handover.return_to_office(unit, first, reason="")
        handover.return_to_office(unit, first, reason="缺一份申报表")
    with season.as_office(CITY) as session:
        told = session.scalars(select(Notice.body).where(Notice.kind == "archive_handover_returned")).one()
        assert "缺一份申报表" in told
        with pytest.raises(Conflict, match="没有待移交"):
            handover.hand_to_units(session, YEAR, [case.unit])
        with pytest.raises(Invalid, match="收回的原因"):
            handover.withdraw(session, first, reason=" ")
        handover.withdraw(session, first, reason="补齐后重新移交")
    with season.as_unit(case.unit) as unit, pytest.raises(Conflict, match="已收回"):
        handover.note_receipt(unit, first, receiver="测试", received_on=today(unit))
    second = handed(season, case)
    received(season, case, second)
    assert (state(season, first), state(season, second)) == ("withdrawn", "received")
    with season.as_office(CITY) as session:
        serials = [line.handover.serial for line in queries.handovers(session, YEAR)]
    assert sorted(serials) == [1, 2]


def test_a_receipt_noted_by_mistake_is_taken_back(season: Season) -> None:
    case, _ = certified(season)
    list_id = handed(season, case)
    received(season, case, list_id)
    with season.as_office(CITY) as session:
        with pytest.raises(Conflict, match="已接收"):
            handover.withdraw(session, list_id, reason="误登记")
        handover.take_receipt_back(session, list_id, reason="误登记，单位未收到")
    assert state(season, list_id) == "handed_over"
    received(season, case, list_id)
    assert state(season, list_id) == "received"


def test_a_revocation_after_the_hand_over_goes_into_the_file_too(season: Season) -> None:
    case, paper = certified(season)
    received(season, case, handed(season, case))
    revoked(season, case)
    with season.as_office(CITY) as session:
        assert queries.items_to_hand(session, YEAR, case.unit) == [(paper.id, case.id, Matter.REVOCATION)]
    second = handed(season, case)
    with season.as_unit(case.unit) as unit:
        ((entry),) = queries.entries(unit, second)
        assert entry.matter is Matter.REVOCATION


def test_a_certificate_that_was_revoked_before_goes_into_no_file(season: Season) -> None:
    case, _ = certified(season)
    revoked(season, case)
    with season.as_office(CITY) as session:
        assert queries.units_to_hand(session, YEAR) == []


def test_a_certificate_that_was_issued_again_goes_into_the_file_with_the_number_before(season: Season) -> None:
    case, paper = certified(season)
    received(season, case, handed(season, case))
    granted(season, proposed(season, paper))
    second = handed(season, case)
    with season.as_unit(case.unit) as unit:
        ((entry),) = queries.entries(unit, second)
        assert entry.replaces == paper.number
        assert entry.number != paper.number


def test_of_two_lists_at_once_one_has_the_paper(season: Season) -> None:
    cases = [passed(season) for _ in range(2)]
    issue(season, closed(season).id)
    with season.as_office(CITY) as session:
        made = handover.hand_to_units(session, YEAR, [case.unit for case in cases])
        assert [one.serial for one in made] == [1, 2]
        with pytest.raises(Conflict, match="没有待移交"):
            handover.hand_to_units(session, YEAR, [cases[0].unit])
        assert session.scalars(select(Certificate.id)).all()


def test_an_ended_season_without_an_archive_waits_for_its_supervisor(season: Season, tmp_path: Path) -> None:
    certified(season)
    assert waiting(season, Open.ARCHIVE) == 0
    with season.as_office(CITY, "supervisor") as session:
        assert work_of_season(session, YEAR, current=False).get(Open.ARCHIVE) == 1
    archived(season, tmp_path)
    with season.as_office(CITY, "supervisor") as session:
        assert work_of_season(session, YEAR, current=False).get(Open.ARCHIVE, 0) == 0
