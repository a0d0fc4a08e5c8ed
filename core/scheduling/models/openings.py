"""The opening of a site before a sitting: its steps, and the alarm where it is not open in time."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import OfficeRow


class SiteOpening(OfficeRow):
    """One step of the opening (开考准备) of a site for a sitting, noted on site. Insert-only; the latest one holds.

    It counts for the time ``starts_at`` that the sitting had: a sitting that is moved is opened again. ``missing`` are
    the ids of invigilators who have not come.
    """

    __tablename__ = "site_openings"
    __table_args__ = (
        CheckConstraint("step IN ('arrived', 'papers', 'staff', 'rooms', 'open')", name="step_is_known"),
        CheckConstraint("in_order OR btrim(remark) <> '' OR missing <> '[]'", name="fault_is_explained"),
        CheckConstraint("in_order OR step <> 'open'", name="opened_in_order"),
        Index("ix_site_openings_sitting_id", "sitting_id", "site_id", "starts_at", "step", "id"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_sites.id"))
    starts_at: Mapped[datetime]
    step: Mapped[str]
    in_order: Mapped[bool]
    missing: Mapped[list[Any]]
    remark: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[uuid.UUID]
    noted_name: Mapped[str]


class OpeningAlarm(OfficeRow):
    """A site that was not open for a sitting when it had to be. Once for each time ``starts_at`` of the sitting.

    ``settled_how``: by the opening, by an officer with a reason, or because the sitting is held otherwise.
    """

    __tablename__ = "opening_alarms"
    __table_args__ = (
        UniqueConstraint("sitting_id", "site_id", "starts_at"),
        CheckConstraint("settled_how IN ('opened', 'reason', 'overtaken')", name="settled_how_is_known"),
        CheckConstraint("num_nulls(settled_at, settled_how, settled_name) IN (0, 3)", name="settled_somehow"),
        CheckConstraint("settled_how IS DISTINCT FROM 'reason' OR btrim(reason) <> ''", name="settled_for_a_reason"),
        Index("ix_opening_alarms_office_id_year", "office_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_sites.id"))
    starts_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_name: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "sitting", self.sitting_id, {"site": str(self.site_id)})
