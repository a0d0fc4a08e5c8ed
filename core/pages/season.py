"""The season of a page that lists things of a year: every such page asks here, and nowhere else."""

from collections.abc import Mapping

from core.db.session import ScopedSession
from core.seasons.models import Season
from core.seasons.queries import current_season, season
from core.web.page.rendering import AnyRequest
from core.web.page.season_address import shows_season, year_in


def season_asked(request: AnyRequest, session: ScopedSession) -> Season:
    """The season of ``year`` in the page's address, without it the current one.

    NotFound for a year that the province has not entered, Invalid for anything that is no year.
    """
    found = season_of_query(session, request.query_params)
    shows_season(request, found.year)
    return found


def season_of_query(session: ScopedSession, query: Mapping[str, str]) -> Season:
    """The same for the parameters of an address, of which nothing is shown."""
    asked = year_in(query)
    return current_season(session) if asked is None else season(session, asked)
