"""The actor of a request: the account of the browser's session or of the bearer token, and the role in use."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from core.db.session import ANONYMOUS, Actor, SignInSession
from core.errors import Forbidden, Invalid, Unauthenticated
from core.identity.roles import choose
from core.identity.service import resolve_token
from core.identity.sign_in.sessions import Awaited, ResolvedSession, resolve_session
from core.platform import Platform
from core.web.authentication.cookies import SESSION, read_cookie
from core.web.limits import DATABASE_PATIENCE

ROLE_HEADER = "X-Kaowu-Role"
PLACE_HEADER = "X-Kaowu-Place"
GRANT_HEADER = "X-Kaowu-Grant"
PUBLIC = "exclude_from_auth"
"""The option of a public route of the API: a token in its header is ignored."""
ANY_ROLE = "any_role"
"""The option of a route that an account with several roles may call without choosing one."""
WHILE_AWAITED = "while_awaited"
"""The option of a route that is open while a session awaits one of these steps (Awaited)."""

_FIRST = {
    Awaited.SECOND_FACTOR: "请先填写动态验证码，完成登录。",
    Awaited.PASSWORD_CHANGE: "这是首次登录，初始密码须先修改。请设置自己的密码后继续。",
    Awaited.ENROLMENT: "所在机构要求使用动态验证码。请先在手机应用上启用，再继续办理。",
}


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The rest about the asker: every role of the account, the browser's session."""

    actors: tuple[Actor, ...]
    session: ResolvedSession | None = None


class TokenAuthentication(AbstractAuthenticationMiddleware):
    """Resolves ``Authorization: Bearer``, else the cookie, in a session that sees the account tables alone."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:  # type: ignore[type-arg]
        """Put the actor into ``request.user``. Raises Unauthenticated, Forbidden or Invalid."""
        now = arrival(connection)
        return await to_thread.run_sync(_resolve, connection, now)


def arrival(connection: ASGIConnection) -> datetime:  # type: ignore[type-arg]
    """The moment at which the request arrived: the clock is asked once, before the body has been read."""
    state = connection.scope["state"]
    if "kaowu_arrival" not in state:
        platform: Platform = connection.app.state.platform
        state["kaowu_arrival"] = platform.clock()
    moment: datetime = state["kaowu_arrival"]
    return moment


def of_accounts(platform: Platform, *, actor: Actor, now: datetime) -> SignInSession:
    """A session on the account tables, with the same limits in the database as any other request."""
    session = SignInSession(platform.engine, actor=actor, now=now)
    session.bound(**DATABASE_PATIENCE)
    return session


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
        raise Invalid("grant_malformed", message, at=GRANT_HEADER) from None


def _resolve(connection: ASGIConnection, now: datetime) -> AuthenticationResult:  # type: ignore[type-arg]
    platform: Platform = connection.app.state.platform
    role, place = connection.headers.get(ROLE_HEADER), connection.headers.get(PLACE_HEADER)
    with of_accounts(platform, actor=ANONYMOUS, now=now) as session:
        actors, browser = _who(connection, session, platform)
        keep_seen(session)
    grant_id = _grant(connection.headers.get(GRANT_HEADER))
    if (role, place, grant_id) == (None, None, None) and browser is not None:
        grant_id = browser.grant_id
    if connection.route_handler.opt.get(ANY_ROLE) and (role, place, grant_id) == (None, None, None):
        actor = actors[0]
    else:
        actor = choose(actors, role=role, place=place, grant_id=grant_id)
    return AuthenticationResult(user=actor, auth=SignedIn(actors, browser))


def _who(
    connection: ASGIConnection,  # type: ignore[type-arg]
    session: SignInSession,
    platform: Platform,
) -> tuple[tuple[Actor, ...], ResolvedSession | None]:
    """The roles of the asker, by the token in the header, else by the browser's session."""
    header = connection.headers.get("Authorization")
    cookie = read_cookie(connection, SESSION)
    if header is not None or cookie is None:
        return resolve_token(session, _token(header or "")), None
    browser = resolve_session(session, cookie, lifetimes=platform.door.lifetimes)
    if browser.awaits is not None and browser.awaits not in connection.route_handler.opt.get(WHILE_AWAITED, ()):
        raise Forbidden(f"{browser.awaits}_awaited", _FIRST[browser.awaits])
    return browser.actors, browser


def keep_seen(session: SignInSession) -> None:
    """Commit the note that the browser's session is in use, where one was made: once a minute."""
    if session.in_transaction():
        session.commit()
