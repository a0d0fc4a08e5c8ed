"""Public pages: the front page, help written from the notice, and the use of personal data."""

from litestar import Response

from core.plugin_api import Grade, WindowKind
from core.seasons import queries
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page


@page("/")
def front_page(request: AnyRequest, session: AnySession, platform: ThePlatform) -> Response[str]:
    """The platform, whether registration is open, and where to begin."""
    season = queries.latest_season(session)
    registration = None
    if season is not None:
        calendar = queries.calendar_now(session, platform.offices.catalogue.province.code, season.year)
        registration = calendar.window(WindowKind.REGISTRATION, Grade.FIVE)
    return render(request, session, "public/front.html", season=season, registration=registration)


@page("/help")
def help_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """How to apply, step by step, each with the clause of the notice."""
    return render(request, session, "public/help.html", season=queries.latest_season(session))


@page("/privacy")
def privacy_page(request: AnyRequest, session: AnySession) -> Response[str]:
    """The personal data that is kept, its purpose, and its readers."""
    return render(request, session, "public/privacy.html")
