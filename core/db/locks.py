"""Locks by name, for what no row can be locked for."""

from sqlalchemy import func, select

from core.db.session import ScopedSession


def one_at_a_time(session: ScopedSession, name: str, *, shared: bool = False) -> None:
    """Wait until no other transaction holds the lock ``name``, and hold it until this one's end.

    ``shared`` holders wait for the others alone, not for each other.
    """
    lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    session.execute(select(lock(func.hashtextextended(name, 0))))
