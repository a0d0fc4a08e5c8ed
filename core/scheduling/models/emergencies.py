"""Emergencies (突发事件) of an exam day: what is reported, to whom it went, and how it ended."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one
from core.scheduling.emergencies.kinds import EmergencyKind, Severity

_KINDS = ", ".join(repr(kind.value) for kind in EmergencyKind)
_SEVERITIES = ", ".join(repr(severity.value) for severity in Severity)


class Emergency(OfficeRow):
    """An emergency that goes to the office and the center at once. What happened stands in its incident.

    ``state``: open, concluded by the site's last report (终报), closed by an officer with a summary.
    """

    __tablename__ = "emergencies"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("incident_id"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind_is_known"),
        CheckConstraint(f"severity IN ({_SEVERITIES})", name="severity_is_known"),
        CheckConstraint("state IN ('open', 'concluded', 'closed')", name="state_is_known"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_some_time"),
        Index("ix_emergencies_office_id_year", "office_id", "year", "reported_at"),
        Index("ix_emergencies_sitting_id", "sitting_id"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[str]
    severity: Mapped[str]
    sitting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_sites.id"))
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_rooms.id"))
    state: Mapped[str] = mapped_column(default="open")
    happened_at: Mapped[datetime]
    facts: Mapped[str]
    measures: Mapped[str]
    reported_at: Mapped[datetime]
    reported_by: Mapped[uuid.UUID]
    reported_name: Mapped[str]
    closed_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "emergency", self.id, {"kind": self.kind})


class EmergencyPerson(Base):
    """A candidate whom an emergency concerns. Insert-only."""

    __tablename__ = "emergency_people"
    __table_args__ = (
        ForeignKeyConstraint(["emergency_id", "office_id"], ["emergencies.id", "emergencies.office_id"]),
        Index("ix_emergency_people_application_id", "application_id"),
    )

    emergency_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str]
    number: Mapped[str]


class EmergencyEntry(OfficeRow):
    """A line of an emergency after its first report: by whom (``by_office_id``), when, what. Insert-only.

    ``client_id`` is the form's own number: what is sent twice is written once.
    """

    __tablename__ = "emergency_entries"
    __table_args__ = (
        ForeignKeyConstraint(["emergency_id", "office_id"], ["emergencies.id", "emergencies.office_id"]),
        UniqueConstraint("client_id"),
        CheckConstraint("kind IN ('update', 'final', 'received', 'instruction', 'closing')", name="kind_is_known"),
        CheckConstraint("kind = 'received' OR btrim(text) <> ''", name="says_something"),
        only_one("uq_emergency_entries_received_once", "emergency_id", "by_office_id", where="kind = 'received'"),
        Index("ix_emergency_entries_emergency_id", "emergency_id", "id"),
    )

    emergency_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    text: Mapped[str]
    client_id: Mapped[uuid.UUID]
    at: Mapped[datetime]
    by: Mapped[uuid.UUID]
    by_name: Mapped[str]
