"""Bans that hold in every office of the province, and the sanction cases that lead to them."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow, only_one
from core.sanctions.paper_kinds import PaperKind, ServiceWay
from core.sanctions.procedure import OPEN, CaseState


def _listed(states: Iterable[CaseState]) -> str:
    return ", ".join(f"'{state}'" for state in CaseState if state in states)


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class Ban(KeyedRow):
    """A period in which a person may not apply. Source: 2024 notice §4(4), 两年内禁止再次申报.

    Its basis is a final case, or a decision of earlier years on paper with the number ``instrument``. One of earlier
    years is entered by one officer of the center (``decided_by``) and holds when another has compared it with the paper
    (``confirmed_by``); one that is refused is lifted without ever having held.
    """

    __tablename__ = "bans"
    __table_args__ = (
        CheckConstraint("begins < ends", name="dates_are_in_order"),
        CheckConstraint("case_id IS NOT NULL OR btrim(instrument) <> ''", name="rests_on_something"),
        CheckConstraint("lifted_at IS NULL OR btrim(lift_reason) <> ''", name="lifted_for_a_reason"),
        CheckConstraint("confirmed_by <> decided_by", name="confirmed_by_another"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_at IS NOT NULL", name="confirmation_is_dated"),
        only_one("uq_bans_case_id", "case_id", where="case_id IS NOT NULL"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sanction_cases.id"))
    instrument: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID]
    decided_by_name: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_by_name: Mapped[str] = mapped_column(default="")
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(default="")

    @property
    def holds_from_the_start(self) -> bool:
        """Whether it rests on a final case, or a second officer has confirmed it."""
        return self.case_id is not None or self.confirmed_at is not None


class SanctionCase(OfficeRow):
    """A case of false information or another offence against one application: proposed, heard, decided, appealed.

    One of the kind ``error`` is nobody's offence: a review found wrong after the results were out.
    ``version`` counts its steps; the state follows a step of the procedure (:mod:`core.sanctions.procedure`). The three
    measures of a decision are carried out when it is final. Nothing of a case is ever deleted.
    Source: 2024 notice §4(4).
    """

    __tablename__ = "sanction_cases"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(CaseState)})", name="state_is_known"),
        CheckConstraint("btrim(facts) <> ''", name="has_facts"),
        CheckConstraint("ban_years BETWEEN 0 AND 10", name="ban_is_bounded"),
        CheckConstraint(
            "kind IN ('violation', 'error') AND (kind = 'violation' OR (NOT disqualifies AND ban_years = 0))",
            name="error_is_nobodys_fault",
        ),
        Index("ix_sanction_cases_office_id", "office_id", "state"),
        Index("ix_sanction_cases_opened_by_office_id", "opened_by_office_id"),
        only_one("uq_sanction_cases_one_open", "application_id", where=f"state IN ({_listed(OPEN)})"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    opened_by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID]
    opened_on_behalf: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(default="violation")
    facts: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    hearing_until: Mapped[datetime | None]
    appeal_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    disqualifies: Mapped[bool]
    revokes: Mapped[bool]
    ban_years: Mapped[int]
    ban_begins: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(
            self.office_id,
            "application",
            self.application_id,
            {"case": str(self.id), "version": self.version, "state": str(self.state)},
        )


class Suspension(OfficeRow):
    """A candidate kept out of the exam at once, until the case is decided: no ticket in force, the seats kept.

    ``decide_until`` is the day by which the office should have decided. The end of the case lifts it, for the reason
    ``lift_reason``. At most one of an application is in force.
    """

    __tablename__ = "suspensions"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
        Index("ix_suspensions_office_id", "office_id", "lifted_at"),
        only_one("uq_suspensions_one_in_force", "application_id", where="lifted_at IS NULL"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanction_cases.id"), index=True)
    imposed_at: Mapped[datetime]
    imposed_by: Mapped[uuid.UUID]
    imposed_by_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    reason: Mapped[str]
    decide_until: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[uuid.UUID | None]
    lift_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(
            self.office_id, "application", self.application_id, {"case": str(self.case_id), "suspension": str(self.id)}
        )


class SanctionStep(Base):
    """One step of a case with its words, an office's reason or the person's statement. Insert-only."""

    __tablename__ = "sanction_steps"

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanction_cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]
    account_id: Mapped[uuid.UUID]
    actor_name: Mapped[str]
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    on_behalf_of: Mapped[uuid.UUID | None]


class SanctionPaper(Base):
    """A paper of a case: the notice (告知书) or the decision (处理决定书), with its number and its service (送达).

    ``days`` are the working days that it gives, from the day on which it was served: to be heard, or to appeal. One
    that was served is never served again.
    """

    __tablename__ = "sanction_papers"
    __table_args__ = (
        CheckConstraint(f"paper IN ({_words(PaperKind)})", name="paper_is_known"),
        CheckConstraint(f"way = '' OR way IN ({_words(ServiceWay)})", name="way_is_known"),
        CheckConstraint("(served_at IS NULL) = (way = '')", name="served_in_some_way"),
        CheckConstraint("(served_at IS NULL) = (recorded_by IS NULL)", name="served_by_somebody"),
        CheckConstraint("btrim(number) <> '' AND days > 0", name="has_a_number_and_days"),
        UniqueConstraint("office_id", "paper", "number", name="uq_sanction_papers_number"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanction_cases.id"), primary_key=True)
    paper: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    number: Mapped[str]
    days: Mapped[int]
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID]
    way: Mapped[str] = mapped_column(default="")
    served_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    recorded_by: Mapped[uuid.UUID | None]


class SanctionEvidence(KeyedRow):
    """A piece of evidence: a document of the application, or an external paper by its digest. Insert-only."""

    __tablename__ = "sanction_evidence"
    __table_args__ = (
        CheckConstraint("document_id IS NOT NULL OR sha256 ~ '^[0-9a-f]{64}$'", name="is_something"),
        CheckConstraint("btrim(title) <> ''", name="has_a_title"),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sanction_cases.id"), index=True)
    title: Mapped[str]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("documents.id"))
    sha256: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[uuid.UUID]
