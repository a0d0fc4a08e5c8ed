"""The record: entries that are inserted and never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, new_id


class RecordEntry(Base):
    """One thing that happened: ids and digests, never a personal value, so that erasing a person leaves it verifiable.

    ``transaction`` is PostgreSQL's own number of the writing transaction, by which a sealer knows what can no longer
    gain company.
    """

    __tablename__ = "record_entries"
    # Writers need not be able to read what they write, so nothing is fetched back after the insert.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - SQLAlchemy reads it from the class
    __table_args__ = (
        Index("ix_record_entries_office_id_at", "office_id", "at"),
        Index("ix_record_entries_subject", "subject_type", "subject_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    account_id: Mapped[uuid.UUID]
    role: Mapped[str]
    on_behalf_of: Mapped[uuid.UUID | None]
    payload: Mapped[dict[str, Any]]
    digest: Mapped[bytes]
    transaction: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text)::bigint"))
