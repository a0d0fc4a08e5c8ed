"""The archive of an office's season by page: ordered, made in the background, downloaded, supplemented."""

from typing import Any, Final

from litestar import Response

from core.db.session import OfficeSession
from core.oversight.archive import season as archive
from core.oversight.years.unfinished import Unfinished, unfinished
from core.pages.results.awards import PACKAGE_STATES
from core.pages.season import season_asked
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/archive", roles=SUPERVISORS)
def archive_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """What is archived of the season, what is left unfinished, and how a package is checked."""
    return _archive(request, session, platform.paper_keys.current)


@form("/archive", roles=SUPERVISORS)
def order(request: AnyRequest, session: OfOffice, platform: ThePlatform, *, data: Sent) -> Response[Any]:
    """Order the archive of the season, or a supplement for a reason."""
    reason = str(data.get("reason") or "")
    with attempt(request, session) as tried:
        archive.request(session, season_asked(request, session).year, reason=reason, keys=platform.keys)
        return see("/archive")
    return _archive(request, session, platform.paper_keys.current, tried=tried, reason=reason)


# What this very page archives, and what comes after it, is not left undone before it.
_AFTER: Final = frozenset({Unfinished.NOT_ARCHIVED, Unfinished.NOT_HANDED_OVER, Unfinished.NOT_FILED})


def _archive(
    request: AnyRequest, session: OfficeSession, public_key: str, *, tried: Attempt | None = None, reason: str = ""
) -> Response[str]:
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "oversight/archive.html",
        tried=tried,
        year=year,
        packages=archive.packages_of(session, year),
        states=PACKAGE_STATES,
        left=[
            left
            for left in unfinished(session, year)
            if left.office_id == session.office_id and left.kind not in _AFTER
        ],
        public_key=public_key,
        reason=reason,
    )
