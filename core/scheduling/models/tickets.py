"""Admission tickets (准考证), the commitment to the rules, and the papers of a plan."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one
from core.db.sealed import Sealed


class AdmissionTicket(OfficeRow):
    """A candidate's admission ticket (准考证) for all their sittings of a published plan; at most one is in force.

    ``grounds`` are the values that it tells (``ticket_grounds``): what keeps them keeps the ticket. None is unknown and
    differs from everything. ``changed`` names the fields that a later ticket tells otherwise. ``voided_by_move`` is the
    move of the case that voided it, if one did; ``voided_by_suspension`` the suspension, whose end issues another.
    ``seats_digest`` is what the release before compares.
    """

    __tablename__ = "admission_tickets"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "office_id"], ["plans.id", "plans.office_id"]),
        UniqueConstraint("number"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="voided_for_a_reason"),
        only_one("uq_admission_tickets_one_in_force", "application_id", where="voided_at IS NULL"),
        Index("ix_admission_tickets_plan_id", "plan_id", "number"),
        Index("ix_admission_tickets_application_id", "application_id"),
        Index("ix_admission_tickets_voided_by_move", "voided_by_move"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    plan_id: Mapped[uuid.UUID]
    number: Mapped[str]
    seats_digest: Mapped[str]
    grounds: Mapped[dict[str, Any] | None]
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    changed: Mapped[list[str] | None]
    voided_by_move: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("moves.id"))
    voided_by_suspension: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("suspensions.id"), index=True)


class TicketCommitment(Base):
    """A candidate's ticked commitment to the rules of the exam, with the digest of its text. Never changed."""

    __tablename__ = "ticket_commitments"

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    text_digest: Mapped[str]
    committed_at: Mapped[datetime]
    committed_by: Mapped[uuid.UUID]


class PaperJob(OfficeRow):
    """Papers that an office asked for, made in the background in parts; ``done`` of ``total`` people are on paper.

    ``sitting_id`` and ``site_id`` are set where they are the papers of one sitting, and of one site. ``told`` is the
    digest of what they tell
    (``papers_told``): papers whose facts have changed since are out of date. None is unknown.
    """

    __tablename__ = "paper_jobs"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        ForeignKeyConstraint(["plan_id", "office_id"], ["plans.id", "plans.office_id"]),
        CheckConstraint(
            "kind IN ('tickets', 'door_lists', 'seat_charts', 'desk_labels', 'sign_in_sheets', 'photo_sheets',"
            " 'room_records', 'incident_forms', 'receipts', 'invigilators', 'duty_list', 'handbook', 'custody_list',"
            " 'whole_site')",
            name="kind_is_known",
        ),
        CheckConstraint("state IN ('waiting', 'working', 'ready', 'failed')", name="state_is_known"),
        CheckConstraint("done <= total", name="no_more_than_asked_for"),
        Index("ix_paper_jobs_office_id_year", "office_id", "year", "asked_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    plan_id: Mapped[uuid.UUID]
    sitting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exam_sites.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    told: Mapped[str | None]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    finished_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "paper_job", self.id, {"kind": self.kind})


class PaperPart(OfficeRow):
    """One file of a job, from its ``first`` to its ``last`` entry: an encrypted PDF, removed after some days."""

    __tablename__ = "paper_parts"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "office_id"], ["paper_jobs.id", "paper_jobs.office_id"], ondelete="CASCADE"),
        UniqueConstraint("job_id", "part"),
    )

    job_id: Mapped[uuid.UUID]
    part: Mapped[int]
    first: Mapped[int]
    last: Mapped[int]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
