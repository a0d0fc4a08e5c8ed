"""The comprehensive review of grade one (综合评审): panels, their members and candidates, and the sheets they fill in.

The notice sets only the time (§3(6), September to December); criteria, weights, the number of members and the
quota of a trade are parameters of the office. 一级 is "strictly limited by structure ratio and posts".
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow
from core.results.models.marks import MARK


class TradeQuota(Base):
    """How many candidates of a trade may pass a year's comprehensive review, by which paper; no row means no limit."""

    __tablename__ = "trade_quotas"
    __table_args__ = (
        CheckConstraint("places >= 0", name="places_are_counted"),
        CheckConstraint("btrim(source) <> ''", name="has_a_source"),
    )

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"), primary_key=True)
    trade: Mapped[str] = mapped_column(primary_key=True)
    places: Mapped[int]
    source: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID]


class EvaluationPanel(OfficeRow):
    """A panel (评审组) for some trades, with the criteria that it was formed with.

    ``criteria`` is a list of ``{"code", "name", "weight", "maximum"}``. ``seed`` drew the candidates' numbers.
    """

    __tablename__ = "evaluation_panels"
    __table_args__ = (
        CheckConstraint("state IN ('forming', 'scoring', 'closed')", name="state_is_known"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_is_dated"),
        CheckConstraint("state <> 'closed' OR btrim(minutes) <> ''", name="closed_has_minutes"),
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("office_id", "year", "name"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    name: Mapped[str]
    trades: Mapped[list[str]]
    criteria: Mapped[list[Any]]
    pass_mark: Mapped[Decimal] = mapped_column(MARK)
    anonymous: Mapped[bool]
    seed: Mapped[str]
    state: Mapped[str] = mapped_column(default="forming")
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    opened_at: Mapped[datetime | None]
    minutes: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "panel", self.id)


class PanelMember(Base):
    """A member of a panel with their unit, for avoidance (回避): nobody scores themselves or their unit's people."""

    __tablename__ = "panel_members"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        Index("ix_panel_members_account_id", "account_id"),
    )

    panel_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    office_id: Mapped[str]
    name: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    chairs: Mapped[bool]


class PanelCandidate(Base):
    """A candidate before a panel under a drawn number; the score of the sheets is added when the panel closes.

    ``score`` is the mean of the members' weighted totals, ``spread`` their standard deviation.
    """

    __tablename__ = "panel_candidates"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        UniqueConstraint("panel_id", "number"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    panel_id: Mapped[uuid.UUID]
    office_id: Mapped[str]
    number: Mapped[int]
    score: Mapped[Decimal | None] = mapped_column(MARK)
    spread: Mapped[Decimal | None] = mapped_column(MARK)


class EvaluationSheet(KeyedRow):
    """One member's sheet on one candidate: open, submitted for good, or excused (the member steps back, with a reason).

    None is made where member and candidate have to avoid each other.
    """

    __tablename__ = "evaluation_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        CheckConstraint("state IN ('open', 'submitted', 'excused')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_is_dated"),
        CheckConstraint("state <> 'excused' OR btrim(remark) <> ''", name="excused_has_a_reason"),
        UniqueConstraint("application_id", "account_id"),
        Index("ix_evaluation_sheets_panel_id", "panel_id", "account_id", "state"),
    )

    panel_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("panel_candidates.application_id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    office_id: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    ended_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "panel", self.panel_id, {"sheet": str(self.id)})


class EvaluationScore(Base):
    """The score of one criterion. A member reads those of others after handing in their own sheet on that candidate."""

    __tablename__ = "evaluation_scores"
    __table_args__ = (CheckConstraint("score >= 0", name="score_is_in_range"),)

    sheet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation_sheets.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    score: Mapped[Decimal] = mapped_column(MARK)
