"""The code of a message, read out of the outbox as its gateway would."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from core.db.session import OfficeSession, system_actor
from core.messages.models import OutboxMessage
from core.plugin_api import OfficeCode
from core.security.keys import Place
from tests.cases import KEYS


def code_in_outbox(bind: Connection | Engine, code_id: UUID | str, now: datetime, office: OfficeCode) -> str:
    """The code that was sent by telephone under this id, from the messages of an office."""
    with OfficeSession(bind, actor=system_actor(office), now=now) as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.event_key == f"code:{code_id}")).one()
        return str(json.loads(KEYS.decrypt(row.values or b"", Place("outbox", "values", row.id)))["code"])


def wrong(code: str) -> str:
    """Another code of six digits."""
    return f"{(int(code) + 1) % 10**6:06d}"
