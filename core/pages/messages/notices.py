"""The reader's notices, the newest first."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, FromQuery
from sqlalchemy import select

from core.applications.models import Application
from core.db.session import ScopedSession
from core.messages import inbox
from core.messages.models import Notice
from core.pages.messages.ways import OFFICE_WAYS, UNIT_WAYS, way_of
from core.web.dependencies import AnySession
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
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


@form("/notices/read", roles=_RECIPIENTS)
def read_all(request: AnyRequest, session: AnySession, data: Sent) -> Response[Any]:
    """Note that all notices were read, up to the newest one that the page showed."""
    with attempt(request, session) as tried:
        inbox.mark_all_read(session, fields.identifier(data, "newest"))
        return see("/notices")
    return _show(request, session, tried=tried)


def _show(request: AnyRequest, session: AnySession, *, before: UUID | None = None, tried: Any = None) -> Response[str]:
    rows, following = inbox.notices(session, before=before)
    return render(
        request,
        session,
        "messages/notices.html",
        tried=tried,
        rows=rows,
        following=following,
        before=before,
        ways={row.id: _way(session, row) for row in rows},
        people=_people(session, rows),
    )


def _way(session: ScopedSession, row: Notice) -> tuple[str, str] | None:
    """Where the reader acts on a notice, and the text of the link."""
    if row.person_id is not None:
        return None if row.application_id is None else (f"/my/applications/{row.application_id}", "查看申报")
    return way_of(
        UNIT_WAYS if row.unit_id is not None else OFFICE_WAYS,
        row.kind,
        event_key=row.event_key,
        case=row.application_id,
        permissions=session.actor.permissions,
    )


def _people(session: ScopedSession, rows: Sequence[Notice]) -> dict[UUID, str]:
    """For units and offices: whose case each notice is about, by the name of today."""
    cases = {row.application_id for row in rows if row.person_id is None and row.application_id is not None}
    if not cases:
        return {}
    wanted = select(Application.id, Application.person_name, Application.reference, Application.unit_name)
    found = session.execute(wanted.where(Application.id.in_(cases)))
    return {row.id: f"{row.person_name}（{row.reference}），{row.unit_name}" for row in found}
