"""Each address or account has an allowance for a minute, which fills up again steadily.

It is kept in PostgreSQL, in one statement and a transaction of its own, so that every worker sees it.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from core.identity.models import Allowance

_WINDOW = timedelta(minutes=1)


def take(engine: Engine, key: bytes, *, a_minute: int, now: datetime) -> float:
    """Take one from the allowance of ``key``; returns 0, or the seconds until there is one to take again."""
    cost = _WINDOW / a_minute
    used = func.greatest(Allowance.whole_at, literal(now)) + cost
    taking = (
        insert(Allowance)
        .values(key=key, whole_at=now + cost)
        .on_conflict_do_update(
            index_elements=[Allowance.key], set_={Allowance.whole_at: used}, where=used <= now + _WINDOW
        )
        .returning(Allowance.whole_at)
    )
    with engine.begin() as connection:
        if connection.scalar(taking) is not None:
            return 0.0
        whole_at = connection.scalars(select(Allowance.whole_at).where(Allowance.key == key)).one()
        return (whole_at + cost - now - _WINDOW).total_seconds()


def forget_whole(engine: Engine, now: datetime) -> None:
    """Remove the allowances that are whole again."""
    with engine.begin() as connection:
        connection.execute(delete(Allowance).where(Allowance.whole_at < now))
