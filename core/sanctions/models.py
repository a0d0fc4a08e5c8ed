"""Bans that hold in every office of the province."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, new_id


class Ban(Base):
    """A person may not apply from a moment until another. Source: 2024 notice §4(4), 两年内禁止再次申报."""

    __tablename__ = "bans"
    __table_args__ = (CheckConstraint("begins < ends", name="dates_are_in_order"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("applications.id"))
    reason: Mapped[str]
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    decided_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID]
    lifted_at: Mapped[datetime | None]
