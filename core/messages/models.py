"""In-app notices and the outbox to the channels, both written in the transaction of their cause."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, OfficeRow
from core.db.sealed import Sealed


class Notice(OfficeRow):
    """A notice of one event to one person, unit or office; exactly one of the three recipients is set."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, unit_id, recipient_office_id) = 1", name="one_recipient"),
        UniqueConstraint(
            "event_key", "person_id", "unit_id", "recipient_office_id", postgresql_nulls_not_distinct=True
        ),
    )

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


class OutboxMessage(KeyedRow):
    """One text on its way to one person or address, once for each event.

    A message of a notice looks both up when it is sent: the text in the notice, the address with the person. A message
    to a bare address carries it, and the values of its text, encrypted and bound to this row until it is sent.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("event_key", "person_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'dropped', 'shown')", name="state_is_known"
        ),
        CheckConstraint("(notice_id IS NULL) = (person_id IS NULL)", name="a_notice_has_a_person"),
        CheckConstraint("notice_id IS NULL OR num_nonnulls(address, values) = 0", name="a_notice_is_looked_up"),
        Index(
            "ix_outbox_waiting",
            "office_id",
            text("urgent DESC"),
            "due_at",
            "id",
            postgresql_where=text("state IN ('queued', 'failed')"),
        ),
        Index("ix_outbox_open", "state", postgresql_where=text("state IN ('queued', 'sending', 'failed', 'unknown')")),
    )

    event_key: Mapped[str]
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    notice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("notices.id"), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[str]
    channel: Mapped[str | None]
    address: Mapped[bytes | None] = mapped_column(Sealed)
    values: Mapped[bytes | None] = mapped_column(Sealed)
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="queued")
    gateway: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "message", self.id, {"channel": self.channel})


class Reminder(OfficeRow):
    """A reminder (催办) of a unit to a person of its own, or of a department to a unit below it. Insert-only.

    A person, like a unit, is reminded once a day at most. ``cases`` is the number of cases that wait for a unit.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        CheckConstraint("num_nonnulls(person_id, unit_id) = 1", name="one_recipient"),
        CheckConstraint("(person_id IS NULL) = (application_id IS NULL)", name="a_person_has_a_case"),
        CheckConstraint("cases > 0", name="of_something"),
        CheckConstraint("unit_id <> from_unit_id", name="another_unit"),
        UniqueConstraint("person_id", "day"),
        UniqueConstraint("unit_id", "day"),
        Index("ix_reminders_from_unit_id", "from_unit_id", "day"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    day: Mapped[date]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    cases: Mapped[int] = mapped_column(default=1)
    from_unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("units.id"))
    sent_at: Mapped[datetime]
    sent_by: Mapped[uuid.UUID]
    sent_by_name: Mapped[str]
