"""Sittings (场次) and the rooms that they use."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow


class Sitting(OfficeRow):
    """One sitting (场次) of an office: its times, subjects and grades; no trades means all.

    ``by_trade`` keeps each trade together in rooms. A sitting that is called off keeps its row.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("id", "starts_at", "ends_at"),
        CheckConstraint("starts_at < ends_at", name="times_are_in_order"),
        CheckConstraint("cardinality(subjects) > 0 AND cardinality(grades) > 0", name="is_about_something"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_reason IS NULL)", name="cancelled_for_a_reason"),
        Index("ix_sittings_office_id_year", "office_id", "year", "starts_at"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    subjects: Mapped[list[str]]
    grades: Mapped[list[int]]
    trades: Mapped[list[str]]
    by_trade: Mapped[bool]
    set_at: Mapped[datetime]
    set_by: Mapped[uuid.UUID]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "sitting", self.id)


class SittingRoom(Base):
    """A room that a sitting uses. Its times follow the sitting's; ``withdrawn_at`` is set once it is given up.

    PostgreSQL excludes that a room is used twice at a time, across the offices that share it.
    """

    __tablename__ = "sitting_rooms"
    __table_args__ = (
        ForeignKeyConstraint(["sitting_id", "office_id"], ["sittings.id", "sittings.office_id"]),
        ForeignKeyConstraint(
            ["sitting_id", "starts_at", "ends_at"],
            ["sittings.id", "sittings.starts_at", "sittings.ends_at"],
            name="fk_sitting_rooms_times",
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(
            ["room_id", "site_id", "room_number"],
            ["exam_rooms.id", "exam_rooms.site_id", "exam_rooms.number"],
            name="fk_sitting_rooms_room",
        ),
        ExcludeConstraint(
            (text("int8range(room_number, room_number, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("withdrawn_at IS NULL"),
            name="ex_sitting_rooms_one_at_a_time",
            using="gist",
        ),
        Index("ix_sitting_rooms_room_id", "room_id", "starts_at"),
        Index("ix_sitting_rooms_site_id", "site_id", "starts_at"),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    room_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    room_number: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
