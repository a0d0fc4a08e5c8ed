"""Rows of responsibility for the assessment (2024 notice §4)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import OfficeRow


class ResponsiblePerson(OfficeRow):
    """A person named for a rank of an office in a season from a day on, until the next one of that rank.

    Rows are never changed or removed: those who were responsible before stay on the list. Source: 2024 notice §4(1).
    """

    __tablename__ = "responsible_persons"
    __table_args__ = (
        CheckConstraint("rank IN ('first', 'main', 'direct')", name="rank_is_known"),
        CheckConstraint("btrim(name) <> ''", name="has_a_name"),
        Index("ix_responsible_persons_office_id", "office_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    rank: Mapped[str]
    name: Mapped[str]
    post: Mapped[str]
    telephone: Mapped[str]
    from_day: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID]
    entered_by_name: Mapped[str]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "rank": self.rank, "from_day": self.from_day.isoformat()}
        return RecordSubject(self.office_id, "responsible_person", self.id, told)


class EmergencyPlan(OfficeRow):
    """One version of an office's plan for emergencies in training or exam, and where it stands.

    Drafted, approved by a second officer, filed with the office above (the center files with nobody), received or
    returned. Only a draft changes. Source: 2024 notice §4(3).
    """

    __tablename__ = "emergency_plans"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "occasion", "version"),
        CheckConstraint("occasion IN ('training', 'exam')", name="occasion_is_known"),
        CheckConstraint("state IN ('drafted', 'approved', 'filed', 'received', 'returned')", name="state_is_known"),
        CheckConstraint("approved_by <> made_by", name="approved_by_another"),
        CheckConstraint("(state = 'drafted') = (approved_at IS NULL)", name="approved_after_the_draft"),
        CheckConstraint("(state IN ('received', 'returned')) = (decided_at IS NOT NULL)", name="decided_when_answered"),
        CheckConstraint("(state = 'returned') = (remarks <> '{}')", name="a_return_has_remarks"),
        Index("ix_emergency_plans_to_office_id", "to_office_id", "year"),
    )

    to_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    occasion: Mapped[str]
    version: Mapped[int]
    hotline: Mapped[str]
    contacts: Mapped[list[Any]]
    events: Mapped[list[str]]
    site_ids: Mapped[list[str]]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[uuid.UUID | None]
    approved_by_name: Mapped[str] = mapped_column(default="")
    filed_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    remarks: Mapped[dict[str, Any]]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "occasion": self.occasion, "version": self.version}
        return RecordSubject(self.office_id, "emergency_plan", self.id, told)
