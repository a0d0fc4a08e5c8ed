"""The day of an exam: arrivals, incidents, and the records kept safe afterwards."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow


class Attendance(Base):
    """Whether a candidate came to a sitting, as noted at the door. One row, no matter how often a phone sends it.

    ``client_id`` is the phone's own number of the note, ``noted_at`` the time by its clock, ``received_at`` by the
    server's. ``remark`` is the reason why a whole room was noted as absent.
    """

    __tablename__ = "attendances"
    __table_args__ = (
        UniqueConstraint("client_id"),
        CheckConstraint("state IN ('present', 'absent')", name="state_is_known"),
        CheckConstraint("way IN ('scan', 'number', 'list', 'close')", name="way_is_known"),
        Index("ix_attendances_sitting_id_room_id", "sitting_id", "room_id"),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_rooms.id"))
    state: Mapped[str]
    way: Mapped[str]
    client_id: Mapped[uuid.UUID]
    noted_at: Mapped[datetime]
    received_at: Mapped[datetime]
    noted_by: Mapped[uuid.UUID]
    remark: Mapped[str] = mapped_column(default="")


class VoidArrival(OfficeRow):
    """An arrival that an offline phone noted before the ticket was void and sent afterwards: a contradiction to settle.

    ``number`` is the void ticket's. One row for each note. Insert-only.
    """

    __tablename__ = "void_arrivals"
    __table_args__ = (UniqueConstraint("client_id"), CheckConstraint("noted_at < voided_at", name="noted_before"))

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    number: Mapped[str]
    voided_at: Mapped[datetime]
    client_id: Mapped[uuid.UUID]
    noted_at: Mapped[datetime]
    received_at: Mapped[datetime]
    noted_by: Mapped[uuid.UUID]


class Incident(OfficeRow):
    """An incident at an exam: a failure, a disturbance, an emergency, or a candidate's violation with its class.

    ``evidence`` describes it; ``custody_id`` is its entry in the register of safe-keeping. Insert-only.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("client_id"),
        CheckConstraint("kind IN ('equipment', 'disturbance', 'emergency', 'change', 'violation')", name="kind_known"),
        CheckConstraint(
            "(kind = 'violation') = (application_id IS NOT NULL) AND (kind = 'violation') = (class IS NOT NULL)",
            name="violation_is_somebodys",
        ),
        CheckConstraint("class BETWEEN 1 AND 3", name="class_is_known"),
        CheckConstraint("btrim(facts) <> ''", name="says_what_happened"),
        Index("ix_incidents_office_id_year", "office_id", "year", "happened_at"),
        Index("ix_incidents_application_id", "application_id"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    sitting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_sites.id"))
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    kind: Mapped[str]
    violation_class: Mapped[int | None] = mapped_column("class")
    facts: Mapped[str]
    evidence: Mapped[str]
    measures: Mapped[str]
    custody_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("custody_entries.id"))
    client_id: Mapped[uuid.UUID]
    happened_at: Mapped[datetime]
    reported_at: Mapped[datetime]
    reported_by: Mapped[uuid.UUID]
    reported_name: Mapped[str]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(
            self.office_id,
            "incident" if self.application_id is None else "application",
            self.application_id or self.id,
            {"kind": self.kind, "class": self.violation_class, "incident": str(self.id)},
        )


class CustodyEntry(OfficeRow):
    """A record of an exam that is kept safe: title, digest of a file, keeper, place, and until when.

    Source: 2024 notice §4(3), 存储备份和安全保密. ``keeper`` and ``place`` are the current ones.
    """

    __tablename__ = "custody_entries"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint(
            "kind IN ('recording', 'paper', 'answers', 'marks', 'registration', 'other')", name="kind_known"
        ),
        CheckConstraint("digest ~ '^([0-9a-f]{64})?$'", name="digest_is_one"),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended_somehow"),
        Index("ix_custody_entries_office_id_year", "office_id", "year", "taken_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    sitting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_sites.id"))
    kind: Mapped[str]
    title: Mapped[str]
    digest: Mapped[str]
    keeper: Mapped[str]
    place: Mapped[str]
    keep_until: Mapped[date]
    taken_at: Mapped[datetime]
    registered_by: Mapped[uuid.UUID]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "custody_entry", self.id)


class CustodyHandover(OfficeRow):
    """The handover of a kept record from one keeper to another. Insert-only: the chain of keepers."""

    __tablename__ = "custody_handovers"
    __table_args__ = (
        ForeignKeyConstraint(["entry_id", "office_id"], ["custody_entries.id", "custody_entries.office_id"]),
        Index("ix_custody_handovers_entry_id", "entry_id", "id"),
    )

    entry_id: Mapped[uuid.UUID]
    from_keeper: Mapped[str]
    to_keeper: Mapped[str]
    to_place: Mapped[str]
    reason: Mapped[str]
    handed_at: Mapped[datetime]
    handed_by: Mapped[uuid.UUID]
