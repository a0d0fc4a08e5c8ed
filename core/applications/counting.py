"""The figures of cases: kept by the database with every change, added up here from time to time."""

from __future__ import annotations

from sqlalchemy import text

from core.db.session import SystemSession


def add_up(session: SystemSession) -> None:
    """Add up what has come since the last time, so that reading a figure stays short; no figure changes by it."""
    session.execute(text("SELECT add_up_case_counts()"))
