"""Who asks with a browser: its cookie's account, and which of its roles somebody has chosen to act in.

Unlike a program, a browser may come as nobody: public pages answer it, every other page sends it to the sign-in page
and back. The chosen role is only a wish; it is held against the roles that the account has at this moment.
"""

from urllib.parse import quote

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from core.db.session import ANONYMOUS, Actor, SignInSession
from core.errors import Unauthenticated
from core.identity.service import resolve_token
from core.platform import Platform
from core.web.authentication import SignedIn, arrival, units_of
from core.web.cookies import SESSION, read_cookie

ACTING = "kaowu_role"
"""The cookie that says which of their roles somebody has chosen."""


class BrowserAuthentication(AbstractAuthenticationMiddleware):
    """Resolves the session's cookie; whose session does not hold (any more) is nobody."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:  # type: ignore[type-arg]
        """Put the actor into ``request.user``, None for nobody."""
        token = read_cookie(connection, SESSION)
        if not token:
            return AuthenticationResult(user=None, auth=None)
        return await to_thread.run_sync(_resolve, connection, token)


def sign_in_address(connection: ASGIConnection) -> str:  # type: ignore[type-arg]
    """The sign-in page, which leads back to where somebody wanted to go."""
    query = f"?{connection.url.query}" if connection.url.query else ""
    return f"/sign-in?to={quote(connection.url.path + query)}"


def key_of(actor: Actor) -> str:
    """A role that somebody holds, as a form and a cookie name it: by its grant."""
    return str(actor.grant_id)


def _resolve(connection: ASGIConnection, token: str) -> AuthenticationResult:  # type: ignore[type-arg]
    platform: Platform = connection.app.state.platform
    wish = read_cookie(connection, ACTING) or ""
    with SignInSession(platform.engine, actor=ANONYMOUS, now=arrival(connection)) as session:
        try:
            actors = resolve_token(session, token)
        except Unauthenticated:
            return AuthenticationResult(user=None, auth=None)
        actor = next((one for one in actors if key_of(one) == wish), actors[0])
        return AuthenticationResult(user=actor, auth=SignedIn(actors, units_of(session, actor)))
