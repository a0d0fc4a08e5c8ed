"""In-app notices and the outbox to the channels, both written in the transaction of their cause."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, new_id


class Notice(Base):
    """What one person, unit or office is told about one event; exactly one of the three recipients is set."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, unit_id, recipient_office_id) = 1", name="one_recipient"),
        UniqueConstraint(
            "event_key", "person_id", "unit_id", "recipient_office_id", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    event_key: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    recipient_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"), index=True)
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class OutboxMessage(Base):
    """One notice on its way to one channel. No address and no text: both are looked up when it is sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state_is_known"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notices.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
