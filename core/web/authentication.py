"""Who asks: the bearer token's account, and which of its roles it acts in for this one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from core.db.session import ANONYMOUS, ROLE_LABELS, Actor, SignInSession
from core.errors import Forbidden, Invalid, Unauthenticated
from core.identity.service import UNIT_ROLES, resolve_token
from core.organizations.queries import units_below
from core.platform import Platform

ROLE_HEADER = "X-Kaowu-Role"
PLACE_HEADER = "X-Kaowu-Place"
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


def choose(actors: Sequence[Actor], role: str | None, place: str | None) -> Actor:
    """The one role meant by the two headers; Forbidden where it has no such role, Invalid where several fit."""
    fitting = [
        one
        for one in actors
        if role in {None, one.role.value} and place in {None, one.office_id, one.unit_id and str(one.unit_id)}
    ]
    if not fitting:
        raise Forbidden("role_not_held", "该账号没有所选的角色，或该角色已到期。请改选本人担任的角色。")
    if len(fitting) > 1:
        held = "、".join(f"{one.role.value}（{ROLE_LABELS[one.role]}）" for one in fitting)
        message = (
            f"该账号有多个角色：{held}。请用{ROLE_HEADER}指明角色，同一角色有多处的再用{PLACE_HEADER}指明机构或单位。"
        )
        raise Invalid("role_unclear", message, fields={ROLE_HEADER: message})
    return fitting[0]


def _token(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("token_missing", "请先登录：在请求头Authorization中以“Bearer 凭证”的形式提供登录凭证。")
    return token.strip()


def _resolve(connection: ASGIConnection, token: str, now: datetime) -> AuthenticationResult:  # type: ignore[type-arg]
    platform: Platform = connection.app.state.platform
    role, place = connection.headers.get(ROLE_HEADER), connection.headers.get(PLACE_HEADER)
    with SignInSession(platform.engine, actor=ANONYMOUS, now=now) as session:
        actors = resolve_token(session, token)
        if connection.route_handler.opt.get(ANY_ROLE) and role is None and place is None:
            actor = actors[0]
        else:
            actor = choose(actors, role, place)
        return AuthenticationResult(user=actor, auth=SignedIn(actors, _units(session, actor)))


def _units(session: SignInSession, actor: Actor) -> frozenset[UUID]:
    if actor.unit_id is None or actor.role not in UNIT_ROLES:
        return frozenset()
    return units_below(session, actor.unit_id)
