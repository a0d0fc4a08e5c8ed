"""Certificates issued again by two people: another row that names the former one, which answers with its successor."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from core.applications.identity import corrections
from core.applications.identity.corrections import Wanted
from core.applications.identity.steps import Kind
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.models import Notice
from core.results.awards import certificates, list_queries, queries, reissues, verification
from core.results.awards.certificate_life import Ground
from core.results.awards.pdf import certificates_pdf
from core.results.models.awards import Certificate, CertificateReissue
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from core.security.signatures import read_code
from tests.cases import CITY, KEYS, OTHER_CITY, PAPER_KEYS, Case, Season
from tests.reading import pages_of
from tests.results.awards.awarded import certified, closed, issue, passed, published, revoked, sanctioned

NEW_NAME = "测试改名后"


def asked(season: Season, case: Case, made: Certificate, ground: Ground = Ground.LOST) -> UUID:
    """A request of the holder."""
    with season.as_person(case.person) as session:
        return reissues.ask(session, made.id, ground=ground, reason="搬家时遗失（测试）").id


def proposed(season: Season, made: Certificate, ground: Ground = Ground.MISPRINT) -> UUID:
    """A proposal of an officer."""
    with season.as_office(CITY) as session:
        return reissues.propose(session, made.id, ground=ground, reason="工种印错（测试）").id


def granted(season: Season, reissue_id: UUID) -> Certificate:
    """The new certificate."""
    with season.as_office(CITY, "supervisor") as session:
        return reissues.grant(session, reissue_id, offices=season.offices, paper_keys=PAPER_KEYS)


def renamed(season: Season, case: Case, kind: Kind = Kind.CHANGED) -> str:
    """Have the holder's name corrected by two officers; the sentence of the preview."""
    with season.as_person(case.person) as session:
        about = corrections.about_myself(session, KEYS)
        wanted = Wanted(kind, NEW_NAME, "户籍更名（测试）", "更名证明（测试）")
        found = corrections.ask(session, about, wanted, keys=KEYS).id
    with season.as_office(CITY) as session:
        corrections.examine(session, found, examination="与原件一致")
    with season.as_office(CITY, "supervisor") as session:
        foreseen = corrections.foresee(session, found, KEYS).sentence
        corrections.grant(session, found, keys=KEYS)
    return foreseen


def test_a_lost_certificate_is_replaced_under_a_number_of_its_own(season: Season) -> None:
    case, made = certified(season)
    wanted = asked(season, case, made)
    with season.as_office(CITY) as session:
        reissues.support(session, wanted)
    new = granted(season, wanted)
    assert (new.replaces_id, new.number != made.number, new.application_id) == (made.id, True, case.id)
    with season.as_person(case.person) as session:
        mine = {paper.number: paper for paper in queries.own_papers(session)}
        told = session.scalars(select(Notice.title).where(Notice.kind == "certificate_reissued")).one()
    assert (mine[new.number].replaces, mine[made.number].successor) == (made.number, new.number)
    assert (mine[new.number].in_force, mine[made.number].in_force) == (True, False)
    assert new.number in told


def test_the_former_number_answers_with_its_successor_and_not_as_revoked(season: Season) -> None:
    case, made = certified(season)
    new = granted(season, proposed(season, made))
    with season.as_public() as session:
        former = verification.standing(session, number=made.number, name=case.person.name)
        present = verification.standing(session, number=new.number, name=case.person.name)
        nobody = verification.standing(session, number=made.number, name="测试别人")
    assert former is not None
    assert (former.valid, former.revoked_at, former.superseded_at) == (False, None, season.now)
    assert (former.ground, former.successor) == ("misprint", new.number)
    assert present is not None
    assert (present.valid, present.superseded) == (True, False)
    assert nobody is None


