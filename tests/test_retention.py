"""Personal data goes when its time is over; cases, moves, figures and the record stay as they were."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from core.applications.identity import corrections
from core.applications.identity.corrections import Wanted
from core.applications.identity.queries import own_corrections
from core.applications.identity.steps import Kind
from core.applications.models import Application, Move, Submission
from core.applications.rules.document import RuleDocument
from core.applications.service import withdraw
from core.audit.agreement import disagreements
from core.audit.models import RecordEntry
from core.audit.sealing import Sealer
from core.audit.service import entry_digest
from core.clock import SettableClock
from core.db.base import new_id
from core.db.retention import ERASED
from core.db.session import AuditorSession, KeeperSession, Role, system_actor
from core.db.tables import all_tables
from core.documents.attachment_queries import visible_attachment
from core.documents.attachment_subjects import Subject
from core.documents.models import Attachment, Document
from core.documents.queries import visible_document
from core.documents.storage import DocumentStore
from core.domain.message_templates import TEMPLATES
from core.errors import NotFound
from core.identity.models import (
    Account,
    BrowserSession,
    Contact,
    FailedAttempts,
    IdempotencyKey,
    IdentityCorrection,
    Person,
    PhoneCode,
)
from core.messages.models import Notice, OutboxMessage
from core.messages.service import Address, send_to_address
from core.organizations.managers import file_manager_form, return_manager_form
from core.organizations.models import ManagerForm
from core.retention import Retention, terms
from core.reviews import service as reviews
from core.sanctions.models import Ban
from core.tenancy.config.office import Channel, RetentionTable
from core.tenancy.offices import Offices
from tests.cases import CITY, KEYS, PROVINCE, RECORD_KEYS, Case, Season
from tests.documents import things
from tests.documents.files import pdf
from tests.factories import make_account, manager_details


@dataclass
class Archive:
    """A season with committed transactions, and the erasing in it."""

    season: Season
    retention: Retention
    clock: SettableClock

    def later(self, **by: int) -> dict[str, int]:
        """Erase the rows that are due so much later, and return their counts by class."""
        self.clock.set(self.season.now + timedelta(**by))
        due = {name: count for name, count in self.retention.due().items() if count}
        assert self.retention.run() == due
        assert self.retention.run() == {}
        return due

    def one(self, statement: Any) -> Any:
        """The one row that the center finds."""
        with self.season.as_province() as session:
            return session.scalars(statement).one()

    def figures(self) -> dict[str, Any]:
        """The figures that stay the same: the number of rows of each table, and every case's state."""
        with self.season.as_province() as session:
            kept = [table for table in all_tables().sorted_tables if table.name in COUNTED]
            counts = {table.name: session.scalar(select(func.count()).select_from(table)) for table in kept}
            return counts | {"states": sorted(session.scalars(select(Application.state)))}


COUNTED = {"applications", "moves", "submissions", "findings", "documents", "persons", "notices", "outbox"}


@pytest.fixture
def archive(linshui_engine: Engine, linshui_offices: tuple[Offices, RuleDocument], tmp_path: Path) -> Iterator[Archive]:
    store = DocumentStore(tmp_path / "documents")
    clock = SettableClock(datetime.fromisoformat("2024-03-25T09:00:00+08:00"))
    with linshui_engine.connect() as connection:
        season = Season(connection.execution_options(), *linshui_offices, store)
        retention = Retention(linshui_engine, clock, PROVINCE, RetentionTable(), terms(store))
        yield Archive(season, retention, clock)


def reject(season: Season, case: Case) -> None:
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, reason="条件不符", offices=season.offices)


def test_a_rejected_application_loses_what_it_says_of_the_person_after_its_time(archive: Archive) -> None:
    season = archive.season
    rejected, running = season.at_office(), season.at_office()
    reject(season, rejected)
    season.connection.commit()
    before = archive.figures()
    files = sum(path.is_file() for path in season.store.folder.rglob("*"))
    assert archive.later(days=729) == {}
    assert archive.later(days=731) == {"closed_applications": 1}
    gone = archive.one(select(Application).where(Application.id == rejected.id))
    assert (gone.person_name, gone.id_tail, gone.form, gone.state) == (ERASED, "****", {}, "rejected")
    assert gone.initials == ""
    assert archive.one(select(Submission.form).where(Submission.application_id == rejected.id)) == {}
    kept = archive.one(select(Application).where(Application.id == running.id))
    assert (kept.person_name, kept.form["grade"], kept.erased_at) == (running.person.name, 5, None)
    assert archive.figures() == before
    assert sum(path.is_file() for path in season.store.folder.rglob("*")) == files - 3
    with season.as_province() as session:
        papers = session.scalars(select(Document).where(Document.application_id == rejected.id)).all()
        assert [(paper.file_name, paper.erased_at is not None) for paper in papers] == [(ERASED, True)] * 3
        with pytest.raises(NotFound, match="已按保存期限删除"):
            visible_document(session, papers[0].id)


