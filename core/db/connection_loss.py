"""Whether an error comes from a database that is gone, whatever it was wrapped into on its way."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import PendingRollbackError

_SIGNS = (psycopg.OperationalError, psycopg.InterfaceError, PendingRollbackError)
"""What the driver raises when its connection breaks, and what a session says that has lost its transaction with it."""


def is_database_away(error: BaseException) -> bool:
    """Look through the causes of ``error``: a job queue or a session may have put words of its own around it."""
    return any(isinstance(cause, _SIGNS) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
