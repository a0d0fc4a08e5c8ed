"""From a request to a page: the context that every template has, and what becomes of a form that is refused.

A page is rendered in the handler's own thread, inside its transaction, so that nothing is left to be read afterwards.
"""

from typing import Any, Self

from litestar import Request, Response
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from core.applications.queries import is_practice_applicant
from core.db.session import (
    ROLE_LABELS,
    Actor,
    OfficeSession,
    PersonSession,
    ProvinceSession,
    ScopedSession,
    UnitSession,
)
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound, TooMany
from core.messages.inbox import unread_count
from core.organizations.models import Unit
from core.platform import Platform
from core.seasons.queries import latest_season
from core.tenancy.models import Office
from core.web.errors import record_refusal, status_of
from core.web.page.navigation import menu
from core.web.page.page_header import Hat, Here, Problems, answer, demo_moment

AnyRequest = Request[Any, Any, Any]
Sent = URLEncodedBody[dict[str, Any]]
"""The fields of a form that a browser has sent."""


class Attempt:
    """Something that is tried for a form, as a block of its own; ``refusal`` is None where all went well.

    A refusal undoes all of the block, is recorded, and kept to be shown beside the form. What the form cannot mend (a
    plugin that fails, a session that has ended) goes its own way to the error page.
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

    ``tried`` is what the page's form was sent for: its refusal is shown, and its status answered.
    """
    refusal = None if tried is None else tried.refusal
    problems = Problems() if refusal is None else Problems(refusal.detail, dict(refusal.fields))
    standing = {"here": _here(request, session), "now": session.now, "problems": problems}
    return answer(request, template, 200 if tried is None else tried.status, {**standing, **context})


def see(address: str) -> Redirect:
    """Lead on after something has been done, so that reloading does not do it again."""
    return Redirect(address, status_code=303)


def attempt(request: AnyRequest, session: ScopedSession) -> Attempt:
    """Begin the block of what a form is sent for."""
    return Attempt(request, session)


def _here(request: AnyRequest, session: ScopedSession) -> Here:
    actor: Actor | None = request.scope.get("user")
    season = latest_season(session)
    year = None if season is None else season.year
    if actor is None:
        return Here(request.url.path, menu(None), season=year, demo=demo_moment(request))
    platform: Platform = request.app.state.platform
    return Here(
        path=request.url.path,
        menu=menu(actor.role),
        actor=actor,
        role=ROLE_LABELS[actor.role],
        place=_place(session, actor),
        hats=_hats(request, session, actor),
        season=year,
        practice=_practises(session, actor),
        idle_seconds=platform.settings.session_idle_minutes * 60,
        unread=unread_count(session) if isinstance(session, _TOLD) else 0,
        demo=demo_moment(request),
    )


_TOLD = (PersonSession, UnitSession, OfficeSession, ProvinceSession)


def _hats(request: AnyRequest, session: ScopedSession, actor: Actor) -> tuple[Hat, ...]:
    others: tuple[Actor, ...] = request.auth.actors
    if len(others) < 2:
        return ()
    return tuple(
        Hat(str(one.grant_id), ROLE_LABELS[one.role], _place(session, one), current=one == actor) for one in others
    )


def _practises(session: ScopedSession, actor: Actor) -> bool:
    """Whether somebody works for an office of made-up people, or for a unit below one."""
    office_id: str | None = actor.office_id
    if actor.unit_id is not None:
        office_id = session.get_one(Unit, actor.unit_id).office_id
    if office_id is None and isinstance(session, PersonSession):
        return is_practice_applicant(session)
    return office_id is not None and session.get_one(Office, office_id).practice


def _place(session: ScopedSession, actor: Actor) -> str:
    """The office or unit of a role, by name; nothing for an applicant."""
    if actor.office_id is not None:
        return session.get_one(Office, actor.office_id).name
    if actor.unit_id is not None:
        return session.get_one(Unit, actor.unit_id).name
    return ""
