"""How the database refuses what gets past every service: plain SQL of a session that may write there."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db.session import ScopedSession


def refused(session: ScopedSession, statement: str, **values: Any) -> str:
    """The code with which the database refuses a statement."""
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement), values)
    return str(error.value.orig.sqlstate)  # type: ignore[union-attr]


def insert(session: ScopedSession, row: object) -> None:
    """Write a row past every service."""
    session.add(row)
    session.flush()
