"""Reading the outbox, and deciding on messages that did not go out: for operators, figures, and the demo's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.session import OperatorSession, ScopedSession
from core.errors import Conflict, NotFound
from core.jobs import send_soon
from core.messages.models import OutboxMessage
from core.messages.wording import Worded, address_of, values_of, worded
from core.plugin_api import Channel
from core.security.keys import KeyProvider
from core.tenancy.offices import Offices

PAGE_SIZE = 50
OPEN_STATES = ("queued", "sending", "failed", "unknown")
"""The states of messages that are still on their way, or wait for a decision."""


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """How many messages of an office are in one open state, and since when the oldest of them has been waiting."""

    office_id: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of a message that the demo shows; ``address`` is None where it goes to a person."""

    address: str | None = field(repr=False)
    worded: Worded


def messages(
    session: ScopedSession, *, state: str | None = None, before: UUID | None = None
) -> tuple[Sequence[OutboxMessage], UUID | None]:
    """A page of the outbox as far as the session sees it, the newest first, and the key of the next."""
    wanted = select(OutboxMessage)
    if state is not None:
        wanted = wanted.where(OutboxMessage.state == state)
    if before is not None:
        wanted = wanted.where(OutboxMessage.id < before)
    rows = session.scalars(wanted.order_by(OutboxMessage.id.desc()).limit(PAGE_SIZE + 1)).all()
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None


def counts(session: ScopedSession) -> list[OutboxCount]:
    """How many messages are open as far as the session sees them, by office and state."""
    wanted = (
        select(OutboxMessage.office_id, OutboxMessage.state, func.count(), func.min(OutboxMessage.created_at))
        .where(OutboxMessage.state.in_(OPEN_STATES))
        .group_by(OutboxMessage.office_id, OutboxMessage.state)
        .order_by(OutboxMessage.office_id, OutboxMessage.state)
    )
    return [OutboxCount(*row) for row in session.execute(wanted)]


def offices_with_work(session: ScopedSession) -> list[str]:
    """The offices whose outbox has something due, or abandoned by a worker that died."""
    due = OutboxMessage.state.in_(["queued", "failed"]) & (OutboxMessage.due_at <= session.now)
    wanted = select(OutboxMessage.office_id).where(due | (OutboxMessage.state == "sending")).distinct()
    return list(session.scalars(wanted.order_by(OutboxMessage.office_id)))


def send_again(session: OperatorSession, message_id: UUID) -> OutboxMessage:
    """Send a message again that failed or whose fate is unknown; recorded.

    Conflict where there is no decision to take: it is on its way, was sent, or its text has been erased.
    """
    message = _to_decide(session, message_id)
    message.state, message.due_at, message.attempts = "queued", session.now, 0
    session.flush()
    audit.record_on(session, message, "message.sent_again", state=message.state)
    send_soon(session, message.office_id)
    return message


def take_as_sent(session: OperatorSession, message_id: UUID) -> OutboxMessage:
    """Settle that a message went out after all, as the gateway's own records show; recorded."""
    message = _to_decide(session, message_id)
    if message.state != "unknown":
        raise Conflict("message_not_unknown", "只有结果不明的消息可以认定为已发送。请刷新页面查看最新状态。")
    message.state, message.ended_at, message.address, message.values = "sent", session.now, None, None
    session.flush()
    audit.record_on(session, message, "message.taken_as_sent", state=message.state)
    return message


def shown(
    session: ScopedSession, of: Sequence[OutboxMessage], *, offices: Offices, keys: KeyProvider
) -> Mapping[UUID, Shown]:
    """Texts and addresses of the messages, only for an installation that shows them instead of sending them.

    Erased texts, and notices that the session may not read, are left out.
    """
    found = {}
    for message in of:
        values = values_of(session, message, keys)
        if values is not None:
            channel = Channel(message.channel or Channel.SMS)
            text = worded(message.kind, channel, values, offices.config(message.office_id))
            found[message.id] = Shown(address_of(message, keys), text)
    return found


def code_shown(session: ScopedSession, event_key: str, keys: KeyProvider) -> str | None:
    """The code of a message, only for a demonstration, which sends nothing; None where its text is erased."""
    message = session.scalar(select(OutboxMessage).where(OutboxMessage.event_key == event_key))
    values = None if message is None else values_of(session, message, keys)
    return None if values is None else values.get("code")


def _to_decide(session: OperatorSession, message_id: UUID) -> OutboxMessage:
    message = session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise NotFound("message_not_found", "没有找到这条消息。请刷新页面后重试。")
    if message.state not in {"failed", "unknown"}:
        raise Conflict("message_not_open", "这条消息正在发送或已经处理完毕，不需要人工处理。请刷新页面查看最新状态。")
    if message.notice_id is None and message.values is None:
        raise Conflict("message_erased", "这条消息已超过有效时间，内容已清除，不能重新发送。请由本人重新获取。")
    return message
