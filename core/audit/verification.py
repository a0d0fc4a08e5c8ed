"""Verification: whether the record is still as it was sealed, and the first place where it is not.

Entries are held against their digests, digests against the batches' Merkle roots, batches against each other and their
signatures, and the heads against those exported from the database. Faults are in English, for operators and auditors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select, union

from core.audit import merkle
from core.audit.heads import ExportedHead, first_previous, head_of
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.audit.service import entry_digest
from core.db.session import AuditorSession
from core.security.signatures import RecordKeys

UNSEALED_FOR = timedelta(minutes=10)
"""The longest time for which an entry stays unsealed while a worker runs."""
BACKDATED_BY = timedelta(hours=1)
"""The longest time between the arrival of a request and the batch of its entry."""
_PAGE = 200


@dataclass(frozen=True, slots=True)
class RecordFault:
    """One fault of the record, at an office, a batch or an entry."""

    office: str
    what: str
    batch: int | None = None
    entry: UUID | None = None

    def __str__(self) -> str:
        batch = "" if self.batch is None else f", batch {self.batch}"
        entry = "" if self.entry is None else f", entry {self.entry}"
        return f"office {self.office}{batch}{entry}: {self.what}"


@dataclass(frozen=True, slots=True)
class VerifiedRecord:
    """The number of verified offices, batches and entries, and the first fault of each office, in their order."""

    offices: int
    batches: int
    entries: int
    faults: tuple[RecordFault, ...]


class Verifier:
    """One verification of the whole record. ``advance`` is called with the number of entries just verified."""

    def __init__(
        self,
        session: AuditorSession,
        keys: RecordKeys,
        *,
        exported: Iterable[ExportedHead] = (),
        unsealed_for: timedelta = UNSEALED_FOR,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._session = session
        self._keys = keys
        self._exported = {(head.office, head.number): head for head in exported}
        self._unsealed_since = session.now - unsealed_for
        self._advance = advance
        self._batches = self._entries = 0

    def entries(self) -> int:
        """The number of sealed entries to verify."""
        return self._session.scalar(select(func.count()).select_from(RecordSeal)) or 0

    def verify(self) -> VerifiedRecord:
        """Verify every office up to its first fault."""
        offices = sorted({*self._offices(), *(office for office, _ in self._exported)})
        faults = [fault for office in offices if (fault := next(self._faults_of(office), None)) is not None]
        return VerifiedRecord(len(offices), self._batches, self._entries, tuple(faults))

    def _offices(self) -> Iterable[str]:
        return self._session.scalars(union(select(RecordEntry.office_id), select(RecordBatch.office_id)))

    def _faults_of(self, office: str) -> Iterator[RecordFault]:
        expected, previous, sealed_at = 1, first_previous(office), None
        for batch, sealed in self._pages(office):
            if batch.number != expected:
                yield self._missing(office, expected)
            yield from self._faults_of_entries(batch, sealed, sealed_at)
            yield from self._faults_of_batch(batch, sealed, previous)
            expected, previous, sealed_at = batch.number + 1, batch.head, batch.sealed_at
            self._batches, self._entries = self._batches + 1, self._entries + len(sealed)
            self._advance(len(sealed))
        if any(of == office and number >= expected for of, number in self._exported):
            yield self._missing(office, expected)
        beyond = select(RecordSeal).where(RecordSeal.office_id == office, RecordSeal.batch >= expected)
        for seal in self._session.scalars(beyond.order_by(RecordSeal.batch, RecordSeal.position).limit(1)):
            yield RecordFault(office, "stands in a batch that is not there", seal.batch, seal.entry_id)
        yield from self._faults_of_unsealed(office)

    def _missing(self, office: str, number: int) -> RecordFault:
        known = " (it was exported)" if (office, number) in self._exported else ""
        return RecordFault(office, f"the batch is missing{known}", number)

    def _pages(self, office: str) -> Iterator[tuple[RecordBatch, list[Row[Any]]]]:
        """Each batch with its places in their order, and the entry that is now at each place."""
        after = 0
        while batches := self._session.scalars(
            select(RecordBatch)
            .where(RecordBatch.office_id == office, RecordBatch.number > after)
            .order_by(RecordBatch.number)
            .limit(_PAGE)
        ).all():
            rows = self._session.execute(_sealed(office, after, batches[-1].number))
            places = {number: list(group) for number, group in groupby(rows, key=lambda row: row.batch)}
            for batch in batches:
                yield batch, places.get(batch.number, [])
            after = batches[-1].number
            self._session.expunge_all()

    def _faults_of_entries(
        self, batch: RecordBatch, sealed: list[Row[Any]], before: datetime | None
    ) -> Iterator[RecordFault]:
        last: UUID | None = None
        for position, place in enumerate(sealed):
            fault = _fault_of_place(place, position, batch.size, last) or _fault_of_entry(place, before)
            if fault is not None:
                yield RecordFault(batch.office_id, fault, batch.number, place.entry_id)
            last = place.entry_id

    def _faults_of_batch(self, batch: RecordBatch, sealed: list[Row[Any]], previous: bytes) -> Iterator[RecordFault]:
        digests = [place.sealed_digest for place in sealed]
        exported = self._exported.get((batch.office_id, batch.number))
        checks: Mapping[str, bool] = {
            f"has {len(sealed)} of its {batch.size} entries": len(sealed) == batch.size,
            "its entries do not make its Merkle root": bool(digests) and merkle.root(digests) == batch.root,
            "does not follow the batch before it": batch.previous == previous,
            "its head is not that of what it says": head_of(batch).digest() == batch.head,
            "its signature is not one of this installation's keys": self._keys.accepts(
                batch.key, batch.head, batch.signature
            ),
            "was rewritten: its head is not the one that was exported": exported is None or exported.head == batch.head,
        }
        yield from (RecordFault(batch.office_id, what, batch.number) for what, holds in checks.items() if not holds)

    def _faults_of_unsealed(self, office: str) -> Iterator[RecordFault]:
        sealed = exists().where(RecordSeal.entry_id == RecordEntry.id)
        late = select(RecordEntry.id, RecordEntry.at).where(
            RecordEntry.office_id == office, RecordEntry.at < self._unsealed_since, ~sealed
        )
        for entry in self._session.execute(late.order_by(RecordEntry.at, RecordEntry.id).limit(1)):
            yield RecordFault(
                office, f"is unsealed since {entry.at:%F %T%z}: no sealer ran, or it was put in", None, entry.id
            )


def _sealed(office: str, after: int, until: int) -> Select[Any]:
    entry = RecordEntry.__table__.c
    return (
        select(
            RecordSeal.entry_id,
            RecordSeal.batch,
            RecordSeal.position,
            RecordSeal.digest.label("sealed_digest"),
            *(column for column in entry if column.name != "transaction"),
        )
        .join_from(RecordSeal, RecordEntry, RecordEntry.id == RecordSeal.entry_id, isouter=True)
        .where(RecordSeal.office_id == office, RecordSeal.batch > after, RecordSeal.batch <= until)
        .order_by(RecordSeal.batch, RecordSeal.position)
    )


def _fault_of_place(place: Row[Any], position: int, size: int, last: UUID | None) -> str | None:
    if place.position != position:
        return f"stands at place {place.position}, and place {position} is empty"
    if position >= size:
        return f"was put in: the batch was sealed with {size}"
    if last is not None and place.entry_id <= last:
        return "was reordered: entries stand in the order of their ids"
    return None


def _fault_of_entry(place: Row[Any], before: datetime | None) -> str | None:
    if place.id is None:
        return "was deleted"
    if entry_digest(place) != place.digest:
        return "was changed: its digest is not that of what it says"
    if place.digest != place.sealed_digest:
        return "was changed: its digest is not the one that was sealed"
    if before is not None and place.at < before - BACKDATED_BY:
        return f"was put in: it says {place.at:%F %T%z}, but was sealed after {before:%F %T%z}"
    return None
