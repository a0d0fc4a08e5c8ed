"""From a request to a page: the context of every template, and the handling of a refused form.

A page is rendered in the handler's own thread, inside its transaction, so that nothing is read afterwards.
"""

from typing import Any, Self

from litestar import Request, Response
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from core.db.session import ROLE_LABELS, Actor, Role, ScopedSession
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound, TooMany
from core.identity.sign_in.sessions import SEEN_EVERY
from core.platform import Platform
from core.web.errors import record_refusal, status_of
from core.web.page.navigation import home, menu
from core.web.page.page_header import Hat, Here, Problems, SeasonChoice, answer, demo_moment
from core.web.page.season_address import YEAR, in_season, keep_year, shown_season, shows_season
from core.web.ports import HeaderFacts, WorkOfSeason, ports_of

AnyRequest = Request[Any, Any, Any]
Sent = URLEncodedBody[dict[str, Any]]
"""The fields of a form that a browser has sent."""


_OF_NO_SEASON = frozenset({Role.APPLICANT, Role.OPERATOR})
"""Roles without a switch of seasons: an applicant's page lists the applications of every year."""


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
    request: AnyRequest,
    session: ScopedSession,
    template: str,
    /,
    *,
    tried: Attempt | None = None,
    of_year: int | None = None,
    **context: Any,
) -> Response[str]:
    """A whole page. ``here``, ``now`` and ``problems`` are always there; a template may rely on nothing else.

    ``tried`` is the act of the page's form: its refusal is shown, and its status answered. ``of_year`` is the year of
    the thing that the page is about; a list takes it from its address (``core/pages/season.py``). In a season that has
    ended ``may_change`` is False, whatever the page says: its forms begin something new.
    """
    refusal = None if tried is None else tried.refusal
    problems = Problems() if refusal is None else Problems(refusal.detail, dict(refusal.fields), refusal.code)
    if of_year is not None:
        shows_season(request, of_year)
    here, current = _here(request, session)
    if here.ended and "may_change" in context:
        context["may_change"] = False
    standing = {"here": here, "now": session.now, "problems": problems}
    made = answer(request, template, 200 if tried is None else tried.status, {**standing, **context})
    if here.season is not None and here.season != current:
        made.content = keep_year(made.content, here.season)
    return made


def see(address: str) -> Redirect:
    """Redirect after an act, so that reloading does not repeat it."""
    return Redirect(address, status_code=303)


def attempt(request: AnyRequest, session: ScopedSession) -> Attempt:
    """Begin the block of a form's act."""
    return Attempt(request, session)


def _here(request: AnyRequest, session: ScopedSession) -> tuple[Here, int | None]:
    """The data of the header, and the year of the current season."""
    actor: Actor | None = request.scope.get("user")
    roles: tuple[Actor, ...] = () if actor is None else request.auth.actors
    facts = ports_of(request).header(session, actor, roles if len(roles) > 1 else ())
    shown = _season(request, facts)
    of_page = shown_season(request) or facts.season
    ended = of_page in facts.ended
    common: dict[str, Any] = {
        "path": request.url.path,
        "query": dict(request.query_params),
        "season": shown,
        "ended": ended,
        "phase": facts.phases.get(of_page, "") if of_page is not None and of_page != facts.season else "",
        "demo": demo_moment(request),
    }
    if actor is None:
        return Here(menu=menu(None), **{**common, "season": facts.season}), facts.season
    platform: Platform = request.app.state.platform
    choices = _seasons(request, actor, facts, shown)
    here = Here(
        menu=menu(actor.role),
        actor=actor,
        role=ROLE_LABELS[actor.role],
        place=facts.places[actor],
        hats=_hats(roles, actor, facts),
        seasons=choices,
        current_season=next((choice for choice in choices if choice.year == facts.season), None),
        waits=_waits(request, session, shown, facts),
        earlier=_earlier(request, session, actor, choices),
        practice=facts.practice,
        # The use of a session is noted once a minute: it may end so much earlier than the last request says.
        idle_seconds=platform.settings.session_idle_minutes * 60 - int(SEEN_EVERY.total_seconds()),
        unread=facts.unread,
        **common,
    )
    return here, facts.season


def _season(request: AnyRequest, facts: HeaderFacts) -> int | None:
    """The year that a page shows. A page that is the same in every season keeps the year of its address, if known."""
    shown = shown_season(request)
    if shown is not None:
        return shown
    written = request.query_params.get(YEAR) or ""
    return next((year for year in facts.seasons if str(year) == written), facts.season)


def _seasons(request: AnyRequest, actor: Actor, facts: HeaderFacts, shown: int | None) -> tuple[SeasonChoice, ...]:
    if actor.role in _OF_NO_SEASON or len(facts.seasons) < 2:
        return ()
    return tuple(SeasonChoice(year, in_season(request, year), year == shown) for year in facts.seasons)


def _waits(
    request: AnyRequest, session: ScopedSession, shown: int | None, facts: HeaderFacts
) -> tuple[WorkOfSeason, ...]:
    if shown is None:
        return ()
    return tuple(ports_of(request).work_that_waits(session, shown, current=shown == facts.season))


def _earlier(
    request: AnyRequest, session: ScopedSession, actor: Actor, choices: tuple[SeasonChoice, ...]
) -> tuple[WorkOfSeason, ...]:
    if not choices or request.url.path != home(actor.role):
        return ()
    return tuple(ports_of(request).earlier_work(session))


def _hats(roles: tuple[Actor, ...], actor: Actor, facts: HeaderFacts) -> tuple[Hat, ...]:
    if len(roles) < 2:
        return ()
    return tuple(
        Hat(str(role.grant_id), ROLE_LABELS[role.role], facts.places[role], current=role == actor) for role in roles
    )
