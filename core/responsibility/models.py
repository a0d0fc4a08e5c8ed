"""Rows of responsibility for the assessment (2024 notice §4)."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
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
