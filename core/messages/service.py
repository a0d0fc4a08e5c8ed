"""Telling people: a notice in the application and a row in the outbox, in the transaction of their cause."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.db.base import new_id
from core.db.session import ScopedSession
from core.messages.models import Notice, OutboxMessage


@dataclass(frozen=True, slots=True)
class Recipient:
    """Exactly one of a person, a unit or an office."""

    person_id: UUID | None = None
    unit_id: UUID | None = None
    office_id: str | None = None


def notify(
    session: ScopedSession,
    recipient: Recipient,
    *,
    event_key: str,
    office_id: str,
    kind: str,
    title: str,
    body: str,
    application_id: UUID | None = None,
) -> Notice:
    """Write one notice to one recipient. ``event_key`` names the event, so that nobody is told of it twice.

    Persons also get an outbox row for the channel ``sms``; the address is looked up when it is sent.
    """
    notice = Notice(
        id=new_id(),
        office_id=office_id,
        event_key=event_key,
        person_id=recipient.person_id,
        unit_id=recipient.unit_id,
        recipient_office_id=recipient.office_id,
        application_id=application_id,
        kind=kind,
        title=title,
        body=body,
        created_at=session.now,
    )
    session.add(notice)
    if recipient.person_id is not None:
        session.add(OutboxMessage(notice_id=notice.id, office_id=office_id, channel="sms", created_at=session.now))
    return notice
