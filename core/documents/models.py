"""Uploaded material: what is known about a file. Its bytes lie, encrypted, behind the storage interface."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, new_id


class Document(Base):
    """One file of one application, addressed within it by the SHA-256 of its content. Never changed; superseded."""

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_documents_application_id_material", "application_id", "material"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    material: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[uuid.UUID]
    superseded_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
