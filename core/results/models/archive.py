"""Handing over what is archived (档案移交): packages to the archive office, papers to the personnel files of units."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one


class ArchiveHandover(OfficeRow):
    """One list (移交清单) by which an office hands over: a package to an archive, or its people's papers to a unit.

    ``receiving_body`` is who takes over, by the name of that day; ``contents`` says on what and in how many pieces the
    archive is given. A unit receives, or returns for a reason; the office withdraws what came back, and the papers
    may be handed over again. ``receiver`` took over on ``received_on``, a day that may lie before the note of it.
    """

    __tablename__ = "archive_handovers"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "serial"),
        CheckConstraint("num_nonnulls(package_id, unit_id) = 1", name="of_a_package_or_a_unit"),
        CheckConstraint("state IN ('handed_over', 'received', 'returned', 'withdrawn')", name="state_is_known"),
        CheckConstraint("btrim(receiving_body) <> ''", name="to_somebody"),
        CheckConstraint("num_nulls(settled_at, settled_by) IN (0, 2)", name="settlement_is_signed"),
        CheckConstraint("(state = 'handed_over') = (settled_at IS NULL)", name="settled_is_dated"),
        CheckConstraint("(state = 'received') = (received_on IS NOT NULL)", name="received_on_a_day"),
        CheckConstraint("(state = 'received') = (receiver <> '')", name="received_by_somebody"),
        CheckConstraint("state <> 'returned' OR btrim(returned_reason) <> ''", name="returned_for_a_reason"),
        CheckConstraint("state <> 'withdrawn' OR btrim(withdrawn_reason) <> ''", name="withdrawn_for_a_reason"),
        CheckConstraint("package_id IS NULL OR state <> 'returned'", name="a_unit_returns"),
        only_one("uq_archive_handovers_package", "package_id", where="state <> 'withdrawn'"),
        Index("ix_archive_handovers_unit_id", "unit_id"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    serial: Mapped[int]
    package_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("archive_packages.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    receiving_body: Mapped[str]
    contents: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="handed_over")
    handed_at: Mapped[datetime]
    handed_by: Mapped[uuid.UUID]
    handed_by_name: Mapped[str]
    received_on: Mapped[date | None]
    receiver: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_by_name: Mapped[str] = mapped_column(default="")
    returned_reason: Mapped[str] = mapped_column(default="")
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        to = {"unit": str(self.unit_id)} if self.unit_id else {"package": str(self.package_id)}
        return RecordSubject(
            self.office_id, "archive_handover", self.id, {"year": self.year, "serial": self.serial} | to
        )


class ArchiveHandoverItem(Base):
    """What a unit is given for one person's file: the papers of a certificate, or the word that it was revoked.

    ``released_at``: its list was withdrawn, so that it may stand on another.
    """

    __tablename__ = "archive_handover_items"
    __table_args__ = (
        CheckConstraint("matter IN ('certificate', 'revocation')", name="matter_is_known"),
        only_one("uq_archive_handover_items_once", "certificate_id", "matter", where="released_at IS NULL"),
        Index("ix_archive_handover_items_application_id", "application_id"),
    )

    handover_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("archive_handovers.id"), primary_key=True)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    matter: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    released_at: Mapped[datetime | None]
