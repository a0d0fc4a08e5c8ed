"""Reading the record: pages of entries, and how far each office's record is sealed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select

from core.audit.events import KEPT
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.db.session import ScopedSession
from core.errors import NotFound

PAGE_SIZE = 50
ROWS_AT_ONCE: Final = 1_000
"""So many entries of a whole list are in memory at a time."""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """The filters of a list of entries; an empty one does not narrow. Times are half-open.

    The digests of rows (``facts.kept``), up to one a minute, are listed only where that kind is asked for.
    """

    office_id: str = ""
    kind: str = ""
    subject_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealingProgress:
    """How far an office's record is sealed; ``unsealed`` counts its entries without a place yet."""

    office_id: str
    batches: int
    entries: int
    sealed_at: datetime | None
    unsealed: int


def entries(
    session: ScopedSession, only: EntryFilter, *, before: UUID | None = None, size: int = PAGE_SIZE
) -> tuple[Sequence[Row[Any]], UUID | None]:
    """A page of entries with their places, the newest first, and the key of the next (None on the last)."""
    wanted = _narrowed(only)
    if before is not None:
        wanted = wanted.where(RecordEntry.id < before)
    rows: list[Any] = list(session.execute(wanted.order_by(RecordEntry.id.desc()).limit(size + 1)))
    return rows[:size], rows[size - 1].id if len(rows) > size else None


def all_entries(session: ScopedSession, only: EntryFilter) -> Iterator[Sequence[Row[Any]]]:
    """All of them, the newest first, in groups: from a cursor of the server, one group in memory at a time."""
    wanted = _narrowed(only).order_by(RecordEntry.id.desc()).execution_options(yield_per=ROWS_AT_ONCE)
    with session.execute(wanted) as rows:
        yield from rows.partitions()


def _narrowed(only: EntryFilter) -> Select[*tuple[Any, ...]]:
    entry = RecordEntry
    wanted = select(
        *(entry.id, entry.office_id, entry.at, entry.kind, entry.subject_type, entry.subject_id, entry.role),
        *(entry.account_id, entry.on_behalf_of, RecordSeal.batch, RecordSeal.position),
    ).join_from(entry, RecordSeal, RecordSeal.entry_id == entry.id, isouter=True)
    if only.office_id:
        wanted = wanted.where(entry.office_id == only.office_id)
    wanted = wanted.where(entry.kind == only.kind) if only.kind else wanted.where(entry.kind != KEPT)
    if only.subject_id:
        wanted = wanted.where(entry.subject_id == only.subject_id)
    if only.since is not None:
        wanted = wanted.where(entry.at >= only.since)
    if only.until is not None:
        wanted = wanted.where(entry.at < only.until)
    return wanted


def entry(session: ScopedSession, entry_id: UUID) -> RecordEntry:
    """One entry; NotFound where there is none in the session's sight."""
    found = session.get(RecordEntry, entry_id)
    if found is None:
        raise NotFound("entry_unknown", "没有找到这条记录，或您无权查看。请核对编号。")
    return found


def sealing_progress(session: ScopedSession) -> list[SealingProgress]:
    """How far each office's record is sealed, by its code: two statements, however many offices."""
    batches = (
        select(RecordBatch.office_id, func.max(RecordBatch.number), func.sum(RecordBatch.size))
        .add_columns(func.max(RecordBatch.sealed_at))
        .group_by(RecordBatch.office_id)
    )
    has_place = exists().where(RecordSeal.entry_id == RecordEntry.id)
    waiting = select(RecordEntry.office_id, func.count()).where(~has_place).group_by(RecordEntry.office_id)
    known = {office: (number, size, at) for office, number, size, at in session.execute(batches)}
    unsealed: dict[str, int] = dict(session.execute(waiting).all())
    return [
        SealingProgress(office, *known.get(office, (0, 0, None)), unsealed.get(office, 0))
        for office in sorted(known.keys() | unsealed.keys())
    ]


def newest_sealed_entries(session: ScopedSession) -> dict[str, UUID]:
    """The first entry of each office's newest batch, by which the batch is verified."""
    newest = (
        select(RecordBatch.office_id, func.max(RecordBatch.number).label("number"))
        .group_by(RecordBatch.office_id)
        .subquery()
    )
    wanted = (
        select(RecordSeal.office_id, RecordSeal.entry_id)
        .join(newest, (newest.c.office_id == RecordSeal.office_id) & (newest.c.number == RecordSeal.batch))
        .where(RecordSeal.position == 0)
    )
    return dict(session.execute(wanted).all())
