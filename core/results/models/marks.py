"""Marks as two people took them in, and the outcomes that follow from them.

No row copies a person's data: the application has it. Source: the facts of the exam (subjects, 100 points each). A rule
that the province has not published is a parameter of the office's ``[results]``.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow, only_one

MARK = Numeric(5, 1)
"""How a mark or a score is kept: to a tenth of a point."""


def _status(column: str = "status") -> str:
    return f"{column} IN ('scored', 'absent', 'void', 'violation')"


def _has_a_mark_if_scored(mark: str = "mark", status: str = "status") -> str:
    return f"({status} = 'scored') = ({mark} IS NOT NULL)"


class MarkImport(OfficeRow):
    """A table of marks as it was handed in, and the second person who confirmed it or sent it back.

    ``sha256`` is of the file; ``digest`` is of the rows as they were read; the second person compares it, and with it
    the ``figures`` by subject. A withdrawn table has no effect. Where a table differs from the door lists,
    ``contradictions`` are ``{"application", "subject", "how", "reason"}``, as they were
    settled with the confirmation. ``same_file``: the second person's copy was the same file, byte by byte, and they
    said that they had got it by themselves.
    """

    __tablename__ = "mark_imports"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'confirmed', 'withdrawn')", name="state_is_known"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_is_dated"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        UniqueConstraint("id", "office_id"),
        only_one("uq_mark_imports_one_digest", "office_id", "year", "digest", where="state <> 'withdrawn'"),
        Index("ix_mark_imports_office_id_year", "office_id", "year", "proposed_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    digest: Mapped[str]
    rows: Mapped[int]
    figures: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(default="proposed")
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID]
    proposed_on_behalf: Mapped[uuid.UUID | None]
    proposed_by_name: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str | None]
    remark: Mapped[str] = mapped_column(default="")
    contradictions: Mapped[list[Any]] = mapped_column(default=list)
    same_file: Mapped[bool] = mapped_column(default=False)

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"digest": self.digest, "sha256": self.sha256, "rows": self.rows, "year": self.year}
        return RecordSubject(self.office_id, "mark_import", self.id, told)


class MarkImportRow(Base):
    """One mark of a table, as it stands there. Insert-only; ``row`` is the table's own number."""

    __tablename__ = "mark_import_rows"
    __table_args__ = (
        ForeignKeyConstraint(["import_id", "office_id"], ["mark_imports.id", "mark_imports.office_id"]),
        CheckConstraint(_status(), name="status_is_known"),
        CheckConstraint(_has_a_mark_if_scored(), name="scored_has_a_mark"),
        CheckConstraint("mark BETWEEN 0 AND 100", name="mark_is_in_range"),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str]
    mark: Mapped[Decimal | None] = mapped_column(MARK)
    status: Mapped[str]
    row: Mapped[int]


class Mark(Base):
    """One candidate's mark in one subject. It comes from a confirmed table; only a granted correction changes it.

    Without ``import_id`` it is 缺考 by the door list, which gives way to a table until the outcome is published.
    ``status`` is scored, absent (缺考), void (作废) or violation (违纪); only a scored subject has a
    ``mark``. ``known_at`` is when the office entered it; the candidate sees it from ``told_at`` on. A trigger guards
    both origins and locks marks at publication.
    """

    __tablename__ = "marks"
    __table_args__ = (
        ForeignKeyConstraint(["import_id", "office_id"], ["mark_imports.id", "mark_imports.office_id"]),
        CheckConstraint(_status(), name="status_is_known"),
        CheckConstraint(_has_a_mark_if_scored(), name="scored_has_a_mark"),
        CheckConstraint("mark BETWEEN 0 AND 100", name="mark_is_in_range"),
        CheckConstraint(
            "import_id IS NOT NULL OR status = 'absent' OR correction_id IS NOT NULL", name="comes_from_somewhere"
        ),
        Index("ix_marks_office_id_year", "office_id", "year"),
        Index("ix_marks_import_id", "import_id"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    mark: Mapped[Decimal | None] = mapped_column(MARK)
    status: Mapped[str]
    import_id: Mapped[uuid.UUID | None]
    known_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    correction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("mark_corrections.id"))

    @property
    def by_the_list(self) -> bool:
        """Whether the mark is 缺考 by the door list alone."""
        return self.import_id is None and self.correction_id is None


class Outcome(Base):
    """Whether a candidate has passed, with everything it follows from (``basis``), to be traced years later.

    ``published_at`` is set with the publication of the list. From then on only a granted correction changes it, or a
    decided case annuls it; an annulled outcome is not revived.
    """

    __tablename__ = "outcomes"
    __table_args__ = (Index("ix_outcomes_office_id_year", "office_id", "year", "grade", "passed"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    grade: Mapped[int]
    trade: Mapped[str]
    passed: Mapped[bool]
    reason: Mapped[str]
    basis: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID]
    published_at: Mapped[datetime | None]
    correction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("mark_corrections.id"))
    annulled_at: Mapped[datetime | None]
    annulled_reason: Mapped[str] = mapped_column(default="")
