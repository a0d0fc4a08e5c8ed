"""Retention of notices and messages: their texts are erased once their time is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, null, or_, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.messages.models import Notice, OutboxMessage


def notices_due(before: datetime) -> Select[UUID]:
    """Notices that were read before."""
    return select(Notice.id).where(Notice.read_at < before, Notice.body != ERASED).order_by(Notice.id)


def erase_notices(session: KeeperSession, notice_ids: Sequence[UUID]) -> None:
    """Replace their texts; that there was a notice of this kind stays."""
    session.execute(update(Notice).where(Notice.id.in_(notice_ids)).values(title=ERASED, body=ERASED))


def outbox_due(before: datetime) -> Select[UUID]:
    """Messages that ended before and still hold an address, a text or a gateway's error."""
    held = or_(OutboxMessage.address.is_not(None), OutboxMessage.values.is_not(None), OutboxMessage.last_error != "")
    return select(OutboxMessage.id).where(OutboxMessage.ended_at < before, held).order_by(OutboxMessage.id)


def erase_outbox(session: KeeperSession, message_ids: Sequence[UUID]) -> None:
    """Erase address and text; time and channel stay."""
    ours = OutboxMessage.id.in_(message_ids)
    session.execute(update(OutboxMessage).where(ours).values(address=null(), values=null(), last_error=""))
