"""Papers of certificates: batched by unit, handed over, signed for, returned; in one place at a time."""

from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.audit.models import RecordEntry
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.oversight.earlier_queries import Open, work_of_season
from core.results.awards import certificates, reissues
from core.results.awards.certificate_life import Ground
from core.results.ledger import queries, service
from core.results.ledger.history import history
from core.results.ledger.pdf import ledger_pdf, sheet_pdf
from core.results.ledger.places import PaperPlace
from core.results.models.awards import Certificate
from core.results.models.ledger import CertificateBatch, CertificateBatchItem
from tests.cases import CITY, OTHER_CITY, YEAR, Case, Season
from tests.db import refusals
from tests.reading import pages_of
from tests.results.awards.awarded import certified, closed, issue, passed, revoked
from tests.results.awards.test_reissues import asked, granted, proposed


def several(season: Season, count: int = 2) -> list[tuple[Case, Certificate]]:
    """Certificates of so many people, each of another unit."""
    cases = [passed(season) for _ in range(count)]
    issue(season, closed(season).id)
    with season.as_office(CITY) as session:
        found = {paper.application_id: paper for paper in session.scalars(select(Certificate))}
    return [(case, found[case.id]) for case in cases]


def batched(season: Season, case: Case) -> UUID:
    with season.as_office(CITY) as session:
        (made,) = service.make_batches(session, YEAR, [case.unit])
        return made.id


def handed_over(season: Season, case: Case) -> UUID:
    batch_id = batched(season, case)
    with season.as_office(CITY) as session:
        service.hand_over(session, batch_id, receiver="测试经办")
    return batch_id


def place(season: Season, paper: Certificate) -> PaperPlace:
    with season.as_office(CITY) as session:
        return queries.place(session, paper.id)


def told(season: Season, case: Case) -> list[str]:
    with season.as_person(case.person) as session:
        wanted = select(Notice.body).where(Notice.kind == "certificates_handed_over")
        return list(session.scalars(wanted))


def test_a_paper_goes_from_stock_over_its_unit_to_its_holder(season: Season) -> None:
    case, paper = certified(season)
    assert place(season, paper) is PaperPlace.STOCK
    with season.as_office(CITY) as session:
        assert [(of.unit_id, of.count) for of in queries.in_stock(session, YEAR)] == [(case.unit, 1)]
    batch_id = batched(season, case)
    assert place(season, paper) is PaperPlace.BATCH
    with season.as_unit(case.unit) as unit:
        assert queries.batches(unit, YEAR) == []
    with season.as_office(CITY) as session:
        with pytest.raises(Invalid, match="经办人"):
            service.hand_over(session, batch_id, receiver=" ")
        service.hand_over(session, batch_id, receiver="测试经办")
    assert place(season, paper) is PaperPlace.UNIT
    assert told(season, case) == ["您的纸质证书已移交您所在单位，请向单位人事部门领取并签字。"]
    with season.as_unit(case.unit) as unit:
        ((notice),) = unit.scalars(select(Notice.body).where(Notice.unit_id == case.unit)).all()[-1:]
        assert "共1本，由测试经办领取" in notice
        ((line),) = queries.batches(unit, YEAR)
        assert (line.papers, line.waiting) == (1, 1)
        service.note_received(unit, batch_id, [paper.id])
        assert unit.get_one(CertificateBatch, batch_id).state == "settled"
    with season.as_office(CITY) as session:
        (entry,) = queries.entries(session, YEAR)
        assert (entry.place, entry.receiver, entry.note) == (PaperPlace.RECEIVED, paper.holder_name, "")
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_type == "certificate_batch")).all()
        assert kinds == ["certificates.batched", "certificates.handed_over", "certificates.received"]
        steps = [step.text for step in history(session, paper.id)]
    assert steps == ["发证", "编入第1批", "移交单位（第1批），测试经办领取", f"{paper.holder_name}签领"]


def test_a_proxy_signs_for_one_paper_and_with_a_reason(season: Season) -> None:
    (case, paper), (other, second) = several(season)
    batch_id = handed_over(season, case)
    with season.as_unit(case.unit) as unit:
        with pytest.raises(Invalid, match="代领的原因"):
            service.note_received(unit, batch_id, [paper.id], receiver="测试代领")
        with pytest.raises(Conflict, match="已签领或已退回"):
            service.note_received(unit, batch_id, [second.id])
        service.note_received(unit, batch_id, [paper.id], receiver="测试代领", note="出差，配偶代领")
    with season.as_unit(other.unit) as unit, pytest.raises(NotFound):
        service.note_received(unit, batch_id, [paper.id])
    with season.as_office(CITY) as session:
        entry = next(entry for entry in queries.entries(session, YEAR) if entry.certificate_id == paper.id)
        assert (entry.receiver, entry.note) == ("测试代领", "出差，配偶代领")


