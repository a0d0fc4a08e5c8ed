"""Who asks: the bearer token's account, and which of its roles it acts in for this one request."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from core.db.session import ANONYMOUS, Actor, SignInSession
from core.errors import Invalid, Unauthenticated
from core.identity.permissions import UNIT_ROLES
from core.identity.roles import choose
from core.identity.service import resolve_token
from core.organizations.queries import units_below
from core.platform import Platform

ROLE_HEADER = "X-Kaowu-Role"
PLACE_HEADER = "X-Kaowu-Place"
GRANT_HEADER = "X-Kaowu-Grant"
ANY_ROLE = "any_role"
"""The option of a route that answers an account with several roles without asking which."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What else the token says: every role of the account, and the units below the one that it acts for."""

    actors: tuple[Actor, ...]
    unit_ids: frozenset[UUID] = frozenset()


class TokenAuthentication(AbstractAuthenticationMiddleware):
    """Resolves ``Authorization: Bearer`` in a session that sees the account tables alone, before all else."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:  # type: ignore[type-arg]
        """Put the actor into ``request.user``. Raises Unauthenticated, Forbidden or Invalid."""
        now = arrival(connection)
        token = _token(connection.headers.get("Authorization", ""))
        return await to_thread.run_sync(_resolve, connection, token, now)


def arrival(connection: ASGIConnection) -> datetime:  # type: ignore[type-arg]
    """The moment at which the request arrived: the clock is asked once, before the body has been read."""
    state = connection.scope["state"]
    if "kaowu_arrival" not in state:
        platform: Platform = connection.app.state.platform
        state["kaowu_arrival"] = platform.clock()
    moment: datetime = state["kaowu_arrival"]
    return moment


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token_missing", "请先登录：在请求头Authorization中以“Bearer 凭证”的形式提供登录凭证。")
    return token.strip()


def _grant(header: str | None) -> UUID | None:
    try:
        return None if header is None else UUID(header)
    except ValueError:
        message = f"{GRANT_HEADER}应为角色的编号，可从“我的角色”中查到。请改正。"
        raise Invalid("grant_malformed", message, fields={GRANT_HEADER: message}) from None


def _resolve(connection: ASGIConnection, token: str, now: datetime) -> AuthenticationResult:  # type: ignore[type-arg]
    platform: Platform = connection.app.state.platform
    role, place = connection.headers.get(ROLE_HEADER), connection.headers.get(PLACE_HEADER)
    with SignInSession(platform.engine, actor=ANONYMOUS, now=now) as session:
        actors = resolve_token(session, token)
        grant_id = _grant(connection.headers.get(GRANT_HEADER))
        if connection.route_handler.opt.get(ANY_ROLE) and (role, place, grant_id) == (None, None, None):
            actor = actors[0]
        else:
            actor = choose(actors, role=role, place=place, grant_id=grant_id)
        return AuthenticationResult(user=actor, auth=SignedIn(actors, units_of(session, actor)))


def units_of(session: SignInSession, actor: Actor) -> frozenset[UUID]:
    """The unit that somebody acts for and those below it; none for who acts for no unit."""
    if actor.unit_id is None or actor.role not in UNIT_ROLES:
        return frozenset()
    return units_below(session, actor.unit_id)
