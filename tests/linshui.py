"""The invented province of ``tests/offices`` at work: its rows in a database, and a session for each actor.

Every session is a transaction of its own that is committed when its block ends well, as at the edge; on a connection
that is a savepoint, so only one block may be open at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine

from core.applications.forms import ApplicationDraft
from core.applications.moves import Step, move
from core.applications.service import Applicant, open_draft, open_for_change
from core.db.base import new_id
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import Actor, OfficeSession, PersonSession, ProvinceSession, Role
from core.domain.identity_number import simulated
from core.domain.workflow import Action
from core.identity.service import claim_person
from core.organizations.service import register_unit
from core.plugin_api import ApplicationPath, Grade, OfficeCode, Sex, Window, WindowKind
from core.security.keys import KeyProvider
from core.tenancy.catalogue import Catalogue, load_catalogue
from tests.cases import KEYS, OFFICES, YEAR, at, load_offices
from tests.conftest import clone

LINSHUI, QINGHE, YUNSHAN, HEYUAN = (
    OfficeCode(code) for code in ("linshui", "linshui/qinghe", "linshui/yunshan", "linshui/qinghe/heyuan")
)


def window(kind: WindowKind, opens: datetime, closes: datetime, grades: frozenset[Grade] | None = None) -> Window:
    """A window for the given grades, or for all grades of its kind."""
    examined = {
        WindowKind.COMPUTER_EXAM: frozenset(Grade) - {Grade.ONE},
        WindowKind.LEVEL_ONE_THEORY: frozenset({Grade.ONE}),
    }
    return Window(kind, opens, closes, grades or examined.get(kind, frozenset(Grade)))


def exam(opens: datetime, closes: datetime) -> Window:
    """The computer-based exam of a city."""
    return window(WindowKind.COMPUTER_EXAM, opens, closes)


@dataclass
class Linshui:
    """The province with a database. ``accounts`` gives each role of an office one account, the same all season."""

    connection: Connection
    keys: KeyProvider
    accounts: dict[tuple[str, Role], UUID] = field(default_factory=dict)

    def actor(self, office: OfficeCode, role: Role) -> Actor:
        """The officer who has this role in an office."""
        account = self.accounts.setdefault((office, role), new_id())
        return Actor(account, f"测试人员 {role}", role, office_id=office)

    @contextmanager
    def office(
        self, office: OfficeCode, now: datetime, *, role: Role = Role.CITY_SUPERVISOR
    ) -> Iterator[OfficeSession]:
        """An officer at work."""
        with OfficeSession(self.connection, actor=self.actor(office, role), now=now) as session, session.begin():
            yield session

    @contextmanager
    def center(self, now: datetime, *, role: Role = Role.PROVINCIAL_OFFICER) -> Iterator[ProvinceSession]:
        """The provincial center supervising everybody."""
        with ProvinceSession(self.connection, actor=self.actor(LINSHUI, role), now=now) as session, session.begin():
            yield session

    @contextmanager
    def person(self, person_id: UUID, now: datetime) -> Iterator[PersonSession]:
        """An applicant."""
        actor = Actor(person_id, "测试申报人", Role.APPLICANT, person_id=person_id)
        with PersonSession(self.connection, actor=actor, now=now) as session, session.begin():
            yield session

    def add_person(self, number: int, now: datetime) -> UUID:
        """Register a simulated person."""
        with self.office(LINSHUI, now) as session:
            id_number = simulated(number, date(1980, 1, 1), Sex.FEMALE)
            return claim_person(session, id_number=id_number, name=f"测试甲{number:04d}", phone=None, keys=self.keys)

    def add_unit(self, office: OfficeCode, now: datetime, *, local: OfficeCode | None = None) -> UUID:
        """Register a unit of a city, by default one that lies in the city proper."""
        with self.office(office, now) as session:
            place = local or office
            unit = register_unit(
                session, name=f"测试单位（{place}）", affiliation="local", office_id=office, local_office_id=place
            )
            return unit.id

    def add_draft(self, number: int, unit_id: UUID, grade: Grade, now: datetime) -> tuple[UUID, UUID]:
        """A person, told from others by ``number``, and a draft of theirs."""
        person_id = self.add_person(number, now)
        draft = ApplicationDraft(grade=grade, path=ApplicationPath.LADDER, trade="LS-1")
        with self.person(person_id, now) as session:
            applicant = Applicant(person_id, f"测试甲{number:04d}", "0000")
            return person_id, open_draft(session, applicant, year=YEAR, unit_id=unit_id, draft=draft).id

    def add_case(self, number: int, unit_id: UUID, grade: Grade, now: datetime, *, due: datetime | None = None) -> UUID:
        """A case that its city has before it for qualification review."""
        person_id, case_id = self.add_draft(number, unit_id, grade, now)
        with self.person(person_id, now) as session:
            changes = {"round": 1, "route": ["qualification_review"], "submitted_at": now}
            move(session, open_for_change(session, case_id), Step(Action.SUBMIT, due_at=due, changes=changes))
        return case_id

    def decide(self, case_id: UUID, office: OfficeCode, action: Action, now: datetime) -> None:
        """Let an officer of the office in charge decide a case."""
        with self.office(office, now, role=Role.CITY_REVIEWER) as session:
            case = open_for_change(session, case_id)
            move(session, case, Step(action, reason="测试理由" if action is not Action.APPROVE else ""))

    def reopen(self, case_id: UUID, now: datetime) -> None:
        """Let the center overturn a decision."""
        with self.center(now) as session:
            move(session, open_for_change(session, case_id), Step(Action.REOPEN, reason="测试理由"))


def load_linshui(databases: Databases) -> Catalogue:
    """Load the invented province on the eve of its season, and commit."""
    catalogue = load_catalogue(OFFICES)
    load_offices(databases, catalogue, at(3, 16))
    return catalogue


@pytest.fixture(scope="session")
def loaded_databases(database_server: EmbeddedServer) -> Iterator[Databases]:
    with clone(database_server, f"kaowu_{uuid4().hex}") as addresses:
        load_linshui(addresses)
        yield addresses


@pytest.fixture(scope="session")
def loaded_engine(loaded_databases: Databases) -> Iterator[Engine]:
    """One engine for all tests: a new one would connect, and compile every statement, once more."""
    engine = create_engine(loaded_databases.app_url)
    yield engine
    engine.dispose()


@pytest.fixture
def linshui(loaded_engine: Engine) -> Iterator[Linshui]:
    with loaded_engine.connect() as connection, connection.begin() as transaction:
        yield Linshui(connection, KEYS)
        transaction.rollback()
