"""Notices over JSON: what one has been told, and marking it as read."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery

from core.messages import inbox
from core.web.dependencies import AnySession
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.routes import act, read
from core.web.schemas import Output

RECIPIENTS = APPLICANTS | UNITS | OFFICE_STAFF


class NoticeOut(Output):
    """What one recipient is told about one event."""

    id: UUID
    kind: str
    title: str
    body: str
    application_id: UUID | None
    created_at: datetime
    read_at: datetime | None


class NoticePage(Output):
    """A page, the newest first; the next one is asked for with ``before``."""

    items: list[NoticeOut]
    before: UUID | None


@read("/notices", roles=RECIPIENTS)
def list_notices(
    session: AnySession, unread: FromQuery[bool] = False, before: FromQuery[UUID | None] = None
) -> NoticePage:
    """The asker's notices, the newest first."""
    rows, following = inbox.notices(session, unread=unread, before=before)
    return NoticePage(items=[NoticeOut.model_validate(one) for one in rows], before=following)


@act("/notices/{notice_id:uuid}/read", roles=RECIPIENTS)
def mark_read(session: AnySession, notice_id: FromPath[UUID]) -> NoticeOut:
    """Note that a notice was read."""
    return NoticeOut.model_validate(inbox.mark_read(session, notice_id))


router = Router("/", route_handlers=[list_notices, mark_read], tags=["通知"])