def test_a_changed_name_asks_the_office_and_the_new_paper_keeps_the_former_one(season: Season) -> None:
    case, made = certified(season)
    assert "1本证书须另行处理" in renamed(season, case)
    with season.as_office(CITY) as session:
        (waiting,) = queries.outdated_papers(session)
        assert (waiting.number, waiting.name, waiting.present_name) == (made.number, case.person.name, NEW_NAME)
    with season.as_public() as session:
        still = verification.standing(session, number=made.number, name=case.person.name)
        assert still is not None
        assert still.valid
    new = granted(season, proposed(season, made, Ground.CHANGED))
    assert (new.holder_name, new.former_name) == (NEW_NAME, case.person.name)
    fields = read_code(new.code, PAPER_KEYS.public)
    assert fields is not None
    assert fields[2] == NEW_NAME
    with season.as_office(CITY) as session:
        assert queries.outdated_papers(session) == []
        printed, superseded = pages_of(
            certificates_pdf([queries.paper(session, new.id), queries.paper(session, made.id)])
        )
    assert f"曾用名：{case.person.name}" in printed
    assert f"原证号：{made.number}" in printed
    assert "换发" in superseded
    with season.as_public() as session:
        assert verification.standing(session, number=made.number, name=case.person.name) is not None
        assert verification.standing(session, number=new.number, name=NEW_NAME) is not None


def test_a_published_list_shows_the_present_name_under_the_same_digest(season: Season) -> None:
    case = passed(season)
    listed = published(season, name_shown="full")
    assert "1行公示名单须换发" in renamed(season, case)
    with season.as_public() as session:
        found = list_queries.list_shown(session, listed.id)
        assert [line.name for line in queries.public_lines(session, found)] == [NEW_NAME]
        assert found.digest == listed.digest


def test_a_name_that_was_not_corrected_is_not_exchanged(season: Season) -> None:
    case, made = certified(season)
    with pytest.raises(Conflict, match="请先在“更正姓名、身份证号”页面更正"):
        asked(season, case, made, Ground.WRONG)


def test_a_list_gives_no_second_certificate_to_somebody_whose_first_was_exchanged(season: Season) -> None:
    case, made = certified(season)
    granted(season, proposed(season, made))
    with season.as_office(CITY, "supervisor") as session:
        count = queries.certificate_count(session, made.publication_id)
        papers = queries.papers_of_list(session, made.publication_id, skip=0, limit=9)
        lines = queries.lines(session, made.publication_id)
    assert (count, len(papers), len(lines)) == (1, 1, 1)
    assert lines[0].number == papers[0].number != made.number
    assert issue(season, made.publication_id).count == 0
    assert season.look(case).id == case.id


def test_whoever_proposed_does_not_decide(season: Season) -> None:
    _, made = certified(season)
    with season.as_office(CITY, "supervisor") as session:
        wanted = reissues.propose(session, made.id, ground=Ground.MISPRINT, reason="印错").id
    with pytest.raises(Forbidden, match="另一人"):
        granted(season, wanted)
    values = {"state": "granted", "decided_at": season.now, "decided_by": season.officer(CITY, "supervisor").account_id}
    raw = update(CertificateReissue).where(CertificateReissue.id == wanted).values(**values)
    with pytest.raises(DBAPIError, match="somebody else"), season.as_office(CITY, "supervisor") as session:
        session.execute(raw)
    deputy = Actor(
        new_id(),
        "测试代办员",
        Role.CITY_SUPERVISOR,
        office_id=CITY,
        on_behalf_of=season.officer(CITY, "supervisor").account_id,
    )
    with pytest.raises(Forbidden, match="另一人"), season.as_office(CITY, actor=deputy) as session:
        reissues.grant(session, wanted, offices=season.offices, paper_keys=PAPER_KEYS)


def test_a_refused_reissue_leaves_the_certificate_and_says_why(season: Season) -> None:
    case, made = certified(season)
    wanted = proposed(season, made)
    with season.as_office(CITY, "supervisor") as session:
        with pytest.raises(Invalid, match="不予换发的理由"):
            reissues.refuse(session, wanted, remark=" ")
        reissues.refuse(session, wanted, remark="印制无误（测试）")
    with season.as_person(case.person) as session:
        assert [paper.in_force for paper in queries.own_papers(session)] == [True]
        assert (
            "印制无误" in session.scalars(select(Notice.body).where(Notice.kind == "certificate_reissue_refused")).one()
        )
    assert granted(season, proposed(season, made)).replaces_id == made.id


def test_one_request_for_a_certificate_is_open_at_a_time(season: Season) -> None:
    case, made = certified(season)
    asked(season, case, made)
    with pytest.raises(Conflict, match="正在办理"):
        proposed(season, made)


