"""Notices over JSON, and the outbox: the asker's notices, and the state of outgoing messages."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery

from core.messages import inbox, outbox
from core.messages.models import OutboxMessage
from core.web.dependencies import AnySession, OfOperator, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, OPERATORS, UNITS
from core.web.routes import act, read
from core.web.schemas import Output

OutgoingState = Literal["queued", "sending", "sent", "failed", "unknown", "dropped", "shown"]
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


class OutgoingOut(Output):
    """One message of the outbox, without address and text: those are shown only where nothing is really sent."""

    id: UUID
    office_id: str
    kind: str
    channel: str | None
    gateway: str | None
    state: str
    attempts: int
    last_error: str
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    address: str | None = None
    text: str | None = None


class OutgoingPage(Output):
    """A page, the newest first; the next one is asked for with ``before``."""

    items: list[OutgoingOut]
    before: UUID | None


class OutgoingCountOut(Output):
    """How many messages of an office are in one state that is not over, and since when the oldest waits."""

    office_id: str
    state: str
    count: int
    oldest: datetime


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
    return NoticePage(items=[NoticeOut.model_validate(row) for row in rows], before=following)


@act("/notices/{notice_id:uuid}/read", roles=RECIPIENTS)
def mark_read(session: AnySession, notice_id: FromPath[UUID]) -> NoticeOut:
    """Note that a notice was read."""
    return NoticeOut.model_validate(inbox.mark_read(session, notice_id))


@read("/outbox", roles=OPERATORS)
def list_outbox(
    session: OfOperator,
    platform: ThePlatform,
    in_state: FromQuery[OutgoingState | None] = None,
    before: FromQuery[UUID | None] = None,
) -> OutgoingPage:
    """What is to go out, has gone out or has failed, the newest first; the demo shows the text, too."""
    rows, following = outbox.messages(session, state=in_state, before=before)
    if platform.settings.send_messages:
        return OutgoingPage(items=[_outgoing(row) for row in rows], before=following)
    texts = outbox.shown(session, rows, offices=platform.offices, keys=platform.keys)
    return OutgoingPage(items=[_outgoing(row, texts.get(row.id)) for row in rows], before=following)


@read("/outbox/counts", roles=OPERATORS)
def count_outbox(session: OfOperator) -> list[OutgoingCountOut]:
    """How many messages wait, have failed, or are of unknown fate, by office."""
    return [OutgoingCountOut.model_validate(count) for count in outbox.counts(session)]


@act("/outbox/{message_id:uuid}/send-again", roles=OPERATORS)
def send_again(session: OfOperator, message_id: FromPath[UUID]) -> OutgoingOut:
    """Have a message sent that failed, or of which nobody knows whether it went out."""
    return _outgoing(outbox.send_again(session, message_id))


@act("/outbox/{message_id:uuid}/taken-as-sent", roles=OPERATORS)
def take_as_sent(session: OfOperator, message_id: FromPath[UUID]) -> OutgoingOut:
    """Settle that a message of unknown fate went out."""
    return _outgoing(outbox.take_as_sent(session, message_id))


def _outgoing(message: OutboxMessage, shown: outbox.Shown | None = None) -> OutgoingOut:
    said = {"address": None, "text": None} if shown is None else {"address": shown.address, "text": shown.worded.text}
    return OutgoingOut.of(message, **said)


_notices = Router("/", route_handlers=[list_notices, mark_read], tags=["通知"])
_outbox = Router("/", route_handlers=[list_outbox, count_outbox, send_again, take_as_sent], tags=["消息发送"])
router = Router("/", route_handlers=[_notices, _outbox])
