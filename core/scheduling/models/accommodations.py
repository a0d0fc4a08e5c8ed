"""Accommodations (考试便利) that candidates ask for."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import OfficeRow, only_one


class AccommodationRequest(OfficeRow):
    """A candidate's request because of a disability or the like (便利申请), and the office's answer.

    Only the candidate and the office read requests, since they may mention an illness.
    """

    __tablename__ = "accommodation_requests"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state_is_known"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("state = 'asked' OR btrim(decision) <> ''", name="a_decision_has_a_reason"),
        CheckConstraint("cardinality(needs) > 0", name="asks_for_something"),
        only_one("uq_accommodation_requests_one_open", "application_id", where="state = 'asked'"),
        Index("ix_accommodation_requests_office_id_year_state", "office_id", "year", "state"),
        Index("ix_accommodation_requests_application_id", "application_id"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    needs: Mapped[list[str]]
    reason: Mapped[str]
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("documents.id"))
    state: Mapped[str] = mapped_column(default="asked")
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    granted: Mapped[list[str]]
    decision: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "application", self.application_id, {"request": str(self.id)})
