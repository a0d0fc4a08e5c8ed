"""Whether an error comes from a lost connection to the database, also where other errors are wrapped around it."""

from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import PendingRollbackError

_SIGNS = (psycopg.OperationalError, psycopg.InterfaceError, PendingRollbackError)
"""Errors of the driver when its connection breaks, and of a session that has lost its transaction with it."""


def is_database_away(error: BaseException) -> bool:
    """Whether ``error`` or one of its causes is a lost connection; queues and sessions wrap the driver's errors."""
    return any(isinstance(cause, _SIGNS) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
