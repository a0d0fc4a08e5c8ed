"""A front door on a rolled-back connection: people with accounts who sign in step by step."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import Connection

from core.db.session import ANONYMOUS, OfficeSession, Role, SignInSession, system_actor
from core.errors import KaowuError, TooMany
from core.identity.sign_in import attempts, passwords, service as sign_in, sessions, totp
from core.identity.sign_in.attempts import Subject
from core.identity.sign_in.hashing import Hasher
from core.identity.sign_in.service import Door, Mine
from core.identity.sign_in.sessions import IssuedSession, Lifetimes, Origin, ResolvedSession
from core.tenancy.catalogue import load_catalogue
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests import factories
from tests.cases import CITY, Season
from tests.factories import KEYS, NOW

HERE = Origin("192.0.2.7", "Testbrowser 1.0")
CHOSEN = "麦田 铁路 风筝 与旧书店的猫"

T = TypeVar("T")


class CountingHasher(Hasher):
    """Small enough for a test, and says how many hashes a sign-in has cost."""

    def __init__(self) -> None:
        super().__init__(passes=1, memory_kib=64)
        self.verified = 0

    def verify(self, stored: str | None, password: str) -> bool:
        """Verify as ever, and count it."""
        self.verified += 1
        return super().verify(stored, password)


@dataclass
class Front:
    """The steps of a sign-in, each in the transactions that the edge would give it. ``now`` is when they happen."""

    connection: Connection
    door: Door
    hasher: CountingHasher
    now: datetime

    def in_session(self, act: Callable[[SignInSession], T]) -> T:
        """Do something in a transaction of its own, which a refusal rolls back."""
        with SignInSession(self.connection, actor=ANONYMOUS, now=self.now) as session, session.begin():
            return act(session)

    def issue(self, login: str, role: Role = Role.CITY_REVIEWER, **given: UUID | str) -> tuple[UUID, str]:
        """A member of staff with an initial password."""
        office = CITY if role not in {Role.UNIT_MANAGER} else None
        actor = factories.make_account(self.connection, login, role=role, **({"office_id": office} | given))  # type: ignore[arg-type]
        with OfficeSession(self.connection, actor=system_actor(CITY), now=self.now) as session, session.begin():
            return actor.account_id, passwords.give_initial_password(session, actor.account_id, hasher=self.hasher)

    def officer(self, login: str, role: Role = Role.CITY_REVIEWER) -> UUID:
        """A member of staff who has chosen the password CHOSEN."""
        account_id, initial = self.issue(login, role)
        mine = self.mine(self.sign_in(login, initial))
        self.in_session(lambda s: sign_in.change_password(s, mine, current=initial, new=CHOSEN, door=self.door))
        return account_id

    def sign_in(self, name: str, password: str, *, address: str = HERE.address) -> IssuedSession:
        """Sign in by password."""
        origin = replace(HERE, address=address)
        attempt = self.in_session(lambda s: sign_in.begin(s, name, address=address, keys=KEYS))
        return self.in_session(lambda s: sign_in.finish(s, attempt, password, origin=origin, door=self.door))

    def refusal(self, name: str, password: str = "falsch falsch falsch", **given: str) -> KaowuError:
        """How a sign-in is refused."""
        with pytest.raises(KaowuError) as refused:
            self.sign_in(name, password, **given)
        return refused.value

    def code(self, issued: IssuedSession, code: str) -> IssuedSession:
        """Give the second factor."""
        mine = self.mine(issued)
        subject = sign_in.factor_subject(mine.account_id, keys=KEYS)
        self.in_session(lambda s: attempts.reserve(s, subject))
        return self.in_session(lambda s: sign_in.pass_second_factor(s, mine, code, door=self.door))

    def enrol(self, issued: IssuedSession) -> tuple[IssuedSession, str, tuple[str, ...]]:
        """Let an authenticator app count, and return its secret and the recovery codes."""
        mine = self.mine(issued)
        secret = self.in_session(lambda s: totp.begin_enrolment(s, mine.account_id, keys=KEYS)).secret
        code = pyotp.TOTP(secret).at(self.now)
        again, codes = self.in_session(lambda s: sign_in.enrol(s, mine, code, door=self.door))
        return again, secret, codes

    def resolve(self, token: str) -> ResolvedSession:
        """Whose session a token is."""
        return self.in_session(lambda s: sessions.resolve_session(s, token, lifetimes=self.door.lifetimes))

    def mine(self, issued: IssuedSession) -> Mine:
        """The session as the edge hands it on."""
        return Mine(issued.id, issued.account_id, issued.awaits)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def wait_out(self, refused: KaowuError) -> None:
        """Wait until it may be tried again."""
        assert isinstance(refused, TooMany)
        self.wait(seconds=refused.retry_after)

    def subject(self, account_id: UUID) -> Subject:
        """What is counted for an account."""
        return sign_in.account_subject(account_id, keys=KEYS)


@pytest.fixture
def front(season: Season) -> Front:
    """The front door of the invented province, which demands no second factor."""
    hasher = CountingHasher()
    lifetimes = Lifetimes(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
    return Front(season.connection, Door(hasher, KEYS, season.offices, lifetimes), hasher, NOW)


@pytest.fixture
def strict_front(front: Front, tmp_path: Path) -> Front:
    """The same where the city demands a second factor of its officers."""
    folder = tmp_path / "offices"
    shutil.copytree(Path(__file__).parent.parent / "offices", folder)
    tenant = folder / CITY / "tenant.toml"
    tenant.write_text(tenant.read_text().replace("[policy]", "[policy]\nofficers_need_totp = true"))
    catalogue = load_catalogue(folder)
    front.door = replace(front.door, offices=Offices(catalogue, build_hooks(catalogue)))
    return front


@pytest.fixture
def simulating(front: Front) -> Front:
    """The same in a simulation, where invented people may register."""
    front.door = replace(front.door, simulation=True)
    return front
