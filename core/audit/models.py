"""The record: entries that are inserted and never changed, and the batches that seal them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, OfficeRow


class RecordEntry(OfficeRow):
    """One event: ids and digests, never a personal value, so that it stays verifiable after the erasure of a person.

    ``digest`` covers every column but ``transaction``, PostgreSQL's own number of the writing transaction: it tells the
    sealer how far back an unsealed entry may still appear.
    """

    __tablename__ = "record_entries"
    # Writers may lack the right to read their entries, so nothing is fetched back after the insert.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - SQLAlchemy reads it from the class
    __table_args__ = (
        Index("ix_record_entries_office_id_at", "office_id", "at"),
        Index("ix_record_entries_subject", "subject_type", "subject_id"),
        # For the sealer: entries that may still be unsealed.
        Index("ix_record_entries_transaction", "transaction"),
        CheckConstraint(
            "subject_type <> 'application' OR pg_input_is_valid(subject_id, 'uuid')", name="a_case_is_named_by_its_id"
        ),
    )

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


class RecordBatch(Base):
    """A batch of an office's entries, closed and signed: ``head`` covers the batch and the head of the batch before.

    ``root`` is the Merkle root over the entries' digests; ``key`` the public key that signed ``head``.
    """

    __tablename__ = "record_batches"
    __table_args__ = (CheckConstraint("size > 0", name="is_not_empty"),)

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[bytes]
    root: Mapped[bytes]
    size: Mapped[int]
    sealed_at: Mapped[datetime]
    head: Mapped[bytes]
    key: Mapped[str]
    signature: Mapped[bytes]


class RecordSeal(Base):
    """The position of an entry in its batch, and its digest at the time of sealing."""

    __tablename__ = "record_seals"
    __table_args__ = (
        ForeignKeyConstraint(["office_id", "batch"], ["record_batches.office_id", "record_batches.number"]),
        UniqueConstraint("office_id", "batch", "position"),
    )

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("record_entries.id"), primary_key=True)
    office_id: Mapped[str]
    batch: Mapped[int]
    position: Mapped[int]
    digest: Mapped[bytes]


class RecordFact(Base):
    """The digest of a row at a change of it (``core/audit/facts.py``); written by triggers, never by a service.

    ``row_key`` is the row's key, parts joined by ``/``; ``digest`` is None where the row went away. ``salt`` is part of
    the digested text, so that nobody can guess at erased values by their digest: erasure takes the salt away.
    ``entry_id`` names the entry whose payload has one digest over this one and all that were put on the record with it.
    """

    __tablename__ = "record_facts"
    __table_args__ = (
        Index("ix_record_facts_row", "table_name", "row_key", "id"),
        Index("ix_record_facts_unkept", "id", postgresql_where=text("entry_id IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    table_name: Mapped[str]
    row_key: Mapped[str]
    salt: Mapped[uuid.UUID | None]
    digest: Mapped[bytes | None]
    transaction: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text)::bigint"))
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("record_entries.id"))
