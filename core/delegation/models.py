"""Tables of delegation: delegations, the offices in charge of cases, pending handovers, samples of decisions."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow, only_one


class Delegation(KeyedRow):
    """An office lets another review in its place: instrument, mode, scope and dates. Source: 2024 notice §2(5).

    The scope is the stages and, where given, grades, trades and units; the cases are those of units whose
    ``local_office_id`` is the receiver. ``state`` changes by acts; nothing is derived from today's date.
    ``open_cases`` is the choice for cases in flight when it takes effect, and ``ending_cases`` when it ends: they
    stay, move, or finish their present stage first.
    """

    __tablename__ = "delegations"
    __table_args__ = (
        CheckConstraint("from_office_id <> to_office_id", name="two_offices"),
        CheckConstraint("mode IN ('handed_over', 'entrusted')", name="mode_is_known"),
        CheckConstraint("state IN ('pending', 'in_force', 'paused', 'ended', 'cancelled')", name="state_is_known"),
        CheckConstraint("effective_until IS NULL OR effective_from < effective_until", name="dates_are_in_order"),
        CheckConstraint("btrim(instrument) <> ''", name="has_an_instrument"),
        CheckConstraint("open_cases IN ('stay', 'move', 'finish_first')", name="open_cases_are_settled"),
        CheckConstraint(
            "ending_cases IS NULL OR ending_cases IN ('stay', 'move', 'finish_first')", name="ending_is_settled"
        ),
        only_one(
            "uq_delegations_one_in_force", "from_office_id", "to_office_id", where="state IN ('in_force', 'paused')"
        ),
    )

    from_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    instrument: Mapped[str]
    scan_sha256: Mapped[str] = mapped_column(default="")
    mode: Mapped[str]
    stages: Mapped[list[str]]
    grades: Mapped[list[int] | None]
    trades: Mapped[list[str] | None]
    unit_ids: Mapped[list[str] | None]
    effective_from: Mapped[datetime]
    effective_until: Mapped[datetime | None]
    open_cases: Mapped[str] = mapped_column(default="move")
    state: Mapped[str] = mapped_column(default="pending")
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    took_effect_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]
    ending_cases: Mapped[str | None]
    ending_reason: Mapped[str] = mapped_column(default="")


class CaseHandler(Base):
    """An office in charge of a case, with its times. At every moment exactly one row of a case is open.

    Written only by the function ``transfer_case``.
    """

    __tablename__ = "case_handlers"
    __table_args__ = (
        only_one("uq_case_handlers_one_open", "application_id", where="until IS NULL"),
        Index("ix_case_handlers_office_id", "office_id", "application_id"),
        CheckConstraint('until IS NULL OR "from" <= until', name="times_are_in_order"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    owner_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    from_: Mapped[datetime] = mapped_column("from")
    until: Mapped[datetime | None]
    delegation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("delegations.id"))
    reason: Mapped[str]
    account_id: Mapped[uuid.UUID]


class PendingHandover(Base):
    """A case that goes to another office as soon as its present stage is finished (``finish_first``)."""

    __tablename__ = "pending_handovers"

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    to_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    delegation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("delegations.id"))
    stage: Mapped[str]
    created_at: Mapped[datetime]


class Sample(KeyedRow):
    """A sample of a receiver's decisions in one season, for supervision after the fact (事中事后监管).

    The seed repeats the draw. Samples without a ``year``, from earlier versions, were drawn from all seasons together.
    """

    __tablename__ = "samples"

    delegation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("delegations.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    year: Mapped[int | None] = mapped_column(ForeignKey("seasons.year"))
    seed: Mapped[int]
    percent: Mapped[int]
    population: Mapped[int]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[uuid.UUID]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the delegation whose decisions were drawn from."""
        content = {"sample": str(self.id), "seed": self.seed, "population": self.population}
        return RecordSubject(self.office_id, "delegation", self.delegation_id, content)


class SampleItem(OfficeRow):
    """One sampled case and the supervising officer's verdict."""

    __tablename__ = "sample_items"
    __table_args__ = (
        UniqueConstraint("sample_id", "application_id"),
        CheckConstraint("verdict IN ('open', 'upheld', 'correction_ordered', 'overturned')", name="verdict_is_known"),
    )

    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("samples.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    verdict: Mapped[str] = mapped_column(default="open")
    remark: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record: the sampled case."""
        content = {"sample": str(self.sample_id), "item": str(self.id)}
        return RecordSubject(self.office_id, "application", self.application_id, content)