def test_what_was_asked_is_proposed_before_it_is_granted(season: Season) -> None:
    case, made = certified(season)
    wanted = asked(season, case, made)
    with pytest.raises(Conflict, match="等待核对"):
        granted(season, wanted)


def test_a_revoked_or_superseded_certificate_is_not_issued_again(season: Season) -> None:
    case, made = certified(season)
    granted(season, proposed(season, made))
    with pytest.raises(Conflict, match="已换发"):
        proposed(season, made)
    another, first = passed(season), published(season)
    issue(season, closed(season, first.id).id)
    season.now += timedelta(days=1)
    gone = revoked(season, another)
    with pytest.raises(Conflict, match="已撤销"):
        proposed(season, gone)
    assert season.look(case).id == case.id


def test_no_certificate_is_issued_again_while_a_case_of_sanctions_is_open(season: Season) -> None:
    case, made = certified(season)
    wanted = proposed(season, made)
    with season.as_office(CITY, "supervisor") as session:
        found = sanctions.propose(session, case.id, facts="测试材料虚假").id
        sanctions.hear(session, found, words="立案", offices=season.offices)
    with pytest.raises(Conflict, match="暂不能换发"):
        granted(season, wanted)


def test_a_decision_revokes_the_certificate_in_force(season: Season) -> None:
    case, made = certified(season)
    new = granted(season, proposed(season, made))
    with season.as_office(CITY, "supervisor") as session:
        former = session.get_one(Certificate, made.id)
        assert not certificates.is_to_be_revoked(session, former.id)
    season.now += timedelta(days=1)
    sanctioned(season, case, Measures(disqualifies=False, revokes=True, ban_years=0))
    with season.as_office(CITY, "supervisor") as session:
        rows = {row.id: row.revoked_at for row in session.scalars(select(Certificate))}
    assert (rows[new.id], rows[made.id]) == (season.now, None)


def test_the_paper_of_an_exchanged_certificate_is_called_back(season: Season) -> None:
    _, made = certified(season)
    granted(season, proposed(season, made))
    with season.as_office(CITY, "supervisor") as session:
        assert certificates.return_paper(session, made.id).returned_at == season.now
        with pytest.raises(Conflict, match="原纸质证书已收回"):
            certificates.return_paper(session, made.id)


def test_another_office_and_another_person_reach_nothing(season: Season) -> None:
    stranger = season.at_office().person
    _, made = certified(season)
    with season.as_person(stranger) as session, pytest.raises(NotFound):
        reissues.ask(session, made.id, ground=Ground.LOST, reason="遗失")
    with season.as_office(OTHER_CITY, "supervisor") as session, pytest.raises(NotFound):
        reissues.propose(session, made.id, ground=Ground.LOST, reason="遗失")


def test_the_database_supersedes_and_issues_again_by_a_granted_reissue_alone(season: Season) -> None:
    _, made = certified(season)
    change = update(Certificate).where(Certificate.id == made.id)
    raw = change.values(superseded_at=season.now, superseded_ground="lost")
    with pytest.raises(DBAPIError, match="by a granted reissue"), season.as_office(CITY, "supervisor") as session:
        session.execute(raw)
    row = {
        "id": new_id(),
        "office_id": CITY,
        "application_id": made.application_id,
        "publication_id": made.publication_id,
        "year": made.year,
        "number": "LS-SECOND",
        "verification": b"x",
        "code": "x",
        "issued_at": season.now,
        "issued_by": new_id(),
        "revoked_reason": "",
    }
    for more in ({}, {"replaces_id": made.id}):
        with pytest.raises(DBAPIError, match="takes the place"), season.as_office(CITY, "supervisor") as session:
            session.execute(insert(Certificate).values(**row, **more))


def test_the_record_tells_both_numbers_and_the_ground(season: Season) -> None:
    _, made = certified(season)
    new = granted(season, proposed(season, made))
    with season.as_office(CITY) as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.kind == "certificate.reissued")).one()
    told = {key: entry.payload[key] for key in ("number", "former", "ground")}
    assert told == {"number": new.number, "former": made.number, "ground": "misprint"}
