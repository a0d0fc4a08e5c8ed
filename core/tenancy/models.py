"""The tables of offices, of their areas over time, and of the failures of their plugins."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, KeyedRow


class Office(Base):
    """An office under its internal code; ``henan`` is the provincial center itself. Rows come from ``tenants load``.

    A ``practice`` office has invented people: it counts in no figure of the province and files nothing.
    """

    __tablename__ = "offices"
    __table_args__ = (CheckConstraint("level IN ('province', 'city', 'county')", name="level_is_known"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    level: Mapped[str]
    name: Mapped[str]
    short_name: Mapped[str]
    practice: Mapped[bool] = mapped_column(default=False)
    loaded_at: Mapped[datetime]


class OfficeArea(Base):
    """A GB/T 2260 code that an office had from a day until another; half-open, ``valid_until`` None while it holds."""

    __tablename__ = "office_areas"
    __table_args__ = (CheckConstraint("valid_until IS NULL OR valid_from < valid_until", name="dates_are_in_order"),)

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_until: Mapped[date | None]
    name: Mapped[str]


class PluginFailure(KeyedRow):
    """A plugin that raised, was late or widened a rule: written after the rollback of its request."""

    __tablename__ = "plugin_failures"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    plugin: Mapped[str]
    hook: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
