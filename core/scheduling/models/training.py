"""Training courses (培训) and who is enrolled."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, OfficeRow, only_one


class TrainingCourse(OfficeRow):
    """A training course of an office, on site or online, for grades and trades (no trades means all).

    Source: 2024 notice §3(4), training of grades five to one from April to July.
    """

    __tablename__ = "training_courses"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint("starts_at < ends_at", name="times_are_in_order"),
        CheckConstraint("mode IN ('place', 'online')", name="mode_is_known"),
        CheckConstraint("places IS NULL OR places > 0", name="has_places"),
        CheckConstraint("cardinality(grades) > 0", name="is_for_somebody"),
        Index("ix_training_courses_office_id_year", "office_id", "year", "starts_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    title: Mapped[str]
    mode: Mapped[str]
    place: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    grades: Mapped[list[int]]
    trades: Mapped[list[str]]
    places: Mapped[int | None]
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "training_course", self.id)


class TrainingEnrolment(KeyedRow):
    """A candidate in a course, enrolled by themselves or their unit; ``attended`` is None while unknown.

    ``certificate_number`` belongs to the certificate of attendance and is set together with ``attended``.
    """

    __tablename__ = "training_enrolments"
    __table_args__ = (
        ForeignKeyConstraint(["course_id", "office_id"], ["training_courses.id", "training_courses.office_id"]),
        UniqueConstraint("certificate_number"),
        CheckConstraint("(attended IS TRUE) = (certificate_number IS NOT NULL)", name="certificate_of_attendance"),
        only_one("uq_training_enrolments_one_live", "application_id", "course_id", where="withdrawn_at IS NULL"),
        Index("ix_training_enrolments_course_id", "course_id", "id"),
    )

    office_id: Mapped[str]
    course_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[uuid.UUID]
    withdrawn_at: Mapped[datetime | None]
    attended: Mapped[bool | None]
    attended_at: Mapped[datetime | None]
    attended_by: Mapped[uuid.UUID | None]
    certificate_number: Mapped[str | None]
