"""Dependencies of handlers: the platform, and one session in the scope of the actor, which is the transaction.

One request is one transaction: it begins with the session's first statement, is committed after the answer has been
rendered and before it leaves, and is rolled back by any exception.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy import Engine

from core.db.session import (
    ANONYMOUS,
    Actor,
    AuditorSession,
    CaseSession,
    OfficeSession,
    OperatorSession,
    PersonSession,
    ProvinceSession,
    PublicSession,
    Role,
    ScopedSession,
    UnitSession,
)
from core.domain.permissions import UNIT_ROLES
from core.identity.records import record_reading
from core.platform import Platform
from core.web.authentication.actor import arrival
from core.web.limits import DATABASE_PATIENCE

AS_PROVINCE = "as_province"
"""The option of routes on which the provincial center supervises all offices, instead of working as one of them."""

ThePlatform = NamedDependency[SkipValidation[Platform]]
AnySession = NamedDependency[SkipValidation[ScopedSession]]
OfPerson = NamedDependency[SkipValidation[PersonSession]]
OfUnit = NamedDependency[SkipValidation[UnitSession]]
OfOffice = NamedDependency[SkipValidation[OfficeSession]]
OfOperator = NamedDependency[SkipValidation[OperatorSession]]
OfProvince = NamedDependency[SkipValidation[ProvinceSession]]
OfCase = NamedDependency[SkipValidation[CaseSession]]
OfReader = NamedDependency[SkipValidation[CaseSession | AuditorSession]]
OfReviewer = NamedDependency[SkipValidation[UnitSession | OfficeSession]]
OfPersonOrUnit = NamedDependency[SkipValidation[PersonSession | UnitSession]]
OfSupervisor = NamedDependency[SkipValidation[OfficeSession | ProvinceSession]]
OfMonitor = NamedDependency[SkipValidation[ProvinceSession | AuditorSession]]


async def provide_session(request: Request[Any, Any, Any], platform: ThePlatform) -> AsyncIterator[ScopedSession]:
    """The request's one session and transaction."""
    as_province = bool(request.route_handler.opt.get(AS_PROVINCE))
    with open_session(platform.engine, request, now=arrival(request), as_province=as_province) as session:
        session.bound(**DATABASE_PATIENCE)
        if isinstance(session, AuditorSession):
            await to_thread.run_sync(_record_reading, session, request)
        yield session
        await commit(session)


async def commit(session: ScopedSession) -> None:
    """Commit in a thread besides the handlers': all of these may be waiting for locks that this commit releases.

    A handler that has not asked the database has nothing to commit.
    """
    if session.in_transaction():
        await to_thread.run_sync(session.commit, limiter=CapacityLimiter(1))


def _record_reading(session: AuditorSession, request: Request[Any, Any, Any]) -> None:
    """Record what an auditor reads. A refused request takes the entry back."""
    read = request.path_params.get("application_id")
    record_reading(session, route=request.scope["path_template"], application_id=read)


def open_session(engine: Engine, request: Request[Any, Any, Any], *, now: datetime, as_province: bool) -> ScopedSession:
    """A session in the scope of the actor's role; the public one where nobody has signed in."""
    actor: Actor | None = request.scope.get("user")
    if actor is None:
        return PublicSession(engine, actor=ANONYMOUS, now=now)
    return session_of(engine, actor, now=now, as_province=as_province)


def session_of(engine: Engine, actor: Actor, *, now: datetime, as_province: bool) -> ScopedSession:
    """A session in the scope of an actor's role."""
    if actor.role is Role.APPLICANT:
        return PersonSession(engine, actor=actor, now=now)
    if actor.role in UNIT_ROLES:
        return UnitSession(engine, actor=actor, now=now, unit_ids=actor.units)
    if actor.role is Role.OPERATOR:
        return OperatorSession(engine, actor=actor, now=now)
    if actor.role is Role.PROVINCIAL_AUDITOR:
        return AuditorSession(engine, actor=actor, now=now)
    if as_province and actor.role is Role.PROVINCIAL_OFFICER:
        return ProvinceSession(engine, actor=actor, now=now)
    return OfficeSession(engine, actor=actor, now=now)
