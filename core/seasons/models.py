"""A year's assessment: its grades and trades, the offices' calendars, and the people let in late."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, KeyedRow, OfficeRow


class Season(Base):
    """One year's assessment, as the province's notice opens it."""

    __tablename__ = "seasons"

    year: Mapped[int] = mapped_column(primary_key=True)
    province_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    notice: Mapped[str]
    notice_date: Mapped[date]
    rule_document: Mapped[str]


class SeasonAct(KeyedRow):
    """An act of the province upon a year's life: it enters a phase at a moment, for a reason, never changed later.

    One that closes the year holds when a second officer has confirmed it. ``unfinished`` is what was open in each
    office at the act: a list of ``{"office", "kind", "count"}``.
    """

    __tablename__ = "season_acts"
    __table_args__ = (
        CheckConstraint("phase IN ('open', 'closing', 'closed')", name="phase_is_known"),
        CheckConstraint("btrim(reason) <> ''", name="has_a_reason"),
        CheckConstraint("confirmed_by <> made_by", name="confirmed_by_another"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmation_is_dated"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelling_is_dated"),
        CheckConstraint("cancelled_at IS NULL OR btrim(cancel_reason) <> ''", name="cancelled_for_a_reason"),
        Index("ix_season_acts_year", "year", "effective"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    phase: Mapped[str]
    effective: Mapped[datetime]
    reason: Mapped[str]
    unfinished: Mapped[list[Any]]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_by_name: Mapped[str] = mapped_column(default="")
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[uuid.UUID | None]
    cancelled_by_name: Mapped[str] = mapped_column(default="")
    cancel_reason: Mapped[str] = mapped_column(default="")


class SeasonSubject(Base):
    """A subject in the exam of a grade."""

    __tablename__ = "season_subjects"

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"), primary_key=True)
    grade: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class SeasonTrade(Base):
    """A trade of a grade in a year; one that a later list left out stays, and is not open any more."""

    __tablename__ = "season_trades"

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"), primary_key=True)
    grade: Mapped[int] = mapped_column(primary_key=True)
    trade: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_open: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class TradeList(KeyedRow):
    """The trades of a year as the provincial center loaded them from a table, never changed; the latest one holds.

    ``trades`` is a list of ``{"code", "name", "grades"}``; a trade without grades is open for none.
    """

    __tablename__ = "trade_lists"
    __table_args__ = (UniqueConstraint("year", "version"),)

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    version: Mapped[int]
    trades: Mapped[list[Any]]
    source: Mapped[str]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    made_by_name: Mapped[str]


class CalendarVersion(OfficeRow):
    """One version of an office's own windows, never changed. ``source`` names its origin.

    ``windows`` is a list of ``{"kind", "opens", "closes", "grades"}`` with ISO moments.
    """

    __tablename__ = "calendar_versions"
    __table_args__ = (UniqueConstraint("office_id", "year", "version"), UniqueConstraint("id", "office_id"))

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    version: Mapped[int]
    windows: Mapped[list[Any]]
    source: Mapped[str]
    digest: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]

    def ground(self, notice: str) -> str:
        """The ground as people read it: a version taken from the office's file rests on the season's notice."""
        return f"{notice}（随平台配置载入）" if self.source.endswith(".toml") else self.source


class LateEntry(OfficeRow):
    """A permission to submit once after registration closed: person, reason, approver, window."""

    __tablename__ = "late_entries"
    __table_args__ = (
        CheckConstraint("opens < closes", name="window_is_in_order"),
        Index("ix_late_entries_person_id_year", "person_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str]
    approved_by: Mapped[uuid.UUID]
    approved_at: Mapped[datetime]
    opens: Mapped[datetime]
    closes: Mapped[datetime]
