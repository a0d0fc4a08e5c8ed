"""Rows that an office may change: its own."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from core.db.base import KeyedRow
from core.db.session import OfficeSession
from core.errors import NotFound

T = TypeVar("T", bound=KeyedRow)


def own_row(session: OfficeSession, kind: type[T], row_id: UUID, refusal: NotFound, *, locked: bool = False) -> T:
    """A row of the session's own office; ``refusal`` where there is none, or another office's.

    ``locked`` until the transaction ends, and read again after the wait for it.
    """
    wanted = select(kind).filter_by(id=row_id, office_id=session.office_id)
    if locked:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise refusal
    return found
