"""The actor of a browser: the account of its session, and the role that was chosen.

Unlike a program, a browser may come without an account: public pages answer it, every other page sends it to the
sign-in page and back. A session that awaits a step (a second factor, a new password) counts as none on all other pages.
"""

from typing import Final
from urllib.parse import quote, urlsplit

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from core.db.session import ANONYMOUS
from core.errors import Unauthenticated
from core.identity.sign_in.sessions import Awaited, ResolvedSession, resolve_session
from core.platform import Platform
from core.web.authentication.actor import WHILE_AWAITED, SignedIn, arrival, keep_seen, of_accounts
from core.web.authentication.cookies import SESSION, read_cookie

SIGN_IN: Final = "/sign-in"
STEP_PAGES: Final = {
    Awaited.SECOND_FACTOR: "/sign-in/code",
    Awaited.PASSWORD_CHANGE: "/account/password",
    Awaited.ENROLMENT: "/account/second-factor",
}
"""The page of each step that a session may await."""


class BrowserAuthentication(AbstractAuthenticationMiddleware):
    """Resolves the session's cookie; an invalid or expired session yields no actor."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:  # type: ignore[type-arg]
        """Put the actor into ``request.user``, None where there is none."""
        token = read_cookie(connection, SESSION)
        if token is None:
            return AuthenticationResult(user=None, auth=None)
        return await to_thread.run_sync(_resolve, connection, token)


def sign_in_address(connection: ASGIConnection) -> str:  # type: ignore[type-arg]
    """The sign-in page, or the page of the awaited step; either leads back to the requested page.

    From a form it leads back to the page of the form: the address that the form is sent to may be no page.
    """
    signed_in: SignedIn | None = connection.scope.get("auth")
    awaits = None if signed_in is None or signed_in.session is None else signed_in.session.awaits
    page = SIGN_IN if awaits is None else STEP_PAGES[awaits]
    return f"{page}?to={quote(page_sent_from(connection) or _address(connection.url.path, connection.url.query))}"


def needs_sign_in(connection: ASGIConnection) -> bool:  # type: ignore[type-arg]
    """Whether the requested page is open to signed-in people alone."""
    return "roles" in connection.route_handler.opt


def page_sent_from(connection: ASGIConnection) -> str | None:  # type: ignore[type-arg]
    """The page of ours that a form was sent from, as the browser says; None for a request that is no form."""
    if connection.scope.get("method") in {"GET", "HEAD"}:
        return None
    page = urlsplit(connection.headers.get("HX-Current-URL") or connection.headers.get("Referer") or "")
    return _address(page.path, page.query) if page.netloc and page.netloc == connection.headers.get("Host") else None


def _address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _resolve(connection: ASGIConnection, token: str) -> AuthenticationResult:  # type: ignore[type-arg]
    platform: Platform = connection.app.state.platform
    with of_accounts(platform, actor=ANONYMOUS, now=arrival(connection)) as session:
        try:
            browser = resolve_session(session, token, lifetimes=platform.door.lifetimes)
        except Unauthenticated:
            return AuthenticationResult(user=None, auth=None)
        keep_seen(session)
    actor = next(actor for actor in browser.actors if actor.grant_id == browser.grant_id)
    signed_in = SignedIn(browser.actors, browser)
    return AuthenticationResult(user=None if _waits(browser, connection) else actor, auth=signed_in)


def _waits(browser: ResolvedSession, connection: ASGIConnection) -> bool:  # type: ignore[type-arg]
    return browser.awaits is not None and browser.awaits not in connection.route_handler.opt.get(WHILE_AWAITED, ())
