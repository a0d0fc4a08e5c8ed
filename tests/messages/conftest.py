"""What the tests of delivery share: the invented province with gateways, and people who are told something."""

import importlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, select

from core.clock import SettableClock
from core.db.base import new_id
from core.db.database import Databases
from core.db.session import Actor, OperatorSession, Role, SystemSession, system_actor
from core.documents.storage import DocumentStore
from core.domain.identity_number import simulated
from core.identity.contacts import addresses_of
from core.identity.service import claim_person
from core.messages.delivery import Outlet, send_due
from core.messages.models import OutboxMessage
from core.messages.service import Address, Recipient, notify, send_to_address
from core.messages.smtp import SmtpServer
from core.plugin_api import Channel, Delivery, NoticeView, OfficeCode, Sex
from core.tenancy.catalogue import load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests import cases
from tests.cases import CITY, KEYS, OTHER_CITY, Season, at

HERE = Path(__file__).parent
MOBILE = "13800000001"
GATEWAYS = {CITY: "plain", OTHER_CITY: "telling"}


@dataclass
class Post:
    """The outbox of the invented province at work. Every step may run in another transaction."""

    engine: Engine | Connection
    outlet: Outlet
    clock: SettableClock
    people: dict[OfficeCode, UUID] = field(default_factory=dict)

    @contextmanager
    def system(self, office: OfficeCode) -> Iterator[SystemSession]:
        """The system at work for an office, in one transaction."""
        with SystemSession(self.engine, actor=system_actor(office), now=self.clock()) as session, session.begin():
            yield session

    @contextmanager
    def operator(self) -> Iterator[OperatorSession]:
        """The operator of the installation at work."""
        actor = Actor(UUID(int=7), "测试运维员", Role.OPERATOR, office_id=cases.PROVINCE)
        with OperatorSession(self.engine, actor=actor, now=self.clock()) as session, session.begin():
            yield session

    def tell(self, office: OfficeCode = CITY, *, event: str = "1", body: str = "请补正。") -> None:
        """Tell the person of an office something."""
        with self.system(office) as session:
            notify(
                session,
                Recipient(person_id=self.people[office]),
                event_key=f"event:{event}",
                office_id=office,
                kind="application.return",
                title="申请已退回",
                body=body,
            )

    def send_code(self, office: OfficeCode = CITY, *, to: Address | None = None, minutes: int = 10) -> None:
        """Send a code to a bare address."""
        with self.system(office) as session:
            send_to_address(
                session,
                to or Address(Channel.SMS, MOBILE),
                template="code",
                values={"code": "135790", "minutes": str(minutes), "purpose": "注册账号"},
                event_key=f"code:{self.clock().isoformat()}",
                keys=KEYS,
                office_id=office,
                not_after=self.clock() + timedelta(minutes=minutes),
            )

    def work(self, office: OfficeCode = CITY) -> int:
        """One round of a worker."""
        return send_due(office, begin=lambda: self.system(office), outlet=self.outlet)

    def messages(self, office: OfficeCode = CITY) -> list[OutboxMessage]:
        """The office's outbox in the order in which it was written."""
        wanted = select(OutboxMessage).where(OutboxMessage.office_id == office).order_by(OutboxMessage.id)
        with self.system(office) as session:
            return list(session.scalars(wanted))

    def states(self, office: OfficeCode = CITY) -> list[tuple[str, int, str]]:
        """State, attempts and last error of each message."""
        return [(message.state, message.attempts, message.last_error) for message in self.messages(office)]

    def speaks_through(self, server: SmtpServer) -> None:
        """From now on e-mail goes out by this server."""
        self.outlet = replace(self.outlet, smtp=server)


def taken(gateway: str) -> list[NoticeView]:
    """What a gateway of these tests was given."""
    found: list[NoticeView] = importlib.import_module(f"tests.messages.gateways.{gateway}").taken
    return found


def answers(gateway: str) -> list[Delivery | BaseException]:
    """What a gateway will answer next."""
    found: list[Delivery | BaseException] = importlib.import_module(f"tests.messages.gateways.{gateway}").answers
    return found


@pytest.fixture(autouse=True)
def _fresh_gateways() -> None:
    for gateway in ("plain", "telling"):
        taken(gateway).clear()
        answers(gateway).clear()


def offices_with_gateways(folder: Path) -> Offices:
    """The invented offices, of which two cities send SMS, each by a plugin of its own."""
    shutil.copytree(HERE.parent / "offices", folder)
    for office, plugin in GATEWAYS.items():
        file = folder / office / "tenant.toml"
        messages = f'[messages]\nchannels = ["in_app", "sms", "email"]\nsignature = "{office}"\n'
        file.write_text(f'plugins = ["{plugin}"]\n{file.read_text("utf-8")}\n{messages}', "utf-8")
    catalogue = load_catalogue(folder)
    assert catalogue.faults == ()
    return Offices(catalogue, build_hooks(catalogue, package="tests.messages.gateways"))


def outlet_of(offices: Offices) -> Outlet:
    """A way out that sends, by plugins alone."""
    return Outlet(offices, KEYS, partial(addresses_of, keys=KEYS))


def person_of(season: Season, office: OfficeCode, index: int) -> UUID:
    """A person with a mobile number and a case at the office."""
    number = simulated(index, date(1980, 5, 6), Sex.MALE)
    with season.signing_in() as session:
        person_id = claim_person(session, id_number=number, name=f"测试甲{index:04d}", phone=MOBILE, keys=KEYS)
    actor = Actor(new_id(), f"测试甲{index:04d}", Role.APPLICANT, person_id=person_id)
    season.draft(office, person=actor)
    return person_id


@pytest.fixture
def post(season: Season, tmp_path: Path) -> Post:
    """Two cities with SMS, each with one person, in a transaction that is rolled back after the test."""
    offices = offices_with_gateways(tmp_path / "offices")
    made = Post(season.connection, outlet_of(offices), SettableClock(at(3, 25, 10)))
    made.people = {office: person_of(season, office, 900 + n) for n, office in enumerate(GATEWAYS)}
    return made


@pytest.fixture
def open_post(fresh_database: Databases, tmp_path: Path) -> Iterator[Post]:
    """The same in a database of its own, where steps are committed and several workers meet."""
    offices = offices_with_gateways(tmp_path / "offices")
    cases.load_linshui(fresh_database, offices)
    engine = create_engine(fresh_database.app_url)
    made = Post(engine, outlet_of(offices), SettableClock(at(3, 25, 10)))
    with engine.connect() as connection, connection.begin():
        season = Season(connection, offices, cases.linshui_offices()[1], DocumentStore(tmp_path / "documents"))
        made.people = {office: person_of(season, office, 900 + n) for n, office in enumerate(GATEWAYS)}
    yield made
    engine.dispose()
