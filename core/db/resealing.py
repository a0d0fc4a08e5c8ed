"""Changing keys: sealing every value again while the service runs, and every look-up hash again while it is stopped.

Each function works in the transaction of its session.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, LargeBinary, MetaData, bindparam, func, literal_column, select, text, update

from core.db.sealed import LookupHash, lookup_columns, sealed_columns
from core.db.session import KeeperSession
from core.errors import ConfigurationError
from core.security.keys import KeyProvider, Place

_BEFORE_ALL: Final = UUID(int=0)
_EMPTY: Final = b""

_CONNECTED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND usename = session_user"
)


def sealed_by(session: KeeperSession, metadata: MetaData) -> Counter[int]:
    """The number of values that each key has sealed."""
    counted: Counter[int] = Counter()
    for column in sealed_columns(metadata):
        found = session.execute(select(_key(column), func.count()).where(column != _EMPTY).group_by(_key(column)))
        counted.update({first[0]: count for first, count in found})
    return counted


def anything_sealed(session: KeeperSession, metadata: MetaData) -> bool:
    """Whether there is a value that needs a key."""
    return any(
        session.scalar(select(select(column).where(column != _EMPTY).exists())) for column in sealed_columns(metadata)
    )


def reseal(
    session: KeeperSession, column: Column[Any], keys: KeyProvider, *, current: int, after: UUID, limit: int
) -> tuple[int, UUID | None]:
    """Seal up to ``limit`` values of a column again that another key than ``current`` has sealed.

    Follows the rows' ids from ``after`` and returns the number of rows and the last id, None where none is left. A row
    that another transaction is writing is skipped: a later pass finds it.
    """
    row = column.table.c.id
    wanted = select(row, column).where(row > after, column != _EMPTY, _key(column) != bytes([current]))
    found = session.execute(wanted.order_by(row).limit(limit).with_for_update(skip_locked=True)).all()
    resealed = [{"row": row_id, "value": _resealed(keys, sealed, place_of(column, row_id))} for row_id, sealed in found]
    if resealed:
        statement = update(column.table).where(row == bindparam("row")).values({column: bindparam("value")})
        session.connection().execute(statement, resealed)
    return len(found), found[-1][0] if found else None


def rehash(
    session: KeeperSession, column: Column[Any], keys: KeyProvider, hashed: Callable[[str], bytes], *, limit: int
) -> int:
    """Compute every hash of a column again from its sealed value, and return the number of hashes."""
    assert isinstance(column.type, LookupHash)  # noqa: S101 - lookup_columns finds no others
    row, source = column.table.c.id, column.table.c[column.type.of]
    statement = update(column.table).where(row == bindparam("row")).values({column: bindparam("value")})
    after, done = _BEFORE_ALL, 0
    while True:
        wanted = select(row, source).where(row > after, source != _EMPTY).order_by(row).limit(limit)
        found = session.execute(wanted).all()
        if not found:
            return done
        opened = ((row_id, keys.decrypt(sealed, place_of(source, row_id)).decode()) for row_id, sealed in found)
        session.connection().execute(statement, [{"row": row_id, "value": hashed(value)} for row_id, value in opened])
        after, done = found[-1][0], done + len(found)


def rehash_all(
    session: KeeperSession, metadata: MetaData, keys: KeyProvider, hashed: Callable[[str], bytes], *, limit: int = 1000
) -> int:
    """Compute the hashes of every look-up column again."""
    return sum(rehash(session, column, keys, hashed, limit=limit) for column in lookup_columns(metadata))


def others_connected(session: KeeperSession) -> int:
    """The number of other connections of the running role; each server and worker holds at least one."""
    return session.scalar(_CONNECTED) or 0


def _key(column: Column[Any]) -> Any:
    return func.substring(column, literal_column("1"), literal_column("1"), type_=LargeBinary())


def place_of(column: Column[Any], row: UUID) -> Place:
    """Where the value of a sealed column stands in a row."""
    return Place(column.table.name, column.name, row)


def _resealed(keys: KeyProvider, sealed: bytes, place: Place) -> bytes:
    try:
        return keys.encrypt(keys.decrypt(sealed, place), place)
    except Exception as error:
        raise ConfigurationError(
            f"{place.table}.{place.column} of {place.row}: the value does not open with key {sealed[0]} "
            f"({type(error).__name__}). Restore that key, or the row, from the backup, and run this again."
        ) from error
