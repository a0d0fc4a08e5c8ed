"""Uploaded material: what is known about a file. Its bytes lie, encrypted, behind the storage interface."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, new_id
from core.db.sealed import Sealed
from core.plugin_api import ScanVerdict


class Document(Base):
    """One file of one application, addressed within it by the SHA-256 of its content. Never changed; superseded.

    ``sealed_key`` is the file's own key, sealed by the installation's: a change of keys touches rows and no file, and
    whoever erases the row makes every copy of the file unreadable. ``scan_verdict`` is what the scanners last said.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        CheckConstraint(
            f"scan_verdict IN ({', '.join(repr(one.value) for one in ScanVerdict)})", name="scan_verdict_is_known"
        ),
        Index("ix_documents_application_id_material", "application_id", "material"),
        Index(
            "uq_documents_current",
            "application_id",
            "material",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    material: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    sealed_key: Mapped[bytes] = mapped_column(Sealed)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID]
    superseded_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    scan_verdict: Mapped[str]
    scanned_at: Mapped[datetime | None]
