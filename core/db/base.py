"""The base of all tables: names of constraints, column types, identifiers."""

import uuid
from datetime import date, datetime
from typing import Any

import uuid_utils.compat
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, LargeBinary, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base. Text is unbounded, moments carry a zone, documents are JSONB, identifiers are UUIDv7."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        int: BigInteger,
        bytes: LargeBinary,
        date: Date,
        datetime: DateTime(timezone=True),
        uuid.UUID: Uuid,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(BigInteger),
    }


def new_id() -> uuid.UUID:
    """A time-ordered identifier (UUIDv7), made before the row is written."""
    return uuid_utils.compat.uuid7()


class KeyedRow(Base):
    """A row with an identifier of its own, known before it is written."""

    __abstract__ = True

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-2)


class OfficeRow(KeyedRow):
    """A row that belongs to one office."""

    __abstract__ = True

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), sort_order=-1)


def only_one(name: str, *columns: str, where: str) -> Index:
    """At most one row of the same ``columns`` among those that the condition holds for."""
    return Index(name, *columns, unique=True, postgresql_where=text(where))