def test_what_is_not_collected_comes_back_into_stock_for_a_reason(season: Season) -> None:
    case, paper = certified(season)
    batch_id = handed_over(season, case)
    with season.as_office(CITY) as session:
        with pytest.raises(Invalid, match="退回的原因"):
            service.note_returned(session, batch_id, [paper.id], reason="")
        service.note_returned(session, batch_id, [paper.id], reason="本人已调离")
        assert session.get_one(CertificateBatch, batch_id).state == "settled"
    assert place(season, paper) is PaperPlace.STOCK
    with season.as_office(CITY) as session:
        given = service.give_to_holder(session, paper.id, receiver=paper.holder_name or "")
        assert (given.unit_id, given.serial, given.state) == (None, 2, "settled")
        with pytest.raises(Conflict, match="本人已签领"):
            service.give_to_holder(session, paper.id, receiver="测试")
        steps = [step.text for step in history(session, paper.id)]
    assert steps[-2:] == ["无人领取，退回（本人已调离）", f"{paper.holder_name}签领，本人到发证机构领取"]


def test_a_signature_noted_by_mistake_is_taken_back_by_the_office_alone(season: Season) -> None:
    case, paper = certified(season)
    batch_id = handed_over(season, case)
    with season.as_unit(case.unit) as unit:
        service.note_received(unit, batch_id, [paper.id])
        unit.execute(text("UPDATE certificate_batch_items SET state = 'waiting', receiver = '', settled_at = NULL"))
    assert place(season, paper) is PaperPlace.RECEIVED
    with season.as_office(CITY) as session:
        service.reopen(session, batch_id, paper.id, reason="登记错人")
        with pytest.raises(Conflict, match="没有签领登记"):
            service.reopen(session, batch_id, paper.id, reason="再次")
    assert place(season, paper) is PaperPlace.UNIT


def test_a_cancelled_batch_frees_its_papers_and_a_handed_over_one_stays(season: Season) -> None:
    case, paper = certified(season)
    batch_id = batched(season, case)
    with season.as_office(CITY) as session:
        with pytest.raises(Conflict, match="没有在库待发"):
            service.make_batches(session, YEAR, [case.unit])
        service.cancel(session, batch_id)
    assert place(season, paper) is PaperPlace.STOCK
    batch_id = handed_over(season, case)
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="已移交"):
        service.cancel(session, batch_id)
    with season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        service.cancel(session, batch_id)


def test_a_paper_lost_at_the_unit_leaves_its_batch_with_the_new_certificate(season: Season) -> None:
    case, paper = certified(season)
    batch_id = handed_over(season, case)
    new = granted(season, proposed(season, paper, Ground.LOST))
    assert place(season, paper) is PaperPlace.LOST
    assert place(season, new) is PaperPlace.STOCK
    with season.as_office(CITY) as session:
        assert session.get_one(CertificateBatch, batch_id).state == "settled"
        assert session.get_one(CertificateBatchItem, (batch_id, paper.id)).state == "dropped"
        counts = queries.counts(session, YEAR)
    assert (counts[PaperPlace.LOST], counts[PaperPlace.STOCK]) == (1, 1)


def test_a_paper_exchanged_while_it_waits_is_called_back_and_not_signed_for(season: Season) -> None:
    case, paper = certified(season)
    batch_id = handed_over(season, case)
    granted(season, proposed(season, paper, Ground.MISPRINT))
    assert place(season, paper) is PaperPlace.TO_RETURN
    with season.as_unit(case.unit) as unit, pytest.raises(Conflict, match="不能签领"):
        service.note_received(unit, batch_id, [paper.id])
    with season.as_office(CITY) as session, pytest.raises(Conflict, match="登记收回"):
        service.note_returned(session, batch_id, [paper.id], reason="换发")
    with season.as_office(CITY, "supervisor") as session:
        certificates.return_paper(session, paper.id)
    assert place(season, paper) is PaperPlace.BACK
    with season.as_office(CITY) as session:
        assert session.get_one(CertificateBatch, batch_id).state == "settled"


