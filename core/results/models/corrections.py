"""Score checks (复查) and corrections of marks (成绩更正)."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject, digest_of
from core.db.base import OfficeRow, only_one
from core.results.models.marks import MARK, _has_a_mark_if_scored, _status


class ScoreCheck(OfficeRow):
    """A candidate's request to check a result (复查): subject, ground, reason, when the answer is due, the answer.

    ``correction_id`` is the decided correction that it contests; None contests the mark as it was first told. A
    decision is contested once.
    """

    __tablename__ = "score_checks"
    __table_args__ = (
        CheckConstraint("ground IN ('absence', 'violation', 'own_result')", name="ground_is_known"),
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered_is_dated"),
        CheckConstraint("state = 'open' OR (answered_by IS NOT NULL AND btrim(answer) <> '')", name="has_an_answer"),
        only_one("uq_score_checks_one_open", "application_id", "subject", where="state = 'open'"),
        Index(
            "uq_score_checks_one_of_a_decision",
            "application_id",
            "subject",
            "correction_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_score_checks_office_id", "office_id", "state", "due_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    subject: Mapped[str]
    correction_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("mark_corrections.id", use_alter=True))
    ground: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        told = {"check": str(self.id), "subject": self.subject, "ground": self.ground}
        return RecordSubject(self.office_id, "application", self.application_id, told)


class MarkCorrection(OfficeRow):
    """A case of correction (更正): the old and the new mark, reason, evidence, and the second person's decision.

    Until ``check_until`` the candidate may have the decision checked; None where it gives no remedy: a refusal that no
    check had asked for, and decisions of earlier versions.
    """

    __tablename__ = "mark_corrections"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state_is_known"),
        CheckConstraint("btrim(reason) <> '' AND btrim(evidence) <> ''", name="has_a_reason"),
        CheckConstraint("(from_mark, from_status) IS DISTINCT FROM (to_mark, to_status)", name="corrects_something"),
        CheckConstraint(_status("to_status"), name="status_is_known"),
        CheckConstraint(_has_a_mark_if_scored("to_mark", "to_status"), name="scored_has_a_mark"),
        CheckConstraint("to_mark BETWEEN 0 AND 100", name="mark_is_in_range"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_is_dated"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        CheckConstraint("decided_by <> asked_by", name="two_people"),
        only_one("uq_mark_corrections_one_open", "application_id", "subject", where="state = 'asked'"),
        Index("ix_mark_corrections_office_id", "office_id", "state", "asked_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    subject: Mapped[str]
    from_mark: Mapped[Decimal | None] = mapped_column(MARK)
    from_status: Mapped[str]
    to_mark: Mapped[Decimal | None] = mapped_column(MARK)
    to_status: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    score_check_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("score_checks.id"))
    state: Mapped[str] = mapped_column(default="asked")
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    asked_on_behalf: Mapped[uuid.UUID | None]
    asked_by_name: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str | None]
    remark: Mapped[str] = mapped_column(default="")
    check_until: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        content = [self.from_mark, self.from_status, self.to_mark, self.to_status, self.reason, self.evidence]
        told = {"correction": str(self.id), "subject": self.subject, "digest": digest_of(content).hex()}
        return RecordSubject(self.office_id, "application", self.application_id, told)
