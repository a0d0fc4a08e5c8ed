"""Where and when exams are held: sites with their rooms and sign-offs, sittings, and the training before them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.service import RecordSubject
from core.db.base import Base, KeyedRow, OfficeRow
from core.scheduling.allocation.room_shape import RoomShape, shape_of


class ExamSite(OfficeRow):
    """A place where exams are held (考点) in one year, kept by ``office_id``; ``closed_at`` once it has dropped out.

    ``contacts`` are duties with names and telephones (职责、姓名、电话) for the handbook of an exam day.
    It may be used from ``opens_on`` to ``closes_on``, both days included, while ``ready_at`` is set: since then every
    item of the readiness checklist is signed off (``site_sign_offs``). Source: 2024 notice §4(3).
    """

    __tablename__ = "exam_sites"
    __table_args__ = (
        UniqueConstraint("id", "office_id"),
        UniqueConstraint("office_id", "year", "code"),
        CheckConstraint("opens_on <= closes_on", name="days_are_in_order"),
        CheckConstraint("btrim(name) <> '' AND btrim(address) <> ''", name="can_be_found"),
    )

    year: Mapped[int] = mapped_column(ForeignKey("seasons.year"))
    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    area_code: Mapped[str | None]
    directions: Mapped[str] = mapped_column(default="")
    contacts: Mapped[list[Any]] = mapped_column(default=list)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    registered_at: Mapped[datetime]
    registered_by: Mapped[uuid.UUID]
    ready_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str | None]

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries on the record."""
        return RecordSubject(self.office_id, "exam_site", self.id)


class ExamRoom(KeyedRow):
    """A room of a site. ``machines`` counts all of them, ``reserve_machines`` of them stay free for failures.

    ``number`` is unique in the whole installation: PostgreSQL uses it to refuse two sittings in a room at one time.
    ``accessible`` rooms can be reached and used in a wheelchair. ``shape`` is the entered shape, None for the default
    one; ``places`` is the shape that holds.
    """

    __tablename__ = "exam_rooms"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "office_id"], ["exam_sites.id", "exam_sites.office_id"]),
        UniqueConstraint("site_id", "name"),
        UniqueConstraint("number"),
        UniqueConstraint("id", "site_id", "number"),
        CheckConstraint("machines > 0 AND reserve_machines >= 0 AND reserve_machines < machines", name="has_seats"),
    )

    office_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    name: Mapped[str]
    number: Mapped[int] = mapped_column(Identity())
    machines: Mapped[int]
    reserve_machines: Mapped[int]
    shape: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    accessible: Mapped[bool]
    retired_at: Mapped[datetime | None]

    @property
    def places(self) -> RoomShape:
        """The shape that holds, with a machine on every seat."""
        return shape_of(self.machines, self.shape)


class SiteSignOff(KeyedRow):
    """One item of a site's readiness checklist, signed on site. Insert-only; the latest one holds."""

    __tablename__ = "site_sign_offs"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "office_id"], ["exam_sites.id", "exam_sites.office_id"]),
        CheckConstraint("item IN ('power', 'monitoring', 'network', 'standard_room')", name="item_is_known"),
        CheckConstraint("passed OR btrim(remark) <> ''", name="failure_is_explained"),
        Index("ix_site_sign_offs_site_id", "site_id", "item", "id"),
    )

    office_id: Mapped[str]
    site_id: Mapped[uuid.UUID]
    item: Mapped[str]
    passed: Mapped[bool]
    remark: Mapped[str]
    signed_at: Mapped[datetime]
    signed_by: Mapped[uuid.UUID]
    signed_name: Mapped[str]


class SiteOffice(Base):
    """An office that may seat its candidates at a site; the one that keeps the site is among them."""

    __tablename__ = "site_offices"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "office_id"], ["exam_sites.id", "exam_sites.office_id"]),
        Index("ix_site_offices_served_office_id", "served_office_id"),
    )

    site_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    served_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    office_id: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[uuid.UUID]


class SitePreference(Base):
    """The distance from a county to a site, in minutes, kilometres or any measure that orders sites."""

    __tablename__ = "site_preferences"
    __table_args__ = (CheckConstraint("cost >= 0", name="cost_is_a_distance"),)

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    local_office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exam_sites.id"), primary_key=True)
    cost: Mapped[int]
