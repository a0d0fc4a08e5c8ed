"""How far this machine's clock is from the database's: deadlines are judged by the one, leases of jobs by the other."""

from __future__ import annotations

from sqlalchemy import Connection, text

from core.clock import Clock

_DATABASE_CLOCK = text("SELECT clock_timestamp()")


def clock_skew(connection: Connection, clock: Clock) -> float:
    """Seconds by which the database is ahead; negative where it lags. The way there and back is halved."""
    before = clock()
    theirs = connection.scalars(_DATABASE_CLOCK).one()
    after = clock()
    skew: float = (theirs - before - (after - before) / 2).total_seconds()
    return skew
