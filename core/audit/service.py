"""Writing the record: one plain call beside every act."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, insert

from core.audit.events import EVENTS
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import ScopedSession


@dataclass(frozen=True, slots=True)
class RecordSubject:
    """The subject of entries: the office of their record, type and id, and the payload that each of them has."""

    office_id: str
    subject_type: str
    subject_id: UUID | str
    payload: dict[str, Any] = field(default_factory=dict)


class Recorded(Protocol):
    """A row that names its subject on the record."""

    @property
    def recorded(self) -> RecordSubject:
        """The subject of its entries."""
        ...


_COLUMNS = tuple(column.key for column in RecordEntry.__table__.columns if column.server_default is None)
_INSERT = insert(RecordEntry)


def record(
    session: ScopedSession,
    kind: str,
    *,
    office_id: str,
    subject_type: str,
    subject_id: UUID | str,
    payload: dict[str, Any] | None = None,
) -> RecordEntry:
    """Add an entry about ``subject`` to the record of ``office_id``; it is written with the transaction of its cause.

    ``payload`` holds ids, codes and digests, never a personal value: the record outlives the erasure of a person.
    ValueError for a ``kind`` that ``core/audit/events.py`` does not know.
    """
    entry = _entry(
        session, kind, office_id=office_id, subject_type=subject_type, subject_id=subject_id, payload=payload or {}
    )
    # Written at once and past the unit of work, which has nothing to follow up: an entry never changes.
    session.connection().execute(_INSERT, values_of(entry))
    return entry


def _entry(
    session: ScopedSession,
    kind: str,
    *,
    office_id: str,
    subject_type: str,
    subject_id: UUID | str,
    payload: dict[str, Any],
) -> RecordEntry:
    """A new entry with its digest, not yet written."""
    if kind not in EVENTS:
        raise ValueError(f"{kind!r} is no event of the record: add its line to core/audit/events.py")
    actor = session.actor
    entry = RecordEntry(
        id=new_id(),
        office_id=office_id,
        at=session.now,
        kind=kind,
        subject_type=subject_type,
        subject_id=str(subject_id),
        account_id=actor.account_id,
        role=actor.role.value,
        on_behalf_of=actor.on_behalf_of,
        payload=plain(payload),
    )
    entry.digest = entry_digest(entry)
    return entry


def values_of(entry: RecordEntry) -> dict[str, Any]:
    """The columns of an entry, for an INSERT."""
    return {name: getattr(entry, name) for name in _COLUMNS}


def record_each(
    session: ScopedSession, thing: Recorded | RecordSubject, kind: str, contents: Sequence[dict[str, Any]]
) -> None:
    """Add one entry about a row or a subject for each of the contents, as ``record_on`` would, all at once."""
    subject = thing if isinstance(thing, RecordSubject) else thing.recorded
    entries = [
        _entry(
            session,
            kind,
            office_id=subject.office_id,
            subject_type=subject.subject_type,
            subject_id=subject.subject_id,
            payload={**subject.payload, **content},
        )
        for content in contents
    ]
    if entries:
        session.connection().execute(_INSERT, [values_of(entry) for entry in entries])


def record_on(session: ScopedSession, thing: Recorded | RecordSubject, kind: str, /, **more: Any) -> RecordEntry:
    """Add an entry about a row or a subject; ``more`` is added to the payload that each of its entries has."""
    subject = thing if isinstance(thing, RecordSubject) else thing.recorded
    return record(
        session,
        kind,
        office_id=subject.office_id,
        subject_type=subject.subject_type,
        subject_id=subject.subject_id,
        payload={**subject.payload, **more},
    )


def entry_digest(entry: RecordEntry | Row[Any]) -> bytes:
    """The ``digest`` of an entry: SHA-256 over its content."""
    return digest_of(entry_content(entry))


def entry_content(entry: RecordEntry | Row[Any]) -> dict[str, Any]:
    """The content of an entry, or of a row with the same columns, as JSON."""
    return {
        "id": str(entry.id),
        "office": entry.office_id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": entry.kind,
        "subject": [entry.subject_type, entry.subject_id],
        "account": str(entry.account_id),
        "role": entry.role,
        "on_behalf_of": None if entry.on_behalf_of is None else str(entry.on_behalf_of),
        "payload": entry.payload,
    }


def plain(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as PostgreSQL will return it, so that its digest stays the same."""
    read: dict[str, Any] = json.loads(json.dumps(payload, default=str))
    return read


def digest_of(payload: Any) -> bytes:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).digest()
