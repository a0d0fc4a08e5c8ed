"""Shared parts of the routes of signing in: sessions on the account tables, counted attempts, the cookie."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from core.db.session import ANONYMOUS, Actor, SignInSession
from core.errors import Forbidden, Unauthenticated
from core.identity.sign_in import attempts, service as sign_in, sessions
from core.identity.sign_in.attempts import Subject
from core.identity.sign_in.service import Door, Mine, account_subject, factor_subject
from core.identity.sign_in.sessions import IssuedSession, Origin
from core.platform import Platform
from core.web.authentication import cookies
from core.web.authentication.actor import SignedIn, arrival, of_accounts
from core.web.dependencies import ThePlatform, commit
from core.web.rates import counted_address

Answer = TypeVar("Answer")


@contextmanager
def signing_in(request: Request[Any, Any, Any], platform: Platform) -> Iterator[SignInSession]:
    """A transaction on the account tables, by the actor, or by the anonymous one before the sign-in."""
    actor: Actor = request.scope.get("user") or ANONYMOUS
    with of_accounts(platform, actor=actor, now=arrival(request)) as session, session.begin():
        yield session


def by_password(request: Request[Any, Any, Any], platform: Platform, *, name: str, password: str) -> IssuedSession:
    """Try a sign-in, counted whatever the result; an earlier session of this browser ends.

    Raises Unauthenticated for any fault, and TooMany.
    """
    with signing_in(request, platform) as session:
        attempt = sign_in.begin(session, name, address=counted_address(request), keys=platform.keys)
    try:
        with signing_in(request, platform) as session:
            before = cookies.read_cookie(request, cookies.SESSION)
            if before is not None:
                sessions.end_presented(session, before)
            return sign_in.finish(session, attempt, password, origin=origin(request), door=platform.door)
    except Unauthenticated:
        with signing_in(request, platform) as session:
            sign_in.enter_failure(session, attempt)
        raise


@dataclass(frozen=True)
class OwnAccount:
    """A person who works on their own account, in the one transaction of the request."""

    request: Request[Any, Any, Any]
    platform: Platform
    session: SignInSession
    mine: Mine

    @property
    def door(self) -> Door:
        """The parts of the installation that signing in needs."""
        return self.platform.door

    def prove_password(self, password: str) -> None:
        """Check the password: the attempt is counted before, and forgiven if it was right.

        Both are committed, so that a later refusal counts for nothing. Raises Invalid and TooMany.
        """
        self._count(account_subject(self.mine.account_id, keys=self.platform.keys))
        with signing_in(self.request, self.platform) as session:
            sign_in.check_password(session, self.mine.account_id, password, door=self.door)

    def count_code(self) -> None:
        """Count the try of a code before it, whatever the result. Raises TooMany."""
        self._count(factor_subject(self.mine.account_id, keys=self.platform.keys))

    def _count(self, subject: Subject) -> None:
        with signing_in(self.request, self.platform) as session:
            attempts.reserve(session, subject)


async def provide_own_account(request: Request[Any, Any, Any], platform: ThePlatform) -> AsyncIterator[OwnAccount]:
    """The account of the browser's session; a program with a token may not change the means of signing in."""
    signed_in: SignedIn = request.auth
    if signed_in.session is None:
        raise Forbidden("browser_needed", "该事项须由本人登录后办理，不能凭程序的登录凭证办理。请在浏览器中登录。")
    mine = Mine(signed_in.session.id, request.user.account_id, signed_in.session.awaits)
    with of_accounts(platform, actor=request.user, now=arrival(request)) as session:
        yield OwnAccount(request, platform, session, mine)
        await commit(session)


TheAccount = NamedDependency[SkipValidation[OwnAccount]]


def origin(request: Request[Any, Any, Any]) -> Origin:
    """The origin of a sign-in."""
    return Origin(request.client.host if request.client else "", request.headers.get("User-Agent", ""))


def carrying(request: Request[Any, Any, Any], answer: Answer, issued: IssuedSession) -> Response[Answer]:
    """An answer that hands the browser the token of its session."""
    return Response(answer, cookies=[cookies.make_cookie(request, cookies.SESSION, issued.token)])