def test_a_batch_with_a_revoked_certificate_is_not_handed_over(season: Season) -> None:
    case, paper = certified(season)
    batch_id = batched(season, case)
    revoked(season, case)
    with season.as_office(CITY) as session, pytest.raises(Conflict, match=f"{paper.number}已撤销或换发"):
        service.hand_over(session, batch_id, receiver="测试经办")
    with season.as_office(CITY) as session:
        service.cancel(session, batch_id)
        assert queries.in_stock(session, YEAR) == []


def test_a_lost_certificate_after_its_signature_keeps_the_signature(season: Season) -> None:
    case, paper = certified(season)
    batch_id = handed_over(season, case)
    with season.as_unit(case.unit) as unit:
        service.note_received(unit, batch_id, [paper.id])
    granted(season, _supported(season, case, paper))
    with season.as_office(CITY) as session:
        assert session.get_one(CertificateBatchItem, (batch_id, paper.id)).state == "received"
    assert place(season, paper) is PaperPlace.LOST


def _supported(season: Season, case: Case, paper: Certificate) -> UUID:

    reissue_id = asked(season, case, paper)
    with season.as_office(CITY) as session:
        reissues.support(session, reissue_id)
    return reissue_id


def test_postgresql_keeps_a_paper_in_one_place_and_its_way_from_being_rewritten(season: Season) -> None:
    case, paper = certified(season)
    batch_id = batched(season, case)
    signed = "UPDATE certificate_batch_items SET state = 'received', receiver = 'x', settled_at = :at, settled_by = :me"
    with season.as_office(CITY) as session:
        me = session.actor.account_id
        assert refusals.refused(session, signed, at=session.now, me=me) == "KW003"
        copied = (
            "INSERT INTO certificate_batches (id, office_id, year, serial, unit_id, state, made_at, made_by, "
            "made_by_name, handed_by_name, receiver) SELECT gen_random_uuid(), office_id, year, 9, unit_id, 'made', "
            "made_at, made_by, made_by_name, '', '' FROM certificate_batches RETURNING id"
        )
        other = session.connection().exec_driver_sql(copied).scalar_one()
        again = (
            "INSERT INTO certificate_batch_items (batch_id, certificate_id, office_id, state, settled_by_name, "
            "receiver, note) SELECT :other, certificate_id, office_id, 'waiting', '', '', '' "
            "FROM certificate_batch_items"
        )
        assert refusals.refused(session, again, other=other) == "23505"
        service.hand_over(session, batch_id, receiver="测试经办")
        service.note_returned(session, batch_id, [paper.id], reason="无人领取")
        back = "UPDATE certificate_batch_items SET state = 'waiting', settled_at = NULL, settled_by = NULL"
        assert refusals.refused(session, back) == "KW003"


def test_the_ledger_is_searched_counted_and_printed(season: Season) -> None:
    (case, paper), (_, other) = several(season)
    batch_id = handed_over(season, case)
    with season.as_office(CITY) as session:
        assert [entry.number for entry in queries.entries(session, YEAR, words=paper.number)] == [paper.number]
        assert [entry.number for entry in queries.entries(session, YEAR, words="%")] == []
        assert [entry.number for entry in queries.entries(session, YEAR, place=PaperPlace.STOCK)] == [other.number]
        assert sum(queries.counts(session, YEAR).values()) == 2
        batch, papers = queries.batch(session, batch_id), queries.batch_entries(session, batch_id)
        sheet = "".join(pages_of(sheet_pdf(session, batch, papers)))
        ledger = "".join(pages_of(ledger_pdf(session, YEAR, queries.entries(session, YEAR))))
    assert paper.number in sheet
    assert "领取签收表" in sheet
    assert paper.number in ledger
    assert other.number in ledger
    with season.as_office(OTHER_CITY) as elsewhere:
        assert queries.entries(elsewhere, YEAR) == []


def test_a_unit_is_asked_to_sign_for_papers_in_force_alone(season: Season) -> None:
    case, _ = certified(season)
    handed_over(season, case)
    with season.as_unit(case.unit) as unit:
        assert work_of_season(unit, YEAR, current=True) == {Open.TO_SIGN_FOR: 1}
    revoked(season, case)
    with season.as_unit(case.unit) as unit:
        assert work_of_season(unit, YEAR, current=True) == {}
