"""Sessions that see only the rows of their scope.

There is no session without a scope: each type below is made for one person, unit or office and keeps its ids for life.
At the start of every transaction it tells PostgreSQL who it is, by settings that end with the transaction, so that a
pooled connection carries nothing over. The policies (``isolation``) read these settings; without them no row is seen.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from core.db.round_trips import make_settings
from core.db.tables import all_tables
from core.domain.permissions import POSTS, ROLE_LABELS, Permission, Role
from core.plugin_api import OfficeCode

__all__ = ["ROLE_LABELS", "Actor", "Permission", "Role"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, its role, and its office, unit or person; ``on_behalf_of`` is the colleague on leave.

    ``grant_id`` is the grant of the role, or that of acting for a colleague. ``scope`` narrows the role of a deputy,
    ``writes`` the changes that a token may make; None narrows nothing. ``units`` are the unit of a unit's role and
    those below it, as found at the sign-in.
    """

    account_id: uuid.UUID
    name: str
    role: Role
    office_id: OfficeCode | None = None
    unit_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    on_behalf_of: uuid.UUID | None = None
    on_behalf_of_name: str = ""
    on_behalf_of_person: uuid.UUID | None = None
    scope: frozenset[Permission] | None = None
    writes: frozenset[Permission] | None = None
    grant_id: uuid.UUID | None = field(default=None, compare=False)
    units: frozenset[uuid.UUID] = field(default=frozenset(), compare=False)

    @property
    def permissions(self) -> frozenset[Permission]:
        """The actor's permissions, to read and to change: those of the role, narrowed by ``scope``."""
        may = POSTS[self.role].may
        return may if self.scope is None else may & self.scope

    @property
    def may_change(self) -> frozenset[Permission]:
        """The permissions to change something in this request: none where the token is for reading alone."""
        return self.permissions if self.writes is None else self.permissions & self.writes


SYSTEM_ACCOUNT = uuid.UUID(int=0)


def system_actor(office_id: OfficeCode) -> Actor:
    """The actor of jobs and of the season's clock: the system, working for one office."""
    return Actor(SYSTEM_ACCOUNT, "系统", Role.SYSTEM, office_id=office_id)


class ScopedSession(Session):
    """A session that belongs to one scope for life. Services never commit it; the edge does, once.

    ``now`` is the moment of the request, taken once on arrival; the database's clock is never asked.
    """

    scope: ClassVar[str]
    database_role: ClassVar[str | None] = None

    def __init__(self, bind: Engine | Connection, *, actor: Actor, now: datetime, **settings: str) -> None:
        # Foreign keys lead to tables of other capabilities, which must all be imported.
        all_tables()
        super().__init__(bind, autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint")
        if now.tzinfo is None:
            raise ValueError("a session's moment needs a time zone")
        self.actor = actor
        self.now = now
        self._settings = {
            "role": self.database_role or "none",
            "kaowu.scope": self.scope,
            "kaowu.account_id": str(actor.account_id),
            "kaowu.on_behalf_of": str(actor.on_behalf_of or ""),
            "kaowu.role": actor.role.value,
            "kaowu.permissions": "{" + ",".join(sorted(actor.may_change)) + "}",
            "kaowu.person_id": "",
            "kaowu.office_id": "",
            "kaowu.unit_ids": "",
            **{f"kaowu.{key}": value for key, value in settings.items()},
        }

    def bound(self, **limits: str) -> None:
        """Set PostgreSQL's own limits for every later transaction, such as ``statement_timeout="30s"``."""
        self._settings |= limits

    def settings(self) -> dict[str, str]:
        """The settings that every transaction of this session makes."""
        return dict(self._settings)


@event.listens_for(ScopedSession, "after_begin", propagate=True)
def _say_who_this_is(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Set the scope for one transaction alone (the ``true``), so that it never leaks through the pool."""
    assert isinstance(session, ScopedSession)  # noqa: S101 - the listener is registered for this class alone
    if transaction.nested:
        return
    make_settings(connection, session.settings())


class PersonSession(ScopedSession):
    """An applicant: their own person and applications."""

    scope = "person"

    def __init__(self, bind: Engine | Connection, *, actor: Actor, now: datetime) -> None:
        if actor.person_id is None:
            raise ValueError("a person session needs an actor with a person")
        super().__init__(bind, actor=actor, now=now, person_id=str(actor.person_id))
        self.person_id: uuid.UUID = actor.person_id


class UnitSession(ScopedSession):
    """A unit or department: itself and the units below it, whose ids are given by the edge."""

    scope = "unit"

    def __init__(
        self, bind: Engine | Connection, *, actor: Actor, now: datetime, unit_ids: Iterable[uuid.UUID] = ()
    ) -> None:
        if actor.unit_id is None:
            raise ValueError("a unit session needs an actor with a unit")
        self.unit_id: uuid.UUID = actor.unit_id
        self.unit_ids: frozenset[uuid.UUID] = frozenset(unit_ids) | {actor.unit_id}
        listed = "{" + ",".join(sorted(str(unit_id) for unit_id in self.unit_ids)) + "}"
        super().__init__(bind, actor=actor, now=now, unit_ids=listed)


class OfficeSession(ScopedSession):
    """An office: the cases that it owns, handles, or has handled."""

    scope = "office"

    def __init__(self, bind: Engine | Connection, *, actor: Actor, now: datetime) -> None:
        if actor.office_id is None:
            raise ValueError("an office session needs an actor with an office")
        super().__init__(bind, actor=actor, now=now, office_id=actor.office_id)
        self.office_id: OfficeCode = actor.office_id


class SystemSession(OfficeSession):
    """The system working for one office: for acts that fall due. Only jobs and the season's clock open one."""

    scope = "system"


class ProvinceSession(ScopedSession):
    """The provincial center as supervisor of all offices: a database role of its own, entered for one transaction.

    For the units of the province itself (省直) the center works in an :class:`OfficeSession` like any office.
    """

    scope = "province"
    database_role = "kaowu_province"

    def __init__(self, bind: Engine | Connection, *, actor: Actor, now: datetime) -> None:
        if actor.office_id is None:
            raise ValueError("a province session needs an actor with the provincial office")
        super().__init__(bind, actor=actor, now=now, office_id=actor.office_id)
        self.office_id: OfficeCode = actor.office_id


class AuditorSession(ScopedSession):
    """The province's auditor: reads everything, and writes only entries about its own reading."""

    scope = "auditor"
    database_role = "kaowu_auditor"


class KeeperSession(ScopedSession):
    """The system that changes keys and erases personal data in the rows of every office; it decides nothing."""

    scope = "keeper"
    database_role = "kaowu_keeper"

    def __init__(self, bind: Engine | Connection, *, now: datetime) -> None:
        super().__init__(bind, actor=Actor(SYSTEM_ACCOUNT, "系统", Role.SYSTEM), now=now)


class SignInSession(ScopedSession):
    """A request before sign-in: the tables of accounts and no others."""

    scope = "signin"


class OperatorSession(ScopedSession):
    """An operator of the machine: the health of plugins and jobs, and no personal data."""

    scope = "operator"


class PublicSession(ScopedSession):
    """The public: reference data and published lists."""

    scope = "public"


CaseSession = PersonSession | UnitSession | OfficeSession | ProvinceSession
"""The sessions that can act on an application."""

ANONYMOUS = Actor(SYSTEM_ACCOUNT, "未登录", Role.APPLICANT)