def test_the_record_and_the_moves_of_an_erased_case_verify_and_tell_of_it(archive: Archive) -> None:
    season = archive.season
    case = season.at_office()
    reject(season, case)
    season.connection.commit()
    with season.as_province() as session:
        moves = [(move.action, move.reason) for move in session.scalars(select(Move).order_by(Move.version))]
        entries = {entry.id: entry.digest for entry in session.scalars(select(RecordEntry))}
    archive.later(days=731)
    with season.as_province() as session:
        assert [(move.action, move.reason) for move in session.scalars(select(Move).order_by(Move.version))] == moves
        now = {entry.id: entry for entry in session.scalars(select(RecordEntry))}
        assert {entry: now[entry].digest for entry in entries} == entries
        assert [entry for entry in now.values() if entry_digest(entry) != entry.digest] == []
        added = [(entry.kind, entry.subject_id, entry.payload) for entry in now.values() if entry.id not in entries]
    assert added == [("case.erased", str(case.id), {}), ("retention.erased", PROVINCE, {"closed_applications": 1})]


def test_what_was_erased_agrees_with_the_record_and_cannot_be_guessed_by_its_digests(archive: Archive) -> None:
    season = archive.season
    case = season.at_office()
    reject(season, case)
    season.connection.commit()
    archive.later(days=731)
    Sealer(archive.retention.engine, RECORD_KEYS, clock=archive.retention.clock, province=PROVINCE).seal()
    engine, now = archive.retention.engine, archive.retention.clock()
    with AuditorSession(engine, actor=system_actor(PROVINCE), now=now) as session:
        assert list(disagreements(session)) == []
    salts = (
        "SELECT count(*) FROM record_facts f WHERE salt IS NOT NULL AND EXISTS (SELECT FROM record_facts later "
        "WHERE later.table_name = f.table_name AND later.row_key = f.row_key AND later.id > f.id)"
    )
    with KeeperSession(engine, now=now) as session:
        assert session.scalar(text(salts)) == 0


def test_a_draft_goes_once_it_was_withdrawn_and_not_while_somebody_works_on_it(archive: Archive) -> None:
    season = archive.season
    given_up, open_one = season.draft(), season.draft()
    with season.as_person(given_up.person) as session:
        withdraw(session, given_up.id, offices=season.offices)
    season.connection.commit()
    assert archive.later(days=181) == {"drafts": 1}
    with season.as_province() as session:
        found = session.scalars(select(Application.id).where(Application.person_name == ERASED)).all()
    assert found == [given_up.id]
    assert season.look(open_one).form != {}


def test_texts_go_when_they_have_been_read_or_sent(archive: Archive) -> None:
    season = archive.season
    unit_id = season.add_unit()
    with season.as_office(CITY) as session:
        form = file_manager_form(session, unit_id, details=manager_details(), keys=KEYS)
        return_manager_form(session, form.id, remark="请补盖公章")
        to = Address(Channel.SMS, "19900000000")
        name, template = next(iter(TEMPLATES.items()))
        values = dict.fromkeys(template.placeholders, "000000")
        send_to_address(session, to, template=name, values=values, event_key="test:1", keys=KEYS, office_id=CITY)
        session.flush()
        session.execute(text("UPDATE outbox SET ended_at = :at, last_error = 'refused'"), {"at": season.now})
        session.add(
            IdempotencyKey(
                account_id=session.actor.account_id,
                id=new_id(),
                key="k",
                request_digest=b"x",
                status=200,
                response=b"",
                created_at=season.now,
            )
        )
    with season.as_unit(unit_id) as session:
        session.execute(text("UPDATE notices SET read_at = :at"), {"at": season.now})
    season.connection.commit()
    assert archive.later(days=2) == {"idempotency_keys": 1}
    assert archive.later(days=31) == {"outbox": 1}
    assert archive.later(days=366) == {"read_notices": 1}
    assert archive.later(days=731) == {"manager_forms": 1}
    sent = archive.one(select(OutboxMessage).where(OutboxMessage.ended_at.is_not(None)))
    assert (sent.address, sent.values, sent.last_error) == (None, None, "")
    assert archive.one(select(Notice.body).where(Notice.read_at.is_not(None))) == ERASED
    old = archive.one(select(ManagerForm))
    assert (old.name, old.office_phone, old.mobile, old.state) == (ERASED, ERASED, b"", "returned")


