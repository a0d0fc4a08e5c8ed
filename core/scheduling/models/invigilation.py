"""Invigilators (监考人员) and their duties."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, OfficeRow


class Invigilator(OfficeRow):
    """A person who may invigilate (监考人员) in an office's year. ``unit_id`` is their own unit, if it takes part;
    ``avoids`` are further units whose candidates may not sit in their room (回避).
    """

    __tablename__ = "invigilators"
    __table_args__ = (UniqueConstraint("id", "office_id"), UniqueConstraint("office_id", "year", "number"))

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    number: Mapped[str]
    name: Mapped[str]
    unit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("units.id"))
    unit_name: Mapped[str]
    avoids: Mapped[list[Any]]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "invigilator", self.id)


class Invigilation(Base):
    """One invigilator's duty in one room of one sitting of a plan; a new assignment replaces all of a plan's."""

    __tablename__ = "invigilations"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "office_id"], ["plans.id", "plans.office_id"]),
        ForeignKeyConstraint(["invigilator_id", "office_id"], ["invigilators.id", "invigilators.office_id"]),
        Index("ix_invigilations_plan_id_sitting_id_room_id", "plan_id", "sitting_id", "room_id"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    invigilator_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    room_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_rooms.id"))
    chief: Mapped[bool]
