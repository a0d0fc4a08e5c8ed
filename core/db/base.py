"""The base of all tables: names of constraints, column types, identifiers."""

import uuid
from datetime import date, datetime
from typing import Any

import uuid_utils.compat
from sqlalchemy import BigInteger, Date, DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase

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