def test_a_decided_correction_loses_both_identities_and_its_words(archive: Archive) -> None:
    season = archive.season
    case = season.at_office()
    with season.as_person(case.person) as session:
        about = corrections.about_myself(session, KEYS)
        asked = Wanted(Kind.CHANGED, "测试改名后", "户籍更名（测试）", "更名证明（测试）")
        made = corrections.ask(session, about, asked, keys=KEYS).id
        things.attach(session, season, Subject.IDENTITY, made, "evidence")
    with season.as_office(CITY) as session:
        corrections.examine(session, made, examination="与原件一致")
    with season.as_office(CITY, "supervisor") as session:
        corrections.grant(session, made, keys=KEYS)
    season.connection.commit()
    assert "identity_corrections" not in archive.later(days=1095)
    assert archive.later(days=1096)["identity_corrections"] == 1
    gone = archive.one(select(IdentityCorrection))
    assert (gone.was, gone.becomes, gone.reason, gone.evidence, gone.state) == (b"", b"", ERASED, ERASED, "granted")
    assert archive.one(select(Attachment)).erased_at is not None
    with season.as_person(case.person) as session:
        assert [line.old_name for line in own_corrections(session, KEYS)] == [ERASED]


def test_old_sessions_and_failed_attempts_are_forgotten(archive: Archive) -> None:
    season, now = archive.season, archive.season.now
    account = make_account(season.connection, "linjiang.online", role=Role.CITY_REVIEWER, office_id=CITY)
    signed_in = {"account_id": account.account_id, "address": "192.0.2.1", "device": "a browser"}
    ended, running = (
        BrowserSession(
            **signed_in, token_hash=bytes([day]), created_at=now, seen_at=now, expires_at=now + timedelta(days=day)
        )
        for day in (1, 200)
    )
    code = {"purpose": "sign_up", "code_hash": b"x", "sealed": b"", "tries_left": 3}
    with season.signing_in() as session:
        session.add_all((ended, running))
        session.add(FailedAttempts(subject=b"one", count=3, last_at=now))
        session.add(FailedAttempts(subject=b"two", count=9, last_at=now, blocked_until=now + timedelta(days=60)))
        session.add(PhoneCode(**code, created_at=now, expires_at=now))
    season.connection.commit()
    assert archive.later(days=2) == {"phone_codes": 1}
    assert archive.later(days=31) == {"sign_in_attempts": 1}
    assert archive.later(days=92) == {"sessions": 1, "sign_in_attempts": 1}
    with season.signing_in() as session:
        assert session.scalars(select(BrowserSession.token_hash)).all() == [running.token_hash]


def test_a_class_without_a_term_is_kept_for_good(archive: Archive) -> None:
    case = archive.season.at_office()
    reject(archive.season, case)
    archive.season.connection.commit()
    archive.clock.set(archive.season.now + timedelta(days=9999))
    kept = RetentionTable(closed_applications=None)
    asked = Retention(archive.retention.engine, archive.clock, PROVINCE, kept, archive.retention.terms)
    assert asked.due().get("closed_applications") is None


