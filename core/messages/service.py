"""Notifying people: a notice in the application and a message in the outbox, in the transaction of their cause.

One event notifies a recipient once, however often its cause is repeated: the event's key decides.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from core.audit.dependents import told
from core.db.base import new_id
from core.db.session import ScopedSession
from core.domain.message_templates import TEMPLATES
from core.jobs import send_soon
from core.messages.models import Notice, OutboxMessage
from core.plugin_api import Channel
from core.security.keys import KeyProvider, Place
from core.tenancy.models import Office

_RECALL = text("SELECT recall_messages(:event, :now)")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Exactly one of a person, a unit or an office."""

    person_id: UUID | None = None
    unit_id: UUID | None = None
    office_id: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A mobile number or an e-mail address that a message goes to, whether or not an account stands behind it."""

    channel: Channel
    value: str = field(repr=False)


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
    hold: timedelta | None = None,
    by_message: bool = True,
) -> None:
    """Write one notice to one recipient. ``event_key`` names the event: a recipient is notified of it once.

    To a person one message goes out as well, unless the office keeps to notices; by which channel and to which address
    is decided when it is sent. It waits for ``hold``, while its cause may still be taken back (``recall``); without
    ``by_message`` there is the notice alone.
    """
    notice_id = new_id()
    notice = {
        "id": notice_id,
        "office_id": office_id,
        "event_key": event_key,
        "person_id": recipient.person_id,
        "unit_id": recipient.unit_id,
        "recipient_office_id": recipient.office_id,
        "application_id": application_id,
        "kind": kind,
        "title": title,
        "body": body,
        "created_at": session.now,
    }
    if not _inserted(session, Notice, notice) or recipient.person_id is None:
        return
    told(session)
    if not by_message:
        return
    message = {"notice_id": notice_id, "person_id": recipient.person_id, "kind": kind}
    outgoing = _outgoing(session, event_key, office_id) | message
    if hold is not None:
        outgoing["due_at"] = session.now + hold
    _inserted(session, OutboxMessage, outgoing)


def recall(session: ScopedSession, event_key: str) -> None:
    """Drop the messages of an event that is taken back, as far as they have not gone out; their notices stay."""
    session.flush()
    session.execute(_RECALL, {"event": event_key, "now": session.now})


@dataclass(frozen=True, slots=True)
class Telling:
    """The notice to one person of an event that concerns many."""

    person_id: UUID
    application_id: UUID
    title: str
    body: str


def notify_each(
    session: ScopedSession, tellings: Sequence[Telling], *, event_key: str, office_id: str, kind: str
) -> None:
    """Write one notice, and one message, to each of many people: two statements, however many they are.

    For an event that can happen only once: earlier notices of it are not looked for.
    """
    notices, messages = [], []
    for telling in tellings:
        notice_id = new_id()
        shared = {"event_key": event_key, "office_id": office_id, "created_at": session.now}
        notices.append(
            shared
            | {"id": notice_id, "person_id": telling.person_id, "unit_id": None, "recipient_office_id": None}
            | {"application_id": telling.application_id, "kind": kind, "title": telling.title, "body": telling.body}
        )
        outgoing = _outgoing(session, event_key, office_id)
        messages.append(outgoing | {"notice_id": notice_id, "person_id": telling.person_id, "kind": kind})
    session.flush()
    for table, rows in ((Notice, notices), (OutboxMessage, messages)):
        if rows:
            session.connection().execute(_INSERTS[table], rows)
    told(session, len(tellings))


def send_to_address(
    session: ScopedSession,
    to: Address,
    *,
    template: str,
    values: Mapping[str, str],
    event_key: str,
    keys: KeyProvider,
    office_id: str | None = None,
    not_after: datetime | None = None,
) -> None:
    """Send a text at once to an address without an account: a code at registration, reset or change of contact.

    ``template`` is one of ``TEMPLATES`` and ``values`` fill it; address and values are stored encrypted and erased when
    the message has gone out. It speaks for ``office_id``, by default the provincial center, and is dropped where it
    could not be sent until ``not_after``: an expired code is of no use. ``event_key`` must hold no address.
    """
    if set(values) != TEMPLATES[template].placeholders:
        raise ValueError(f"{template} takes {sorted(TEMPLATES[template].placeholders)}, not {sorted(values)}")
    office = office_id or session.scalars(select(Office.id).where(Office.parent_id.is_(None))).one()
    message_id = new_id()
    written = json.dumps(dict(values), ensure_ascii=False).encode()
    sealed = {
        "id": message_id,
        "kind": template,
        "channel": to.channel.value,
        "address": keys.encrypt(to.value.encode(), Place("outbox", "address", message_id)),
        "values": keys.encrypt(written, Place("outbox", "values", message_id)),
        "urgent": TEMPLATES[template].urgent,
        "not_after": not_after,
    }
    if _inserted(session, OutboxMessage, _outgoing(session, event_key, office) | sealed):
        send_soon(session, office)


def _outgoing(session: ScopedSession, event_key: str, office_id: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "event_key": event_key,
        "office_id": office_id,
        "state": "queued",
        "created_at": session.now,
        "due_at": session.now,
    }


# No column is named as the one that may clash: PostgreSQL would then ask for the right to read the row.
_INSERTS = {table: insert(table).on_conflict_do_nothing() for table in (Notice, OutboxMessage)}


def _inserted(session: ScopedSession, table: type[Notice | OutboxMessage], row: dict[str, object]) -> bool:
    """Whether the row was new: one that is there already, under the same event and recipient, stays as it is."""
    session.flush()
    options = {"preserve_rowcount": True}
    return session.connection().execute(_INSERTS[table], row, execution_options=options).rowcount == 1
