"""Sessions of browsers, kept on the server: opened at sign-in, given a new token at every change of what they may do,
listed, and ended one by one or all at once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, update

from core.db.base import new_id
from core.db.session import Actor, ScopedSession, SignInSession
from core.errors import NotFound, Unauthenticated
from core.identity.models import BrowserSession
from core.identity.records import record
from core.identity.roles import actors_of, choose
from core.identity.sign_in import asker

_TOKEN_BYTES: Final = 32
SEEN_EVERY: Final = timedelta(minutes=1)
_DEVICE: Final = 200


class Awaited(StrEnum):
    """What a session has to do before anything else is let through."""

    SECOND_FACTOR = "second_factor"
    PASSWORD_CHANGE = "password_change"  # noqa: S105 - the name of a step
    ENROLMENT = "totp_enrolment"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When a session ends by itself: so long after its last request, and so long after the sign-in."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a sign-in: the network address, and the User-Agent. The person reads both."""

    address: str
    device: str


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """A session and its token, which is stored nowhere."""

    id: UUID
    account_id: UUID
    awaits: Awaited | None
    expires_at: datetime
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ResolvedSession:
    """The session of a token: one actor for each role that holds now, the step that it awaits, and the role in use: the
    one last chosen, or the first where none was chosen or it no longer holds.
    """

    id: UUID
    actors: tuple[Actor, ...]
    awaits: Awaited | None
    grant_id: UUID | None


def open_session(
    session: SignInSession, account_id: UUID, *, awaits: Awaited | None, origin: Origin, lifetimes: Lifetimes
) -> IssuedSession:
    """Begin a session. The old one of the same browser, if there is one, is for the edge to end."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row = BrowserSession(
        id=new_id(),
        token_hash=_digest(token),
        account_id=account_id,
        awaits=awaits,
        created_at=session.now,
        seen_at=session.now,
        expires_at=session.now + lifetimes.absolute,
        address=origin.address,
        device=origin.device[:_DEVICE],
    )
    session.add(row)
    session.flush()
    return IssuedSession(row.id, account_id, awaits, row.expires_at, token)


def resolve_session(session: SignInSession, token: str, *, lifetimes: Lifetimes) -> ResolvedSession:
    """The session of a token; that it is in use is noted once a minute.

    Raises Unauthenticated, always with the same message, where it is unknown, has ended or was idle for too long, the
    account has ended, or no role holds.
    """
    idle_since = session.now - lifetimes.idle
    found = asker.find(session, asker.BY_COOKIE, token_hash=_digest(token), idle_since=idle_since)
    if found is None or found.id is None:
        raise _not_valid()
    if session.now - found.seen_at >= SEEN_EVERY:
        noted = update(BrowserSession).where(BrowserSession.id == found.id).values(seen_at=session.now)
        session.execute(noted, execution_options={"synchronize_session": False})
    actors = found.actors
    chosen = next((actor.grant_id for actor in actors if actor.grant_id == found.chosen), actors[0].grant_id)
    return ResolvedSession(found.id, actors, Awaited(found.awaits) if found.awaits else None, chosen)


def rotate(session: SignInSession, session_id: UUID, *, awaits: Awaited | None) -> IssuedSession:
    """Give a session a new token, because what it may do has changed; the old one is void from now on."""
    row = session.scalars(select(BrowserSession).where(BrowserSession.id == session_id).with_for_update()).one()
    if row.ended_at is not None:
        raise _not_valid()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    row.token_hash, row.awaits = _digest(token), awaits
    session.flush()
    return IssuedSession(row.id, row.account_id, awaits, row.expires_at, token)


def switch_role(session: SignInSession, session_id: UUID, grant_id: UUID) -> IssuedSession:
    """Act in another of one's roles from now on, under a new token. Raises Forbidden where one does not hold it."""
    row = one_session(session, session_id)
    choose(actors_of(session, row.account_id), grant_id=grant_id)
    row.grant_id = grant_id
    session.flush()
    record(session, "session.role_switched", row.account_id, grant=str(grant_id))
    return rotate(session, session_id, awaits=Awaited(row.awaits) if row.awaits else None)


def one_session(session: ScopedSession, session_id: UUID) -> BrowserSession:
    """The session as it is kept."""
    return session.get_one(BrowserSession, session_id)


def open_sessions(session: ScopedSession, account_id: UUID, *, lifetimes: Lifetimes) -> Sequence[BrowserSession]:
    """The sessions of an account that could still be used, the newest first."""
    return session.scalars(
        select(BrowserSession)
        .where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None))
        .where(BrowserSession.expires_at > session.now, BrowserSession.seen_at > session.now - lifetimes.idle)
        .order_by(BrowserSession.id.desc())
    ).all()


def end_session(session: SignInSession, account_id: UUID, session_id: UUID) -> None:
    """End one session of an account; NotFound where it has no such session that is open."""
    if not _end(session, account_id, BrowserSession.id == session_id):
        raise NotFound("session_not_found", "没有找到这个登录会话，或它已经结束。请刷新页面查看。")
    record(session, "session.ended", account_id, session_id=str(session_id))


def end_sessions(session: ScopedSession, account_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of an account, ``but`` one; says how many. An office ends those of its accounts alone."""
    ended = _end(session, account_id, BrowserSession.id != but if but else true())
    if ended:
        record(session, "session.ended", account_id, sessions=ended)
    return ended


def end_presented(session: SignInSession, token: str) -> None:
    """End the session of a token, if there is one: signing in or out leaves none behind in the browser."""
    row = session.scalar(
        select(BrowserSession).where(BrowserSession.token_hash == _digest(token), BrowserSession.ended_at.is_(None))
    )
    if row is not None:
        end_session(session, row.account_id, row.id)


def _end(session: ScopedSession, account_id: UUID, which: ColumnElement[bool]) -> int:
    ended = session.execute(
        update(BrowserSession)
        .where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None), which)
        .values(ended_at=session.now)
        .returning(BrowserSession.id)
    )
    return len(ended.all())


def _not_valid() -> Unauthenticated:
    return Unauthenticated("session_not_valid", "登录已失效，可能是长时间没有操作，或已在别处退出。请重新登录。")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
