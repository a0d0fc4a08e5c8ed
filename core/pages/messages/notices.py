"""The reader's notices, the newest first."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery

from core.messages import inbox
from core.web.dependencies import AnySession
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.page.rendering import AnyRequest, attempt, render, see
from core.web.routes import form, page

_RECIPIENTS = APPLICANTS | UNITS | OFFICE_STAFF


@page("/notices", roles=_RECIPIENTS)
def notices_page(request: AnyRequest, session: AnySession, before: FromQuery[UUID | None] = None) -> Response[str]:
    """A page of notices."""
    return _show(request, session, before=before)


@form("/notices/{notice_id:uuid}/read", roles=_RECIPIENTS)
def read_notice(request: AnyRequest, session: AnySession, notice_id: FromPath[UUID]) -> Response[Any]:
    """Note that a notice was read."""
    with attempt(request, session) as tried:
        inbox.mark_read(session, notice_id)
        return see("/notices")
    return _show(request, session, tried=tried)


def _show(request: AnyRequest, session: AnySession, *, before: UUID | None = None, tried: Any = None) -> Response[str]:
    rows, following = inbox.notices(session, before=before)
    return render(request, session, "messages/notices.html", tried=tried, rows=rows, following=following, before=before)
