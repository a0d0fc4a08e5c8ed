"""The ledger of certificates (发证登记册): batches that are handed over, and each certificate's way in them.

What became of a certificate itself stands with it (``core/results/models/awards.py``); here is where its paper is.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one


class CertificateBatch(OfficeRow):
    """Papers of certificates that are handed over together to a unit; without a unit, to one holder at the office.

    ``serial`` counts within office and year. ``receiver`` is who took them over for the unit.
    """

    __tablename__ = "certificate_batches"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "serial"),
        CheckConstraint("state IN ('made', 'handed_over', 'settled', 'cancelled')", name="state_is_known"),
        CheckConstraint("num_nulls(handed_at, handed_by) IN (0, 2)", name="handing_over_is_signed"),
        CheckConstraint("(state IN ('handed_over', 'settled')) = (handed_at IS NOT NULL)", name="handed_over_once"),
        CheckConstraint("handed_at IS NULL OR btrim(receiver) <> ''", name="has_a_receiver"),
        Index("ix_certificate_batches_unit_id", "unit_id"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    serial: Mapped[int]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    state: Mapped[str] = mapped_column(default="made")
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]
    handed_at: Mapped[datetime | None]
    handed_by: Mapped[uuid.UUID | None]
    handed_by_name: Mapped[str] = mapped_column(default="")
    receiver: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "serial": self.serial, "unit": str(self.unit_id) if self.unit_id else None}
        return RecordSubject(self.office_id, "certificate_batch", self.id, told)


class CertificateBatchItem(Base):
    """A certificate in a batch: waiting for its holder, signed for, returned to the office, or dropped from the batch.

    ``receiver`` signed for it; ``note`` is why somebody else did, or why it came back.
    """

    __tablename__ = "certificate_batch_items"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'received', 'returned', 'dropped')", name="state_is_known"),
        CheckConstraint("num_nulls(settled_at, settled_by) IN (0, 2)", name="settlement_is_signed"),
        CheckConstraint("(state = 'waiting') = (settled_at IS NULL)", name="settled_is_dated"),
        CheckConstraint("(state = 'received') = (receiver <> '')", name="received_by_somebody"),
        CheckConstraint("state <> 'returned' OR btrim(note) <> ''", name="returned_for_a_reason"),
        only_one("uq_certificate_batch_items_one_place", "certificate_id", where="state IN ('waiting', 'received')"),
        Index("ix_certificate_batch_items_office_id", "office_id", "state"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificate_batches.id"), primary_key=True)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    state: Mapped[str] = mapped_column(default="waiting")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_by_name: Mapped[str] = mapped_column(default="")
    receiver: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