def test_a_person_without_a_kept_case_is_forgotten_with_addresses_and_account(archive: Archive) -> None:
    season = archive.season
    gone, kept = season.at_office(), season.at_office()
    reject(season, gone)
    account = make_account(season.connection, "applicant-gone", role=Role.APPLICANT, person_id=gone.person.person_id)
    with season.as_person(gone.person) as session:
        session.add(Contact(id=gone.person.person_id, email=b"sealed", prefers="email"))
    season.connection.commit()
    hashed = archive.one(select(Person.id_hash).where(Person.id == gone.person.person_id))
    assert archive.later(days=1094) == {"closed_applications": 1}
    assert archive.later(days=1096) == {"persons": 1}
    person = archive.one(select(Person).where(Person.id == gone.person.person_id))
    assert (person.name, person.id_number, person.phone, person.id_tail) == (ERASED, b"", None, "****")
    assert person.birth_date == date(1, 1, 1)
    with season.signing_in() as session:
        closed = session.get_one(Account, account.account_id)
        assert (closed.name, closed.ended_at) == (ERASED, archive.clock())
    with season.as_person(gone.person) as session:
        assert session.scalars(select(Contact.email)).one() is None
    assert archive.one(select(Person.name).where(Person.id == kept.person.person_id)) == kept.person.name
    assert person.id_hash != hashed


def test_who_is_banned_stays_known(archive: Archive) -> None:
    season, now = archive.season, archive.season.now
    case = season.at_office()
    reject(season, case)
    with season.as_province() as session:
        until = now + timedelta(days=730)
        session.add(
            Ban(
                person_id=case.person.person_id,
                office_id=PROVINCE,
                instrument="测试处〔2024〕1号",
                reason="测试",
                begins=now,
                ends=until,
                decided_at=now,
                decided_by=session.actor.account_id,
            )
        )
    season.connection.commit()
    assert archive.later(days=1096) == {"closed_applications": 1}
    assert archive.later(days=731 + 1095) == {"persons": 1}


def test_every_key_of_the_table_is_a_class(archive: Archive) -> None:
    assert {term.name for term in archive.retention.terms} == set(RetentionTable.model_fields)


def test_scans_and_evidence_go_with_what_they_belong_to_and_their_rows_stay(archive: Archive) -> None:
    season = archive.season
    case = season.at_office()
    case_id = things.sanction(season, case)
    reject(season, case)
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY, "supervisor") as session:
        evidence = things.attach(session, season, Subject.SANCTION, case_id, "evidence", title="测试甲的学历")
        scan = things.attach(session, season, Subject.MANAGER_FORM, form_id, "annex")
        return_manager_form(session, form_id, remark="请补盖公章")
    season.connection.commit()
    attached = season.store.folder / "attachments"
    assert sum(path.is_file() for path in attached.rglob("*")) == 2
    assert archive.later(days=731) == {"closed_applications": 1, "manager_forms": 1}
    for attachment in (evidence, scan):
        gone = archive.one(select(Attachment).where(Attachment.id == attachment.id))
        assert (gone.title, gone.file_name, gone.uploaded_name, gone.sealed_key) == (ERASED, ERASED, ERASED, b"")
        assert (gone.sha256, gone.erased_at) == (attachment.sha256, archive.clock())
    assert not any(path.is_file() for path in attached.rglob("*"))
    with season.as_province() as session:
        with pytest.raises(NotFound, match="已按保存期限删除"):
            visible_attachment(session, scan.id)
        erased = session.scalars(select(RecordEntry).where(RecordEntry.kind == "attachment.erased")).all()
    assert {entry.payload["attachment"] for entry in erased} == {str(evidence.id), str(scan.id)}


def test_a_wrong_file_goes_a_year_after_the_right_one_came_and_the_right_one_stays(archive: Archive) -> None:
    season = archive.season
    delegation_id = things.delegation(season)
    with season.as_office(CITY, "supervisor") as session:
        wrong = things.attach(session, season, Subject.DELEGATION, delegation_id, "instrument")
    season.now += timedelta(days=100)
    with season.as_office(CITY, "supervisor") as session:
        more = {"content": pdf(2), "supersedes": wrong.id, "reason": "漏盖公章"}
        right = things.attach(session, season, Subject.DELEGATION, delegation_id, "instrument", **more)
    season.connection.commit()
    assert archive.later(days=364) == {}
    assert archive.later(days=366) == {"superseded_attachments": 1}
    kept = archive.one(select(Attachment).where(Attachment.id == right.id))
    assert (kept.erased_at, kept.reason) == (None, "漏盖公章")
    archive.retention = replace(archive.retention, days=RetentionTable(attachments=3650))
    assert archive.later(days=3651) == {"attachments": 1}
    assert archive.one(select(Attachment.reason).where(Attachment.id == right.id)) == ERASED
