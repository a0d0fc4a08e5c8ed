"""Filings (备案) of offices with the provincial center, version by version."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import KeyedRow, only_one


class Filing(KeyedRow):
    """One version of one filing. Its content never changes; its state goes filed → received or returned, once.

    Source: 2024 notice §3(3) (汇总上报) and last paragraph of §3 (备案). A newer version supersedes an older one by
    being newer; an exam-dates filing names the calendar version that it files. A receipt carries the newest head of the
    filing office's record, so that the paper shows later whether the record was rewritten.
    """

    __tablename__ = "filings"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "kind", "version"),
        ForeignKeyConstraint(["calendar_id", "office_id"], ["calendar_versions.id", "calendar_versions.office_id"]),
        CheckConstraint("kind IN ('exam_dates', 'registration_summary')", name="kind_is_known"),
        CheckConstraint("state IN ('filed', 'received', 'returned')", name="state_is_known"),
        CheckConstraint("(state = 'received') = (receipt_number IS NOT NULL)", name="receipt_when_received"),
        CheckConstraint("state <> 'returned' OR btrim(remark) <> ''", name="a_return_has_a_remark"),
        CheckConstraint("(kind = 'exam_dates') = (calendar_id IS NOT NULL)", name="exam_dates_name_a_calendar"),
        only_one("uq_filings_one_waiting", "office_id", "year", "kind", where="state = 'filed'"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    kind: Mapped[str]
    version: Mapped[int]
    calendar_id: Mapped[uuid.UUID | None]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    due_at: Mapped[datetime | None]
    late: Mapped[bool]
    filed_at: Mapped[datetime]
    filed_by: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(default="filed")
    receipt_number: Mapped[str | None] = mapped_column(unique=True)
    remark: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    record_batch: Mapped[int | None]
    record_head: Mapped[bytes | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"year": self.year, "kind": self.kind, "version": self.version, "digest": self.digest, "late": self.late}
        return RecordSubject(self.office_id, "filing", self.id, told)
