"""The difference between this machine's clock, which judges deadlines, and the database's, which leases jobs."""

from sqlalchemy import Connection, text

from core.clock import Clock

_DATABASE_CLOCK = text("SELECT clock_timestamp()")


def clock_skew(connection: Connection, clock: Clock) -> float:
    """The seconds by which the database is ahead; negative where it lags. Half the round trip is subtracted."""
    before = clock()
    theirs = connection.scalars(_DATABASE_CLOCK).one()
    after = clock()
    skew: float = (theirs - before - (after - before) / 2).total_seconds()
    return skew
