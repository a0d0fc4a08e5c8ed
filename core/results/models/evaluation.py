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
from core.db.base import Base, KeyedRow, OfficeRow, only_one
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

    ``criteria`` is a list of ``{"code", "name", "weight", "maximum"}``. ``commitment`` is the digest of the seed of its
    draws, which is secret until the panel no longer scores (:class:`PanelDraw`). A panel that was dissolved leaves its
    name and its trades to the next one; its scores stay and count no more.
    """

    __tablename__ = "evaluation_panels"
    __table_args__ = (
        CheckConstraint("state IN ('forming', 'scoring', 'closed', 'dissolved')", name="state_is_known"),
        CheckConstraint("state <> 'closed' OR closed_at IS NOT NULL", name="closed_is_dated"),
        CheckConstraint("state <> 'closed' OR btrim(minutes) <> ''", name="closed_has_minutes"),
        CheckConstraint("(state = 'dissolved') = (dissolved_at IS NOT NULL)", name="dissolved_is_dated"),
        CheckConstraint("state <> 'dissolved' OR btrim(dissolved_reason) <> ''", name="dissolved_for_a_reason"),
        UniqueConstraint("id", "office_id"),
        only_one("uq_evaluation_panels_one_name", "office_id", "year", "name", where="state <> 'dissolved'"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    name: Mapped[str]
    trades: Mapped[list[str]]
    criteria: Mapped[list[Any]]
    pass_mark: Mapped[Decimal] = mapped_column(MARK)
    anonymous: Mapped[bool]
    commitment: Mapped[str]
    state: Mapped[str] = mapped_column(default="forming")
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    opened_at: Mapped[datetime | None]
    minutes: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]
    dissolved_at: Mapped[datetime | None]
    dissolved_by: Mapped[uuid.UUID | None]
    dissolved_reason: Mapped[str] = mapped_column(default="")

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "panel", self.id)


class PanelDraw(Base):
    """The seed of a panel's draws. PostgreSQL draws by it and shows it to nobody before the panel no longer scores."""

    __tablename__ = "panel_draws"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
    )

    panel_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_id: Mapped[str]
    seed: Mapped[str]


class PanelMember(Base):
    """A member of a panel with their unit, for avoidance (回避): nobody scores themselves or their unit's people.

    ``substitute``: drawn after the panel began to score. Who left stays in the list, with the reason.
    """

    __tablename__ = "panel_members"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        CheckConstraint("left_at IS NULL OR btrim(left_reason) <> ''", name="left_for_a_reason"),
        CheckConstraint("left_at IS NULL OR NOT chairs", name="nobody_who_left_chairs"),
        Index("ix_panel_members_account_id", "account_id"),
    )

    panel_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    office_id: Mapped[str]
    name: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    chairs: Mapped[bool]
    drawn: Mapped[bool] = mapped_column(default=False)
    substitute: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    left_by: Mapped[uuid.UUID | None]
    left_reason: Mapped[str] = mapped_column(default="")


class PanelCandidate(KeyedRow):
    """A candidate before a panel under a drawn number; the score of the sheets is added when the panel closes.

    It names nobody: who stands behind the number is told by :class:`PanelIdentity`. ``material`` and ``works``
    are what the members judge (``core.results.evaluation``). ``score`` is the mean of the members' weighted totals,
    ``spread`` their standard deviation.
    """

    __tablename__ = "panel_candidates"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        UniqueConstraint("panel_id", "number"),
    )

    panel_id: Mapped[uuid.UUID]
    office_id: Mapped[str]
    number: Mapped[int]
    trade: Mapped[str]
    material: Mapped[dict[str, Any]]
    works: Mapped[str] = mapped_column(default="")
    score: Mapped[Decimal | None] = mapped_column(MARK)
    spread: Mapped[Decimal | None] = mapped_column(MARK)


class PanelIdentity(Base):
    """Who stands behind a number. While an anonymous panel scores, PostgreSQL shows it to none of its members."""

    __tablename__ = "panel_identities"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        UniqueConstraint("panel_id", "application_id"),
        Index("ix_panel_identities_application_id", "application_id"),
    )

    candidate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("panel_candidates.id"), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    panel_id: Mapped[uuid.UUID]
    office_id: Mapped[str]


class EvaluationSheet(KeyedRow):
    """One member's sheet on one candidate: open, submitted for good, excused (the member steps back), or void.

    None is made where member and candidate have to avoid each other. A sheet is void when its member has left or its
    panel was dissolved: what had been scored on it stays, and counts no more.
    """

    __tablename__ = "evaluation_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        CheckConstraint("state IN ('open', 'submitted', 'excused', 'void')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_is_dated"),
        CheckConstraint("state NOT IN ('excused', 'void') OR btrim(remark) <> ''", name="excused_has_a_reason"),
        UniqueConstraint("candidate_id", "account_id"),
        Index("ix_evaluation_sheets_panel_id", "panel_id", "account_id", "state"),
    )

    panel_id: Mapped[uuid.UUID]
    candidate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("panel_candidates.id"))
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


class PanelRanking(KeyedRow):
    """The ranking of a closed panel against the quotas: proposed by one officer, confirmed or returned by another.

    ``rows`` are lines without names (``core.results.evaluation.ranking_rules``), ``digest`` is theirs. A confirmed
    ranking may be withdrawn with a reason until results are published; ``remark`` is the reason of either way back.
    """

    __tablename__ = "panel_rankings"
    __table_args__ = (
        ForeignKeyConstraint(["panel_id", "office_id"], ["evaluation_panels.id", "evaluation_panels.office_id"]),
        UniqueConstraint("panel_id", "version"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'returned', 'withdrawn')", name="state_is_known"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_is_dated"),
        CheckConstraint("num_nulls(decided_at, decided_by) IN (0, 2)", name="decision_is_signed"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_is_dated"),
        CheckConstraint("state NOT IN ('returned', 'withdrawn') OR btrim(remark) <> ''", name="back_for_a_reason"),
        only_one("uq_panel_rankings_one_live", "panel_id", where="state IN ('proposed', 'confirmed')"),
        Index("ix_panel_rankings_office_id_state", "office_id", "state"),
    )

    panel_id: Mapped[uuid.UUID]
    office_id: Mapped[str]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(default="proposed")
    rows: Mapped[list[Any]]
    digest: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[uuid.UUID]
    proposed_on_behalf: Mapped[uuid.UUID | None]
    proposed_by_name: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_by_name: Mapped[str | None]
    remark: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[uuid.UUID | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "panel", self.panel_id, {"ranking": str(self.id)})
