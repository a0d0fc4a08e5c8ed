"""Seating plans (编排方案) and their seats."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import OfficeRow, only_one

_STANDS = "voided_at IS NULL"
_LIVE = "published_at IS NOT NULL AND voided_at IS NULL"


class Plan(OfficeRow):
    """Who sits where in one exam of an office (编排方案): drawn up by a job, reviewed, published, possibly replaced.

    ``exam`` is the kind of window that the sittings lie in (``computer_exam`` or ``level_one_theory``); an office has
    at most one published plan of each in a year. ``seed`` and ``sittings`` (times and policy of each at that time)
    suffice to draw it again. ``step`` is the job's step and ``done`` its progress in per cent; ``shortages``
    say why it could not be drawn up. ``replaces_id`` is the published plan that a re-planned one starts from.
    """

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        CheckConstraint("state IN ('draft', 'published', 'superseded', 'dropped')", name="state_is_known"),
        CheckConstraint("exam IN ('computer_exam', 'level_one_theory')", name="exam_is_known"),
        CheckConstraint("step IN ('waiting', 'assigning', 'seating', 'ready', 'short')", name="step_is_known"),
        CheckConstraint("state IN ('draft', 'dropped') OR step = 'ready'", name="published_is_ready"),
        CheckConstraint("done BETWEEN 0 AND 100", name="done_is_a_share"),
        only_one("uq_plans_one_published", "office_id", "year", "exam", where="state = 'published'"),
        Index("ix_plans_office_id_year", "office_id", "year"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    exam: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    step: Mapped[str] = mapped_column(default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    seed: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    sittings: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]
    shortages: Mapped[list[Any]]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("plans.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID]
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None]
    superseded_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "plan", self.id)


class Seat(OfficeRow):
    """One candidate's seat in one sitting of a plan. It is live from the plan's publication until it is voided.

    ``by_hand`` is an officer's reason for placing the candidate here, empty where the draw did. ``voided_by_move`` is
    the move of the case that freed the seat before its plan was superseded, where one did.
    """

    __tablename__ = "seats"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "office_id"], ["plans.id", "plans.office_id"]),
        CheckConstraint("seat > 0", name="seats_count_from_one"),
        only_one("uq_seats_place", "plan_id", "sitting_id", "room_id", "seat", where=_STANDS),
        only_one("uq_seats_once", "plan_id", "application_id", "sitting_id", where=_STANDS),
        only_one("uq_seats_live_place", "sitting_id", "room_id", "seat", where=_LIVE),
        only_one("uq_seats_live_once", "application_id", "sitting_id", where=_LIVE),
    )

    plan_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("applications.id"))
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_rooms.id"))
    seat: Mapped[int]
    by_hand: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    voided_by_move: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("moves.id"))
