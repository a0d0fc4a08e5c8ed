"""A record to tamper with: two offices' acts, committed and sealed in three batches, and their heads exported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, StaticPool, create_engine, text

from core.applications.rules.document import RuleDocument
from core.audit.agreement import disagreements
from core.audit.heads import ExportedHead, export_heads, read_heads
from core.audit.sealing import Sealer
from core.audit.verification import RecordFault, Verifier
from core.clock import SettableClock
from core.db.server.embedded import EmbeddedServer
from core.db.session import AuditorSession, system_actor
from core.documents.storage import DocumentStore
from core.tenancy.offices import Offices
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, RECORD_KEYS, Season, at, uncertain
from tests.conftest import clone

AUDITOR = system_actor(PROVINCE)


@dataclass
class Tampering:
    """A superuser of the database, in a transaction that is rolled back after the test."""

    connection: Connection
    exported: list[ExportedHead]

    def run(self, statement: str, **values: Any) -> None:
        """Run a statement without triggers, foreign keys and policies."""
        self.connection.execute(text(statement), values)

    def ask(self, question: str, **values: Any) -> Any:
        """The first value of the first row."""
        return self.connection.execute(text(question), values).scalars().first()

    def entry(self, batch: int, position: int, office: str = CITY) -> UUID:
        """The entry at a place."""
        query = (
            "SELECT entry_id FROM record_seals WHERE office_id = :office AND batch = :batch AND position = :position"
        )
        found: UUID = self.ask(query, office=office, batch=batch, position=position)
        return found

    def faults(self, *, heads: bool = False, now: timedelta = timedelta()) -> tuple[RecordFault, ...]:
        """The faults that a verification finds, with the exported heads or without them."""
        with AuditorSession(self.connection, actor=AUDITOR, now=at(3, 27) + now) as session:
            exported = self.exported if heads else []
            return Verifier(session, RECORD_KEYS, exported=exported).verify().faults

    def disagreements(self) -> list[RecordFault]:
        """The faults by which acts and the record disagree."""
        with AuditorSession(self.connection, actor=AUDITOR, now=at(3, 27)) as session:
            return list(disagreements(session))


def sealer(engine: Engine, clock: SettableClock) -> Sealer:
    """A sealer of the invented province."""
    return Sealer(engine, RECORD_KEYS, clock=clock, province=PROVINCE)


@pytest.fixture(scope="module")
def _recorded(
    database_server: EmbeddedServer,
    worker_id: str,
    linshui_template: str,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, list[ExportedHead]]]:
    name = f"kaowu_record_{worker_id}"
    store = DocumentStore(tmp_path_factory.mktemp("record") / "documents")
    with clone(database_server, name, template=linshui_template) as addresses:
        engine = create_engine(addresses.app_url)
        clock = SettableClock(at(3, 20))
        seals = sealer(engine, clock)
        seals.seal()
        for day in (25, 26):
            with engine.connect() as connection, connection.begin():
                season = Season(connection, *linshui_offices, store, now=at(3, day), _people=100 * day)
                season.approve_at_office(season.at_office(CITY, uncertain()))
                season.submitted(OTHER_CITY)
                season.submitted(COUNTY)
            clock.set(at(3, day, 10))
            seals.seal()
        with AuditorSession(engine, actor=AUDITOR, now=at(3, 27)) as session:
            exported = read_heads(export_heads(session), name="heads")
        yield name, exported
        engine.dispose()


@pytest.fixture
def tampering(_recorded: tuple[str, list[ExportedHead]], database_server: EmbeddedServer) -> Iterator[Tampering]:
    """The database with a sealed record, as a superuser, until the end of the test."""
    name, exported = _recorded
    with database_server.superuser(name) as superuser:
        superuser.autocommit = False
        engine = create_engine("postgresql+psycopg://", creator=lambda: superuser, poolclass=StaticPool)
        with engine.connect() as connection, connection.begin() as transaction:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield Tampering(connection, exported)
            transaction.rollback()
        engine.dispose()


@pytest.fixture
def export(_recorded: tuple[str, list[ExportedHead]], tmp_path: Path) -> Path:
    """A folder for exports."""
    return tmp_path
