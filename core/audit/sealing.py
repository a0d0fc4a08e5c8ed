"""Sealing: closing an office's new entries into a batch that is chained to the one before, and signed.

Requests only insert entries, so that writers never wait for each other. Which batch an entry is in is a row of its
own: an entry that a long transaction commits late goes into a later batch and delays no other entry.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Engine, and_, exists, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from core.audit import merkle
from core.audit.facts import LARGEST_GROUP, keep_facts
from core.audit.heads import Head, first_previous
from core.audit.models import RecordBatch, RecordEntry, RecordSeal
from core.clock import Clock
from core.db.session import AuditorSession, SystemSession, system_actor
from core.plugin_api import OfficeCode
from core.security.signatures import RecordKeys

LARGEST_BATCH = 10_000
FACTS_KEPT_EVERY = timedelta(minutes=1)
"""The digests of rows are put on the record so often: each time is an entry of the province."""

_OLDEST_OPEN = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")

_SEAL = text(
    "INSERT INTO record_seals (entry_id, office_id, batch, position, digest) "
    "SELECT u.id, :office, :batch, u.place - 1, u.digest "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:digests AS bytea[])) WITH ORDINALITY AS u (id, digest, place)"
)

log = structlog.get_logger(__name__)


class Sealer:
    """Seals all unsealed entries of all offices; any number of sealers may work at once.

    It remembers the transaction below which no entry can appear any more, so that a round reads the newest entries
    only. The first round reads everything, as does the first round after a restore with an older count.
    """

    def __init__(self, engine: Engine, keys: RecordKeys, *, clock: Clock, province: OfficeCode) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._auditor = system_actor(province)
        self._floor = 0
        self._province = province
        self._facts_kept_at: datetime | None = None

    def seal(self) -> int:
        """Seal one round over all offices and return the number of entries. A failing office is logged and retried.

        Once a minute the digests of rows are put on the record before.
        """
        now = self._clock()
        if self._facts_kept_at is None or abs(now - self._facts_kept_at) >= FACTS_KEPT_EVERY:
            self.keep_facts()
            self._facts_kept_at = now
        oldest_open, offices = self._find()
        sealed, complete = 0, True
        for office in offices:
            try:
                count = self._seal_office(office)
            except SQLAlchemyError as error:
                log.error("record_not_sealed", office=office, exc_info=error)
                count = None
            complete = complete and count is not None
            sealed += count or 0
        # Entries that another sealer has in hand count as sealed only once their seals are read.
        if complete:
            self._floor = oldest_open
        return sealed

    def keep_facts(self) -> int:
        """Put every digest of a row that waits on the record of the province; return how many."""
        total = 0
        while True:
            with SystemSession(self._engine, actor=self._auditor, now=self._clock()) as session, session.begin():
                count = keep_facts(session)
            total += count
            if count < LARGEST_GROUP:
                return total

    def _find(self) -> tuple[int, list[str]]:
        with AuditorSession(self._engine, actor=self._auditor, now=self._clock()) as session, session.begin():
            # Asked before the entries are read: an entry that commits in between is found by the next round.
            oldest_open: int = session.scalars(_OLDEST_OPEN).one()
            if oldest_open < self._floor:
                self._floor = 0
            return oldest_open, list(
                session.scalars(select(RecordEntry.office_id).where(_unsealed(self._floor)).distinct())
            )

    def _seal_office(self, office: str) -> int | None:
        """Seal one office batch by batch and return the number of entries; None while another sealer is at work."""
        total = 0
        while True:
            actor = system_actor(OfficeCode(office))
            with SystemSession(self._engine, actor=actor, now=self._clock()) as session, session.begin():
                count = seal_batch(session, self._keys, floor=self._floor)
            if count is None:
                return None
            total += count
            if count < LARGEST_BATCH:
                return total


def seal_batch(session: SystemSession, keys: RecordKeys, *, floor: int = 0) -> int | None:
    """Close the office's unsealed entries, written by transactions from ``floor`` on, into one batch.

    Returns the number of entries (0 makes no batch), or None where another sealer holds the office's lock.
    """
    office = session.office_id
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"seal-record:{office}", 0))
    if not session.scalar(select(lock)):
        return None
    entries = session.execute(
        select(RecordEntry.id, RecordEntry.digest)
        .where(RecordEntry.office_id == office, _unsealed(floor))
        .order_by(RecordEntry.id)
        .limit(LARGEST_BATCH)
    ).all()
    if not entries:
        return 0
    head = _next_head(session, [entry.digest for entry in entries], keys.current)
    digest = head.digest()
    session.execute(
        insert(RecordBatch).values(
            office_id=head.office,
            number=head.number,
            previous=head.previous,
            root=head.root,
            size=head.size,
            sealed_at=head.sealed_at,
            head=digest,
            key=head.key,
            signature=keys.sign(digest),
        )
    )
    places = {"office": office, "batch": head.number, "ids": [entry.id for entry in entries]}
    session.execute(_SEAL, {**places, "digests": [entry.digest for entry in entries]})
    return len(entries)


def _next_head(session: SystemSession, digests: list[bytes], key: str) -> Head:
    last = session.execute(
        select(RecordBatch.number, RecordBatch.head)
        .where(RecordBatch.office_id == session.office_id)
        .order_by(RecordBatch.number.desc())
        .limit(1)
    ).first()
    number, previous = (1, first_previous(session.office_id)) if last is None else (last.number + 1, last.head)
    return Head(session.office_id, number, previous, merkle.root(digests), len(digests), session.now, key)


def _unsealed(floor: int) -> ColumnElement[bool]:
    sealed = exists().where(RecordSeal.entry_id == RecordEntry.id)
    return and_(RecordEntry.transaction >= floor, ~sealed)
