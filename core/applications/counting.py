"""The figures of cases: kept by the database with every change, added up here from time to time."""

from sqlalchemy import text

from core.db.session import SystemSession


def add_up(session: SystemSession) -> None:
    """Add up the changes since the last time, so that reading a figure stays fast. No figure changes."""
    session.execute(text("SELECT add_up_case_counts()"))
