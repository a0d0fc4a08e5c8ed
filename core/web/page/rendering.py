"""From a request to a page: the context of every template, and the handling of a refused form.

A page is rendered in the handler's own thread, inside its transaction, so that nothing is read afterwards.
"""

from typing import Any, Self

from litestar import Request, Response
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from core.db.session import ROLE_LABELS, Actor, ScopedSession
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound, TooMany
from core.platform import Platform
from core.web.errors import record_refusal, status_of
from core.web.page.navigation import menu
from core.web.page.page_header import Hat, Here, Problems, answer, demo_moment
from core.web.ports import HeaderFacts, ports_of

AnyRequest = Request[Any, Any, Any]
Sent = URLEncodedBody[dict[str, Any]]
"""The fields of a form that a browser has sent."""


class Attempt:
    """The act of a form, as a block of its own; ``refusal`` is None where it succeeded.

    A refusal undoes the whole block, is recorded, and kept to be shown beside the form. A failure that the form cannot
    correct (a failing plugin, an ended session) leads to the error page.
    """

    def __init__(self, request: AnyRequest, session: ScopedSession) -> None:
        self.refusal: KaowuError | None = None
        self._request = request
        self._session = session

    @property
    def status(self) -> int:
        """The status of the answer that shows the refusal."""
        return 200 if self.refusal is None else status_of(self.refusal)

    def __enter__(self) -> Self:
        self._savepoint = self._session.begin_nested()
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None:
            self._savepoint.commit()
            return False
        self._savepoint.rollback()
        if not isinstance(error, Invalid | Conflict | Forbidden | NotFound | TooMany):
            return False
        self.refusal = error
        self._session.expire_all()
        record_refusal(self._session, error, self._request.scope)
        return True


def render(
    request: AnyRequest, session: ScopedSession, template: str, /, *, tried: Attempt | None = None, **context: Any
) -> Response[str]:
    """A whole page. ``here``, ``now`` and ``problems`` are always there; a template may rely on nothing else.

    ``tried`` is the act of the page's form: its refusal is shown, and its status answered.
    """
    refusal = None if tried is None else tried.refusal
    problems = Problems() if refusal is None else Problems(refusal.detail, dict(refusal.fields), refusal.code)
    standing = {"here": _here(request, session), "now": session.now, "problems": problems}
    return answer(request, template, 200 if tried is None else tried.status, {**standing, **context})


def see(address: str) -> Redirect:
    """Redirect after an act, so that reloading does not repeat it."""
    return Redirect(address, status_code=303)


def attempt(request: AnyRequest, session: ScopedSession) -> Attempt:
    """Begin the block of a form's act."""
    return Attempt(request, session)


def _here(request: AnyRequest, session: ScopedSession) -> Here:
    actor: Actor | None = request.scope.get("user")
    roles: tuple[Actor, ...] = () if actor is None else request.auth.actors
    facts = ports_of(request).header(session, actor, roles if len(roles) > 1 else ())
    if actor is None:
        return Here(request.url.path, menu(None), season=facts.season, demo=demo_moment(request))
    platform: Platform = request.app.state.platform
    return Here(
        path=request.url.path,
        menu=menu(actor.role),
        actor=actor,
        role=ROLE_LABELS[actor.role],
        place=facts.places[actor],
        hats=_hats(roles, actor, facts),
        season=facts.season,
        practice=facts.practice,
        idle_seconds=platform.settings.session_idle_minutes * 60,
        unread=facts.unread,
        demo=demo_moment(request),
    )


def _hats(roles: tuple[Actor, ...], actor: Actor, facts: HeaderFacts) -> tuple[Hat, ...]:
    if len(roles) < 2:
        return ()
    return tuple(
        Hat(str(role.grant_id), ROLE_LABELS[role.role], facts.places[role], current=role == actor) for role in roles
    )
